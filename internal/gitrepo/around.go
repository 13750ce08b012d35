package gitrepo

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// workTreeAround is the root of the work tree that dir is in, or "". A folder
// that the outer repository ignores is not in it: people keep projects below
// a repository of their own that ignores them.
func workTreeAround(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	ceilings := filepath.SplitList(os.Getenv("GIT_CEILING_DIRECTORIES"))
	for d := dir; ; d = filepath.Dir(d) {
		if isRepository(filepath.Join(d, ".git")) {
			if d != dir && isIgnored(d, dir) {
				return ""
			}
			return d
		}
		if d == filepath.Dir(d) {
			return ""
		}
		for _, c := range ceilings {
			if filepath.Clean(c) == filepath.Dir(d) {
				return ""
			}
		}
	}
}

// isRepository tells whether a .git is one: a folder with a HEAD, or the file
// of a worktree or submodule.
func isRepository(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		data, err := os.ReadFile(name)
		return err == nil && strings.HasPrefix(string(data), "gitdir:")
	}
	_, err = os.Lstat(filepath.Join(name, "HEAD"))
	return err == nil
}

// isIgnored tells whether the work tree at root ignores dir, by the ignore
// files on the way down to it.
func isIgnored(root, dir string) bool {
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return false
	}
	var patterns []gitignore.Pattern
	read := func(file string, domain []string) {
		data, err := os.ReadFile(file)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\r\n")
			if line != "" && !strings.HasPrefix(line, "#") {
				patterns = append(patterns, gitignore.ParsePattern(line, domain))
			}
		}
	}
	read(filepath.Join(root, ".git", "info", "exclude"), nil)
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for i := range parts {
		at := filepath.Join(append([]string{root}, parts[:i]...)...)
		read(filepath.Join(at, ".gitignore"), parts[:i])
		if gitignore.NewMatcher(patterns).Match(parts[:i+1], true) {
			return true
		}
	}
	return false
}
