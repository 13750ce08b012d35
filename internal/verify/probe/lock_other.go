//go:build !unix

package probe

import "fmt"

// LockSQLite needs byte-range locks as SQLite takes them on Unix.
func LockSQLite(path string) (release func(), err error) {
	return nil, fmt.Errorf("the write lock of SQLite: %w", ErrNotHere)
}
