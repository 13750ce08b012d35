package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
)

// faultyDisk makes the n-th operation that changes something fail, once or, as
// for a killed process, from then on.
type faultyDisk struct {
	disk
	n     int // operations left before the fault; negative: it has happened
	count *int
	dead  bool // after the fault nothing works any more
	err   error
}

func (d *faultyDisk) step() error {
	if d.count != nil {
		*d.count++
	}
	d.n--
	if d.n == -1 || d.n < -1 && d.dead {
		return d.err
	}
	return nil
}

func (d *faultyDisk) Mkdir(name string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: err}
	}
	return d.disk.Mkdir(name)
}

// Create fails half way: a full disk takes the first bytes.
func (d *faultyDisk) Create(name string, data []byte, exec bool) error {
	if err := d.step(); err != nil {
		if !d.dead || d.n == -1 {
			d.disk.Create(name, data[:len(data)/2], exec)
		}
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return d.disk.Create(name, data, exec)
}

func (d *faultyDisk) Link(old, name string) error {
	if err := d.step(); err != nil {
		return &os.LinkError{Op: "link", Old: old, New: name, Err: err}
	}
	return d.disk.Link(old, name)
}

func (d *faultyDisk) Rename(old, name string) error {
	if err := d.step(); err != nil {
		return &os.LinkError{Op: "rename", Old: old, New: name, Err: err}
	}
	return d.disk.Rename(old, name)
}

func (d *faultyDisk) Remove(name string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "unlink", Path: name, Err: err}
	}
	return d.disk.Remove(name)
}

func (d *faultyDisk) RemoveAll(name string) error {
	if err := d.step(); err != nil {
		return &fs.PathError{Op: "unlink", Path: name, Err: err}
	}
	return d.disk.RemoveAll(name)
}

// noLinks is a disk without hard links, as on exFAT.
type noLinks struct{ disk }

func (d noLinks) Link(old, name string) error {
	if _, err := d.Lstat(name); err == nil {
		return &os.LinkError{Op: "link", Old: old, New: name, Err: syscall.EEXIST}
	}
	return &os.LinkError{Op: "link", Old: old, New: name, Err: syscall.EPERM}
}

// noLock is a disk without locks that are seen by others.
type noLock struct{ disk }

func (d noLock) Lock(name string) (io.Closer, error) { return nil, errNoLock }

func sample() *Tree {
	t := &Tree{}
	for path, text := range map[string]string{
		"README.md": "# shop\n", "src/app.ts": "export {}\n", "src/db/store.ts": "store\n",
		"docs/decisions/0001.md": "why\n", ".gitignore": "node_modules\n", "empty": "",
	} {
		t.Put(&File{Path: path, Data: []byte(text), From: []string{"base"}, Owner: "base"})
	}
	t.Put(&File{Path: "scripts/start.sh", Data: []byte("#!/bin/sh\n"), Exec: true})
	return t
}

// list is what is in a folder: one line a file or empty folder.
func list(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		if e.IsDir() {
			if names, _ := os.ReadDir(p); len(names) == 0 && rel != "." {
				out = append(out, filepath.ToSlash(rel)+"/")
			}
			return nil
		}
		if e.Type()&fs.ModeSymlink != 0 {
			to, err := os.Readlink(p)
			out = append(out, filepath.ToSlash(rel)+" -> "+to)
			return err
		}
		data, err := os.ReadFile(p)
		info, _ := e.Info()
		out = append(out, fmt.Sprintf("%s %t %q", filepath.ToSlash(rel), info.Mode()&0o111 != 0, data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func want(tr *Tree, before string) string {
	var out []string
	if before != "" {
		out = strings.Split(before, "\n")
	}
	for _, f := range tr.Files() {
		out = append(out, fmt.Sprintf("%s %t %q", f.Path, f.Exec, f.Data))
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

// A scene is a folder before the write, and the write.
type scene struct {
	name  string
	setup func(t *testing.T, dir string) // makes what is there before
	write func(tr *Tree, dir string, o WriteOptions) error
	all   string // the folder, below dir, in which everything must be in the end
}

func scenes() []scene {
	put := func(t *testing.T, name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	into := func(tr *Tree, dir string, o WriteOptions) error { return tr.WriteInto(filepath.Join(dir, "shop"), o) }
	write := func(tr *Tree, dir string, o WriteOptions) error { return tr.Write(filepath.Join(dir, "shop"), o) }
	return []scene{
		{"new", func(t *testing.T, dir string) {}, write, "shop"},
		{"empty", func(t *testing.T, dir string) { os.Mkdir(filepath.Join(dir, "shop"), 0o755) }, write, "shop"},
		{"into", func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "shop/mine.txt"), "mine")
			put(t, filepath.Join(dir, "shop/src/own.ts"), "own")
			put(t, filepath.Join(dir, "shop/docs/old.md"), "old")
		}, into, "shop"},
		{"into-no-links", func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "shop/src/own.ts"), "own")
		}, func(tr *Tree, dir string, o WriteOptions) error {
			open := o.disk
			return tr.WriteInto(filepath.Join(dir, "shop"), WriteOptions{Context: o.Context, open: func(dir string) (disk, error) {
				d, err := open(dir)
				return noLinks{d}, err
			}})
		}, "shop"},
	}
}

