//go:build unix

package probe

import (
	"fmt"
	"os"
	"syscall"
)

// walWriteLock is the byte of the -shm file that SQLite's writers lock in WAL
// mode (WALINDEX_LOCK_OFFSET and WAL_WRITE_LOCK in its documentation of the
// file format). Readers do not look at it.
const walWriteLock = 120

// LockSQLite holds the write lock of the SQLite database at path, as a writer
// in another process would, until release is called. The database has to be in
// WAL mode and open elsewhere, for its -shm file is there only then.
func LockSQLite(path string) (release func(), err error) {
	f, err := os.OpenFile(path+"-shm", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%s is not in WAL mode, or nobody has it open: %w", path, err)
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: walWriteLock, Len: 1}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: the write lock is held by another process: %w", path, err)
	}
	// Closing the file gives the lock back.
	return func() { f.Close() }, nil
}
