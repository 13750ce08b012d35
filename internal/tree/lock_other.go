//go:build !unix

package tree

import (
	"errors"
	"os"
)

// A folder cannot be locked here: the process id alone tells the living.
func lockFile(*os.File) error { return errNoLock }

func isAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}

func renameOnto(*os.Root, string, string) error { return errors.ErrUnsupported }
