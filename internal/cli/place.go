package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// A place is where a project is going to be.
type place struct {
	given  string // as the person said it, for messages
	path   string // absolute
	exists bool   // the folder is there already
	into   bool   // it may hold files already
}

// placeAt looks at path without changing anything. It fails where nothing can
// be written, so that nobody answers questions in vain.
func placeAt(path string, into bool) (*place, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	p := &place{given: path, path: abs, into: into}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(abs); err == nil {
			return nil, hint.Misusef("choose another name, or remove the link", "%s is a link to nothing", path)
		}
		if into {
			return nil, hint.Misusef("leave out --into to make the folder", "%s does not exist", path)
		}
		return p, p.checkParents()
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		return p, p.checkParents()
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, hint.Misusef("choose another name", "%s already exists and is not a folder", path)
	}
	p.exists = true
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 && !into {
		return nil, hint.Misusef("choose another name, or pass --into to add to it", "%s already exists and is not empty", path)
	}
	// Writing puts a folder of its own in that place, so it refuses a link.
	if link, err := os.Lstat(abs); err == nil && link.Mode()&fs.ModeSymlink != 0 && !into {
		return nil, hint.Misusef("name the folder itself", "%s is a symbolic link", path)
	}
	return p, nil
}

// checkParents checks the folders that are going to be made, and that the one
// above them is a folder.
func (p *place) checkParents() error {
	for dir := p.path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil {
			if info.IsDir() {
				return nil
			}
			return hint.Misusef("choose another folder", "%s is not a folder", dir)
		}
		if err := checkFolder(filepath.Base(dir)); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			return err
		}
	}
}

// name is the folder's own name, the default for the project's.
func (p *place) name() string { return filepath.Base(p.path) }

// checkFree tells which files of t are there already. Writing looks again, and
// closer; this is for those who only want to know.
func (p *place) checkFree(t *tree.Tree) error {
	if !p.exists {
		return nil
	}
	var taken []string
	for _, f := range t.Files() {
		if _, err := os.Lstat(filepath.Join(p.path, filepath.FromSlash(f.Path))); err == nil {
			taken = append(taken, f.Path)
		}
	}
	if len(taken) == 0 {
		return nil
	}
	return hint.Misusef("move them away, or choose another folder", "%s has files that would be replaced: %s", p.given, strings.Join(taken, ", "))
}
