//go:build unix

package tree

import (
	"errors"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFile takes an advisory lock that ends with the process, however it ends.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return errLocked
	case err != nil:
		return errNoLock
	}
	return nil
}

// isAlive tells whether a process has the id. One of another user is alive too.
func isAlive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// renameOnto renames one entry of the root over another, as the system allows:
// a folder over an empty folder.
func renameOnto(root *os.Root, old, name string) error {
	if strings.Contains(old+name, "/") {
		return errors.ErrUnsupported // only an entry of the root itself cannot lead out of it
	}
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	return unix.Renameat(int(d.Fd()), old, int(d.Fd()), name)
}
