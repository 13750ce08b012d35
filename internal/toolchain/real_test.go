//go:build realtools && unix

// What needs npm, pip and the package registries. It fails where they are
// missing; it never skips.

package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/templates"
)

// rows are the tools of these names as the layers have them.
func rows(t *testing.T, names ...string) []record.Tool {
	t.Helper()
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	var out []record.Tool
	for _, name := range names {
		found := false
		for _, l := range c.Layers() {
			for _, p := range l.Parts {
				for _, tool := range p.Tools {
					if tool.Name == name && !found {
						found = true
						out = append(out, tool)
					}
				}
			}
		}
		if !found {
			t.Fatalf("no layer needs %s", name)
		}
	}
	return out
}

// clients makes a PATH with these programs of the machine and nothing else.
func clients(t *testing.T, names ...string) {
	t.Helper()
	all := os.Getenv("PATH")
	dir := t.TempDir()
	for _, name := range append([]string{"sh", "env", "uname", "cat", "sed", "dirname"}, names...) {
		found := false
		for _, path := range lookAll(name, all) {
			link := filepath.Join(dir, name)
			os.Remove(link)
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			// Not a version manager's shim, which needs the rest of its PATH.
			found = name == "sh" || worksAlone(link, dir)
			if found {
				break
			}
		}
		if !found {
			t.Fatalf("this tier needs %s", name)
		}
	}
	t.Setenv("PATH", dir)
}

// withNpm puts an npm into PATH where the machine has pip alone.
func withNpm(t *testing.T) {
	t.Helper()
	set := find(t, rows(t, "node", "npm")...)
	provideAll(t, set)
	t.Setenv("PATH", pathOf(set.Environ(os.Environ())))
}

func worksAlone(path, dir string) bool {
	_, err := askOnce(context.Background(), path, []string{"--version"}, []string{"PATH=" + dir})
	return err == nil
}

func provideAll(t *testing.T, set *Set) {
	t.Helper()
	if err := set.Provide(context.Background(), func(l string) { t.Log(l) }); err != nil {
		t.Fatalf("%v\nhint: %s", err, hint.Next(err))
	}
	for _, st := range set.Statuses() {
		if !st.OK {
			t.Errorf("%+v", st)
		}
		t.Logf("%s %s at %s", st.Tool.Name, st.Version, st.Path)
	}
}

// says runs a program of the set, as a project's script would.
func says(t *testing.T, set *Set, argv ...string) string {
	t.Helper()
	env := set.Environ(os.Environ())
	path := lookAll(argv[0], pathOf(env))
	if len(path) == 0 {
		t.Fatalf("%s is not in %s", argv[0], pathOf(env))
	}
	out, err := askOnce(context.Background(), path[0], argv[1:], env)
	if err != nil {
		t.Fatalf("%s: %v", argv, err)
	}
	return strings.TrimSpace(out)
}

func TestRealNodeThroughNpm(t *testing.T) {
	withNpm(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	set := find(t, rows(t, "node", "npm")...)
	if st := set.Statuses()[0]; st.OK {
		t.Logf("this machine has %s: fetching it all the same", st.Version)
		set.statuses[0] = Status{Tool: st.Tool, Source: Missing, Reason: "for the test"}
	}
	if err := set.provide(context.Background(), &set.statuses[0], func(l string) { t.Log(l) }); err != nil {
		t.Fatal(err)
	}
	if st := set.Statuses()[0]; !st.OK || st.Source != Cache {
		t.Fatalf("%+v", st)
	}
	if got := says(t, set, "npm", "exec", "--offline", "--call", "node --version"); got != "v"+set.Statuses()[0].Version {
		t.Errorf("under npm it is %s", got)
	}
}

// A machine with Python alone gets Node.js and npm from PyPI.
func TestRealNodeThroughPip(t *testing.T) {
	clients(t, "python3")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	set := find(t, rows(t, "node", "npm")...)
	provideAll(t, set)
	// Both come from one distribution, which is fetched once.
	if envs, _ := filepath.Glob(filepath.Join(cacheDir(), "*", "*", "env")); len(envs) != 1 {
		t.Errorf("environments: %q", envs)
	}
	if again := find(t, rows(t, "node", "npm")...); !again.OK() {
		t.Errorf("not found again: %+v", again.Statuses())
	}
	if got := says(t, set, "node", "-p", "process.release.name"); got != "node" {
		t.Errorf("node says %q", got)
	}
	if got := says(t, set, "npx", "--version"); got == "" {
		t.Error("npx says nothing")
	}
}

func TestRealUvThroughPip(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	set := find(t, rows(t, "python", "uv")...)
	if st := &set.statuses[1]; st.OK {
		*st = Status{Tool: st.Tool, Source: Missing}
	}
	provideAll(t, set)
	// uv has to take the Python that was found, not a shim that refuses.
	want := set.Command("python")[0]
	if got := says(t, set, "uv", "python", "find", "--no-project", "--offline"); !sameFile(got, want) {
		t.Errorf("uv takes %s, found was %s", got, want)
	}
}

// With npm alone, Python cannot be had, and the person is told what to install.
func TestRealNoPython(t *testing.T) {
	withNpm(t)
	clients(t, "node", "npm")
	set := find(t, rows(t, "python", "uv")...)
	err := set.Provide(context.Background(), nil)
	if err == nil || !strings.Contains(err.Error(), "python is needed and cannot be fetched") || !strings.Contains(hint.Next(err), "install Python") {
		t.Errorf("%v, hint %q", err, hint.Next(err))
	}
}

func TestRealOffline(t *testing.T) {
	withNpm(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("npm_config_registry", "http://127.0.0.1:9/")
	t.Setenv("npm_config_cache", t.TempDir())
	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
	t.Setenv("PIP_FIND_LINKS", "")
	t.Setenv("PIP_NO_CACHE_DIR", "1")
	for _, name := range []string{"node", "uv"} {
		tool := rows(t, name)[0]
		tool.Range = ">=900" // whatever this machine has does not fit
		err := find(t, tool).Provide(context.Background(), nil)
		if err == nil || !strings.Contains(err.Error(), "could not be reached to fetch") || !strings.Contains(hint.Next(err), "check the network") {
			t.Errorf("%s: %v, hint %q", name, err, hint.Next(err))
		}
	}
}
