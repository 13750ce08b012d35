package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/port"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/verify/load"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// The measured counts of connections: one client, a busy service, a crowd.
var connections = []int{1, 32, 256}

const (
	rounds    = 3 // each kind of request takes its turn this often; the median counts
	starts    = 3 // of each, for the time to ready
	busy      = 32
	bareRoute = "/"
)

// A kind of request that is measured.
type kind struct {
	what    string
	level   string // LOG_LEVEL of the copy that it is sent to
	request load.Request
	status  int
}

// Measure measures the project at o.Dir beside bare, the hello-world of its
// framework. The two take turns, so that whatever else the machine does falls
// on both. slice is how long each turn lasts. The project is installed, built
// and migrated as in a proof; nothing is checked but that answers are right.
func Measure(ctx context.Context, o Options, bare layer.Bare, slice time.Duration) (*ledger.Measurement, error) {
	project, err := run.Open(o.Dir, nil)
	if err != nil {
		return nil, err
	}
	if len(project.Record.Services) != 1 {
		return nil, errors.New("a measurement is of a single service")
	}
	if o.Scratch == "" {
		if o.Scratch, err = os.MkdirTemp("", "fingerpost-measure-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(o.Scratch)
	}
	if o.Scratch, err = filepath.Abs(o.Scratch); err != nil {
		return nil, err
	}
	p := &proof{Options: o, project: project, evidence: begin(project.Record)}
	defer func() {
		if p.postgres != nil && o.Postgres == nil {
			_ = p.postgres.Remove()
		}
	}()
	if err := p.tools(ctx); err != nil {
		return nil, err
	}
	svc := &project.Record.Services[0]
	db, err := p.database(ctx, svc)
	if err != nil {
		return nil, err
	}
	if db != nil {
		defer db.close()
	}
	for _, s := range []struct {
		name string
		run  func(io.Writer) error
	}{
		{"lock", func(w io.Writer) error { return p.lock(ctx, svc, w) }},
		{"install", func(w io.Writer) error { return p.install(ctx, svc, w) }},
		{"generate", func(w io.Writer) error { return p.typed(ctx, svc, "generate", db, w) }},
		{"build", func(w io.Writer) error { return p.typed(ctx, svc, "build", db, w) }},
		{"train", func(w io.Writer) error { return p.typed(ctx, svc, "train", db, w) }},
		{"migrate", func(w io.Writer) error { return p.typed(ctx, svc, "migrate", db, w) }},
	} {
		if err := p.step(ctx, svc.Name, s.name, s.run); err != nil {
			return nil, err
		}
		if last := p.evidence.Steps[len(p.evidence.Steps)-1]; last.Result == ledger.Failed {
			return nil, fmt.Errorf("%s: %s", last.Name, last.Reason)
		}
	}
	m := &measuring{proof: p, svc: svc, db: db, slice: slice, out: &ledger.Measurement{
		Format: ledger.MeasuredFormat, ID: p.evidence.ID, Services: p.evidence.Services, Tree: o.Tree, Date: p.evidence.Date,
		Machine: machine(), Versions: p.evidence.Versions, Replaced: p.evidence.Replaced,
	}}
	if err := m.writeBare(bare); err != nil {
		return nil, err
	}
	defer m.stopAll()
	for _, s := range []struct {
		name string
		run  func(context.Context) error
	}{{"ready", m.ready}, {"load", m.load}, {"processes", m.processes}, {"size", m.size}} {
		if err := p.step(ctx, svc.Name, s.name, func(io.Writer) error { return s.run(ctx) }); err != nil {
			return nil, err
		}
		if last := p.evidence.Steps[len(p.evidence.Steps)-1]; last.Result == ledger.Failed {
			return nil, fmt.Errorf("%s: %s", last.Name, last.Reason)
		}
	}
	return m.out, nil
}

// measuring is one measurement under way.
type measuring struct {
	*proof
	svc     *record.Service
	bareSvc *record.Service // the same, but its start is the hello-world's
	db      *database
	slice   time.Duration
	running []*running
	out     *ledger.Measurement
}

type running struct {
	proc *run.Process
	addr string
}

// writeBare puts the hello-world beside the sources, where it finds the same
// packages.
func (m *measuring) writeBare(bare layer.Bare) error {
	if len(bare.Files) == 0 {
		return fmt.Errorf("the framework of %s has no hello-world to compare with", m.out.ID)
	}
	for _, f := range bare.Files {
		path := filepath.Join(m.project.ServiceDir(m.svc), "bare", filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return err
		}
	}
	copied := *m.svc
	copied.Tasks = maps.Clone(copied.Tasks)
	copied.Tasks["start"] = []record.Step{bare.Run}
	m.bareSvc = &copied
	return nil
}

// start starts the service, or the hello-world, and waits until route answers.
// Its output goes nowhere, as a file descriptor: reading it would cost the
// processors that are measured.
func (m *measuring) start(ctx context.Context, svc *record.Service, level, route string) (*running, time.Duration, error) {
	number, err := port.Free()
	if err != nil {
		return nil, 0, err
	}
	env := m.settings(svc, m.db)
	env["HOST"], env["PORT"], env["LOG_LEVEL"] = "127.0.0.1", strconv.Itoa(number), level
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, 0, err
	}
	defer null.Close()
	began := time.Now()
	proc, err := m.project.Start(ctx, svc, "start", env, null, null)
	if err != nil {
		return nil, 0, err
	}
	r := &running{proc: proc, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(number))}
	m.running = append(m.running, r)
	limit, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	if err := awaitQuickly(limit, "http://"+r.addr+route, proc); err != nil {
		return nil, 0, err
	}
	return r, time.Since(began), nil
}

