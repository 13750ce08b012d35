//go:build unix

package toolchain

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
)

// machine is a PATH and a cache folder of its own: tests say what there is.
type machine struct {
	t     *testing.T
	bin   string
	cache string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, bin: t.TempDir(), cache: t.TempDir()}
	for _, name := range []string{"sh", "cat", "mkdir", "cp", "sleep", "env", "echo"} {
		for _, dir := range []string{"/bin", "/usr/bin"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				if err := os.Symlink(filepath.Join(dir, name), filepath.Join(m.bin, name)); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
	}
	t.Setenv("PATH", m.bin)
	t.Setenv("XDG_CACHE_HOME", m.cache)
	t.Setenv("HOME", m.cache) // where the cache folder is on a Mac
	return m
}

// script puts a program into PATH.
func (m *machine) script(name, body string) string {
	m.t.Helper()
	path := filepath.Join(m.bin, name)
	if filepath.IsAbs(name) {
		path = name
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			m.t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		m.t.Fatal(err)
	}
	return path
}

func find(t *testing.T, tools ...record.Tool) *Set {
	t.Helper()
	return Find(context.Background(), tools)
}

func TestFindSaysWhetherItFits(t *testing.T) {
	m := newMachine(t)
	m.script("new", "echo v24.21.0")
	m.script("old", "echo v20.20.2")
	m.script("git", "echo 'git version 2.39.5 (Apple Git-154)'")
	m.script("early", "echo 'Early 3.14.0rc2'")
	m.script("short", "echo 'short 3.9'")
	m.script("toerr", "echo 'toerr 2.1.0' >&2")
	m.script("broken", "echo 'broken: no such version' >&2; exit 2")
	m.script("mute", "exit 0")
	for _, c := range []struct {
		name, rng  string
		ok         bool
		version    string
		reasonHas  string
		sourceWant string
	}{
		{"new", ">=22.18", true, "24.21.0", "", System},
		{"new", ">=22.18 <24", false, "24.21.0", "24.21.0 does not fit, needs >=22.18 <24", Missing},
		{"new", "", true, "24.21.0", "", System},
		{"old", ">=22.18", false, "20.20.2", "20.20.2 does not fit", Missing},
		{"git", ">=2.28", true, "2.39.5", "", System},
		{"early", ">=3.11", false, "3.14.0rc2", "pre-release", Missing},
		{"short", ">=3.9", true, "3.9", "", System},
		{"toerr", ">=2", true, "2.1.0", "", System},
		{"broken", ">=1", false, "", "does not run: broken: no such version", Missing},
		{"mute", ">=1", false, "", "names no version", Missing},
		{"absent", ">=1", false, "", "not found", Missing},
		{"new", "nonsense", false, "24.21.0", "cannot be read", Missing},
	} {
		st := find(t, record.Tool{Name: c.name, Range: c.rng, Hint: "install it"}).Statuses()[0]
		if st.OK != c.ok || st.Version != c.version || !strings.Contains(st.Reason, c.reasonHas) || st.Source != c.sourceWant {
			t.Errorf("%s %s: %+v", c.name, c.rng, st)
		}
		if !st.OK && st.Fix != "install it" {
			t.Errorf("%s: fix is %q", c.name, st.Fix)
		}
	}
}

var language = record.Tool{
	Name: "lang", Range: ">=3.11", Candidates: []string{"lang3.14", "lang3.13", "lang3", "lang", "ly -3"}, Locate: []string{"--where"},
}

// What a version manager keeps outside of PATH is found there, the newest that
// fits first.
func TestFindLooksWhereVersionManagersKeepThings(t *testing.T) {
	m := newMachine(t)
	m.script("lang3", "echo 'Lang 3.10.0'")
	for _, v := range []string{"3.9.18", "3.12.1", "3.13.0", "3.14.0rc1"} {
		m.script(filepath.Join(m.cache, ".manager", "versions", v, "bin", "lang3"), "echo 'Lang "+v+"'")
	}
	tool := record.Tool{Name: "lang", Range: ">=3.11", Candidates: []string{"lang3", "~/.manager/versions/3.*/bin/lang3"}}
	st := find(t, tool).Statuses()[0]
	if want := filepath.Join(m.cache, ".manager", "versions", "3.13.0", "bin", "lang3"); !st.OK || st.Path != want {
		t.Errorf("%+v, want %s", st, want)
	}
	tool.Range = ">=4"
	if st := find(t, tool).Statuses()[0]; st.OK || st.Version != "3.10.0" {
		t.Errorf("%+v, want the one on PATH, which does not fit", st)
	}
}

