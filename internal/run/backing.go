package run

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// A provider can run a backing server from programs of this machine. Servers
// that have none here still run through compose.
type provider struct {
	setting string // the service's setting that holds the server's URL
	label   string
	install string // what to install, where there is neither program nor engine
	answers func(ctx context.Context, url string) error
	start   func(ctx context.Context, p *Project, o BackingOptions) (localServer, error)
	// find is the folder of the server's programs and their version.
	find func(ctx context.Context) (dir, version string, err error)
}

// A localServer is a server that a provider runs.
type localServer interface {
	URL(database string) string
	CreateDatabase(ctx context.Context, name string) error
	Guest() bool
	Stop() error
}

// providers are known by the name of the backing row.
var providers = map[string]provider{
	"postgres": {
		setting: "DATABASE_URL",
		label:   "PostgreSQL",
		install: "install PostgreSQL's server (apt install postgresql, brew install postgresql) or Docker, or set DATABASE_URL",
		answers: func(ctx context.Context, url string) error {
			conn, err := connect(ctx, url)
			if err == nil {
				conn.Close(ctx)
			}
			return err
		},
		start: func(ctx context.Context, p *Project, o BackingOptions) (localServer, error) {
			return StartPostgres(ctx, filepath.Join(p.StateDir(), "postgres"), o.Postgres)
		},
		find: func(ctx context.Context) (string, string, error) { return serverPrograms(ctx, "") },
	},
}

// A BackingSource says where a backing server would come from on this machine.
type BackingSource struct {
	Name    string // for people: PostgreSQL
	OK      bool
	Source  string // setting, system, compose or missing
	Path    string // of the programs
	Version string
	Reason  string // why it is not OK
	Fix     string
}

// FindBacking looks for a way to run a backing server, and starts nothing.
func FindBacking(ctx context.Context, row record.Backing) BackingSource {
	src := BackingSource{Name: row.Name, Source: "missing", Reason: "neither server programs nor a container engine", Fix: "install Docker"}
	if pr, ok := providers[row.Name]; ok {
		src.Name, src.Fix = pr.label, pr.install
		if os.Getenv(pr.setting) != "" {
			return BackingSource{Name: pr.label, OK: true, Source: "setting", Path: pr.setting}
		}
		if dir, version, err := pr.find(ctx); err == nil {
			return BackingSource{Name: pr.label, OK: true, Source: "system", Path: dir, Version: version}
		}
	}
	if engine := findEngine(ctx); engine != nil {
		return BackingSource{Name: src.Name, OK: true, Source: "compose", Path: engine[0], Version: row.Image}
	}
	return src
}

// BackingOptions are the choices of StartBackings.
type BackingOptions struct {
	Postgres PostgresOptions
	// Only limits it to services of these names; empty means all.
	Only []string
}

// Backings are the servers that a project's services need beside them.
type Backings struct {
	// Env holds, by service, the settings under which the service finds them.
	Env map[string]map[string]string
	// Postgres is the server that was started here, nil where none was.
	Postgres *Postgres

	stops []func() error
}

// Stop ends what StartBackings started. What was there before stays.
func (b *Backings) Stop() error {
	var errs []error
	for i := len(b.stops) - 1; i >= 0; i-- {
		errs = append(errs, b.stops[i]())
	}
	b.stops = nil
	return errors.Join(errs...)
}

// For is Env of a service, never nil.
func (b *Backings) For(svc *record.Service) map[string]string {
	out := map[string]string{}
	for k, v := range b.Env[svc.Name] {
		out[k] = v
	}
	return out
}

// StartBackings sees to it that every server that the services need is there,
// and says through say where each comes from. In this order: the one that the
// person's setting names; one that answers where the setting's default points;
// programs of this machine with a data folder of the project's own; the
// project's compose service; else an error that says what to install.
func (p *Project) StartBackings(ctx context.Context, o BackingOptions, say func(string)) (*Backings, error) {
	if say == nil {
		say = func(string) {}
	}
	b := &Backings{Env: map[string]map[string]string{}}
	local := map[string]localServer{}
	for i := range p.Record.Services {
		svc := &p.Record.Services[i]
		if len(o.Only) > 0 && !slices.Contains(o.Only, svc.Name) {
			continue
		}
		b.Env[svc.Name] = map[string]string{}
		for _, row := range svc.Backing {
			if err := p.startBacking(ctx, b, local, svc, row, o, say); err != nil {
				_ = b.Stop()
				return nil, err
			}
		}
	}
	return b, nil
}

