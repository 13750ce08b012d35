package tree

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
)

// A stage is a hidden folder of our own, in which everything is written before
// anything can be seen. Its name says what it is for and which process made it:
// .fingerpost-new-<pid>-<random> beside a new project, and
// .fingerpost-into-<pid>-<random> inside a folder that files are added to.
type stage struct {
	d    disk
	name string
	lock io.Closer
}

const (
	stageNew  = "new"
	stageInto = "into"
)

var stageName = regexp.MustCompile(`^\.fingerpost-(new|into)-([0-9]+)-[0-9a-f]{12}$`)

func newStage(d disk, use string) (*stage, error) {
	for try := 0; ; try++ {
		var random [6]byte
		if _, err := rand.Read(random[:]); err != nil {
			return nil, err
		}
		name := fmt.Sprintf(".fingerpost-%s-%d-%s", use, os.Getpid(), hex.EncodeToString(random[:]))
		if err := d.Mkdir(name); err != nil {
			return nil, err
		}
		lock, err := d.Lock(name)
		switch {
		case err == nil:
			return &stage{d, name, lock}, nil
		case errors.Is(err, errNoLock):
			return &stage{d, name, nil}, nil
		case try < 3 && (errors.Is(err, errLocked) || errors.Is(err, fs.ErrNotExist)):
			continue // a sweeper was quicker: it has removed the folder, or is about to
		}
		d.RemoveAll(name)
		return nil, err
	}
}

// close gives up the lock; the folder must be renamed or removed by then.
func (s *stage) close() {
	if s.lock != nil {
		s.lock.Close()
	}
}

// sweep removes the stages of dead processes from a folder, undoing what a dead
// process has half added. It never touches one whose process lives.
func sweep(d disk) error {
	names, err := d.Names(".")
	if err != nil {
		return err
	}
	for _, name := range names {
		m := stageName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		if info, err := d.Lstat(name); err != nil || !info.IsDir() {
			continue
		}
		lock, err := d.Lock(name)
		if errors.Is(err, errNoLock) {
			if pid, perr := strconv.Atoi(m[2]); perr != nil || isAlive(pid) {
				continue
			}
		} else if err != nil {
			continue // its process lives, or somebody else has just swept it
		}
		err = nil
		if m[1] == stageInto {
			err = undo(d, name)
		}
		if err == nil {
			err = d.RemoveAll(name)
		}
		if lock != nil {
			lock.Close()
		}
		if err != nil {
			return fmt.Errorf("cannot clear away %s, left by an earlier run: %w", name, bare(err))
		}
	}
	return nil
}

// put writes the files of t below dir, which is there already.
func (t *Tree) put(d disk, dir string, o WriteOptions) error {
	made := map[string]bool{".": true}
	for _, f := range t.Files() {
		if err := o.cancelled(); err != nil {
			return err
		}
		if err := makeDirs(d, dir, path.Dir(f.Path), made); err != nil {
			return err
		}
		if err := d.Create(path.Join(dir, f.Path), f.Data, f.Exec); err != nil {
			return err
		}
	}
	return nil
}

// makeDirs makes the folder sub below dir, and those above it.
func makeDirs(d disk, dir, sub string, made map[string]bool) error {
	if made[sub] {
		return nil
	}
	if err := makeDirs(d, dir, path.Dir(sub), made); err != nil {
		return err
	}
	made[sub] = true
	return d.Mkdir(path.Join(dir, sub))
}
