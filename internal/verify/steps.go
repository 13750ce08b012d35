package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// typed are the steps that a person types, in order, and what a warning in
// their output means: a failure.
var typed = []struct{ step, phase string }{
	{"generate", "generate"}, {"format-check", "format-check"}, {"lint", "lint"}, {"typecheck", "typecheck"},
	{"build", "build"}, {"test", "test"}, {"test-again", "coverage"},
}

// required are the phases that every service has; a service without one of
// them is broken, not excused.
var required = []string{"format-check", "lint", "typecheck", "test"}

// service runs all steps of one service.
func (p *proof) service(ctx context.Context, svc *record.Service) error {
	db, noDatabase := p.database(ctx, svc)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if db != nil {
		defer db.close()
	}
	if asks(*svc) {
		url, stop, err := probe.StandIn()
		if err != nil {
			return err
		}
		defer stop()
		p.besides = map[string]string{svc.Name: url}
	}
	before := p.files(svc)
	type step struct {
		name   string
		stored bool // needs the database
		run    func(io.Writer) error
	}
	steps := []step{
		{"lock", false, func(w io.Writer) error { return p.essential(p.lock(ctx, svc, w)) }},
		{"install", false, func(w io.Writer) error { return p.essential(p.install(ctx, svc, w)) }},
	}
	for _, t := range typed {
		if t.phase == "test" && len(svc.Tasks["train"]) > 0 {
			steps = append(steps, step{"train", false, func(w io.Writer) error { return p.essential(p.typed(ctx, svc, "train", db, w)) }})
		}
		steps = append(steps, step{t.step, t.phase == "test", func(w io.Writer) error { return p.typed(ctx, svc, t.phase, db, w) }})
	}
	steps = append(steps,
		step{"migrate", true, func(w io.Writer) error { return p.essential(p.typed(ctx, svc, "migrate", db, w)) }},
		step{"boot", true, func(w io.Writer) error { return p.essential(p.boot(ctx, svc, db, w)) }},
		step{"probe", true, func(w io.Writer) error { return p.probe(ctx, svc, db, w) }},
		step{"readme", true, func(w io.Writer) error { return p.readme(ctx, svc, w) }},
		step{"make-it-yours", true, func(w io.Writer) error { return p.changes(ctx, svc, w) }},
		step{"unchanged", false, func(io.Writer) error { return p.unchanged(svc, before) }})
	broken := p.broken // by the tools, for every service
	for _, s := range steps {
		err := p.step(ctx, svc.Name, s.name, func(w io.Writer) error {
			// What stands on something that failed says nothing about the project.
			if p.broken {
				return notProven{"an earlier step failed"}
			}
			if s.stored && noDatabase != nil {
				return notProven{noDatabase.Error()}
			}
			return s.run(w)
		})
		if err != nil {
			return err
		}
	}
	p.unfit = p.unfit || p.broken
	p.broken = broken
	return nil
}

// essential marks a failure that the rest cannot do without.
func (p *proof) essential(err error) error {
	var nothing notApplicable
	var good passed
	if err != nil && !errors.As(err, &nothing) && !errors.As(err, &good) {
		p.broken = true
	}
	return err
}

// typed runs a phase as a person would type it.
func (p *proof) typed(ctx context.Context, svc *record.Service, phase string, db *database, w io.Writer) error {
	tests := phase == "test" || phase == "coverage"
	if phase == "coverage" && p.Smoke {
		return notApplicable{"the same tests are run again with another package manager"}
	}
	if phase == "coverage" && len(svc.Tasks[phase]) == 0 {
		phase = "test" // the same again, without a figure
	}
	commands := p.project.PersonArgv(svc, phase)
	if len(commands) == 0 {
		if slices.Contains(required, phase) {
			return fmt.Errorf("the project does not say how to %s", phase)
		}
		return notApplicable{"there is nothing to " + phase}
	}
	env := map[string]string{}
	if db != nil {
		env["DATABASE_URL"] = db.url
	}
	for _, st := range svc.Tasks[phase] {
		maps.Copy(env, st.Proof)
	}
	var out tailBuffer
	for i, argv := range commands {
		extra := maps.Clone(env)
		// A manager that runs scripts knows their settings; of steps that are
		// typed one by one the settings are typed as well.
		if steps := svc.Tasks[phase]; len(svc.Manager.Run) == 0 && i < len(steps) {
			maps.Copy(extra, steps[i].Env)
		}
		if err := p.command(ctx, svc, argv, extra, io.MultiWriter(&out, w)); err != nil {
			return fmt.Errorf("%s: %w: %s", record.Line(argv), err, lastLines(out.String(), 12))
		}
	}
	if bad := warnings(out.String()); len(bad) > 0 {
		return fmt.Errorf("warns: %s", strings.Join(bad[:min(3, len(bad))], " | "))
	}
	p.ranAs(svc, phase)
	if !tests {
		return nil
	}
	if err := countTests(out.String()); err != nil {
		return err
	}
	if phase != "coverage" {
		return nil
	}
	part, err := coverage(out.String())
	if err != nil {
		return err
	}
	return passed{fmt.Sprintf("the tests reach %.0f %% of the lines", part)}
}

// ranAs notes under which words a person knows a phase that has passed, where
// running it again would show nothing more.
func (p *proof) ranAs(svc *record.Service, phase string) {
	if phase == "migrate" { // of another database than the README's
		return
	}
	if p.typedAs == nil {
		p.typedAs = map[string]string{}
	}
	p.typedAs[svc.Command(phase)] = phase
}

