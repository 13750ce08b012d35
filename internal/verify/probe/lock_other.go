//go:build !unix

package probe

import "errors"

// LockSQLite needs byte-range locks as SQLite takes them on Unix.
func LockSQLite(path string) (release func(), err error) {
	return nil, errors.New("the write lock of SQLite cannot be held on this system")
}
