//go:build unix

package run

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// bareMachine is a PATH without server programs, whatever this machine has.
func bareMachine(t *testing.T) (bin string) {
	t.Helper()
	old := serverFolders
	serverFolders = nil
	t.Cleanup(func() { serverFolders = old })
	bin = t.TempDir()
	t.Setenv("PATH", bin)
	t.Setenv("DATABASE_URL", "")
	return bin
}

// engine puts a docker into bin that writes down how it is called; up ends
// with the given script.
func engine(t *testing.T, bin, up string) (log string) {
	t.Helper()
	log = filepath.Join(t.TempDir(), "calls")
	write(t, filepath.Join(bin, "docker"), "#!/bin/sh\necho \"$@\" >> "+log+"\ncase \"$*\" in \"compose up\"*) "+up+" ;; esac\n")
	if err := os.Chmod(filepath.Join(bin, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	return log
}

func postgresProject(t *testing.T) *Project {
	t.Helper()
	p := littleProject(t, nil)
	svc := &p.Record.Services[0]
	svc.Env = append(svc.Env, record.Env{Key: "DATABASE_URL", Default: "postgresql://app:app@127.0.0.1:1/app"})
	svc.Backing = []record.Backing{{Name: "postgres", Image: "postgres:17", Port: 5432}}
	return p
}

func TestNoPostgresSaysWhatToInstall(t *testing.T) {
	bin := bareMachine(t)
	p := postgresProject(t)
	check := func(why string) {
		t.Helper()
		_, err := p.StartBackings(context.Background(), BackingOptions{}, nil)
		if err == nil || err.Error() != "PostgreSQL is not on this machine" || !strings.Contains(hint.Next(err), "install PostgreSQL's server") {
			t.Errorf("%s: %v, hint %q", why, err, hint.Next(err))
		}
	}
	check("nothing there")
	if _, err := os.Stat(p.StateDir()); err == nil {
		t.Error("folders were made for a server that is not there")
	}
	write(t, filepath.Join(p.Dir, "compose.yaml"), "services: {}\n")
	check("a compose file and no engine")
	write(t, filepath.Join(bin, "docker"), "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
	if err := os.Chmod(filepath.Join(bin, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	check("an engine that does not answer")
	if src := FindBacking(context.Background(), p.Record.Services[0].Backing[0]); src.OK || src.Source != "missing" || src.Name != "PostgreSQL" {
		t.Errorf("doctor finds %+v", src)
	}
}

func TestComposeServiceStandsIn(t *testing.T) {
	bin := bareMachine(t)
	log := engine(t, bin, "exit 0")
	p := postgresProject(t)
	if _, err := p.StartBackings(context.Background(), BackingOptions{}, nil); err == nil {
		t.Error("an engine without a compose file is of no use")
	}
	write(t, filepath.Join(p.Dir, "compose.yaml"), "services: {}\n")
	b, err := p.StartBackings(context.Background(), BackingOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.For(&p.Record.Services[0])) != 0 {
		t.Errorf("the compose service is where the default points: %v", b.Env)
	}
	if err := b.Stop(); err != nil {
		t.Error(err)
	}
	calls := read(t, log)
	if !strings.HasSuffix(calls, "compose up --detach --wait postgres\ncompose stop postgres\n") {
		t.Errorf("calls:\n%s", calls)
	}
	if src := FindBacking(context.Background(), p.Record.Services[0].Backing[0]); !src.OK || src.Source != "compose" {
		t.Errorf("doctor finds %+v", src)
	}
}

func TestComposeServiceThatDoesNotStart(t *testing.T) {
	bin := bareMachine(t)
	engine(t, bin, "echo 'port is already allocated' >&2; exit 1")
	p := postgresProject(t)
	write(t, filepath.Join(p.Dir, "compose.yaml"), "services: {}\n")
	_, err := p.StartBackings(context.Background(), BackingOptions{}, nil)
	if err == nil || !strings.Contains(err.Error(), "the compose service postgres does not start: port is already allocated") || !strings.Contains(hint.Next(err), "docker compose up --detach --wait postgres") {
		t.Errorf("%v, hint %q", err, hint.Next(err))
	}
}

// As root, the data may lie outside of a project that only root can enter. It
// goes when the project has gone and no server runs on it.
func TestSweepAway(t *testing.T) {
	root := t.TempDir()
	gone := filepath.Join(root, "no", "such", "project")
	for _, c := range []struct {
		name, project string
		running, kept bool
	}{
		{"gone", gone, false, false},
		{"gone-and-running", gone, true, true},
		{"there", root, false, true},
		{"unknown", "", false, true},
	} {
		dir := filepath.Join(root, awayPrefix+c.name)
		write(t, filepath.Join(dir, "data", "PG_VERSION"), "15\n")
		if c.project != "" {
			write(t, filepath.Join(dir, awayProject), c.project)
		}
		if c.running {
			write(t, filepath.Join(dir, "data", "postmaster.pid"), "1\n")
		}
		sweepAway(root)
		if _, err := os.Stat(dir); (err == nil) != c.kept {
			t.Errorf("%s: kept %v, want %v", c.name, err == nil, c.kept)
		}
	}
}
