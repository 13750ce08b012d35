//go:build unix

package toolchain

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

func place(t *testing.T, status int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(s.Close)
	return s.URL
}

func row(url string) record.StandIn {
	return record.StandIn{
		Replaces: "the engine", By: "another build", URL: url, Unless: []string{"ENGINE", "ENGINE_MIRROR"}, Packages: []string{"engine@1.2.3"},
		Program: "#!/bin/sh\necho I stand in\n", Env: map[string]string{"ENGINE": "{program}", "MODE": "plain"},
	}
}

// Nothing is put in place of what can be fetched, or what a person has seen to.
func TestStandInOnlyWhereItIsNeeded(t *testing.T) {
	m := newMachine(t)
	s := find(t)
	if env, err := s.StandIn(context.Background(), row(place(t, 200))); env != nil || err != nil {
		t.Errorf("the place answers, and yet: %v, %v", env, err)
	}
	t.Setenv("ENGINE_MIRROR", "https://mirror.example")
	if env, err := s.StandIn(context.Background(), row(place(t, 404))); env != nil || err != nil {
		t.Errorf("the mirror is set, and yet: %v, %v", env, err)
	}
	if left, _ := os.ReadDir(filepath.Join(m.cache, "fingerpost")); len(left) > 0 {
		t.Errorf("something was made: %v", left)
	}
}

// Where settings do, there is nothing to make.
func TestStandInBySettings(t *testing.T) {
	m := newMachine(t)
	r := row("http://127.0.0.1:1")
	r.Program, r.Packages, r.Env = "", nil, map[string]string{"FROM": "elsewhere"}
	env, err := find(t).StandIn(context.Background(), r)
	if err != nil || len(env) != 1 || env["FROM"] != "elsewhere" {
		t.Errorf("%v, %v", env, err)
	}
	if left, _ := os.ReadDir(filepath.Join(m.cache, "fingerpost")); len(left) > 0 {
		t.Errorf("something was made: %v", left)
	}
}

// The program is made once, with the packages that it imports beside it.
func TestStandInIsMadeOnce(t *testing.T) {
	m := newMachine(t)
	log := filepath.Join(t.TempDir(), "installs")
	m.script("npm", `
case "$1" in
--version) echo 11.19.1 ;;
install) echo "$@" >> `+log+` && mkdir -p node_modules/engine ;;
esac`)
	for _, url := range []string{place(t, 404), "http://127.0.0.1:1"} {
		env, err := find(t).StandIn(context.Background(), row(url))
		if err != nil {
			t.Fatal(err)
		}
		program := env["ENGINE"]
		fi, err := os.Stat(program)
		if err != nil || fi.Mode()&0o111 == 0 || env["MODE"] != "plain" {
			t.Fatalf("%v: %v", env, err)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(program), "node_modules", "engine")); err != nil {
			t.Error(err)
		}
	}
	text, _ := os.ReadFile(log)
	if got := strings.Count(string(text), "\n"); got != 1 || !strings.Contains(string(text), "--ignore-scripts") || !strings.Contains(string(text), "engine@1.2.3") {
		t.Errorf("%d installs: %s", got, text)
	}
	other := row("http://127.0.0.1:1")
	other.Program += "echo changed\n"
	env, err := find(t).StandIn(context.Background(), other)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(env["ENGINE"]); string(text) != other.Program {
		t.Errorf("the changed program is not used: %s", text)
	}
}

// Where the packages cannot be had either, nothing is left behind and the
// error says what to do.
func TestStandInThatCannotBeMade(t *testing.T) {
	m := newMachine(t)
	m.script("npm", `
case "$1" in
--version) echo 11.19.1 ;;
*) echo 'npm error code ENOTFOUND' >&2; exit 1 ;;
esac`)
	_, err := find(t).StandIn(context.Background(), row("http://127.0.0.1:1"))
	if err == nil || !strings.Contains(err.Error(), "the engine cannot be fetched") || hint.Next(err) == "" {
		t.Errorf("error %v, next step %q", err, hint.Next(err))
	}
	left, _ := os.ReadDir(filepath.Join(m.cache, "fingerpost", "stand-ins"))
	if len(left) > 1 || len(left) == 1 && left[0].Name() != ".lock" {
		t.Errorf("left behind: %v", left)
	}
	os.Remove(filepath.Join(m.bin, "npm"))
	_, err = find(t).StandIn(context.Background(), row("http://127.0.0.1:1"))
	if err == nil || hint.Next(err) != "install npm, which comes with Node.js" {
		t.Errorf("error %v, next step %q", err, hint.Next(err))
	}
}

// A tool may stand in for itself, with another distribution beside it: what was
// found is then no longer what is started, and nothing else of that environment
// gets into PATH.
func TestStandInBesideATool(t *testing.T) {
	m := newMachine(t)
	log := filepath.Join(t.TempDir(), "installs")
	m.script("box", "echo 1.0.0")
	m.script("python3", `
case "$*" in
"-m pip --version") echo pip 26.3 ;;
"-m venv --without-pip "*) mkdir -p "$4/bin" "$4/lib/python3.13/site-packages/box-1.2.3.dist-info" && cp "$0" "$4/bin/python" ;;
"-m pip --python "*)
	echo "$@" >> `+log+`
	env=${4%/bin/python}
	cp "$0" "$env/bin/box"
	echo ../../../bin/box,, > "$env/lib/python3.13/site-packages/box-1.2.3.dist-info/RECORD" ;;
*) exit 1 ;;
esac`)
	r := record.StandIn{
		Replaces: "an answer", By: "box with a lid", URL: "http://127.0.0.1:1", Unless: []string{"LID"},
		Tool: "box", PyPI: []string{"box==1.2.3", "lid==4.5"}, Env: map[string]string{"LID": "on"},
	}
	for range 2 {
		s := find(t, record.Tool{Name: "box", Range: ">=1"})
		env, err := s.StandIn(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if env["LID"] != "on" {
			t.Errorf("variables %v", env)
		}
		argv := s.Command("box")
		if len(argv) != 1 || !strings.Contains(argv[0], "stand-ins") {
			t.Fatalf("the tool is started as %v", argv)
		}
		for _, dir := range s.dirs() {
			if _, err := os.Stat(filepath.Join(dir, "python")); err == nil {
				t.Errorf("%s brings a language into PATH", dir)
			}
		}
	}
	text, _ := os.ReadFile(log)
	if got := strings.Count(string(text), "\n"); got != 1 || !strings.Contains(string(text), "lid==4.5 box==1.2.3") {
		t.Errorf("%d installs: %s", got, text)
	}
	// A program of the row's own is run by the interpreter of that environment.
	r.Program, r.Unless = "open the lid\n", nil
	s := find(t, record.Tool{Name: "box", Range: ">=1"})
	if _, err := s.StandIn(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(s.Command("box")[0])
	first, rest, _ := strings.Cut(string(script), "\n")
	if fi, e := os.Stat(strings.TrimPrefix(first, "#!")); err != nil || e != nil || fi.Mode()&0o111 == 0 || rest != r.Program {
		t.Errorf("%v, %v: %s", err, e, script)
	}
}
