package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// WriteInto adds the tree's files to the folder dir, which may hold others, or
// leaves it as it was. A file that is there already, in any spelling that some
// disk takes for the same, or a way through a symbolic link, is an error that
// lists them all. When the process is killed in between, the next run, or
// RecoverInto, takes back what was added.
func (t *Tree) WriteInto(dir string, options ...WriteOptions) error {
	var o WriteOptions
	if len(options) > 0 {
		o = options[0]
	}
	if err := t.Check(); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return failed(dir, err, nothing)
	}
	if !info.IsDir() {
		return hint.Misusef("name a folder", "%s is a file", dir)
	}
	return t.add(dir, dir, o)
}

// RecoverInto takes back what a process that was killed has half added to the
// folder dir. It does nothing where there is nothing to take back.
func RecoverInto(dir string) error {
	d, err := openDisk(dir)
	if err != nil {
		return failed(dir, err, "nothing was changed")
	}
	defer d.Close()
	return sweep(d)
}

// add writes the files to a stage inside dir, then links each to its place. A
// link, unlike a rename, never replaces a file that has come in between.
func (t *Tree) add(target, dir string, o WriteOptions) error {
	d, err := o.disk(dir)
	if err != nil {
		return failed(target, err, nothing)
	}
	defer d.Close()
	// Two at once would take back each other's folders.
	lock, err := d.Lock(".")
	switch {
	case err == nil:
		defer lock.Close()
	case errors.Is(err, errLocked):
		return hint.Errorf("wait until it is done", "another fingerpost is writing to %s; %s", target, nothing)
	case !errors.Is(err, errNoLock):
		return failed(target, err, nothing)
	}
	if err := sweep(d); err != nil {
		return err
	}
	missing, err := t.conflicts(d, target)
	if err != nil {
		return err
	}
	if err := o.cancelled(); err != nil {
		return failed(target, err, nothing)
	}
	s, err := newStage(d, stageInto)
	if err != nil {
		return failed(target, err, nothing)
	}
	defer s.close()
	err = t.stageInto(d, s.name, missing, o)
	if err == nil {
		err = t.place(d, s.name, missing, o)
	}
	if err == nil {
		// Without the journal the files stay: from here on everything is there.
		err = d.Remove(path.Join(s.name, journal))
	}
	if err == nil {
		d.RemoveAll(s.name) // what cannot be removed now is swept by the next run
		return nil
	}
	if uerr := undo(d, s.name); uerr != nil {
		return failed(target, err, fmt.Sprintf("some files were added and cannot be taken back now (%v); the next run takes them back", bare(uerr)))
	}
	if rerr := d.RemoveAll(s.name); rerr != nil {
		err = &leftError{err, filepath.Join(dir, s.name)}
	}
	return failed(target, err, nothing)
}

// journal is the file in a stage that lists what place is going to add: first
// its folders, then its files with their blob ids.
const journal = "journal"

func (t *Tree) stageInto(d disk, stage string, missing []string, o WriteOptions) error {
	files := path.Join(stage, "files")
	if err := d.Mkdir(files); err != nil {
		return err
	}
	if err := t.put(d, files, o); err != nil {
		return err
	}
	var b strings.Builder
	for _, dir := range missing {
		fmt.Fprintf(&b, "folder %s\n", dir)
	}
	for _, f := range t.Files() {
		fmt.Fprintf(&b, "file %s %s\n", BlobID(f.Data), f.Path)
	}
	// Written under another name first: a journal is whole, or not there.
	if err := d.Create(path.Join(stage, "journal.part"), []byte(b.String()), false); err != nil {
		return err
	}
	return d.Rename(path.Join(stage, "journal.part"), path.Join(stage, journal))
}

