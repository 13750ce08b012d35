//go:build !linux && !darwin

package gitrepo

import (
	"io/fs"
	"runtime"

	"github.com/go-git/go-git/v5/plumbing/format/index"
)

const hasExecBit = runtime.GOOS != "windows"

// statEntry adds nothing: size and time, which are set, are what git compares
// where a disk has no more.
func statEntry(e *index.Entry, info fs.FileInfo) { e.CreatedAt = info.ModTime() }
