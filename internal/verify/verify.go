// Package verify proves a generated project on this machine: it installs,
// checks, tests, starts and probes it, and gives the evidence. It also knows
// the matrix of all combinations and which of them a CI run proves.
// It changes nothing in a project's sources, and nothing but a run of it makes
// evidence.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// An Event is something that happened during a proof, for live progress.
type Event struct {
	ID      string        // the combination
	Service string        // empty in a single project
	Step    string        // the step that began or ended
	Ended   *ledger.Step  // how the step ended; nil when it began
	Check   *ledger.Check // a check of the probe that ended, within the step
	Note    string        // what there is to know before the step goes on
}

// Options say what to prove and how.
type Options struct {
	Dir      string // the project
	Scratch  string // folder for the run's data; empty: a temporary one, removed at the end
	Progress func(Event)
	// Postgres gives the server to use and is asked once, when a service needs
	// one; nil starts one in Scratch. The probe stops and restarts it, so no
	// other run may use it at the same time.
	Postgres func(context.Context) (*run.Postgres, error)
	// Confirm is asked before missing tools are fetched; nil means yes.
	Confirm func(question string) (bool, error)
	// Install replaces the installation of a service's packages, for runs that
	// share one among projects with the same lock file; nil runs the manager.
	Install func(context.Context, *run.Project, *record.Service, io.Writer) error
	// Lock makes a missing lock file; otherwise a project without one fails.
	Lock bool
	// LockWith replaces how it is made; nil runs the manager.
	LockWith func(context.Context, *run.Project, *record.Service, io.Writer) error
	// ForgetLock is told that the lock files which LockWith has made are of no use.
	ForgetLock func(*run.Project, *record.Service) error
	// Own says that the project is the run's own, so that the commands of its
	// README can be run in it.
	Own bool
	// Smoke runs the smaller suite, for a project whose sources are those of
	// another one that the whole suite proves.
	Smoke bool
	// Image is a program that builds and tries the image of the project whose
	// folder it is given, as prove/image.sh does; empty: no step does that.
	Image string
	// Seed makes the fuzzed inputs reproducible.
	Seed uint64
	// Tree is the digest of the rendered tree, where it is known.
	Tree string
	// suite is the checks of the probe; nil is all of them. Only tests that are
	// not about the probe make it shorter.
	suite []probe.Check
	// Log gets the whole output of every step; may be nil.
	Log func(service, step, output string)
}

// proof is one run.
type proof struct {
	Options
	project   *run.Project
	evidence  *ledger.Evidence
	postgres  *run.Postgres // of the run's own
	databases server        // where PostgreSQL databases are made
	noServer  error         // why there is none
	locks     map[string]string
	typedAs   map[string]string // commands that a step has run, and its name
	broken    bool              // a step failed without which the rest says nothing
	unfit     bool              // one did in some service
	besides   map[string]string // what stands in for the other service, by the one that asks it
}

