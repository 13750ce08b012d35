package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sort"
)

// A disk is a folder and what the writer does below it; names are relative,
// with slashes. It is a seam: tests make every single operation fail.
type disk interface {
	Mkdir(name string) error
	Create(name string, data []byte, exec bool) error // a new file with its whole content
	Read(name string) ([]byte, error)
	Link(old, name string) error
	Rename(old, name string) error
	Remove(name string) error
	RemoveAll(name string) error
	Lstat(name string) (fs.FileInfo, error)
	Names(dir string) ([]string, error)  // sorted
	Lock(name string) (io.Closer, error) // takes the folder's lock, or errLocked
	Close() error
}

var (
	errLocked = errors.New("locked by another process")
	errNoLock = errors.New("no locks on this filesystem")
)

// osDisk is a folder of this machine. An os.Root never follows a link out of it.
type osDisk struct{ root *os.Root }

func openDisk(dir string) (disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return osDisk{root}, nil
}

// The umask has the last word on modes, as with any tool that the person runs.
func (d osDisk) Mkdir(name string) error { return d.root.Mkdir(name, 0o777) }

// Create does not sync: a killed process loses nothing that was written, and
// after a power cut the same command makes the same project again. A sync for
// each of some sixty files would cost more than everything else together.
func (d osDisk) Create(name string, data []byte, exec bool) error {
	perm := fs.FileMode(0o666)
	if exec {
		perm = 0o777
	}
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func (d osDisk) Read(name string) ([]byte, error)       { return d.root.ReadFile(name) }
func (d osDisk) Link(old, name string) error            { return d.root.Link(old, name) }
func (d osDisk) Remove(name string) error               { return d.root.Remove(name) }
func (d osDisk) RemoveAll(name string) error            { return d.root.RemoveAll(name) }
func (d osDisk) Lstat(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }
func (d osDisk) Close() error                           { return d.root.Close() }

// Rename may rename a folder onto an empty one, which os.Root refuses.
func (d osDisk) Rename(old, name string) error {
	err := d.root.Rename(old, name)
	if errors.Is(err, fs.ErrExist) {
		if onto := renameOnto(d.root, old, name); !errors.Is(onto, errors.ErrUnsupported) {
			return onto
		}
	}
	return err
}

func (d osDisk) Names(dir string) ([]string, error) {
	f, err := d.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	sort.Strings(names)
	return names, err
}

func (d osDisk) Lock(name string) (io.Closer, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	// A sweeper may have removed the folder between its making and its lock.
	mine, err := f.Stat()
	if err == nil {
		var there fs.FileInfo
		if there, err = d.root.Lstat(name); err == nil && !os.SameFile(mine, there) {
			err = fs.ErrNotExist
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
