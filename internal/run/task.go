package run

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/fingerpost/fingerpost/internal/record"
)

// A Process is a running service or task, with all that it started.
type Process = process.Process

// stopGrace is how long a service has to finish what it is doing.
const stopGrace = 10 * time.Second

// A TaskError is a step that failed.
type TaskError struct {
	Phase string
	Argv  []string
	Exit  int
}

func (e *TaskError) Error() string {
	return fmt.Sprintf("%s failed with exit code %d: %s", e.Phase, e.Exit, commandLine(e.Argv))
}

// commandLine writes a command for a person: the program's name, not its path.
func commandLine(argv []string) string {
	words := append([]string{}, argv...)
	if i := strings.LastIndexAny(words[0], `/\`); i >= 0 {
		words[0] = words[0][i+1:]
	}
	return record.Line(words)
}

// Task runs the steps of a phase in order, in the service's folder. What they
// print goes to w. The first step that fails ends it with a *TaskError.
func (p *Project) Task(ctx context.Context, svc *record.Service, phase string, env map[string]string, w io.Writer) error {
	for _, st := range svc.Tasks[phase] {
		if err := p.step(ctx, svc, phase, st, env, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *Project) step(ctx context.Context, svc *record.Service, phase string, st record.Step, env map[string]string, w io.Writer) error {
	argv, err := p.Argv(svc, st)
	if err != nil {
		return err
	}
	return runGroup(ctx, phase, argv, p.ServiceDir(svc), overlay(p.Environ(svc, st.Env), env), w)
}

// runGroup runs a command to its end, and ends its whole group when ctx does.
func runGroup(ctx context.Context, phase string, argv []string, dir string, env []string, w io.Writer) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := &lockedWriter{w: w}
	proc, err := process.Start(&exec.Cmd{Path: argv[0], Args: argv, Dir: dir, Env: env, Stdout: out, Stderr: out})
	if err != nil {
		return fmt.Errorf("%s: %w", phase, err)
	}
	select {
	case <-proc.Done():
	case <-ctx.Done():
		proc.Stop(3 * time.Second)
		return ctx.Err()
	}
	defer proc.Kill() // what it left behind
	code, err := proc.Wait()
	if err != nil {
		return fmt.Errorf("%s: %w", phase, err)
	}
	if code != 0 {
		return &TaskError{Phase: phase, Argv: argv, Exit: code}
	}
	return nil
}

// Start runs all steps of a phase but the last to their end, and starts the
// last, which stays until it is stopped.
func (p *Project) Start(ctx context.Context, svc *record.Service, phase string, env map[string]string, stdout, stderr io.Writer) (*Process, error) {
	steps := svc.Tasks[phase]
	if len(steps) == 0 {
		return nil, hint.Errorf("see [services.tasks] in "+record.FileName, "%s has no step for %s", p.display(svc), phase)
	}
	for _, st := range steps[:len(steps)-1] {
		if err := p.step(ctx, svc, phase, st, env, stderr); err != nil {
			return nil, err
		}
	}
	last := steps[len(steps)-1]
	argv, err := p.Argv(svc, last)
	if err != nil {
		return nil, err
	}
	proc, err := process.Start(&exec.Cmd{Path: argv[0], Args: argv, Dir: p.ServiceDir(svc), Env: overlay(p.Environ(svc, last.Env), env), Stdout: stdout, Stderr: stderr})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.display(svc), err)
	}
	return proc, nil
}

// A lockedWriter lets both output streams of a program share one writer.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.w == nil {
		return len(b), nil
	}
	return l.w.Write(b)
}
