package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Digest is "sha256:" and the hash over all paths, modes and bytes, in order of
// paths. Layers and owners are not in it: they do not change what is written.
func (t *Tree) Digest() string {
	h := sha256.New()
	for _, f := range t.Files() {
		// Lengths make the stream unambiguous whatever is in a path or a file.
		fmt.Fprintf(h, "%s %d %s %d\n", f.mode(), len(f.Path), f.Path, len(f.Data))
		h.Write(f.Data)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// mode is the file's mode as git writes it.
func (f *File) mode() string {
	if f.Exec {
		return "100755"
	}
	return "100644"
}

// A Row is one file of a summary.
type Row struct {
	Path string   `json:"path"`
	Size int      `json:"size"` // bytes
	Mode string   `json:"mode"` // as git writes it: 100644 or 100755
	From []string `json:"from"` // layers, the owner first
}

// Summary lists what Write would write, in order of paths.
func (t *Tree) Summary() []Row {
	rows := make([]Row, 0, t.Len())
	for _, f := range t.Files() {
		rows = append(rows, Row{Path: f.Path, Size: len(f.Data), Mode: f.mode(), From: f.From})
	}
	return rows
}

// Size is the number of bytes of all files.
func (t *Tree) Size() int {
	n := 0
	for _, f := range t.files {
		n += len(f.Data)
	}
	return n
}
