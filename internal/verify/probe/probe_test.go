//go:build unix

package probe

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/verify/double"
)

func TestMain(m *testing.M) {
	if os.Getenv("DOUBLE_KIND") != "" {
		os.Exit(double.Main(os.Args[1:]))
	}
	// The double starts at once; what does not answer by then never will.
	startLimit, stopLimit, outageLimit, busyLimit = 10*time.Second, 8*time.Second, 3*time.Second, 3*time.Second
	soon, hopSlack = 5*time.Second, 6*time.Second // the tests share the machine
	liveLimit, endLimit, fanSubscribers, fanChanges, resumeChanges, slowChanges, slowClients = 5*time.Second, 4*time.Second, 24, 200, 50, 100, 6
	// Most of a run is waiting, so more can run at once than there are cores.
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", "16")
	}
	os.Exit(m.Run())
}

// osProcess is the double's process.
type osProcess struct{ cmd *exec.Cmd }

func (p osProcess) Pid() int                   { return p.cmd.Process.Pid }
func (p osProcess) Signal(sig os.Signal) error { return p.cmd.Process.Signal(sig) }
func (p osProcess) Kill()                      { p.cmd.Process.Kill() }
func (p osProcess) Wait() (int, error) {
	err := p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode(), err
}

// fakeDatabase is what the suite sees of either store.
type fakeDatabase struct {
	kind   string
	dir    string
	server *double.Server
	n      int
}

func (d *fakeDatabase) Kind() string { return d.kind }
func (d *fakeDatabase) Fresh(context.Context) (string, func(), error) {
	d.n++
	if d.kind == "sqlite" {
		return fmt.Sprintf("sqlite:///%s/fresh%d.db", d.dir, d.n), func() {}, nil
	}
	return fmt.Sprintf("postgresql://app:a-long-password@%s/fresh%d", d.server.Addr, d.n), func() {}, nil
}
func (d *fakeDatabase) Lock(ctx context.Context, url string) (func(), error) {
	if d.kind == "sqlite" {
		return LockSQLite(strings.TrimPrefix(url, "sqlite:///"))
	}
	return d.server.Lock(), nil
}
func (d *fakeDatabase) Stop(context.Context) error    { return d.server.Stop() }
func (d *fakeDatabase) Restart(context.Context) error { return d.server.Start() }

// doubleTarget is the double as a target, with a migrated database.
func doubleTarget(t *testing.T, kind, defect string) *Target {
	t.Helper()
	dir := t.TempDir()
	db := &fakeDatabase{kind: kind, dir: dir}
	env := map[string]string{}
	if kind == "postgres" {
		db.server = &double.Server{}
		if err := db.server.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.server.Stop() })
	}
	env["DATABASE_URL"], _, _ = db.Fresh(t.Context())
	scheme := map[string]string{"sqlite": "sqlite", "postgres": "postgresql"}[kind]
	command := func(ctx context.Context, env map[string]string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], args...)
		cmd.Env = []string{"DOUBLE_KIND=" + scheme, "DEFECT=" + defect}
		for k, v := range env {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		return cmd
	}
	target := &Target{
		Name: "app", Notes: true, Env: env, Database: db, Fuzz: 150,
		Start: func(ctx context.Context, env map[string]string, stdout, stderr io.Writer) (Process, error) {
			cmd := command(ctx, env)
			cmd.Stdout, cmd.Stderr = stdout, stderr
			return osProcess{cmd}, cmd.Start()
		},
		Task: func(ctx context.Context, phase string, env map[string]string) (string, error) {
			env = maps.Clone(env)
			env["PORT"] = "1"
			out, err := command(ctx, env, phase).CombinedOutput()
			return string(out), err
		},
	}
	settings := map[string]string{"DATABASE_URL": env["DATABASE_URL"]}
	if out, err := target.Task(t.Context(), "migrate", settings); err != nil {
		t.Fatalf("migrate: %v: %s", err, out)
	}
	return target
}

