//go:build unix

package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestOpenFindsTheProjectAbove(t *testing.T) {
	p := littleProject(t, nil)
	deep := filepath.Join(p.Dir, "src", "db")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := Open(deep, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Dir != p.Dir {
		t.Errorf("project at %s, want %s", got.Dir, p.Dir)
	}
}

func TestOpenRefuses(t *testing.T) {
	empty := t.TempDir()
	if _, err := Open(empty, nil); err == nil || !strings.Contains(err.Error(), empty) || hint.Next(err) == "" {
		t.Errorf("no project: %v, hint %q", err, hint.Next(err))
	}
	outside := t.TempDir()
	write(t, filepath.Join(outside, record.FileName), "format = 1\nname = \"x\"\n[[services]]\nname = \"app\"\ndir = \"../elsewhere\"\n")
	if _, err := Open(outside, nil); err == nil || !strings.Contains(err.Error(), "../elsewhere") {
		t.Errorf("a service outside of the project: %v", err)
	}
	p := littleProject(t, nil)
	write(t, filepath.Join(p.Dir, "file"), "")
	for _, name := range []string{"mistyped", "file"} {
		if _, err := Open(filepath.Join(p.Dir, name), nil); !hint.IsMisuse(err) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s in a project: %v", name, err)
		}
	}
}

func TestParseEnv(t *testing.T) {
	got := parseEnv(strings.Join([]string{
		"# a comment", "", "PLAIN=one", " SPACED = two words ", "export EXPORTED=yes", `DOUBLE="a # b\nc"`, `SINGLE='$HOME\n'`,
		"COMMENTED=x # not this", "HASH=a#b", "EMPTY=", "ONLY=#", "URL=postgresql://a:b@h:1/d?x=y", "no line", "CR=end\r",
	}, "\n"))
	want := map[string]string{
		"PLAIN": "one", "SPACED": "two words", "EXPORTED": "yes", "DOUBLE": "a # b\nc", "SINGLE": `$HOME\n`, "COMMENTED": "x",
		"HASH": "a#b", "EMPTY": "", "ONLY": "", "URL": "postgresql://a:b@h:1/d?x=y", "CR": "end",
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			t.Errorf("%s = %q, want %q", k, g, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d settings, want %d: %v", len(got), len(want), got)
	}
}

func TestEnvironPrecedence(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	for _, key := range []string{"A", "B", "C", "D"} {
		svc.Env = append(svc.Env, record.Env{Key: key, Default: "default"})
	}
	write(t, filepath.Join(p.Dir, ".env"), "B=file\nC=file\nD=file\nE=file\n")
	t.Setenv("C", "process")
	t.Setenv("D", "process")
	env := p.Environ(svc, map[string]string{"D": "extra"})
	for _, want := range []string{"A=default", "B=file", "C=process", "D=extra", "E=file"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing", want)
		}
	}
	seen := map[string]bool{}
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		if seen[k] {
			t.Errorf("%s stands there twice", k)
		}
		seen[k] = true
		if k == "PATH" && !strings.HasPrefix(v, filepath.Join(p.Dir, "bin")+string(os.PathListSeparator)) {
			t.Errorf("PATH does not begin with the project's programs: %s", v)
		}
	}
}

func TestMakeEnvNeverReplaces(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	if made, err := p.MakeEnv(svc); made || err != nil {
		t.Fatalf("without an example: %v, %v", made, err)
	}
	write(t, filepath.Join(p.Dir, ".env.example"), "A=example\n")
	if made, err := p.MakeEnv(svc); !made || err != nil {
		t.Fatalf("first: %v, %v", made, err)
	}
	if fi, err := os.Stat(filepath.Join(p.Dir, ".env")); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("others can read .env: %v", fi.Mode())
	}
	write(t, filepath.Join(p.Dir, ".env"), "A=mine\n")
	if made, err := p.MakeEnv(svc); made || err != nil {
		t.Fatalf("second: %v, %v", made, err)
	}
	if got := read(t, filepath.Join(p.Dir, ".env")); got != "A=mine\n" {
		t.Errorf(".env was replaced: %q", got)
	}
}

func TestArgv(t *testing.T) {
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	onPath := t.TempDir()
	for _, name := range []string{"little", "other"} {
		write(t, filepath.Join(onPath, name), "#!/bin/sh\n")
		if err := os.Chmod(filepath.Join(onPath, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", onPath)
	for _, c := range []struct{ bin, want string }{
		{"little", filepath.Join(p.Dir, "bin", "little")}, // the project's own before PATH
		{"other", filepath.Join(onPath, "other")},
	} {
		argv, err := p.Argv(svc, record.Step{Bin: c.bin, Args: []string{"x", "y z"}})
		if err != nil || !slices.Equal(argv, []string{c.want, "x", "y z"}) {
			t.Errorf("%s: %q, %v", c.bin, argv, err)
		}
	}
	_, err := p.Argv(svc, record.Step{Bin: "absent"})
	if err == nil || !strings.Contains(err.Error(), "absent is not installed in small") || !strings.Contains(hint.Next(err), "bin/little install frozen") {
		t.Errorf("a missing program: %v, hint %q", err, hint.Next(err))
	}
}

func TestStateIsIgnoredByGit(t *testing.T) {
	p := littleProject(t, nil)
	for range 2 {
		if err := MakeState(filepath.Join(p.StateDir(), "logs")); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, filepath.Join(p.StateDir(), ".gitignore")); got != "*\n" {
		t.Errorf(".gitignore holds %q", got)
	}
	elsewhere := filepath.Join(t.TempDir(), "logs")
	if err := MakeState(elsewhere); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(elsewhere), ".gitignore")); err == nil {
		t.Error("a .gitignore outside of a state folder")
	}
}
