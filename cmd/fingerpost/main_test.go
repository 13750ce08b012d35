package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/cli"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"fingerpost": func() { os.Exit(cli.Main(os.Args[1:], cli.System())) },
	})
}

// TestScripts runs every file of testdata: a script with the files that it
// needs. None of them needs Node.js, Python or a network.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: person,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"same":  same,
			"again": again,
			"field": field,
			"code":  code,
		},
		UpdateScripts:      os.Getenv("UPDATE") != "",
		RequireUniqueNames: true,
	})
}

// person gives a script a home with a name for git.
func person(e *testscript.Env) error {
	home := filepath.Join(e.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	program, err := exec.LookPath("fingerpost")
	if err != nil {
		return err
	}
	e.Setenv("ONLY_FINGERPOST", filepath.Dir(program)) // a PATH with nothing else on it
	e.Setenv("HOME", home)
	e.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	e.Setenv("XDG_CACHE_HOME", filepath.Join(home, ".cache"))
	e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	e.Setenv("GIT_CEILING_DIRECTORIES", e.WorkDir)
	return os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"), 0o644)
}

// same DIR DIR fails unless two folders hold the same files with the same
// bytes and modes; .git is left out.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same DIR DIR")
	}
	a, err := files(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := files(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(a) == 0 {
		ts.Fatalf("%s holds no files", args[0])
	}
	var diff []string
	for name, data := range a {
		if b[name] != data {
			diff = append(diff, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			diff = append(diff, name)
		}
	}
	if (len(diff) > 0) != neg {
		ts.Fatalf("%s and %s differ in %v", args[0], args[1], diff)
	}
}

func files(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if err == nil && e.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = fmt.Sprint(info.Mode()) + string(data)
		return err
	})
	return out, err
}

// again DIR runs, in DIR, the command that the last output offers for making
// the same project, through a shell as a person would.
func again(ts *testscript.TestScript, neg bool, args []string) {
	_, rest, ok := strings.Cut(ts.ReadFile("stdout"), "The same again:\n  ")
	line, _, _ := strings.Cut(rest, "\n")
	if !ok || len(args) != 1 || neg {
		ts.Fatalf("no command to make the same again")
	}
	c := exec.Command("sh", "-c", line)
	c.Dir = ts.MkAbs(args[0])
	for _, key := range []string{"PATH", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES"} {
		c.Env = append(c.Env, key+"="+ts.Getenv(key))
	}
	out, err := c.CombinedOutput()
	ts.Logf("%s\n%s", line, out)
	ts.Check(err)
}

// field PATH VALUE fails unless the last output is JSON with VALUE at PATH, as
// decision.recommendation.services.0.framework; * is any value but null.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: field PATH VALUE")
	}
	d := json.NewDecoder(bytes.NewReader([]byte(ts.ReadFile("stdout"))))
	var v any
	ts.Check(d.Decode(&v))
	if d.More() {
		ts.Fatalf("more than one JSON value on stdout")
	}
	for _, key := range strings.Split(args[0], ".") {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[key]; !ok {
				ts.Fatalf("%s: there is no %s", args[0], key)
			}
		case []any:
			i := 0
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(at) {
				ts.Fatalf("%s: there is no %s", args[0], key)
			}
			v = at[i]
		default:
			ts.Fatalf("%s: %v has no %s", args[0], v, key)
		}
	}
	got := fmt.Sprint(v)
	if (got == args[1] || args[1] == "*" && v != nil) == neg {
		ts.Fatalf("%s is %s", args[0], got)
	}
}

// code N COMMAND... fails unless the command exits with N.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: code N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}
