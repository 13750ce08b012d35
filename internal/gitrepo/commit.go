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
		id := objects.commit(objects.trees(entries), me, message)
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

// trees adds the tree objects of the entries and returns the root's id. The
// entries are in the order of their paths, as the index has them.
func (p *pack) trees(entries []*index.Entry) plumbing.Hash {
	type item struct {
		name, order string // a folder is ordered as if its name ended in a slash
		mode        filemode.FileMode
		id          plumbing.Hash
	}
	var build func(entries []*index.Entry, prefix string) plumbing.Hash
	build = func(entries []*index.Entry, prefix string) plumbing.Hash {
		var items []item
		for len(entries) > 0 {
			e := entries[0]
			name, _, deeper := strings.Cut(e.Name[len(prefix):], "/")
			if !deeper {
				items = append(items, item{name, name, e.Mode, e.Hash})
				entries = entries[1:]
				continue
			}
			folder := prefix + name + "/"
			n := 1
			for n < len(entries) && strings.HasPrefix(entries[n].Name, folder) {
				n++
			}
			items = append(items, item{name, name + "/", filemode.Dir, build(entries[:n], folder)})
			entries = entries[n:]
		}
		sort.Slice(items, func(i, j int) bool { return items[i].order < items[j].order })
		var b bytes.Buffer
		for _, i := range items {
			fmt.Fprintf(&b, "%o %s\x00%s", uint32(i.mode), i.name, i.id[:])
		}
		return p.add(plumbing.TreeObject, b.Bytes())
	}
	return build(entries, "")
}

// commit adds the commit object of the tree root.
func (p *pack) commit(root plumbing.Hash, me *settings, message string) plumbing.Hash {
	return p.add(plumbing.CommitObject, fmt.Appendf(nil, "tree %s\nauthor %s\ncommitter %s\n\n%s\n",
		root, me.author, me.committer, strings.TrimRight(message, "\n")))
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
	line := fmt.Sprintf("%s %s %s\tcommit (initial): %s\n", plumbing.ZeroHash, id, me.committer, subject)
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
	if me.author.name == "" || me.committer.name == "" {
		who = append(who, `git config --global user.name "Your Name"`)
	}
	if me.author.email == "" || me.committer.email == "" {
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
