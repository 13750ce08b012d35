//go:build unix

package toolchain

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

var runner = record.Tool{Name: "runner", Range: ">=22.18", Version: "24.21.0", Npm: "runner-{os}-{cpu}", Bin: "bin/runner", Hint: "install runner 24"}

type entry struct {
	name string
	text string
	mode int64
	kind byte
}

// program is the tarball of a package with a program that says its version.
func program(version string) []entry {
	return []entry{
		{"package/package.json", `{"name":"runner","bin":{"runner":"bin/runner","second":"lib/second.js"}}`, 0o644, tar.TypeReg},
		{"package/bin/runner", "#!/bin/sh\necho v" + version + "\n", 0o755, tar.TypeReg},
		{"package/lib/second.js", "#!/bin/sh\necho second\n", 0o644, tar.TypeReg},
	}
}

func pack(t *testing.T, path string, entries []entry) (integrity string) {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.text)), Typeflag: e.kind, Linkname: "/etc/passwd"}); err != nil {
			t.Fatal(err)
		}
		if e.kind == tar.TypeReg {
			if _, err := w.Write([]byte(e.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(b.Bytes())
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// registry gives the machine an npm whose registry has one package: runner at
// version, with a tarball and the integrity that the registry states for it.
// Each download adds a line to the file that it returns.
func (m *machine) registry(version, tarball, integrity string) (log string) {
	log = filepath.Join(m.t.TempDir(), "downloads")
	m.script("npm", fmt.Sprintf(`
case "$1" in
--version) echo 11.19.1 ;;
view)
	case "$2 $3" in
	*@%[1]s\ *) echo '{"version": "%[1]s", "dist.integrity": "%[3]s"}' ;;
	*\ versions) echo '["9.0.0", "%[1]s", "24.99.0-rc.1"]' ;;
	*) echo 'npm error code E404' >&2; echo 'npm error 404 No match found for version' >&2; exit 1 ;;
	esac ;;
pack)
	echo "$2" >> %[4]s
	while [ "$1" != --pack-destination ]; do shift; done
	cp %[2]s "$2/runner.tgz" ;;
*) exit 64 ;;
esac`, version, tarball, integrity, log))
	return log
}

func provide(t *testing.T, set *Set) ([]string, error) {
	t.Helper()
	var said []string
	err := set.Provide(context.Background(), func(line string) { said = append(said, line) })
	return said, err
}

// leftovers lists what is in the cache besides whole tools and lock files.
func (m *machine) leftovers(tool string) []string {
	var out []string
	entries, _ := os.ReadDir(filepath.Join(cacheDir(), tool))
	for _, e := range entries {
		if _, whole := readMarker(filepath.Join(cacheDir(), tool, e.Name())); !whole && e.Name() != ".lock" {
			out = append(out, e.Name())
		}
	}
	return out
}

func TestProvideFetchesOnce(t *testing.T) {
	m := newMachine(t)
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	log := m.registry("24.21.0", tgz, pack(t, tgz, program("24.21.0")))
	m.script("runner", "echo v20.20.2")
	set := find(t, runner)
	said, err := provide(t, set)
	if err != nil {
		t.Fatal(err)
	}
	system, cpu := nodeNames(runtime.GOOS, runtime.GOARCH)
	if want := "fetch runner (runner-" + system + "-" + cpu + "@24.21.0, with npm) into "; len(said) != 1 || !strings.HasPrefix(said[0], want) {
		t.Errorf("said %q, want %q", said, want)
	}
	st := set.Statuses()[0]
	if !st.OK || st.Source != Cache || st.Version != "24.21.0" {
		t.Errorf("%+v", st)
	}
	env := set.Environ(os.Environ())
	for name, want := range map[string]string{"runner": "v24.21.0", "second": "second"} {
		path := lookAll(name, pathOf(env))
		if len(path) == 0 {
			t.Fatalf("%s is not in PATH", name)
		}
		if out, err := askOnce(context.Background(), path[0], nil, env); err != nil || strings.TrimSpace(out) != want {
			t.Errorf("%s says %q, %v", name, out, err)
		}
	}
	// The next command finds it and fetches nothing.
	if again := find(t, runner); !again.OK() || again.Statuses()[0].Source != Cache {
		t.Errorf("not found again: %+v", again.Statuses())
	}
	if data, _ := os.ReadFile(log); strings.Count(string(data), "\n") != 1 {
		t.Errorf("downloads: %q", data)
	}
	if left := m.leftovers("runner"); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func TestProvideRefusesAnotherTarball(t *testing.T) {
	m := newMachine(t)
	dir := t.TempDir()
	integrity := pack(t, filepath.Join(dir, "right.tgz"), program("24.21.0"))
	pack(t, filepath.Join(dir, "wrong.tgz"), program("24.21.1"))
	m.registry("24.21.0", filepath.Join(dir, "wrong.tgz"), integrity)
	set := find(t, runner)
	_, err := provide(t, set)
	if err == nil || !strings.Contains(err.Error(), "not what the registry states") {
		t.Fatalf("%v", err)
	}
	if set.OK() || len(m.leftovers("runner")) > 0 {
		t.Errorf("something was kept: %+v, %q", set.Statuses(), m.leftovers("runner"))
	}
}

func TestProvideRefusesAPackageThatLeavesItsFolder(t *testing.T) {
	for _, c := range []struct {
		bad  entry
		want string
	}{
		{entry{"package/../../evil", "x", 0o644, tar.TypeReg}, "outside"},
		{entry{"package//etc/evil", "x", 0o644, tar.TypeReg}, "outside"},
		{entry{"package/link", "", 0o777, tar.TypeSymlink}, "neither a file nor a folder"},
	} {
		m := newMachine(t)
		tgz := filepath.Join(t.TempDir(), "runner.tgz")
		m.registry("24.21.0", tgz, pack(t, tgz, append(program("24.21.0"), c.bad)))
		if _, err := provide(t, find(t, runner)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.bad.name, err)
		}
	}
}

// A private registry may lag behind the version that a row names.
func TestProvideTakesAnotherReleaseThatFits(t *testing.T) {
	m := newMachine(t)
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	m.registry("24.19.0", tgz, pack(t, tgz, program("24.19.0")))
	set := find(t, runner)
	if _, err := provide(t, set); err != nil {
		t.Fatal(err)
	}
	if st := set.Statuses()[0]; st.Version != "24.19.0" || !strings.HasSuffix(filepath.ToSlash(st.Path), "/runner/24.19.0/bin/runner") {
		t.Errorf("%+v", st)
	}
}

func TestProvideSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, npm, want, next string
	}{
		{"offline", `echo 'npm error code ENOTFOUND' >&2; echo 'npm error network request failed' >&2; exit 1`, "the npm registry could not be reached to fetch runner-", "run the same command again"},
		{"absent", `echo 'npm error code E404' >&2; exit 1`, "the npm registry has no runner-", "install runner 24"},
		{"other", `echo 'npm error code EACCES' >&2; echo 'npm error Your cache folder contains root-owned files' >&2; exit 243`, "Your cache folder contains root-owned files", "install runner 24"},
		{"no integrity", `echo '{"version": "24.21.0"}'`, "states no sha512 integrity", "install runner 24"},
	} {
		m := newMachine(t)
		m.script("npm", `test "$1" = --version && { echo 11.0.0; exit; }; `+c.npm)
		_, err := provide(t, find(t, runner))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", c.name, err)
		}
		if next := hint.Next(err); !strings.Contains(next, c.next) {
			t.Errorf("%s: hint %q", c.name, next)
		}
		if left := m.leftovers("runner"); len(left) > 0 {
			t.Errorf("%s: left over: %q", c.name, left)
		}
	}
}