// command runs one typed command in the service's folder.
func (p *proof) command(ctx context.Context, svc *record.Service, argv []string, env map[string]string, w io.Writer) error {
	words := slices.Clone(argv)
	dir := p.project.ServiceDir(svc)
	if full := p.project.Tools.Command(words[0]); full != nil {
		words = append(full, words[1:]...)
	}
	environ := p.project.Environ(svc, env)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	if !filepath.IsAbs(words[0]) {
		path, err := lookPath(words[0], dir, environ)
		if err != nil {
			return err
		}
		cmd = exec.CommandContext(ctx, path, words[1:]...)
	}
	cmd.Dir, cmd.Env = dir, environ
	cmd.Stdout, cmd.Stderr = w, w
	cmd.WaitDelay = 5 * time.Second
	ownGroup(cmd)
	return cmd.Run()
}

// lookPath finds a program as a shell in dir with that environment would.
func lookPath(name, dir string, environ []string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return filepath.Join(dir, filepath.FromSlash(name)), nil
	}
	for _, kv := range slices.Backward(environ) {
		list, isPath := strings.CutPrefix(kv, "PATH=")
		if !isPath {
			continue
		}
		for _, folder := range filepath.SplitList(list) {
			if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
				return path, nil
			}
		}
		break
	}
	return "", fmt.Errorf("%s is not on this machine", name)
}

// boot starts the service once; the step's seconds are what it took to be
// ready.
func (p *proof) boot(ctx context.Context, svc *record.Service, db *database, w io.Writer) error {
	port, err := run.FreePort("127.0.0.1", 0, nil)
	if err != nil {
		return err
	}
	env := p.settings(svc, db)
	env["HOST"], env["PORT"] = "127.0.0.1", strconv.Itoa(port)
	var out tailBuffer
	proc, err := p.project.Start(ctx, svc, "start", env, io.MultiWriter(&out, w), io.MultiWriter(&out, w))
	if err != nil {
		return err
	}
	defer proc.Kill()
	limit, cancel := context.WithTimeout(ctx, 3*time.Minute) // a large library on a busy machine
	defer cancel()
	if err := run.WaitReady(limit, fmt.Sprintf("http://127.0.0.1:%d/readyz", port), proc); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(out.String(), 6))
	}
	return nil
}

// settings are what the service starts with under proof.
func (p *proof) settings(svc *record.Service, db *database) map[string]string {
	env := map[string]string{"CORS_ORIGINS": "", "LOG_LEVEL": "info"}
	if db != nil {
		env["DATABASE_URL"] = db.url
	}
	if url := p.besides[svc.Name]; url != "" {
		env[besideSetting] = url
	}
	return env
}

// probe runs the suite against the service.
func (p *proof) probe(ctx context.Context, svc *record.Service, db *database, w io.Writer) error {
	name := svc.Name
	if len(p.project.Record.Services) == 1 {
		name = ""
	}
	checks := p.suite
	if checks == nil {
		checks, _ = probe.SuiteOf(live(*svc), predicts(*svc), p.Smoke)
	}
	checks = slices.DeleteFunc(slices.Clone(checks), probe.Check.ForPair)
	var v verdict
	probe.Run(ctx, p.target(svc, db), checks, func(r probe.Result) { v.see(p, name, "probe", r, w) })
	return v.error()
}

// A verdict is what came of the checks of a step.
type verdict struct {
	made         int
	failed, open []string
}

// see keeps what came of a check.
func (v *verdict) see(p *proof, service, step string, r probe.Result, w io.Writer) {
	c := ledger.Check{ID: r.ID, Service: service, Result: r.Result, Count: r.Count, Seconds: seconds(r.Took), Reason: r.Reason}
	p.evidence.Checks = append(p.evidence.Checks, c)
	v.made++
	if r.Result == probe.Failed {
		v.failed = append(v.failed, r.ID)
	}
	if r.Result == probe.NotProven {
		v.open = append(v.open, r.ID)
	}
	fmt.Fprintf(w, "%-16s %-14s %4d %6.2fs %s\n", r.ID, r.Result, r.Count, r.Took.Seconds(), r.Reason)
	p.tell(Event{Service: service, Step: step, Check: &c})
}

// error is the verdict as the error of its step.
func (v *verdict) error() error {
	if len(v.failed) > 0 {
		return fmt.Errorf("%d of %d checks failed: %s", len(v.failed), v.made, strings.Join(v.failed, ", "))
	}
	if len(v.open) > 0 {
		return notProven{"not possible here: " + strings.Join(v.open, ", ")}
	}
	return nil
}

// files are the project's own files of a service as they are now: those that
// the record names, and the lock files.
func (p *proof) files(svc *record.Service) map[string]string {
	out := map[string]string{}
	for path := range p.project.Record.Files {
		if data, err := os.ReadFile(filepath.Join(p.project.Dir, filepath.FromSlash(path))); err == nil {
			out[path] = tree.BlobID(data)
		}
	}
	for path, text := range p.lockFiles(svc) {
		out["lock file "+path] = tree.BlobID([]byte(text))
	}
	return out
}

// unchanged asserts that no step has touched the project's own files.
func (p *proof) unchanged(svc *record.Service, before map[string]string) error {
	now := p.files(svc)
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if now[path] != before[path] {
			changed = append(changed, path)
		}
	}
	if len(changed) > 0 {
		return fmt.Errorf("the steps changed %s", strings.Join(changed, ", "))
	}
	return nil
}

// digestOf is "sha256:..." over texts by name, "" for none.
func digestOf(texts map[string]string) string {
	if len(texts) == 0 {
		return ""
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(texts[name]), texts[name])
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