func (t *Tree) place(d disk, stage string, missing []string, o WriteOptions) error {
	for _, dir := range missing {
		if err := d.Mkdir(dir); err != nil {
			return err
		}
	}
	for _, f := range t.Files() {
		if err := o.cancelled(); err != nil {
			return err
		}
		staged := path.Join(stage, "files", f.Path)
		err := d.Link(staged, f.Path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			// A disk without hard links. Another program that makes the very same
			// file in this moment would lose it.
			if _, lerr := d.Lstat(f.Path); errors.Is(lerr, fs.ErrNotExist) {
				err = d.Rename(staged, f.Path)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// undo takes back what the journal of a stage lists, as far as it was added and
// is still what was added.
func undo(d disk, stage string) error {
	data, err := d.Read(path.Join(stage, journal))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	slices.Reverse(lines) // files before folders, and the inner folders first
	for _, line := range lines {
		what, rest, _ := strings.Cut(line, " ")
		switch what {
		case "folder":
			// One in which somebody has put something stays, as does one that was never made.
			if err := d.Remove(rest); err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotEmpty(d, rest) {
				return err
			}
		case "file":
			id, name, _ := strings.Cut(rest, " ")
			ours, err := isOurs(d, path.Join(stage, "files", name), name, id)
			if err != nil {
				return err
			}
			if ours {
				if err := d.Remove(name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func isNotEmpty(d disk, dir string) bool {
	names, err := d.Names(dir)
	return err == nil && len(names) > 0
}

// isOurs tells whether the file at name is the staged one: linked to it, or, where
// it was renamed and the stage has it no longer, of the same content.
func isOurs(d disk, staged, name, id string) (bool, error) {
	there, err := d.Lstat(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	from, err := d.Lstat(staged)
	if err == nil {
		return os.SameFile(there, from), nil
	}
	if !errors.Is(err, fs.ErrNotExist) || !there.Mode().IsRegular() {
		return false, nil
	}
	data, err := d.Read(name)
	return err == nil && BlobID(data) == id, err
}

// conflicts looks for paths of the tree that are taken. missing are the folders
// that have to be made, outer ones first.
func (t *Tree) conflicts(d disk, target string) (missing []string, err error) {
	names := map[string]map[string]string{} // folder -> folded name -> name, of what is there
	list := func(dir string) (map[string]string, error) {
		if m, ok := names[dir]; ok {
			return m, nil
		}
		all, err := d.Names(dir)
		if err != nil {
			return nil, err
		}
		m := make(map[string]string, len(all))
		for _, n := range all {
			m[fold(n)] = n
		}
		names[dir] = m
		return m, nil
	}
	known := map[string]bool{} // folders that were looked at; true: not there
	var taken []string
	for _, f := range t.Files() {
		parts := strings.Split(f.Path, "/")
		reason, dir, gone := "", ".", false
		for i, part := range parts {
			sub := path.Join(dir, part)
			last := i == len(parts)-1
			if gone || known[sub] {
				gone = true
			} else if m, err := list(dir); err != nil {
				return nil, failed(target, err, nothing)
			} else if there, ok := m[fold(part)]; !ok {
				gone = true
			} else {
				info, err := d.Lstat(path.Join(dir, there))
				switch {
				case err != nil:
					return nil, failed(target, err, nothing)
				case there != part:
					reason = path.Join(dir, there) + " is there"
				case last:
					reason = "is there"
				case info.Mode()&fs.ModeSymlink != 0:
					reason = sub + " is a symbolic link"
				case !info.IsDir():
					reason = sub + " is a file"
				}
			}
			if reason != "" {
				break
			}
			if gone && !last && !known[sub] {
				known[sub] = true
				missing = append(missing, sub)
			}
			dir = sub
		}
		switch reason {
		case "":
		case "is there":
			taken = append(taken, f.Path)
		default:
			taken = append(taken, fmt.Sprintf("%s (%s)", f.Path, reason))
		}
	}
	if len(taken) > 0 {
		what, next := fmt.Sprintf("%d files", len(taken)), "move them away, or choose another folder"
		if len(taken) == 1 {
			what, next = "a file", "move it away, or choose another folder"
		}
		return nil, hint.Misusef(next,
			"%s has %s that would be replaced: %s; %s", target, what, strings.Join(taken, ", "), nothing)
	}
	return missing, nil
}