// failing runs the whole suite and lists the checks that did not pass.
func failing(t *testing.T, target *Target, checks []Check) (failed []string, all []Result) {
	t.Helper()
	all = Run(t.Context(), target, checks, nil)
	for _, r := range all {
		if r.Result == Failed {
			failed = append(failed, r.ID)
		}
	}
	return failed, all
}

// TestSuitePasses shows that a service that keeps the contract passes, on
// either kind of database, and that every check asserts something.
func TestSuitePasses(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			failed, all := failing(t, doubleTarget(t, kind, ""), Suite())
			for _, r := range all {
				if r.Result != Passed || testing.Verbose() {
					t.Logf("%-16s %-15s %4d %6.2fs %s", r.ID, r.Result, r.Count, r.Took.Seconds(), clip(r.Reason, 1500))
				}
			}
			if len(failed) > 0 {
				t.Errorf("failed: %s", strings.Join(failed, ", "))
			}
			if len(all) != len(Suite()) {
				t.Errorf("%d results for %d checks", len(all), len(Suite()))
			}
			t.Logf("%d checks in %s", len(all), time.Since(start).Round(time.Millisecond))
		})
	}
}

// TestChecksAreWhole keeps the table fit to be printed.
func TestChecksAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Suite() {
		if c.ID == "" || c.Name == "" || c.Reason == "" || c.Run == nil {
			t.Errorf("%q: a check has an id, a name, a reason and something to run", c.ID)
		}
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
	}
}

// TestNoAssertions shows that a check that asserts nothing, or breaks, fails.
func TestNoAssertions(t *testing.T) {
	checks := []Check{
		{ID: "nothing", Run: func(*T) {}},
		{ID: "panics", Run: func(*T) { panic(errors.New("broken")) }},
		{ID: "not-here", Applies: func(*Target) string { return "it is not here" }, Run: func(*T) {}},
		{ID: "good", Run: func(t *T) { t.ok(true, "") }},
		{ID: "elsewhere", Run: func(t *T) { t.ok(true, ""); t.can(fmt.Errorf("x: %w", ErrNotHere), "stopping") }},
		{ID: "elsewhere-and-wrong", Run: func(t *T) { t.ok(false, "wrong"); t.can(ErrNotHere, "stopping") }},
	}
	var got []string
	for _, r := range Run(t.Context(), &Target{}, checks, nil) {
		got = append(got, r.ID+" "+r.Result)
	}
	want := []string{"nothing failed", "panics failed", "not-here not-applicable", "good passed", "elsewhere not-proven", "elsewhere-and-wrong failed"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLockSQLite shows that the lock keeps another process's writers out: the
// double takes the same one.
func TestLockSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	if _, err := LockSQLite(path); err == nil {
		t.Error("a database that is not in WAL mode was locked")
	}
	if err := os.WriteFile(path+"-shm", make([]byte, 32<<10), 0o644); err != nil {
		t.Fatal(err)
	}
	release, err := LockSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("true").Run(); err == nil && lockedElsewhere(t, path) == false {
		t.Error("another process could take the lock")
	}
	release()
	if lockedElsewhere(t, path) {
		t.Error("the lock was not released")
	}
}

// lockedElsewhere asks in a process of its own, for these locks are a
// process's.
func lockedElsewhere(t *testing.T, path string) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "seed")
	cmd.Env = []string{"DOUBLE_KIND=sqlite", "DEFECT=busy-at-once", "PORT=1", "DATABASE_URL=sqlite:///" + path}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return bytes.Contains(out, []byte("locked"))
}

// TestSmoke: every check of the smaller set is one of the suite, and the two
// have digests of their own.
func TestSmoke(t *testing.T) {
	if got := len(Smoke()); got != len(smoke) || got >= len(Suite()) {
		t.Errorf("the smaller set has %d checks of %d names and the suite %d", got, len(smoke), len(Suite()))
	}
	if Digest() == SmokeDigest() {
		t.Error("the digest does not tell which set ran")
	}
}
