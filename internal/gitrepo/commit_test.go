package gitrepo

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/tree"
)

// home gives the test a home of its own with the git configuration text.
func home(t testing.TB, gitconfig string) string {
	t.Helper()
	dir := t.TempDir()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, "") // restores it afterwards
			os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("EMAIL", "")
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	// A folder for tests may be below a repository.
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	if gitconfig != "" {
		if err := os.WriteFile(filepath.Join(dir, ".gitconfig"), []byte(gitconfig), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const ada = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n"

// realGit runs the real git, which must be there: it is the judge.
func realGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

func project(t testing.TB, base string) (string, *tree.Tree) {
	t.Helper()
	tr := &tree.Tree{}
	for _, p := range []string{"README.md", ".gitignore", "a", "a-b/x", "a.b", "ab/c/d/e.txt", "src/app.ts", "src-gen/z", "src.ts", "ünïcode.txt"} {
		tr.Put(&tree.File{Path: p, Data: []byte("content of " + p + "\n")})
	}
	delete := []string{"a"}
	for _, p := range delete {
		tr.Delete(p)
	}
	tr.Put(&tree.File{Path: "a", Data: nil})
	tr.Put(&tree.File{Path: "same", Data: []byte("content of README.md\n")})
	tr.Put(&tree.File{Path: "big.bin", Data: []byte(strings.Repeat("0123456789\x00", 20000))})
	tr.Put(&tree.File{Path: "run.sh", Data: []byte("#!/bin/sh\n"), Exec: true})
	tr.Put(&tree.File{Path: ".gitignore", Data: []byte("node_modules/\n")})
	dir := filepath.Join(base, "shop")
	if err := tr.Write(dir, tree.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir, tr
}

// The repository that comes out is one that git itself would have made: clean,
// sound, one commit in the person's name.
func TestCommit(t *testing.T) {
	base := home(t, ada)
	dir, tr := project(t, base)
	os.WriteFile(filepath.Join(dir, "package-lock.json"), []byte("{}\n"), 0o644)
	os.MkdirAll(filepath.Join(dir, "node_modules/x"), 0o755)
	os.WriteFile(filepath.Join(dir, "node_modules/x/i.js"), nil, 0o644)

	res, err := Commit(dir, tr.Files(), "Start with Fastify\n\nMade by fingerpost.", "package-lock.json", "uv.lock", "a")
	if err != nil {
		t.Fatal(err)
	}
	if res.Branch != "main" || res.Staged != tr.Len()+1 || res.Inside != "" || res.Finish != nil {
		t.Errorf("result: %+v", res)
	}
	if got := realGit(t, dir, "status", "--porcelain", "--untracked-files=all"); got != "" {
		t.Errorf("status is not clean:\n%s", got)
	}
	if got := realGit(t, dir, "fsck", "--strict", "--full"); strings.Contains(got, "error") || strings.Contains(got, "warning") || strings.Contains(got, "dangling") {
		t.Errorf("fsck:\n%s", got)
	}
	if got, want := realGit(t, dir, "log", "--format=%H|%an|%ae|%cn|%ce|%s|%b|%P"), res.Commit+"|Ada Lovelace|ada@example.com|Ada Lovelace|ada@example.com|Start with Fastify|Made by fingerpost.\n|"; got != want {
		t.Errorf("log:\n%s\nwant\n%s", got, want)
	}
	if got := realGit(t, dir, "reflog"); !strings.HasSuffix(got, "commit (initial): Start with Fastify") {
		t.Errorf("reflog: %s", got)
	}
	if got := realGit(t, dir, "symbolic-ref", "HEAD"); got != "refs/heads/main" {
		t.Errorf("HEAD: %s", got)
	}
	var want []string
	for _, f := range tr.Files() {
		mode := "100644"
		if f.Exec {
			mode = "100755"
		}
		want = append(want, fmt.Sprintf("%s %s 0\t%s", mode, tree.BlobID(f.Data), f.Path))
	}
	got := realGit(t, dir, "-c", "core.quotepath=off", "ls-files", "-s", "--", ":!package-lock.json")
	if got != strings.Join(want, "\n") {
		t.Errorf("ls-files:\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	// The tree of the commit is the one that git makes of the index.
	if a, b := realGit(t, dir, "write-tree"), realGit(t, dir, "rev-parse", "HEAD^{tree}"); a != b {
		t.Errorf("tree of the commit %s, of the index %s", b, a)
	}
	// git can go on from here: change, commit, pack, clone.
	os.WriteFile(filepath.Join(dir, "README.md"), []byte("changed\n"), 0o644)
	if got := realGit(t, dir, "status", "--porcelain"); got != " M README.md" {
		t.Errorf("after a change: %q", got)
	}
	realGit(t, dir, "commit", "-qam", "second")
	realGit(t, dir, "gc", "-q")
	realGit(t, base, "clone", "-q", dir, filepath.Join(base, "clone"))
	if got := realGit(t, filepath.Join(base, "clone"), "rev-list", "--count", "HEAD"); got != "2" {
		t.Errorf("%s commits in a clone", got)
	}
	for _, f := range tr.Files() {
		data, err := Blob(dir, tree.BlobID(f.Data))
		if err != nil || string(data) != string(f.Data) {
			t.Errorf("Blob of %s: %v", f.Path, err)
		}
	}
	// A worktree has its objects elsewhere; packed and loose ones are found.
	realGit(t, dir, "worktree", "add", "-q", filepath.Join(base, "other"))
	write(t, filepath.Join(base, "other", "new.txt"), "loose\n")
	realGit(t, filepath.Join(base, "other"), "add", "new.txt")
	for _, f := range append(tr.Files(), &tree.File{Path: "new.txt", Data: []byte("loose\n")}) {
		data, err := Blob(filepath.Join(base, "other"), tree.BlobID(f.Data))
		if err != nil || string(data) != string(f.Data) {
			t.Errorf("Blob of %s in a worktree: %v", f.Path, err)
		}
	}
	for _, id := range []string{"", "1", "x"} {
		if _, err := Blob(dir, id); err == nil {
			t.Errorf("%q is an id", id)
		}
	}
	if _, err := Blob(base, tree.BlobID(nil)); err == nil || !strings.Contains(err.Error(), "no git repository") {
		t.Errorf("without a repository: %v", err)
	}
	if _, err := Blob(dir, strings.Repeat("1", 40)); err == nil {
		t.Error("Blob gives an object that is not there")
	}
}

// git status must not have to read the files again: the index has what the
// disk says of them. A file time before the index's own is what git asks for.
func TestIndexIsFresh(t *testing.T) {
	base := home(t, ada)
	dir, tr := project(t, base)
	old := time.Now().Add(-time.Hour)
	for _, f := range tr.Files() {
		if err := os.Chtimes(filepath.Join(dir, f.Path), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Commit(dir, tr.Files(), "x"); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("git", "diff-files", "--name-only") // compares the index with the disk, refreshing nothing
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("diff-files: %v\n%s", err, out)
	}
}

func TestIdentity(t *testing.T) {
	for _, tt := range []struct {
		name, config  string
		env           map[string]string
		author, email string
		branch        string
	}{
		{name: "person's file", config: ada, author: "Ada Lovelace", email: "ada@example.com", branch: "main"},
		{name: "environment wins", config: ada, env: map[string]string{"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}, author: "Bob", email: "bob@example.com", branch: "main"},
		{name: "author section wins", config: ada + "[author]\n\tname = Countess\n", author: "Countess", email: "ada@example.com", branch: "main"},
		{name: "branch", config: ada + "[init]\n\tdefaultBranch = trunk/one\n", author: "Ada Lovelace", email: "ada@example.com", branch: "trunk/one"},
		{name: "bad branch", config: ada + "[init]\n\tdefaultBranch = \"a..b\"\n", author: "Ada Lovelace", email: "ada@example.com", branch: "main"},
		{name: "quoted and commented", config: "[user]\n name = \"Ada  L\" ; why\n email=ada@example.com # yes\n", author: "Ada  L", email: "ada@example.com", branch: "main"},
		{name: "unicode", config: "[user]\n name = Ægir Þór\n email = æ@example.is\n", author: "Ægir Þór", email: "æ@example.is", branch: "main"},
		{name: "angle brackets", config: "[user]\n name = A <b> c\n email = <a@b.example>\n", author: "A b c", email: "a@b.example", branch: "main"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := home(t, tt.config)
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			dir, tr := project(t, base)
			res, err := Commit(dir, tr.Files(), "x")
			if err != nil {
				t.Fatal(err)
			}
			got := realGit(t, dir, "log", "--format=%an|%ae")
			if want := tt.author + "|" + tt.email; got != want || res.Branch != tt.branch {
				t.Errorf("%s on %s, want %s on %s", got, res.Branch, want, tt.branch)
			}
			if b := realGit(t, dir, "rev-parse", "--abbrev-ref", "HEAD"); b != tt.branch {
				t.Errorf("git says branch %s", b)
			}
			realGit(t, dir, "fsck", "--strict")
			// git finds the same name by itself.
			realGit(t, dir, "commit", "-q", "--allow-empty", "-m", "second")
			if again := realGit(t, dir, "log", "-1", "--format=%an|%ae"); again != got {
				t.Errorf("git itself would have said %s", again)
			}
		})
	}
}

// XDG, GIT_CONFIG_GLOBAL, an include and the variables for configuration are
// found as git finds them.
func TestConfigPlaces(t *testing.T) {
	for _, tt := range []struct {
		name  string
		setup func(t *testing.T, home string)
	}{
		{"xdg", func(t *testing.T, home string) {
			write(t, filepath.Join(home, ".config/git/config"), ada)
		}},
		{"xdg variable", func(t *testing.T, home string) {
			write(t, filepath.Join(home, "conf/git/config"), ada)
			t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "conf"))
		}},
		{"global variable", func(t *testing.T, home string) {
			write(t, filepath.Join(home, ".gitconfig"), "[user]\nname = Wrong\nemail = w@example.com\n")
			write(t, filepath.Join(home, "g"), ada)
			t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "g"))
		}},
		{"include", func(t *testing.T, home string) {
			write(t, filepath.Join(home, ".gitconfig"), "[include]\npath = more\npath = ~/missing\n")
			write(t, filepath.Join(home, "more"), ada)
		}},
		{"home wins over xdg", func(t *testing.T, home string) {
			write(t, filepath.Join(home, ".config/git/config"), "[user]\nname = Wrong\nemail = w@example.com\n")
			write(t, filepath.Join(home, ".gitconfig"), ada)
		}},
		{"count", func(t *testing.T, home string) {
			t.Setenv("GIT_CONFIG_COUNT", "2")
			t.Setenv("GIT_CONFIG_KEY_0", "user.name")
			t.Setenv("GIT_CONFIG_VALUE_0", "Ada Lovelace")
			t.Setenv("GIT_CONFIG_KEY_1", "user.email")
			t.Setenv("GIT_CONFIG_VALUE_1", "ada@example.com")
		}},
		{"system variable", func(t *testing.T, home string) {
			write(t, filepath.Join(home, "sys"), ada)
			t.Setenv("GIT_CONFIG_NOSYSTEM", "0")
			t.Setenv("GIT_CONFIG_SYSTEM", filepath.Join(home, "sys"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := home(t, "")
			tt.setup(t, base)
			me, err := readSettings()
			if err != nil || me.author.name != "Ada Lovelace" || me.author.email != "ada@example.com" {
				t.Errorf("%+v, %v", me, err)
			}
			if got := realGit(t, base, "config", "user.name"); got != "Ada Lovelace" {
				t.Errorf("git itself finds %q: the case is wrong", got)
			}
		})
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Without a name everything is staged, and the two commands finish it.
func TestNoIdentity(t *testing.T) {
	base := home(t, "")
	dir, tr := project(t, base)
	res, err := Commit(dir, tr.Files(), "Start with \"Fastify\" & $HOME, it's\n\nbody")
	if err != nil || res.Commit != "" || res.Staged != tr.Len() || len(res.Finish) != 2 {
		t.Fatalf("%+v, %v", res, err)
	}
	status := realGit(t, dir, "status", "--porcelain")
	if n := strings.Count(status+"\n", "\n"); n != tr.Len() || strings.Count("\n"+status, "\nA  ") != tr.Len() {
		t.Errorf("status:\n%s", status)
	}
	realGit(t, dir, "fsck", "--strict")
	for _, cmd := range res.Finish {
		c := exec.Command("sh", "-c", cmd)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
	}
	if got := realGit(t, dir, "log", "--format=%s|%an"); got != `Start with "Fastify" & $HOME, it's|Your Name` {
		t.Errorf("log: %s", got)
	}
	if got := realGit(t, dir, "status", "--porcelain"); got != "" {
		t.Errorf("status after the commands:\n%s", got)
	}
}

// A project inside a repository gets none of its own, unless it is ignored there.
func TestInside(t *testing.T) {
	base := home(t, ada)
	outer := filepath.Join(base, "outer")
	write(t, filepath.Join(outer, ".gitignore"), "/scratch/\n*.tmp\n")
	realGit(t, outer, "init", "-q")
	for _, tt := range []struct {
		at     string
		inside bool
	}{{"apps", true}, {"scratch", false}, {"apps/x.tmp", false}, {"scratch2", true}} {
		dir, tr := project(t, filepath.Join(outer, tt.at))
		res, err := Commit(dir, tr.Files(), "x")
		if err != nil {
			t.Fatal(err)
		}
		_, err = os.Stat(filepath.Join(dir, ".git"))
		if made := err == nil; made == tt.inside || (res.Inside != "") != tt.inside {
			t.Errorf("%s: a repository was made: %t, %+v", tt.at, made, res)
		}
		ignored := exec.Command("git", "-C", outer, "check-ignore", "-q", tt.at+"/shop").Run() == nil
		if ignored == tt.inside {
			t.Errorf("%s: git says ignored: %t", tt.at, ignored)
		}
	}
	// The project's own repository is not touched a second time.
	dir, tr := project(t, base)
	if _, err := Commit(dir, tr.Files(), "x"); err != nil {
		t.Fatal(err)
	}
	before := realGit(t, dir, "rev-parse", "HEAD")
	if res, err := Commit(dir, tr.Files(), "y"); err != nil || res.Inside == "" || realGit(t, dir, "rev-parse", "HEAD") != before {
		t.Errorf("second time: %+v, %v", res, err)
	}
}

// A failure leaves no repository, and says what is missing.
func TestFailure(t *testing.T) {
	base := home(t, ada)
	dir, tr := project(t, base)
	os.Remove(filepath.Join(dir, "README.md"))
	_, err := Commit(dir, tr.Files(), "x")
	if err == nil || !strings.Contains(err.Error(), "README.md") {
		t.Errorf("error: %v", err)
	}
	write(t, filepath.Join(dir, "README.md"), "")
	os.Remove(filepath.Join(dir, "run.sh"))
	os.Symlink("/etc/passwd", filepath.Join(dir, "run.sh"))
	if _, err := Commit(dir, tr.Files(), "x"); err == nil || !strings.Contains(err.Error(), "run.sh is not a regular file") {
		t.Errorf("error: %v", err)
	}
	for _, name := range []string{".git", partName} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// GIT_AUTHOR_DATE and GIT_COMMITTER_DATE make the same commit twice.
func TestDates(t *testing.T) {
	home(t, ada)
	t.Setenv("GIT_AUTHOR_DATE", "@1764000000 +0130")
	t.Setenv("GIT_COMMITTER_DATE", "2026-11-24T10:00:00Z")
	var ids []string
	for range 2 {
		dir, tr := project(t, t.TempDir())
		res, err := Commit(dir, tr.Files(), "x")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, res.Commit)
		if got := realGit(t, dir, "log", "--format=%ad|%cd", "--date=raw"); got != "1764000000 +0130|1795514400 +0000" {
			t.Errorf("dates: %s", got)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("two commits: %v", ids)
	}
}

func BenchmarkCommit(b *testing.B) {
	home(b, ada)
	base := b.TempDir()
	tr := &tree.Tree{}
	for i := range 60 {
		tr.Put(&tree.File{Path: fmt.Sprintf("src/%d/file%d.ts", i%8, i), Data: []byte(strings.Repeat(fmt.Sprintf("line %d\n", i), 200))})
	}
	dir := filepath.Join(base, "shop")
	if err := tr.Write(dir, tree.WriteOptions{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Commit(dir, tr.Files(), "x"); err != nil {
			b.Fatal(err)
		}
		os.RemoveAll(filepath.Join(dir, ".git"))
	}
}
