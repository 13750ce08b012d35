package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

func TestWrite(t *testing.T) {
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			dir := t.TempDir()
			s.setup(t, dir)
			before := list(t, dir)
			if err := s.write(sample(), dir, WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := list(t, dir); got != want2(s, before, dir) {
				t.Errorf("got\n%s\nwant\n%s", got, want2(s, before, dir))
			}
		})
	}
}

// What is in the way is never touched, and the error says what it is.
func TestWriteRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want, hint string
		setup            func(t *testing.T, target string)
	}{
		{"folder", "already exists and is not empty", "choose another name, or pass --into to add to it", func(t *testing.T, target string) {
			os.Mkdir(target, 0o755)
			os.WriteFile(filepath.Join(target, "x"), nil, 0o644)
		}},
		{"file", "is a file", "choose another name", func(t *testing.T, target string) { os.WriteFile(target, []byte("x"), 0o644) }},
		{"link to a folder", "is a symbolic link", "name the folder itself", func(t *testing.T, target string) { os.Symlink(t.TempDir(), target) }},
		{"dangling link", "is a symbolic link", "name the folder itself", func(t *testing.T, target string) { os.Symlink("/nowhere", target) }},
		{"parent is a file", "not a directory", "", func(t *testing.T, target string) {
			os.RemoveAll(filepath.Dir(target))
			os.WriteFile(filepath.Dir(target), nil, 0o644)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := t.TempDir()
			target := filepath.Join(base, "in", "shop")
			os.Mkdir(filepath.Dir(target), 0o755)
			tt.setup(t, target)
			before := list(t, base)
			err := sample().Write(target, WriteOptions{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || hint.Next(err) != tt.hint {
				t.Errorf("error %v, hint %q", err, hint.Next(err))
			}
			if after := list(t, base); after != before {
				t.Errorf("changed:\n%s", after)
			}
		})
	}
}

// Folders above the target are made as needed, and go again when it fails.
func TestWriteMakesParents(t *testing.T) {
	dir := t.TempDir()
	if err := sample().Write(filepath.Join(dir, "a/b/shop"), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a/b/shop/README.md")); err != nil {
		t.Error(err)
	}
	err := sample().Write(filepath.Join(dir, "c/d/shop"), WriteOptions{open: func(string) (disk, error) { return nil, os.ErrPermission }})
	if err == nil || hint.Next(err) != "choose a folder that you can write to" {
		t.Errorf("error %v, hint %q", err, hint.Next(err))
	}
	if _, err := os.Stat(filepath.Join(dir, "c")); err == nil {
		t.Error("the parents are left")
	}
}

// An empty folder that is the working directory stays the same folder: the
// shell of the person is in it.
func TestWriteIntoWorkingDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	os.Mkdir(dir, 0o755)
	before, _ := os.Stat(dir)
	t.Chdir(dir)
	if err := sample().Write(".", WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(dir)
	if err != nil || !os.SameFile(before, after) {
		t.Error("the folder was replaced")
	}
	if got := list(t, "."); got != want(sample(), "") {
		t.Errorf("got\n%s", got)
	}
}

// The mode of an empty folder that is replaced stays: a private one stays private.
func TestWriteKeepsModeOfEmptyFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes on Windows")
	}
	dir := filepath.Join(t.TempDir(), "shop")
	os.Mkdir(dir, 0o700)
	if err := sample().Write(dir, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v", info.Mode())
	}
}

// A stage of a dead process goes, one of a living process and anything that
// only looks like one stay.
func TestSweep(t *testing.T) {
	for _, locks := range []bool{true, false} {
		dir := t.TempDir()
		open := func(dir string) (disk, error) {
			d, err := openDisk(dir)
			if !locks {
				return noLock{d}, err
			}
			return d, err
		}
		d, err := open(dir)
		if err != nil {
			t.Fatal(err)
		}
		living, err := newStage(d, stageNew)
		if err != nil {
			t.Fatal(err)
		}
		const deadPID = 1 << 30 // beyond what any system gives
		dead := fmt.Sprintf(".fingerpost-new-%d-0123456789ab", deadPID)
		for _, name := range []string{dead, ".fingerpost-new-1-x", ".fingerpost-git", "fingerpost-new-1-0123456789ab"} {
			os.MkdirAll(filepath.Join(dir, name, "sub"), 0o755)
		}
		file := fmt.Sprintf(".fingerpost-new-%d-aaaaaaaaaaaa", deadPID)
		os.WriteFile(filepath.Join(dir, file), nil, 0o644)
		other := t.TempDir()
		os.WriteFile(filepath.Join(other, "x"), nil, 0o644)
		link := fmt.Sprintf(".fingerpost-new-%d-bbbbbbbbbbbb", deadPID)
		os.Symlink(other, filepath.Join(dir, link))

		if err := sample().Write(filepath.Join(dir, "shop"), WriteOptions{open: open}); err != nil {
			t.Fatal(err)
		}
		for name, stays := range map[string]bool{dead: false, living.name: true, ".fingerpost-new-1-x": true, ".fingerpost-git": true, "fingerpost-new-1-0123456789ab": true, file: true, link: true} {
			if _, err := os.Lstat(filepath.Join(dir, name)); (err == nil) != stays {
				t.Errorf("locks %t: %s stays: %t", locks, name, err == nil)
			}
		}
		if _, err := os.Stat(filepath.Join(other, "x")); err != nil {
			t.Error("the sweep followed a link")
		}
		living.close()
		d.Close()
	}
}