// Run proves the project at o.Dir. The error is about the run itself; what is
// wrong with the project stands in the evidence.
func Run(ctx context.Context, o Options) (*ledger.Evidence, error) {
	project, err := run.Open(o.Dir, nil)
	if err != nil {
		return nil, err
	}
	if o.Scratch == "" {
		dir, err := os.MkdirTemp("", "fingerpost-verify-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		o.Scratch = dir
	}
	if o.Scratch, err = filepath.Abs(o.Scratch); err != nil {
		return nil, err
	}
	p := &proof{Options: o, project: project, evidence: begin(project.Record)}
	services := project.Record.Services
	_, p.evidence.Digests.Suite = probe.SuiteOf(slices.ContainsFunc(services, live), slices.ContainsFunc(services, predicts), o.Smoke)
	if api, _ := p.pair(); api != nil {
		_, p.evidence.Digests.Suite = probe.PairSuite()
	}
	p.evidence.Digests.Tree = o.Tree
	defer func() {
		if p.postgres != nil && o.Postgres == nil {
			_ = p.postgres.Remove() // its folder is a throwaway as well
		}
	}()
	if err := p.tools(ctx); err != nil {
		return nil, err
	}
	for i := range project.Record.Services {
		if err := p.service(ctx, &project.Record.Services[i]); err != nil {
			return nil, err
		}
	}
	if err := p.together(ctx); err != nil {
		return nil, err
	}
	if o.Image != "" {
		if err := p.step(ctx, "", ledger.ImageStep, func(w io.Writer) error { return p.image(ctx, w) }); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p.evidence.Digests.Lock = digestOf(p.locks)
	return p.evidence, nil
}

// live tells whether a service has the feature realtime.
func live(svc record.Service) bool { return slices.Contains(svc.Words, "realtime") }

// asks tells whether a service predicts by asking another one.
func asks(svc record.Service) bool { return slices.Contains(svc.Words, "ml-client") }

// internal tells whether a service predicts for another one.
func internal(svc record.Service) bool { return slices.Contains(svc.Words, "internal") }

// predicts tells whether a service serves a model.
func predicts(svc record.Service) bool { return slices.Contains(svc.Words, "predictions") }

// begin is the evidence before anything has been seen.
func begin(r *record.Record) *ledger.Evidence {
	e := &ledger.Evidence{
		Format: ledger.Format, ID: r.ID, Shape: r.Shape,
		Versions: map[string]string{"system": runtime.GOOS + "/" + runtime.GOARCH},
		Date:     time.Now().UTC().Format("2006-01-02"),
		Replaced: []string{},
	}
	for _, s := range r.Services {
		e.Services = append(e.Services, ledger.Service{
			Name: s.Name, Language: s.Language, Framework: s.Framework, ORM: s.ORM, PM: s.PM,
			Database: s.Database, ML: s.ML, Features: append([]string{}, s.Features...),
		})
	}
	return e
}

// tools finds what the services need, fetches what is missing and notes the
// versions.
func (p *proof) tools(ctx context.Context) error {
	find := func(w io.Writer) error {
		purposes := []string{}
		if p.Lock {
			purposes = append(purposes, "lock")
		}
		set := toolchain.Find(ctx, toolchain.Needed(p.project.Record, purposes...))
		set.Confirm = p.Confirm
		if !set.OK() {
			if err := set.Provide(ctx, func(line string) { fmt.Fprintln(w, line) }); err != nil {
				return err
			}
		}
		p.project.Tools = set
		for _, st := range set.Statuses() {
			if !st.OK {
				return fmt.Errorf("%s: %s", st.Tool.Name, st.Reason)
			}
			p.evidence.Versions[st.Tool.Name] = st.Version
		}
		replaced, err := p.project.StandIn(ctx, func(line string) { fmt.Fprintln(w, line) })
		p.evidence.Replaced = append(p.evidence.Replaced, replaced...)
		return err
	}
	return p.step(ctx, "", "tools", func(w io.Writer) error { return p.essential(find(w)) })
}

// notProven is an error that says that something could not be run here.
type notProven struct{ why string }

func (e notProven) Error() string { return e.why }

// notApplicable is an error that says that a step has nothing to do.
type notApplicable struct{ why string }

func (e notApplicable) Error() string { return e.why }

// passed is what a step gives back that has passed and has something to say.
type passed struct{ note string }

func (e passed) Error() string { return e.note }

// step runs f as a step and puts its result into the evidence. What f writes
// is the step's output. Only a cancelled run is an error.
func (p *proof) step(ctx context.Context, service, name string, f func(io.Writer) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(p.project.Record.Services) == 1 {
		service = ""
	}
	p.tell(Event{Service: service, Step: name})
	st := ledger.Step{Name: name, Service: service, Result: ledger.Passed}
	var out tailBuffer
	start := time.Now()
	err := f(&out)
	st.Seconds = seconds(time.Since(start))
	var skipped notProven
	var nothing notApplicable
	var well passed
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &well):
		st.Note = well.note
	case errors.As(err, &skipped):
		st.Result, st.Reason = ledger.NotProven, skipped.why
	case errors.As(err, &nothing):
		st.Result, st.Reason = ledger.NotApplicable, nothing.why
	case err != nil:
		st.Result, st.Reason = ledger.Failed, err.Error()
	}
	if p.Log != nil {
		p.Log(service, name, out.String())
	}
	p.evidence.Steps = append(p.evidence.Steps, st)
	p.tell(Event{Service: service, Step: name, Ended: &st})
	return nil
}

func (p *proof) tell(e Event) {
	if p.Progress != nil {
		e.ID = p.evidence.ID
		p.Progress(e)
	}
}

// seconds rounds to what is worth keeping.
func seconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Millisecond)) / float64(time.Second)
}