func TestProvideWithoutAClient(t *testing.T) {
	m := newMachine(t)
	_, err := provide(t, find(t, runner))
	if err == nil || !strings.Contains(err.Error(), "runner is needed and cannot be fetched: not found") || hint.Next(err) != "install runner 24" {
		t.Errorf("%v, hint %q", err, hint.Next(err))
	}
	// Nothing is fetched when a part of it cannot be.
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	log := m.registry("24.21.0", tgz, pack(t, tgz, program("24.21.0")))
	_, err = provide(t, find(t, runner, record.Tool{Name: "lang", Range: ">=3.11", Hint: "install lang"}))
	if err == nil || !strings.Contains(err.Error(), "lang is needed") || hint.Next(err) != "install lang" {
		t.Errorf("%v, hint %q", err, hint.Next(err))
	}
	if data, err := os.ReadFile(log); err == nil {
		t.Errorf("downloads: %q", data)
	}
}

func TestProvideAsks(t *testing.T) {
	m := newMachine(t)
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	log := m.registry("24.21.0", tgz, pack(t, tgz, program("24.21.0")))
	set := find(t, runner)
	asked := ""
	set.Confirm = func(q string) (bool, error) { asked = q; return false, nil }
	_, err := provide(t, set)
	if !errors.Is(err, ErrDeclined) || hint.Next(err) != "install runner 24" {
		t.Errorf("declined: %v, hint %q", err, hint.Next(err))
	}
	if !strings.HasPrefix(asked, "Fetch runner 24.21.0 into ") {
		t.Errorf("asked %q", asked)
	}
	if _, err := os.ReadFile(log); err == nil {
		t.Error("fetched all the same")
	}
	set.Confirm = func(string) (bool, error) { return true, nil }
	if _, err := provide(t, set); err != nil || !set.OK() {
		t.Errorf("accepted: %v", err)
	}
}

