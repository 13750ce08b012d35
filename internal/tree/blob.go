package tree

import (
	"crypto/sha1" //nolint:gosec // git's object ids are sha1
	"encoding/hex"
	"fmt"
)

// BlobID is the id under which git keeps data: the sha1 of its header and bytes,
// in hexadecimal.
func BlobID(data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}
