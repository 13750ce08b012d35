//go:build realtools && unix

// What needs Node.js, npm, Python and PostgreSQL on this machine, and the
// package registries. It fails where they are missing; it never skips.

package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
)

// realProject is a copy of a project in testdata, on free ports, with its tools.
func realProject(t *testing.T, name string) *Project {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "dot-env.example"), filepath.Join(dir, ".env.example")); err != nil {
		t.Fatal(err)
	}
	r, err := record.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	tools := toolchain.Find(context.Background(), toolchain.Needed(r))
	if err := tools.Provide(context.Background(), func(l string) { t.Log(l) }); err != nil {
		t.Fatal(err)
	}
	p, err := Open(dir, tools)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var out string
	if err := conn.QueryRow(ctx, sql).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRealPostgres(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), stateName, "postgres")
	pg, err := StartPostgres(ctx, dir, PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Remove()
	if os.Geteuid() == 0 {
		proc := fmt.Sprintf("/proc/%d", pg.proc.Pid())
		if fi, err := os.Stat(proc); err == nil && uidOf(fi) == 0 {
			t.Error("the server runs as root")
		}
		// A test's folder is for its user alone, so the data is elsewhere.
		if project, err := os.ReadFile(filepath.Join(pg.away, awayProject)); err != nil || string(project) != filepath.Dir(dir) {
			t.Errorf("the data folder %s does not say whose it is: %q, %v", pg.Dir, project, err)
		}
	}
	if got := query(t, pg.URL("postgres"), "SHOW listen_addresses"); got != "127.0.0.1" {
		t.Errorf("it listens on %s", got)
	}
	if got := query(t, pg.URL("postgres"), "SHOW unix_socket_directories"); got != "" {
		t.Errorf("it has a socket in %s", got)
	}
	wrong, _ := url.Parse(pg.URL("postgres"))
	wrong.User = url.UserPassword("app", "app")
	if conn, err := connect(ctx, wrong.String()); err == nil {
		conn.Close(ctx)
		t.Error("it takes any password")
	}

	for range 2 { // the second time it is there already
		if err := pg.CreateDatabase(ctx, `odd "name"`); err != nil {
			t.Fatal(err)
		}
	}
	if err := execSQL(ctx, pg.URL(`odd "name"`), "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')"); err != nil {
		t.Fatal(err)
	}

	// Another process that needs the same server uses this one.
	guest, err := StartPostgres(ctx, dir, PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !guest.Guest() || guest.Port != pg.Port {
		t.Errorf("a second server: %+v", guest)
	}
	if err := guest.Stop(); err != nil || query(t, pg.URL("postgres"), "SELECT 'up'") != "up" {
		t.Errorf("a guest stopped the server: %v", err)
	}

	port := pg.Port
	pg.Kill()
	if listens(port) {
		t.Error("killed, and it still listens")
	}
	if err := pg.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if pg.Port != port {
		t.Errorf("again on port %d, not %d", pg.Port, port)
	}
	if got := query(t, pg.URL(`odd "name"`), "SELECT word FROM kept"); got != "here" {
		t.Errorf("after a crash: %q", got)
	}
	if err := pg.DropDatabase(ctx, `odd "name"`); err != nil {
		t.Error(err)
	}
	if err := pg.Stop(); err != nil {
		t.Error(err)
	}
	if listens(port) {
		t.Error("stopped, and it still listens")
	}

	// The next run finds the data and the password.
	next, err := StartPostgres(ctx, dir, PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if next.Guest() || next.password != pg.password {
		t.Errorf("%+v", next)
	}
	if err := next.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(next.Dir); err == nil {
		t.Error("its data folder is still there")
	}
	if next.away != "" {
		if _, err := os.Stat(next.away); err == nil {
			t.Error("the folder outside of the project is still there")
		}
	}
}

// The server that a person names is used, and not stopped; one that answers
// where the setting's default points is, too.
func TestRealBackingThatIsThere(t *testing.T) {
	ctx := context.Background()
	pg, err := StartPostgres(ctx, filepath.Join(t.TempDir(), "postgres"), PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Remove()
	if err := pg.CreateDatabase(ctx, "mine"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, env, standard, says string }{
		{"named", pg.URL("mine"), "postgresql://app:app@127.0.0.1:1/app", "the one that DATABASE_URL names"},
		{"default", "", pg.URL("mine"), "the server at 127.0.0.1:"},
	} {
		p := littleProject(t, nil)
		svc := &p.Record.Services[0]
		svc.Env = append(svc.Env, record.Env{Key: "DATABASE_URL", Default: c.standard})
		svc.Backing = []record.Backing{{Name: "postgres"}}
		t.Setenv("DATABASE_URL", c.env)
		if c.env == "" {
			os.Unsetenv("DATABASE_URL")
		}
		var said []string
		b, err := p.StartBackings(ctx, BackingOptions{}, func(l string) { said = append(said, l) })
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if b.Postgres != nil || len(b.For(svc)) != 0 || len(said) != 1 || !strings.Contains(said[0], c.says) || strings.Contains(said[0], pg.password) {
			t.Errorf("%s: %+v, said %q", c.name, b, said)
		}
		if err := b.Stop(); err != nil || query(t, pg.URL("mine"), "SELECT 'up'") != "up" {
			t.Errorf("%s: stopped somebody else's server: %v", c.name, err)
		}
	}
}

func TestRealPostgresStartsOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), stateName, "postgres")
	type result struct {
		pg  *Postgres
		err error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			pg, err := StartPostgres(context.Background(), dir, PostgresOptions{Throwaway: true})
			results <- result{pg, err}
		}()
	}
	owners := 0
	var owner *Postgres
	ports := map[int]bool{}
	for range 4 {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
			continue
		}
		ports[r.pg.Port] = true
		if !r.pg.Guest() {
			owners++
			owner = r.pg
		}
	}
	if owners != 1 || len(ports) != 1 {
		t.Errorf("%d servers on %d ports", owners, len(ports))
	}
	if owner != nil {
		if err := owner.Remove(); err != nil {
			t.Error(err)
		}
	}
}

