package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/jackc/pgx/v5"
)

// database is the database of one service under proof.
type database struct {
	kind     string // sqlite or postgres
	url      string // of the one that the service under proof uses
	dir      string
	server   server
	made     []string // databases of the server
	counted  int
	basename string
}

var _ probe.Database = (*database)(nil)

// A server is where databases are made: one of the run's own, or the one that
// DATABASE_URL names.
type server interface {
	URL(database string) string
	CreateDatabase(ctx context.Context, name string) error
	DropDatabase(ctx context.Context, name string) error
}

// A foreign server is somebody's: databases of our own are made beside theirs,
// and it is not stopped.
type foreign struct{ url *url.URL }

func (f foreign) URL(database string) string {
	u := *f.url
	u.Path = "/" + database
	return u.String()
}

func (f foreign) CreateDatabase(ctx context.Context, name string) error {
	return f.exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
}

func (f foreign) DropDatabase(ctx context.Context, name string) error {
	return f.exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize())
}

func (f foreign) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, f.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

// database makes what the service keeps its notes in, nil where it keeps none.
// The error says why that cannot be done here.
func (p *proof) database(ctx context.Context, svc *record.Service) (*database, error) {
	d := &database{basename: fmt.Sprintf("proof_%d", time.Now().UnixNano()%1e9)}
	switch {
	case slices.Contains(svc.Words, "postgres"):
		d.kind = "postgres"
	case slices.Contains(svc.Words, "sqlite"):
		d.kind = "sqlite"
	default:
		return nil, nil
	}
	d.dir = filepath.Join(p.Scratch, svc.Name)
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, err
	}
	if d.kind == "postgres" {
		var err error
		if d.server, err = p.server(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if d.url, _, err = d.Fresh(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// server starts PostgreSQL once for the run. Where this machine has no programs
// for it, the server that DATABASE_URL names has to do.
func (p *proof) server(ctx context.Context) (server, error) {
	if p.databases == nil && p.noServer == nil {
		p.databases, p.noServer = p.findServer(ctx)
		if p.noServer == nil {
			p.evidence.Versions["postgresql"] = serverVersion(ctx, p.databases.URL("postgres"))
		}
	}
	return p.databases, p.noServer
}

func (p *proof) findServer(ctx context.Context) (server, error) {
	start := p.Postgres
	if start == nil {
		start = func(ctx context.Context) (*run.Postgres, error) {
			return run.StartPostgres(ctx, filepath.Join(p.Scratch, "postgres"), run.PostgresOptions{Throwaway: true})
		}
	}
	own, err := start(ctx)
	if err == nil {
		p.postgres = own
		return own, nil
	}
	if !errors.Is(err, run.ErrNoPostgres) {
		return nil, err
	}
	if u, parseErr := url.Parse(os.Getenv("DATABASE_URL")); parseErr == nil && strings.HasPrefix(u.Scheme, "postgres") {
		return foreign{u}, nil
	}
	return nil, fmt.Errorf("%w; install its server programs, or set DATABASE_URL", err)
}

// serverVersion is what the server says of itself, "" where it does not answer.
func serverVersion(ctx context.Context, url string) string {
	var version string
	if conn, err := pgx.Connect(ctx, url); err == nil {
		_ = conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
		conn.Close(ctx)
	}
	version, _, _ = strings.Cut(version, " ")
	return version
}

// Kind is sqlite or postgres.
func (d *database) Kind() string { return d.kind }

// Fresh makes an empty database.
func (d *database) Fresh(ctx context.Context) (string, func(), error) {
	d.counted++
	name := fmt.Sprintf("%s_%d", d.basename, d.counted)
	if d.kind == "sqlite" {
		path := filepath.Join(d.dir, name+".db")
		return "sqlite:///" + filepath.ToSlash(path), func() {
			for _, end := range []string{"", "-wal", "-shm"} {
				os.Remove(path + end)
			}
		}, nil
	}
	if err := d.server.CreateDatabase(ctx, name); err != nil {
		return "", nil, err
	}
	d.made = append(d.made, name)
	return d.server.URL(name), func() {}, nil
}

// Lock holds what a writer of the service has to wait for.
func (d *database) Lock(ctx context.Context, url string) (func(), error) {
	if d.kind == "sqlite" {
		return probe.LockSQLite(strings.TrimPrefix(url, "sqlite:///"))
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	release := func() { conn.Close(context.WithoutCancel(ctx)) }
	rows, err := conn.Query(ctx, "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
	if err != nil {
		release()
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(tables) == 0 {
		err = errors.New("the database has no tables")
	}
	if err == nil {
		_, err = conn.Exec(ctx, "BEGIN; LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE")
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// Stop takes the server away.
func (d *database) Stop(context.Context) error {
	own, ok := d.server.(*run.Postgres)
	if !ok || own.Guest() {
		return fmt.Errorf("the server is not ours to stop: %w", probe.ErrNotHere)
	}
	return own.Stop()
}

// Restart brings it back.
func (d *database) Restart(ctx context.Context) error {
	own, ok := d.server.(*run.Postgres)
	if !ok {
		return probe.ErrNotHere
	}
	return own.Restart(ctx)
}

// close drops what was made.
func (d *database) close() {
	for _, name := range d.made {
		_ = d.server.DropDatabase(context.Background(), name)
	}
}

// target makes the service into something that the suite can drive.
func (p *proof) target(svc *record.Service, db *database) *probe.Target {
	env := p.settings(svc, db)
	for _, e := range svc.Env {
		if _, given := env[e.Key]; e.Required && !given {
			env[e.Key] = e.Default
		}
	}
	t := &probe.Target{
		Name: svc.Name, Notes: slices.Contains(svc.Words, "notes"), Live: live(*svc), Asks: asks(*svc), Internal: internal(*svc), Env: env, Seed: p.Seed,
		Start: func(ctx context.Context, env map[string]string, stdout, stderr io.Writer) (probe.Process, error) {
			return p.project.Start(ctx, svc, "start", p.covered(svc, env), stdout, stderr)
		},
		Task: func(ctx context.Context, phase string, env map[string]string) (string, error) {
			if len(svc.Tasks[phase]) == 0 {
				return "", fmt.Errorf("the project does not say how to %s", phase)
			}
			var out tailBuffer
			err := p.project.Task(ctx, svc, phase, env, &out)
			return out.String(), err
		},
	}
	if db != nil {
		t.Database = db
	}
	if t.ML = predicts(*svc); t.ML {
		dir, _ := p.project.Setting(svc, "MODEL_DIR")
		t.Model = filepath.Join(p.project.ServiceDir(svc), filepath.FromSlash(dir))
	}
	return t
}

// covered gives the settings whose absence is under test their empty value,
// which the contract makes the same: else the project's own default, or its
// .env, would fill them in.
func (p *proof) covered(svc *record.Service, env map[string]string) map[string]string {
	out := maps.Clone(env)
	for _, e := range svc.Env {
		if _, given := out[e.Key]; !given && (e.Required || e.Key == "HOST") {
			out[e.Key] = ""
		}
	}
	return out
}
