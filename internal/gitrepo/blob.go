package gitrepo

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Blob reads the content that has the id from the objects of the repository
// around dir: the base of a later merge, when the file itself has changed.
// Objects are read by go-git's storage alone; its package git brings ssh,
// OpenPGP and half as much again to the start of every command.
func Blob(dir, id string) ([]byte, error) {
	if !plumbing.IsHash(id) {
		return nil, fmt.Errorf("%q is no object id", id)
	}
	root, err := objectsOf(dir)
	if err != nil {
		return nil, err
	}
	store := filesystem.NewStorage(osfs.New(root), cache.NewObjectLRUDefault())
	o, err := store.EncodedObject(plumbing.BlobObject, plumbing.NewHash(id))
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", id, err)
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// objectsOf is the folder with the objects of the repository around dir: its
// .git, or what the .git file of a worktree or submodule leads to.
func objectsOf(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for d := abs; ; d = filepath.Dir(d) {
		git := filepath.Join(d, ".git")
		if isRepository(git) {
			if git, err = follow(git, "gitdir:"); err != nil {
				return "", err
			}
			return follow(filepath.Join(git, "commondir"), "")
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no git repository around %s", dir)
		}
	}
}

// follow reads the path that a file of git's holds behind the prefix, relative to
// the file's folder. A name that is a folder, or whose file is missing, stands
// for its own folder: there is nowhere further to go.
func follow(name, prefix string) (string, error) {
	info, err := os.Stat(name)
	if os.IsNotExist(err) {
		return filepath.Dir(name), nil
	}
	if err != nil || info.IsDir() {
		return name, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	to := filepath.FromSlash(strings.TrimSpace(strings.TrimPrefix(string(data), prefix)))
	if !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(name), to)
	}
	return to, nil
}