// A version manager puts a shim for every version into PATH; those of versions
// that are not chosen refuse to run, and must not hide one that works.
func TestFindSkipsShimsThatRefuse(t *testing.T) {
	m := newMachine(t)
	real := filepath.Join(t.TempDir(), "3.12", "bin", "lang3.12")
	m.script(real, `test "$1" = --where && echo `+real+` || echo 'Lang 3.12.1'`)
	m.script("lang3.14", "echo 'manager: lang3.14: command not found' >&2; exit 127")
	m.script("lang3.13", "echo 'Lang 3.10.0'") // a link that lies
	m.script("lang3", `exec `+real+` "$@"`)
	set := find(t, language)
	st := set.Statuses()[0]
	if !st.OK || st.Version != "3.12.1" || st.Path != real {
		t.Fatalf("%+v", st)
	}
	// PATH says lang3 and means a shim: the plain names have to mean the real one.
	env := set.Environ([]string{"PATH=" + m.bin})
	for _, name := range []string{"lang", "lang3"} {
		found := lookAll(name, pathOf(env))
		if len(found) == 0 || filepath.Dir(found[0]) == m.bin {
			t.Fatalf("%s is %v in %s", name, found, env[0])
		}
		if out, err := askOnce(context.Background(), found[0], []string{"--version"}, env); err != nil || !strings.Contains(out, "3.12.1") {
			t.Errorf("%s says %q, %v", name, out, err)
		}
		if got := set.Command(name); !slices.Equal(got, []string{real}) {
			t.Errorf("Command(%s) = %q", name, got)
		}
	}
	if got := set.Command("lang3.14"); got != nil {
		t.Errorf("Command(lang3.14) = %q, but the version is another", got)
	}
}

func TestFindLauncherWithArguments(t *testing.T) {
	m := newMachine(t)
	m.script("ly", `test "$1" = -3 || exit 9; test "$2" = --where && exit 1; echo 'Lang 3.13.5'`)
	set := find(t, language)
	st := set.Statuses()[0]
	if !st.OK || !slices.Equal(st.Args, []string{"-3"}) {
		t.Fatalf("%+v", st)
	}
	if got := set.Command("lang"); len(got) != 2 || got[1] != "-3" {
		t.Errorf("Command = %q", got)
	}
	env := set.Environ([]string{"PATH=" + m.bin})
	found := lookAll("lang", pathOf(env))
	if len(found) == 0 {
		t.Fatalf("lang is not in %s", env[0])
	}
	if out, err := askOnce(context.Background(), found[0], []string{"--version"}, env); err != nil || !strings.Contains(out, "3.13.5") {
		t.Errorf("lang says %q, %v", out, err)
	}
}

func TestFindNeedsNoFolderForWhatPathHas(t *testing.T) {
	m := newMachine(t)
	m.script("plain", "echo 1.0.0")
	set := find(t, record.Tool{Name: "plain", Range: ">=1"})
	if got := set.Environ([]string{"PATH=" + m.bin, "X=1"}); !slices.Equal(got, []string{"PATH=" + m.bin, "X=1"}) {
		t.Errorf("environment %q", got)
	}
}

func TestFindGivesUpOnAStuckProgram(t *testing.T) {
	m := newMachine(t)
	m.script("stuck", "sleep 60")
	old := probeTimeout
	probeTimeout = 200 * time.Millisecond
	defer func() { probeTimeout = old }()
	began := time.Now()
	st := find(t, record.Tool{Name: "stuck", Range: ">=1"}).Statuses()[0]
	if st.OK || !strings.Contains(st.Reason, "no answer within 200ms") {
		t.Errorf("%+v", st)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestRangesOfOneToolAddUp(t *testing.T) {
	m := newMachine(t)
	m.script("new", "echo v24.21.0")
	set := find(t, record.Tool{Name: "new", Range: ">=22"}, record.Tool{Name: "new", Range: ">=25"})
	if got := set.Statuses(); len(got) != 1 || got[0].OK || got[0].Tool.Range != ">=22, >=25" {
		t.Errorf("%+v", got)
	}
}

func TestNeededByPurpose(t *testing.T) {
	r := &record.Record{Services: []record.Service{
		{Tools: []record.Tool{{Name: "a"}, {Name: "locker", For: "lock"}}},
		{Tools: []record.Tool{{Name: "b"}, {Name: "a"}}},
	}}
	names := func(tools []record.Tool) string {
		var out []string
		for _, t := range tools {
			out = append(out, t.Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(Needed(r)); got != "a b" {
		t.Errorf("for running: %s", got)
	}
	if got := names(Needed(r, "lock")); got != "a locker b" {
		t.Errorf("for locking: %s", got)
	}
}