// A project is copied, and its data with it.
func TestRealPostgresOfACopy(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "postgres")
	pg, err := StartPostgres(ctx, dir, PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Remove()
	if err := pg.CreateDatabase(ctx, "kept"); err != nil {
		t.Fatal(err)
	}
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	copied := pg.Dir + "-copy"
	if out, err := exec.Command("cp", "-r", pg.Dir, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	other, err := StartPostgres(ctx, copied, PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Remove()
	if got := query(t, other.URL("kept"), "SELECT current_database()"); got != "kept" {
		t.Errorf("%q", got)
	}
}

func TestRealPostgresRefusesAForeignFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "postgres")
	pg, err := StartPostgres(context.Background(), dir, PostgresOptions{Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	defer pg.Remove()
	if err := os.WriteFile(filepath.Join(pg.Dir, "PG_VERSION"), []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := StartPostgres(context.Background(), dir, PostgresOptions{}); err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 7") {
		t.Errorf("%v", err)
	}
}

func TestRealProjects(t *testing.T) {
	for _, name := range []string{"node", "python"} {
		t.Run(name, func(t *testing.T) {
			p := realProject(t, name)
			svc := &p.Record.Services[0]
			var h heard
			o := h.options()
			o.Timeout = time.Minute
			o.Port = freePort(t)
			o.Backing.Postgres.Throwaway = true
			var out strings.Builder
			o.Output = func(*record.Service) (io.Writer, io.Writer) { return &out, os.Stderr }
			up, err := p.Up(context.Background(), o)
			if err != nil {
				t.Fatalf("%v\n%s\n%s", err, h.all(), h.out.String())
			}
			defer up.Stop()
			pg := up.backings.Postgres
			if pg == nil {
				t.Fatalf("no server of the project's own: %s", h.all())
			}
			defer pg.Remove()
			var answer struct {
				Status string
				Pid    int
				Prefix string
			}
			if err := json.Unmarshal([]byte(get(t, up.Services[0].URL+"/readyz")), &answer); err != nil || answer.Status != "OK" {
				t.Fatalf("%v %+v", err, answer)
			}
			if name == "python" && answer.Prefix != filepath.Join(p.Dir, ".venv") {
				t.Errorf("it runs in %s", answer.Prefix)
			}
			if got := strings.TrimSpace(read(t, filepath.Join(p.Dir, "migrated.txt"))); got != pg.URL("app") {
				t.Errorf("migrated %s, the server is %s", got, pg.URL("app"))
			}
			if got := query(t, pg.URL("app"), "SELECT current_database()"); got != "app" {
				t.Errorf("database %s", got)
			}
			pid, server := up.Services[0].Process.Pid(), pg.proc.Pid()
			began := time.Now()
			if err := up.Stop(); err != nil {
				t.Error(err)
			}
			t.Logf("stopped in %v", time.Since(began))
			for _, id := range []int{pid, answer.Pid, server} {
				if !gone(id) {
					t.Errorf("process %d is still there", id)
				}
			}
			if did, err := p.EnsureInstalled(context.Background(), svc, io.Discard); did || err != nil {
				t.Errorf("installed again: %v %v", did, err)
			}
			if strings.Count(out.String(), "\n") != 1 {
				t.Errorf("it printed %q", out.String())
			}
		})
	}
}

func uidOf(fi os.FileInfo) int { return int(fi.Sys().(*syscall.Stat_t).Uid) }