func (p *Project) startBacking(ctx context.Context, b *Backings, local map[string]localServer, svc *record.Service, row record.Backing, o BackingOptions, say func(string)) error {
	pr, known := providers[row.Name]
	if !known {
		return p.composeUp(ctx, b, row, say, fmt.Errorf("%s is not on this machine", row.Name), "install Docker")
	}
	value, chosen := p.chosen(svc, pr.setting)
	if chosen {
		if err := pr.answers(ctx, value); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return hint.Errorf("start it, or unset "+pr.setting+" to have a server of the project's own", "%s at %s, which %s names, does not answer: %w", pr.label, hostOf(value), pr.setting, short(err))
		}
		say(fmt.Sprintf("%s: the one that %s names, at %s", pr.label, pr.setting, hostOf(value)))
		return nil
	}
	server := local[row.Name]
	if server == nil {
		// The default points at the compose service. When that runs already,
		// it is what the person works with.
		if value != "" {
			quick, cancel := context.WithTimeout(ctx, 2*time.Second)
			err := pr.answers(quick, value)
			cancel()
			if err == nil {
				say(fmt.Sprintf("%s: the server at %s", pr.label, hostOf(value)))
				return nil
			}
		}
		var err error
		server, err = pr.start(ctx, p, o)
		if errors.Is(err, ErrNoPostgres) {
			return p.composeUp(ctx, b, row, say, err, pr.install)
		}
		if err != nil {
			return err
		}
		local[row.Name] = server
		b.stops = append(b.stops, server.Stop)
		if pg, ok := server.(*Postgres); ok {
			b.Postgres = pg
		}
		how := "started on"
		if server.Guest() {
			how = "already running on"
		}
		say(fmt.Sprintf("%s: %s %s, data in %s", pr.label, how, hostOf(server.URL("")), p.dataFolder(server)))
	}
	database := databaseOf(value)
	if database == "" {
		database = strings.ReplaceAll(svc.Package, "-", "_")
	}
	if err := server.CreateDatabase(ctx, database); err != nil {
		return fmt.Errorf("making the database %s: %w", database, err)
	}
	b.Env[svc.Name][pr.setting] = server.URL(database)
	return nil
}

// chosen is a setting's value, and whether a person chose it: it is in the
// environment, or its line in .env is not the default any more.
func (p *Project) chosen(svc *record.Service, key string) (string, bool) {
	if v := os.Getenv(key); v != "" {
		return v, true
	}
	standard := ""
	for _, e := range svc.Env {
		if e.Key == key {
			standard = e.Default
		}
	}
	v := p.settings(svc)[key]
	return v, v != "" && v != standard
}

func (p *Project) dataFolder(s localServer) string {
	pg, ok := s.(*Postgres)
	if !ok {
		return p.StateDir()
	}
	if rel, err := filepath.Rel(p.Dir, pg.Dir); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return pg.Dir
}

func databaseOf(value string) string {
	u, err := url.Parse(value)
	if err != nil {
		return ""
	}
	return strings.Trim(u.Path, "/")
}

// short is the reason alone of a failed connection: the whole text repeats the
// address and tells of each attempt.
func short(err error) error {
	for {
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			if next := e.Unwrap(); next != nil {
				err = next
				continue
			}
		case interface{ Unwrap() []error }:
			if all := e.Unwrap(); len(all) > 0 {
				err = all[0]
				continue
			}
		}
		return err
	}
}

// hostOf is the host and port of a URL, without its password.
func hostOf(value string) string {
	u, err := url.Parse(value)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Host
}

// composeUp starts the compose service of a backing row. Its settings are the
// record's defaults, which point at the port that it publishes.
func (p *Project) composeUp(ctx context.Context, b *Backings, row record.Backing, say func(string), missing error, install string) error {
	file := ""
	for _, name := range []string{"compose.yaml", "compose.yml", "docker-compose.yml"} {
		if _, err := os.Stat(filepath.Join(p.Dir, name)); err == nil {
			file = name
			break
		}
	}
	engine := findEngine(ctx)
	if file == "" || engine == nil {
		return hint.With(missing, install)
	}
	say(fmt.Sprintf("%s: starting the compose service", row.Name))
	var out tail
	argv := append(append([]string{}, engine...), "up", "--detach", "--wait", row.Name)
	if err := runGroup(ctx, "compose", argv, p.Dir, os.Environ(), &out); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return hint.Errorf("run "+commandLine(argv)+" to see all of it", "the compose service %s does not start: %s", row.Name, out.last())
	}
	b.stops = append(b.stops, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		return runGroup(ctx, "compose", append(append([]string{}, engine...), "stop", row.Name), p.Dir, os.Environ(), nil)
	})
	return nil
}

// findEngine is the compose command of a container engine that answers.
func findEngine(ctx context.Context) []string {
	for _, name := range []string{"docker", "podman"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		alive := exec.CommandContext(ctx, path, "info").Run() == nil && exec.CommandContext(ctx, path, "compose", "version").Run() == nil
		cancel()
		if alive {
			return []string{path, "compose"}
		}
	}
	return nil
}