// What a killed fetch left has no marker: it is neither used nor kept.
func TestProvideSweepsHalfFetchedTools(t *testing.T) {
	m := newMachine(t)
	half := filepath.Join(cacheDir(), "runner", "24.21.0")
	m.script(filepath.Join(half, "bin", "runner"), "echo v24.21.0")
	m.script(filepath.Join(cacheDir(), "runner", ".stage-1", "x"), "")
	set := find(t, runner)
	if set.OK() {
		t.Fatalf("used: %+v", set.Statuses())
	}
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	m.registry("24.21.0", tgz, pack(t, tgz, program("24.21.0")))
	if _, err := provide(t, set); err != nil {
		t.Fatal(err)
	}
	if left := m.leftovers("runner"); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func TestProvideTogether(t *testing.T) {
	m := newMachine(t)
	tgz := filepath.Join(t.TempDir(), "runner.tgz")
	log := m.registry("24.21.0", tgz, pack(t, tgz, program("24.21.0")))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		set := find(t, runner)
		wg.Go(func() { errs[i] = set.Provide(context.Background(), nil) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(log); strings.Count(string(data), "\n") != 1 {
		t.Errorf("downloads: %q", data)
	}
}

func TestNpmSpec(t *testing.T) {
	for _, c := range []struct{ goos, goarch, want string }{
		{"linux", "amd64", "linux-x64"}, {"linux", "arm64", "linux-arm64"}, {"darwin", "amd64", "darwin-x64"},
		{"darwin", "arm64", "darwin-arm64"}, {"windows", "amd64", "win-x64"}, {"windows", "arm64", "win-arm64"}, {"plan9", "amd64", "-x64"},
	} {
		if system, cpu := nodeNames(c.goos, c.goarch); system+"-"+cpu != c.want {
			t.Errorf("%s/%s: %s-%s, want %s", c.goos, c.goarch, system, cpu, c.want)
		}
	}
	system, cpu := nodeNames(runtime.GOOS, runtime.GOARCH)
	tool := runner
	tool.NpmOn = map[string]string{system + "-" + cpu: "runner-of-another-name"}
	if got := (&npm{}).spec(tool); got != "runner-of-another-name@24.21.0" {
		t.Errorf("spec %q", got)
	}
}

func TestPipSpec(t *testing.T) {
	for _, c := range []struct{ pypi, want string }{{"", ""}, {"uv", "uv==0.13.9"}, {"wheel~=24.19", "wheel~=24.19"}, {"x>=1,<2", "x>=1,<2"}} {
		if got := (&pip{}).spec(record.Tool{PyPI: c.pypi, Version: "0.13.9"}); got != c.want {
			t.Errorf("%q: %q, want %q", c.pypi, got, c.want)
		}
	}
}

// A program inside the distribution is better than a console script that
// starts it and would stand between it and its signals.
func TestProgramOfADistribution(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, f := range []string{"bin/node", "lib/site/wheel/bin/node", "lib/site/wheel/lib/npm/bin/npm-cli.js", "bin/uv", "lib/site/wheel/node"} {
		path := filepath.Join(dir, filepath.FromSlash(f))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		text := ""
		if f == "bin/node" {
			text = "#!/somewhere/env/bin/python3.13\nimport wheel\n"
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	for _, c := range []struct{ bin, want string }{
		{"bin/node", "lib/site/wheel/bin/node"}, {"bin/npm-cli.js", "lib/site/wheel/lib/npm/bin/npm-cli.js"}, {"uv", "bin/uv"}, {"absent", ""},
	} {
		got := programOf(files, c.bin)
		if rel, _ := filepath.Rel(dir, got); got != "" && filepath.ToSlash(rel) != c.want || got == "" && c.want != "" {
			t.Errorf("%s: %s, want %s", c.bin, got, c.want)
		}
	}
}

// Ctrl-C while a tool is being fetched: the client ends, and nothing is kept.
func TestProvideCancelled(t *testing.T) {
	m := newMachine(t)
	file := filepath.Join(t.TempDir(), "pid")
	m.script("npm", `
case "$1" in
--version) echo 11.0.0 ;;
view) echo '{"version": "24.21.0", "dist.integrity": "sha512-x"}' ;;
pack) sleep 60 & echo $! > `+file+`.new; mv `+file+`.new `+file+`; wait ;;
esac`)
	if err := os.Symlink("/bin/mv", filepath.Join(m.bin, "mv")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	set := find(t, runner)
	result := make(chan error)
	go func() { result <- set.Provide(ctx, nil) }()
	child := 0
	for end := time.Now().Add(60 * time.Second); child == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		data, _ := os.ReadFile(file)
		fmt.Sscan(string(data), &child)
	}
	cancel()
	select {
	case err := <-result:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("it goes on")
	}
	if child == 0 {
		t.Fatal("the client was not called")
	}
	for end := time.Now().Add(15 * time.Second); syscall.Kill(child, 0) == nil; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
		if err == nil && strings.Contains(string(stat), ") Z ") {
			break
		}
		if time.Now().After(end) {
			t.Errorf("process %d is still there", child)
			break
		}
	}
	if left := m.leftovers("runner"); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

// Where there is no npm at all, a language from the other registry brings one,
// and what only npm's registry has can be fetched after it.
func TestProvideByTheNpmThatALanguageBrings(t *testing.T) {
	m := newMachine(t)
	tgz := filepath.Join(t.TempDir(), "mgr.tgz")
	integrity := pack(t, tgz, []entry{
		{"package/package.json", `{"name":"mgr","bin":"bin/mgr.js"}`, 0o644, tar.TypeReg},
		{"package/bin/mgr.js", "#!/bin/sh\necho 1.2.3\n", 0o755, tar.TypeReg},
	})
	// The language runs npm, as Node.js does.
	lang := filepath.Join(t.TempDir(), "lang")
	m.script(lang, fmt.Sprintf(`
case "$1" in */npm-cli.js) shift ;; *) echo v24.21.0; exit ;; esac
case "$1" in
--version) echo 11.19.1 ;;
view) echo '{"version": "1.2.3", "dist.integrity": "%s"}' ;;
pack)
	while [ "$1" != --pack-destination ]; do shift; done
	cp %s "$2/mgr.tgz" ;;
esac`, integrity, tgz))
	m.script("python3", `
case "$*" in
"-m pip --version") echo pip 26.3 ;;
"-m pip download "*)
	while [ "$1" != --dest ]; do shift; done
	echo wheel > "$2/lang_wheel-24.21.0-py3-none-any.whl" ;;
"-m venv --without-pip "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
"-m pip --python "*)
	site=${4%/bin/python}/lib/python3.13/site-packages
	mkdir -p "$site/lang_wheel-24.21.0.dist-info" "$site/lang_wheel/bin" "$site/lang_wheel/lib/node_modules/npm/bin"
	cp `+lang+` "$site/lang_wheel/bin/lang"
	echo > "$site/lang_wheel/lib/node_modules/npm/bin/npm-cli.js"
	echo lang_wheel/bin/lang,, > "$site/lang_wheel-24.21.0.dist-info/RECORD" ;;
*) exit 1 ;;
esac`)
	mgr := record.Tool{Name: "mgr", Range: ">=1", Version: "1.2.3", Npm: "mgr", Bin: "bin/mgr.js", Hint: "install mgr"}
	if _, err := provide(t, find(t, mgr)); err == nil {
		t.Error("without an npm and a language that brings one it was fetched")
	}
	set := find(t, record.Tool{Name: "lang", Range: ">=24", Version: "24.21.0", Npm: "lang-{os}-{cpu}", PyPI: "lang-wheel", Bin: "bin/lang"}, mgr)
	if _, err := provide(t, set); err != nil {
		t.Fatal(err)
	}
	for _, st := range set.Statuses() {
		if !st.OK || st.Source != Cache {
			t.Errorf("%s: %+v", st.Tool.Name, st)
		}
	}
}
