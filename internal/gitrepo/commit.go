// Package gitrepo makes the repository of a new project: git init and one
// commit, written as one pack and one index. It is the only package that
// imports go-git, and starts no git program. It runs no hooks, signs nothing
// and never touches a repository that is there already.
package gitrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// A Result says what Commit has done.
type Result struct {
	Branch string // the branch that HEAD names; empty when there is no new repository
	Commit string // the commit's id; empty when nothing was committed
	Staged int    // files in the index
	// Inside is the root of the work tree that the folder was in already. Then
	// there is no new repository: git would take it for a stranger in the other.
	Inside string
	// Finish are the two commands that are left to the person, to be typed in
	// the folder: to say who they are, and to commit. Empty when committed.
	Finish []string
}

// partName is where .git grows until it is whole.
const partName = ".fingerpost-git"

// Commit makes a repository of the folder dir, with the files and with those of
// the extra paths that are there (the lock files), and commits them in the
// person's own name. Content and modes are read from the disk: installing may
// have changed a manifest. Where no name is configured everything is staged and
// nothing committed. A failure leaves no repository.
func Commit(dir string, files []*tree.File, message string, extra ...string) (Result, error) {
	r, err := commit(dir, files, message, extra)
	if err != nil {
		return Result{}, hint.With(fmt.Errorf("cannot make the git repository of %s: %w", dir, err), "the project is whole: run git init, git add . and git commit in it")
	}
	return r, nil
}

func commit(dir string, files []*tree.File, message string, extra []string) (Result, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Result{}, err
	}
	if root := workTreeAround(abs); root != "" {
		return Result{Inside: root}, nil
	}
	me, err := readSettings()
	if err != nil {
		return Result{}, err
	}
	entries, objects, err := stage(abs, files, extra)
	if err != nil {
		return Result{}, err
	}
	res := Result{Branch: me.branch, Staged: len(entries)}

	// Everything grows in a folder that git does not know yet.
	part := filepath.Join(abs, partName)
	if err := os.RemoveAll(part); err != nil { // of a process that was killed
		return Result{}, err
	}
	fail := func(err error) (Result, error) {
		os.RemoveAll(part)
		return Result{}, err
	}
	if err := initLayout(part, me.branch); err != nil {
		return fail(err)
	}
	if me.complete() {
		root, err := objects.trees(entries)
		if err != nil {
			return fail(err)
		}
		id, err := objects.commit(root, me, message)
		if err != nil {
			return fail(err)
		}
		res.Commit = id.String()
		if err := writeRefs(part, me, id, message); err != nil {
			return fail(err)
		}
	} else {
		res.Finish = finish(me, message)
	}
	if err := objects.write(part); err != nil {
		return fail(err)
	}
	var buf bytes.Buffer
	if err := index.NewEncoder(&buf).Encode(&index.Index{Version: 2, Entries: entries}); err != nil {
		return fail(err)
	}
	if err := os.WriteFile(filepath.Join(part, "index"), buf.Bytes(), 0o666); err != nil {
		return fail(err)
	}
	if err := os.Rename(part, filepath.Join(abs, ".git")); err != nil {
		return fail(err)
	}
	return res, nil
}

// stage reads the files from the disk into objects and index entries.
func stage(dir string, files []*tree.File, extra []string) ([]*index.Entry, *pack, error) {
	p := newPack()
	exec := map[string]bool{}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
		exec[f.Path] = f.Exec
	}
	for _, x := range extra {
		x = path.Clean(filepath.ToSlash(x))
		if _, ok := exec[x]; ok {
			continue
		}
		switch _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(x))); {
		case err == nil:
			exec[x] = false
			paths = append(paths, x)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
	}
	sort.Strings(paths)
	entries := make([]*index.Entry, 0, len(paths))
	for _, name := range paths {
		file := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Lstat(file)
		if err != nil {
			return nil, nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, nil, fmt.Errorf("%s is not a regular file", name)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		e := &index.Entry{
			Name: name, Mode: filemode.Regular, Size: uint32(info.Size()), ModifiedAt: info.ModTime(),
			Hash: p.add(plumbing.BlobObject, data),
		}
		// The bit of the disk where disks have one: git compares with that.
		if onDisk := info.Mode()&0o100 != 0; hasExecBit && onDisk || !hasExecBit && exec[name] {
			e.Mode = filemode.Executable
		}
		statEntry(e, info)
		entries = append(entries, e)
	}
	return entries, p, nil
}

