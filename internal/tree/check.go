package tree

import (
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold makes two names equal that are one file on a disk which ignores case, or
// which composes accents.
func fold(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// Check refuses a tree that cannot be written as it is: paths that leave the
// folder or enter .git, and two paths that are one file on some system.
func (t *Tree) Check() error {
	seen := map[string]string{} // folded path of a file or folder -> the path
	isFile := map[string]bool{}
	for _, f := range t.Files() {
		if err := checkPath(f.Path); err != nil {
			return err
		}
		for dir, i := "", 0; i >= 0; {
			if i = strings.IndexByte(f.Path[len(dir):], '/'); i < 0 {
				break
			}
			sub := f.Path[:len(dir)+i]
			dir = f.Path[:len(dir)+i+1]
			folded := fold(sub)
			if old, ok := seen[folded]; ok && old != sub {
				return fmt.Errorf("%q and %q are one folder where case does not count", old, sub)
			}
			if isFile[folded] {
				return fmt.Errorf("%q is a file and a folder", sub)
			}
			seen[folded] = sub
		}
		folded := fold(f.Path)
		if old, ok := seen[folded]; ok && old == f.Path {
			return fmt.Errorf("%q is a file and a folder", f.Path)
		} else if ok {
			return fmt.Errorf("%q and %q are one file where case does not count", old, f.Path)
		}
		seen[folded], isFile[folded] = f.Path, true
	}
	return nil
}

func checkPath(path string) error {
	switch {
	case !fs.ValidPath(path) || path == ".":
		return fmt.Errorf("%q is not a path inside a project", path)
	case strings.ContainsAny(path, "\x00\\:"):
		return fmt.Errorf("%q has a character that no path of a project may have", path)
	}
	for part := range strings.SplitSeq(path, "/") {
		if fold(part) == ".git" {
			return fmt.Errorf("%q is inside git's own folder", path)
		}
	}
	return nil
}
