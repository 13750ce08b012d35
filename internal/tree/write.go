package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// WriteOptions change how a tree is written. The zero value is usual.
type WriteOptions struct {
	Context context.Context // ends the writing early, leaving nothing; nil: never

	open func(dir string) (disk, error) // for tests; nil: the real disk
}

func (o WriteOptions) cancelled() error {
	if o.Context == nil {
		return nil
	}
	return o.Context.Err()
}

func (o WriteOptions) disk(dir string) (disk, error) {
	if o.open != nil {
		return o.open(dir)
	}
	return openDisk(dir)
}

// Write makes the folder target with the tree in it, or leaves nothing: the
// files are written to a hidden folder beside it, which is then renamed.
// The target must not be there, or be an empty folder. One that is empty keeps
// its mode; it is replaced, or filled where it cannot be (a mount, the working
// directory of this process).
func (t *Tree) Write(target string, o WriteOptions) error {
	if err := t.Check(); err != nil {
		return err
	}
	abs, err := filepath.Abs(target)
	if err != nil {
		return err
	}
	info, err := os.Lstat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return failed(target, err, nothing)
	case info.Mode()&fs.ModeSymlink != 0:
		return hint.Misusef("name the folder itself", "%s is a symbolic link", target)
	case !info.IsDir():
		return hint.Misusef("choose another name", "%s is a file", target)
	}
	if info != nil {
		if err := RecoverInto(abs); err != nil {
			return err
		}
		names, err := os.ReadDir(abs)
		if err != nil {
			return failed(target, err, nothing)
		}
		if len(names) > 0 {
			return hint.Misusef("choose another name, or pass --into to add to it", "%s already exists and is not empty", target)
		}
		if isWorkingDir(info) {
			return t.add(target, abs, o)
		}
	}
	parent, name := filepath.Split(abs)
	undoParents, err := makeParents(filepath.Clean(parent))
	if err != nil {
		return failed(target, err, nothing)
	}
	err = t.replace(parent, name, info, o)
	if err != nil {
		undoParents()
		if info != nil && isDenied(err) {
			// The folder is the person's, what is around it is not.
			return t.add(target, abs, o)
		}
		return failed(target, err, nothing)
	}
	return nil
}

// replace writes the tree to a stage in parent and renames that to name. info
// is of the empty folder that is there, or nil.
func (t *Tree) replace(parent, name string, info fs.FileInfo, o WriteOptions) error {
	d, err := o.disk(parent)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := sweep(d); err != nil {
		return err
	}
	if err := o.cancelled(); err != nil {
		return err
	}
	s, err := newStage(d, stageNew)
	if err != nil {
		return err
	}
	defer s.close()
	err = t.put(d, s.name, o)
	if err == nil && info != nil {
		err = os.Chmod(filepath.Join(parent, s.name), info.Mode().Perm())
	}
	if err == nil {
		err = o.cancelled()
	}
	if err == nil {
		// From here on everything is there.
		err = d.Rename(s.name, name)
		if err != nil && info != nil && d.Remove(name) == nil {
			// Where a folder cannot be renamed onto an empty one, that one makes room.
			if err = d.Rename(s.name, name); err != nil {
				d.Mkdir(name)
			}
		}
	}
	if err != nil {
		if rerr := d.RemoveAll(s.name); rerr != nil {
			return &leftError{err, filepath.Join(parent, s.name)}
		}
	}
	return err
}

// isWorkingDir tells whether the folder is the one that this process, and most
// likely the person's shell, is in: it must stay the same folder.
func isWorkingDir(info fs.FileInfo) bool {
	here, err := os.Stat(".")
	return err == nil && os.SameFile(info, here)
}

// makeParents makes the missing folders up to dir; undo removes them again.
func makeParents(dir string) (undo func(), err error) {
	var made []string
	undo = func() {
		for i := len(made) - 1; i >= 0; i-- {
			os.Remove(made[i]) // fails where somebody else has put something in
		}
	}
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			undo()
			return func() {}, err
		} else if err == nil {
			made = append(made, missing[i])
		}
	}
	return undo, nil
}

// A leftError says that a stage could not be removed after a failure.
type leftError struct {
	err  error
	path string
}

func (e *leftError) Error() string { return e.err.Error() }
func (e *leftError) Unwrap() error { return e.err }

const nothing = "nothing was written"

// failed is the error of a write that failed: what it could not do, what is
// left of it, and what would help.
func failed(target string, err error, left string) error {
	if err == nil {
		return nil
	}
	var l *leftError
	if errors.As(err, &l) {
		left = fmt.Sprintf("only a hidden folder is left, which the next run removes: %s", l.path)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s", err, left)
	}
	file := ""
	var pe *fs.PathError
	if errors.As(err, &pe) {
		if _, sub, ok := strings.Cut(filepath.ToSlash(pe.Path), "/"); ok && strings.HasPrefix(pe.Path, ".fingerpost-") {
			file = "/" + strings.TrimPrefix(sub, "files/")
		}
	}
	next := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		next = "free some space, or choose a folder on another disk"
	case isDenied(err):
		next = "choose a folder that you can write to"
	case errors.Is(err, syscall.ENAMETOOLONG):
		next = "choose a shorter path"
	}
	return hint.Errorf(next, "cannot write %s%s: %w; %s", target, file, bare(err), left)
}

func isDenied(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY)
}

// bare is err without the operation and the path, which names a stage.
func bare(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}
