package gitrepo

import (
	"io/fs"
	"syscall"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/index"
)

const hasExecBit = true

// statEntry adds what git compares, so that git status need not read the file.
func statEntry(e *index.Entry, info fs.FileInfo) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		e.CreatedAt = time.Unix(s.Ctimespec.Unix())
		e.Dev, e.Inode = uint32(s.Dev), uint32(s.Ino)
		e.UID, e.GID = s.Uid, s.Gid
	}
}
