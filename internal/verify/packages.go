package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
)

// unreached is a failure of a command that asks a registry: it may be the
// registry's, and pass a little later.
type unreached struct{ error }

func (e unreached) Unwrap() error { return e.error }

// pauses are the waits before a registry is asked again.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second}

// patient runs f again after a pause where a registry may have had a bad
// moment. Only proofs of the menu do so, for many of them ask for the same
// things in a short time; the evidence says what failed first.
func (p *proof) patient(ctx context.Context, w io.Writer, f func() error) error {
	first := f()
	var may unreached
	if !p.Own || !errors.As(first, &may) {
		return first
	}
	last := first
	for i, pause := range pauses {
		fmt.Fprintf(w, "%v\nonce more in %s\n", last, pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		if last = f(); last == nil {
			return passed{fmt.Sprintf("passed when tried %d times; first: %v", i+2, first)}
		}
		if !errors.As(last, &may) {
			return last
		}
	}
	return last
}

// lock sees to it that the lock files are there and fit.
func (p *proof) lock(ctx context.Context, svc *record.Service, w io.Writer) error {
	if p.project.HasLock(svc) {
		return p.locked(ctx, svc, w)
	}
	if !p.Lock {
		return fmt.Errorf("%s is missing; make it with: %s", strings.Join(svc.Manager.Lock, " or "), strings.Join(record.Lines(svc.Manager.Relock), " && "))
	}
	return p.patient(ctx, w, func() error {
		if err := p.relock(ctx, svc, w); err != nil {
			return err
		}
		return p.locked(ctx, svc, w)
	})
}

// relock makes the lock files.
func (p *proof) relock(ctx context.Context, svc *record.Service, w io.Writer) error {
	var out tailBuffer
	both := io.MultiWriter(&out, w)
	var err error
	if p.LockWith != nil {
		err = p.LockWith(ctx, p.project, svc, both)
	} else {
		err = p.project.Install(ctx, svc, run.Relock, both)
	}
	if err != nil {
		return unreached{fmt.Errorf("%w: %s", err, lastLines(out.String(), 6))}
	}
	return nil
}

// locked notes the lock files and has them compared with the manifest.
func (p *proof) locked(ctx context.Context, svc *record.Service, w io.Writer) error {
	if p.locks == nil {
		p.locks = map[string]string{}
	}
	maps.Copy(p.locks, p.lockFiles(svc))
	return p.checkLock(ctx, svc, w)
}

// checkLock has the manager compare its lock files with what they lock. A
// command may do that by making them again: then they must not change. Only
// where lock files are made is all there that this needs; elsewhere installing
// exactly what is locked compares them as well.
func (p *proof) checkLock(ctx context.Context, svc *record.Service, w io.Writer) error {
	if !p.Lock || len(svc.Manager.Check) == 0 {
		return nil
	}
	before := p.lockFiles(svc)
	var out tailBuffer
	if err := p.project.Install(ctx, svc, run.CheckLock, io.MultiWriter(&out, w)); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(out.String(), 6))
	}
	if !maps.Equal(before, p.lockFiles(svc)) {
		return fmt.Errorf("%s does not fit %s: %s changes it", strings.Join(svc.Manager.Lock, " or "), svc.Manager.Manifest, strings.Join(record.Lines(svc.Manager.Check), " && "))
	}
	return nil
}

// lockFiles are the contents of a service's lock files, by path.
func (p *proof) lockFiles(svc *record.Service) map[string]string {
	out := map[string]string{}
	for _, name := range svc.Manager.Lock {
		path := filepath.Join(p.project.ServiceDir(svc), filepath.FromSlash(name))
		if data, err := os.ReadFile(path); err == nil {
			out[svc.Name+"/"+name] = string(data)
		}
	}
	return out
}

// install installs exactly what is locked. Where that fails, a lock file that
// the proof has made is made again: registries are served from many places, and
// the one may not have yet what the other has told of.
func (p *proof) install(ctx context.Context, svc *record.Service, w io.Writer) error {
	again := false
	return p.patient(ctx, w, func() error {
		if again && p.Lock {
			if err := p.forget(svc); err != nil {
				return err
			}
			if err := p.relock(ctx, svc, w); err != nil {
				return err
			}
			if err := p.locked(ctx, svc, w); err != nil {
				return err
			}
		}
		again = true
		return p.installOnce(ctx, svc, w)
	})
}

// forget removes the lock files of a service and what was installed.
func (p *proof) forget(svc *record.Service) error {
	if p.ForgetLock != nil {
		if err := p.ForgetLock(p.project, svc); err != nil {
			return err
		}
	}
	names := slices.Clone(svc.Manager.Lock)
	if svc.Manager.Modules != "" {
		names = append(names, svc.Manager.Modules)
	}
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(p.project.ServiceDir(svc), filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

func (p *proof) installOnce(ctx context.Context, svc *record.Service, w io.Writer) error {
	var out tailBuffer
	both := io.MultiWriter(&out, w)
	var err error
	if p.Install != nil {
		err = p.Install(ctx, p.project, svc, both)
	} else {
		err = p.project.Install(ctx, svc, run.InstallFrozen, both)
	}
	if err != nil {
		return unreached{fmt.Errorf("%w: %s", err, lastLines(out.String(), 6))}
	}
	if bad := warnings(out.String()); len(bad) > 0 {
		return fmt.Errorf("warns: %s", strings.Join(bad[:min(3, len(bad))], " | "))
	}
	return nil
}