// awaitQuickly asks every few milliseconds, for the time counts.
func awaitQuickly(ctx context.Context, url string, proc *run.Process) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		if resp, err := client.Get(url); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-proc.Done():
			return fmt.Errorf("%s: ended before it was ready", url)
		case <-ctx.Done():
			return fmt.Errorf("%s: not ready in time", url)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (m *measuring) stop(r *running) {
	_ = r.proc.Signal(syscall.SIGTERM)
	select {
	case <-r.proc.Done():
	case <-time.After(12 * time.Second):
	}
	r.proc.Kill()
	m.running = slices.DeleteFunc(m.running, func(other *running) bool { return other == r })
}

func (m *measuring) stopAll() {
	for _, r := range slices.Clone(m.running) {
		m.stop(r)
	}
}

// MeasureAll measures the chosen combinations one after the other: each with
// the manager that the guide recommends, for managers serve nothing. done is
// told of each as it comes; its error ends the run, as does a combination that
// cannot be measured.
func MeasureAll(ctx context.Context, o AllOptions, turn time.Duration, done func(*ledger.Measurement) error) error {
	if o.Features == nil {
		o.Features = matrix.Features // the variants serve nothing that these do not
	}
	list, _, err := o.list()
	if err != nil {
		return err
	}
	if o.Scratch == "" {
		dir, err := os.MkdirTemp("", "fingerpost-measure-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.Scratch = dir
	}
	w := &prover{dir: filepath.Join(o.Scratch, "worker"), shared: newShared(filepath.Join(o.Scratch, "shared")), o: o}
	defer w.close()
	for i := range list {
		if list[i].Smoke {
			continue
		}
		if err := w.measure(ctx, &list[i], turn, done); err != nil {
			return fmt.Errorf("%s: %w", list[i].ID, err)
		}
	}
	return nil
}

func (w *prover) measure(ctx context.Context, c *candidate, turn time.Duration, done func(*ledger.Measurement) error) error {
	linked := false
	options, remove, err := w.ready(c, &linked)
	defer remove()
	if err != nil {
		return err
	}
	pick := c.Pick.Services[0]
	framework := w.o.Catalog.Find("framework", pick.Framework, pick.Language)
	m, err := Measure(ctx, options, framework.Bare, turn)
	if err != nil {
		return err
	}
	return done(m)
}