// Every file that is in the way is in the one error; nothing is changed.
func TestWriteIntoConflicts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	other := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "SRC"), 0o755)
	os.WriteFile(filepath.Join(dir, "readme.MD"), []byte("mine"), 0o644)
	os.WriteFile(filepath.Join(dir, "empty"), []byte("mine"), 0o644)
	os.Symlink(other, filepath.Join(dir, "docs"))
	os.WriteFile(filepath.Join(dir, "scripts"), []byte("mine"), 0o644)
	os.Symlink("/nowhere", filepath.Join(dir, ".gitignore"))
	before, _ := os.ReadDir(dir)
	err := sample().WriteInto(dir)
	want := dir + " has 7 files that would be replaced: .gitignore, README.md (readme.MD is there), docs/decisions/0001.md (docs is a symbolic link), " +
		"empty, scripts/start.sh (scripts is a file), src/app.ts (SRC is there), src/db/store.ts (SRC is there); nothing was written"
	if err == nil || err.Error() != want || !hint.IsMisuse(err) {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Errorf("%d entries became %d", len(before), len(after))
	}
	if names, _ := os.ReadDir(other); len(names) > 0 {
		t.Error("a link was followed")
	}
}

// Accents that are composed differently are one name on macOS.
func TestWriteIntoNormalisation(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "cafe\u0301.md"), nil, 0o644)
	tr := &Tree{}
	tr.Put(&File{Path: "caf\u00e9.md"})
	if err := tr.WriteInto(dir); err == nil || !strings.Contains(err.Error(), "is there") {
		t.Errorf("error: %v", err)
	}
}

// A file that somebody makes while we write is not replaced, and what was
// added goes again. The person's own files in the new folders stay.
func TestWriteIntoRace(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "own"), nil, 0o644)
	err := sample().WriteInto(dir, WriteOptions{open: func(dir string) (disk, error) {
		d, err := openDisk(dir)
		return &racer{d, dir}, err
	}})
	if err == nil || !strings.Contains(err.Error(), nothing) {
		t.Fatalf("error: %v", err)
	}
	want := "own false \"\"\nsrc/app.ts false \"theirs\"\nsrc/db/mine false \"theirs\""
	if got := list(t, dir); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// racer makes files of its own when the first link is made.
type racer struct {
	disk
	dir string
}

func (d *racer) Link(old, name string) error {
	os.WriteFile(filepath.Join(d.dir, "src/app.ts"), []byte("theirs"), 0o644)
	os.WriteFile(filepath.Join(d.dir, "src/db/mine"), []byte("theirs"), 0o644)
	return d.disk.Link(old, name)
}

// Many at once: one makes the project, the others say that it is there, and
// nobody sweeps a stage that is in use.
func TestWriteAtOnce(t *testing.T) {
	for _, into := range []bool{false, true} {
		dir := t.TempDir()
		shop := filepath.Join(dir, "shop")
		before := ""
		if into {
			os.Mkdir(shop, 0o755)
			os.WriteFile(filepath.Join(shop, "own"), nil, 0o644)
			before = list(t, shop)
		}
		const n = 16
		errs := make(chan error, n)
		for range n {
			go func() {
				if into {
					errs <- sample().WriteInto(shop)
				} else {
					errs <- sample().Write(shop, WriteOptions{})
				}
			}()
		}
		made := 0
		for range n {
			err := <-errs
			if err == nil {
				made++
			} else if !strings.Contains(err.Error(), nothing) && !strings.Contains(err.Error(), "already exists") {
				t.Errorf("into %t: %v", into, err)
			}
		}
		if made != 1 {
			t.Errorf("into %t: made %d times", into, made)
		}
		if got := list(t, shop); got != want(sample(), before) {
			t.Errorf("into %t: got\n%s", into, got)
		}
		if names, _ := os.ReadDir(dir); len(names) != 1 {
			t.Errorf("into %t: stages are left: %v", into, names)
		}
	}
}