// Every single operation fails once: the folder is as it was, or whole, and
// the error says so.
func TestEveryOperationFails(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			for n := 0; ; n++ {
				dir := t.TempDir()
				s.setup(t, dir)
				before := list(t, dir)
				ops := 0
				err := s.write(sample(), dir, WriteOptions{open: func(dir string) (disk, error) {
					d, err := openDisk(dir)
					return &faultyDisk{disk: d, n: n, count: &ops, err: syscall.ENOSPC}, err
				}})
				if ops <= n {
					if err != nil {
						t.Fatalf("without a fault: %v", err)
					}
					if n < 10 {
						t.Fatalf("only %d operations: the seam is not used", n)
					}
					break
				}
				after := list(t, dir)
				switch {
				case err == nil:
					// The fault hit a second way, or the sweeping at the end.
					if got := withoutStages(t, dir); got != want2(s, before, dir) {
						t.Errorf("operation %d: no error, but\n%s", n, got)
					}
				case after != before:
					t.Errorf("operation %d: %v, but the folder has changed:\n%s", n, err, after)
				case !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), nothing):
					t.Errorf("operation %d: the error does not say what is left: %v", n, err)
				}
			}
		})
	}
}

// A process that dies at any operation leaves nothing, or everything, once the
// next run has swept.
func TestDeathAtEveryOperation(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			seenWhole, seenNothing := false, false
			for n := 0; ; n++ {
				dir := t.TempDir()
				s.setup(t, dir)
				before := list(t, dir)
				ops := 0
				s.write(sample(), dir, WriteOptions{open: func(dir string) (disk, error) {
					d, err := openDisk(dir)
					return &faultyDisk{disk: d, n: n, count: &ops, dead: true, err: syscall.EIO}, err
				}})
				if ops <= n {
					break
				}
				for _, sub := range []string{"", "shop"} {
					if _, err := os.Stat(filepath.Join(dir, sub)); err != nil {
						continue
					}
					if err := RecoverInto(filepath.Join(dir, sub)); err != nil {
						t.Fatal(err)
					}
				}
				switch got := list(t, dir); got {
				case before:
					seenNothing = true
				case want2(s, before, dir):
					seenWhole = true
				default:
					t.Errorf("death at operation %d leaves\n%s", n, got)
				}
			}
			if !seenNothing || strings.HasPrefix(s.name, "into") && !seenWhole {
				t.Errorf("nothing: %t, everything: %t", seenNothing, seenWhole)
			}
		})
	}
}

// want2 is the listing of dir when everything is there.
func want2(s scene, before, dir string) string {
	inner := &Tree{}
	for _, f := range sample().Files() {
		c := *f
		c.Path = s.all + "/" + f.Path
		inner.Put(&c)
	}
	if before == s.all+"/" {
		before = ""
	}
	return want(inner, before)
}

func withoutStages(t *testing.T, dir string) string {
	for _, sub := range []string{dir, filepath.Join(dir, "shop")} {
		if _, err := os.Stat(sub); err == nil {
			if err := RecoverInto(sub); err != nil {
				t.Fatal(err)
			}
		}
	}
	return list(t, dir)
}

// Ctrl-C at every check leaves nothing.
func TestCancel(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			for n := 0; ; n++ {
				dir := t.TempDir()
				s.setup(t, dir)
				before := list(t, dir)
				ctx := &countdown{Context: context.Background(), n: n}
				err := s.write(sample(), dir, WriteOptions{Context: ctx})
				if err == nil {
					if n < 8 {
						t.Fatalf("asked only %d times", n)
					}
					break
				}
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), nothing) {
					t.Errorf("check %d: %v", n, err)
				}
				if after := list(t, dir); after != before {
					t.Errorf("check %d leaves\n%s", n, after)
				}
			}
		})
	}
}

// countdown is cancelled when it is asked the n-th time.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}