// trees adds the tree objects of the entries and returns the root's id.
func (p *pack) trees(entries []*index.Entry) (plumbing.Hash, error) {
	type node struct {
		entries []object.TreeEntry
		folders map[string]*node
	}
	root := &node{folders: map[string]*node{}}
	for _, e := range entries {
		n := root
		parts := strings.Split(e.Name, "/")
		for _, folder := range parts[:len(parts)-1] {
			if n.folders[folder] == nil {
				n.folders[folder] = &node{folders: map[string]*node{}}
			}
			n = n.folders[folder]
		}
		n.entries = append(n.entries, object.TreeEntry{Name: parts[len(parts)-1], Mode: e.Mode, Hash: e.Hash})
	}
	var build func(n *node) (plumbing.Hash, error)
	build = func(n *node) (plumbing.Hash, error) {
		t := object.Tree{Entries: n.entries}
		for name, sub := range n.folders {
			h, err := build(sub)
			if err != nil {
				return h, err
			}
			t.Entries = append(t.Entries, object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: h})
		}
		sort.Sort(object.TreeEntrySorter(t.Entries))
		return p.encode(&t)
	}
	return build(root)
}

func (p *pack) commit(root plumbing.Hash, me *settings, message string) (plumbing.Hash, error) {
	if !strings.HasSuffix(message, "\n") {
		message += "\n"
	}
	return p.encode(&object.Commit{Author: me.author, Committer: me.committer, Message: message, TreeHash: root})
}

// encode adds an object of go-git.
func (p *pack) encode(o object.Object) (plumbing.Hash, error) {
	m := &plumbing.MemoryObject{}
	if err := o.Encode(m); err != nil {
		return plumbing.ZeroHash, err
	}
	r, err := m.Reader()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(r); err != nil {
		return plumbing.ZeroHash, err
	}
	return p.add(m.Type(), buf.Bytes()), nil
}

// initLayout writes what git init writes, without the samples.
func initLayout(git, branch string) error {
	for _, dir := range []string{"", "info", "objects", "objects/info", "objects/pack", "refs", "refs/heads", "refs/tags", "logs", "logs/refs", "logs/refs/heads"} {
		if err := os.Mkdir(filepath.Join(git, filepath.FromSlash(dir)), 0o777); err != nil {
			return err
		}
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tfilemode = " + fmt.Sprint(hasExecBit) + "\n\tbare = false\n\tlogallrefupdates = true\n"
	for name, text := range map[string]string{
		"HEAD":         "ref: refs/heads/" + branch + "\n",
		"description":  "Unnamed repository; edit this file 'description' to name the repository.\n",
		"info/exclude": "# Lines in this file are as in .gitignore, for this checkout alone.\n",
	} {
		if err := os.WriteFile(filepath.Join(git, filepath.FromSlash(name)), []byte(text), 0o666); err != nil {
			return err
		}
	}
	// As git init, ask the disk itself whether case counts on it.
	if _, err := os.Lstat(filepath.Join(git, "hEaD")); err == nil {
		config += "\tignorecase = true\n"
	}
	return os.WriteFile(filepath.Join(git, "config"), []byte(config), 0o666)
}

// writeRefs points the branch to the commit, with the line in its log.
func writeRefs(git string, me *settings, id plumbing.Hash, message string) error {
	ref := filepath.Join(git, "refs", "heads", filepath.FromSlash(me.branch))
	log := filepath.Join(git, "logs", "refs", "heads", filepath.FromSlash(me.branch))
	subject, _, _ := strings.Cut(message, "\n")
	c := me.committer
	line := fmt.Sprintf("%s %s %s <%s> %d %s\tcommit (initial): %s\n", plumbing.ZeroHash, id, c.Name, c.Email, c.When.Unix(), c.When.Format("-0700"), subject)
	for name, text := range map[string]string{ref: id.String() + "\n", log: line, filepath.Join(git, "logs", "HEAD"): line} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil { // a branch may have a slash
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// finish are the commands that are left when a name or an address is missing.
func finish(me *settings, message string) []string {
	var who []string
	if me.author.Name == "" || me.committer.Name == "" {
		who = append(who, `git config --global user.name "Your Name"`)
	}
	if me.author.Email == "" || me.committer.Email == "" {
		who = append(who, `git config --global user.email you@example.com`)
	}
	subject, _, _ := strings.Cut(message, "\n")
	return []string{strings.Join(who, " && "), "git commit -m " + quote(subject)}
}

// quote quotes s for a shell: in double quotes, as people type it, where
// nothing in s means something there.
func quote(s string) string {
	if strings.ContainsAny(s, "\"\\$`!") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return `"` + s + `"`
}