// Paths that would leave the folder, or that are two files in one, are refused
// before anything is written.
func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		paths []string
		want  string
	}{
		{[]string{"a", "b/c", "b/d", ".github/x"}, ""},
		{[]string{"../x"}, `"../x" is not a path inside a project`},
		{[]string{"a/../../x"}, `"a/../../x" is not a path inside a project`},
		{[]string{"/etc/passwd"}, `"/etc/passwd" is not a path inside a project`},
		{[]string{"a//b"}, `"a//b" is not a path inside a project`},
		{[]string{""}, `"" is not a path inside a project`},
		{[]string{"."}, `"." is not a path inside a project`},
		{[]string{"a/"}, `"a/" is not a path inside a project`},
		{[]string{"a\x00b"}, `"a\x00b" has a character that no path of a project may have`},
		{[]string{`..\x`}, `"..\\x" has a character that no path of a project may have`},
		{[]string{"C:x"}, `"C:x" has a character that no path of a project may have`},
		{[]string{"\xff"}, `"\xff" is not a path inside a project`},
		{[]string{".git/hooks/post-checkout"}, `".git/hooks/post-checkout" is inside git's own folder`},
		{[]string{"sub/.GIT/config"}, `"sub/.GIT/config" is inside git's own folder`},
		{[]string{"a", "A"}, `"A" and "a" are one file where case does not count`},
		{[]string{"a/x", "A/y"}, `"A" and "a" are one folder where case does not count`},
		{[]string{"a", "a/b"}, `"a" is a file and a folder`},
		{[]string{"a.b/c", "a.b"}, `"a.b" is a file and a folder`},
		{[]string{"caf\u00e9", "cafe\u0301"}, "\"cafe\u0301\" and \"caf\u00e9\" are one file where case does not count"},
	} {
		tr := &Tree{}
		for _, p := range tt.paths {
			tr.Put(&File{Path: p})
		}
		got := ""
		if err := tr.Check(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.paths, got, tt.want)
		}
		if tt.want != "" {
			dir := t.TempDir()
			if err := tr.Write(filepath.Join(dir, "shop"), WriteOptions{}); err == nil {
				t.Errorf("%q was written", tt.paths)
			}
			if names, _ := os.ReadDir(dir); len(names) > 0 {
				t.Errorf("%q left something", tt.paths)
			}
		}
	}
}

func TestDigest(t *testing.T) {
	a, b := sample(), sample()
	if a.Digest() != b.Digest() || !strings.HasPrefix(a.Digest(), "sha256:") || len(a.Digest()) != 71 {
		t.Errorf("digest %s, %s", a.Digest(), b.Digest())
	}
	b.Get("README.md").From = []string{"other"}
	if a.Digest() != b.Digest() {
		t.Error("layers are in the digest")
	}
	for _, change := range []func(*Tree){
		func(t *Tree) { t.Get("README.md").Data = []byte("x") },
		func(t *Tree) { t.Get("README.md").Exec = true },
		func(t *Tree) { t.Delete("README.md") },
		func(t *Tree) { t.Put(&File{Path: "new"}) },
		func(t *Tree) {
			f := *t.Get("README.md")
			t.Delete(f.Path)
			f.Path = "READ.me"
			t.Put(&f)
		},
	} {
		c := sample()
		change(c)
		if c.Digest() == a.Digest() {
			t.Error("a change is not in the digest")
		}
	}
}

func TestSummary(t *testing.T) {
	rows := sample().Summary()
	if len(rows) != 7 || rows[0].Path != ".gitignore" || rows[0].Size != 13 || rows[0].From[0] != "base" || rows[4].Path != "scripts/start.sh" || rows[4].Mode != "100755" {
		t.Errorf("%+v", rows)
	}
	if n := sample().Size(); n != 50 {
		t.Errorf("size %d", n)
	}
}

func BenchmarkWrite(b *testing.B) {
	tr := &Tree{}
	for i := range 60 {
		tr.Put(&File{Path: fmt.Sprintf("src/%d/file%d.ts", i%8, i), Data: []byte(strings.Repeat("0123456789\n", 300))})
	}
	dir := filepath.Join(b.TempDir(), "shop")
	for b.Loop() {
		if err := tr.Write(dir, WriteOptions{}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		os.RemoveAll(dir)
		b.StartTimer()
	}
}

func BenchmarkDigest(b *testing.B) {
	tr := sample()
	for b.Loop() {
		tr.Digest()
	}
}
