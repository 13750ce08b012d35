// Package probe is the black-box suite that every generated service passes,
// whatever its framework: a table of checks, each with a name and a reason,
// run over HTTP against a copy of the service that it starts, stops and starves
// of its database. docs/service-contract.md says what it checks.
// It installs nothing, builds nothing and knows no framework.
package probe

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// A Check is one promise of the contract.
type Check struct {
	ID     string
	Name   string // what the service does, as a person would say it
	Reason string // why that matters
	// Applies says why the check does not apply to the target, "" if it does;
	// nil means that it always applies.
	Applies func(*Target) string
	Run     func(*T)
}

// The results of a check.
const (
	Passed        = "passed"
	Failed        = "failed"
	NotApplicable = "not-applicable"
	NotProven     = "not-proven"
)

// ErrNotHere says that something that a check needs cannot be done on this
// machine, as stopping somebody else's server: the check is then not proven.
var ErrNotHere = errors.New("not possible on this machine")

// A Result is how a check ended.
type Result struct {
	ID      string
	Name    string
	Result  string
	Count   int           // assertions made
	Took    time.Duration // wall clock
	Reason  string        // why it does not apply, or what was wrong
	Details []string      // every failed assertion, up to a limit
}

// maxDetails bounds what one check says about its failures: the first few tell
// the story, and a loop of two hundred requests would bury them.
const maxDetails = 8

// A T is handed to a check: it drives the target and counts assertions.
type T struct {
	ctx    context.Context
	run    *session
	count  int
	failed []string
	more   int
	said   string // what was measured // realtime
}

// stopped unwinds a check that cannot go on; Run recovers it.
type stopped struct{}

// unproven unwinds a check that cannot be made here.
type unproven struct{ why string }

// ok counts an assertion and keeps its failure. It returns cond.
func (t *T) ok(cond bool, format string, args ...any) bool {
	t.count++
	if !cond {
		t.fail(format, args...)
	}
	return cond
}

func (t *T) fail(format string, args ...any) {
	if len(t.failed) >= maxDetails {
		t.more++
		return
	}
	t.failed = append(t.failed, fmt.Sprintf(format, args...))
}

// must is ok for what the rest of the check stands on.
func (t *T) must(cond bool, format string, args ...any) {
	if !t.ok(cond, format, args...) {
		panic(stopped{})
	}
}

// can ends the check as not proven where err says that it is not possible here,
// and as failed for any other error.
func (t *T) can(err error, what string) {
	if errors.Is(err, ErrNotHere) {
		panic(unproven{fmt.Sprintf("%s: %v", what, err)})
	}
	t.must(err == nil, "%s: %v", what, err)
}

// Run runs the checks against the target in order and reports each as it ends.
// Checks go on after a failure: each says what it found.
func Run(ctx context.Context, target *Target, checks []Check, report func(Result)) []Result {
	s := newSession(target)
	defer s.close()
	var results []Result
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		r := s.one(ctx, c)
		results = append(results, r)
		if report != nil {
			report(r)
		}
	}
	return results
}

func (s *session) one(ctx context.Context, c Check) Result {
	r := Result{ID: c.ID, Name: c.Name}
	if c.Applies != nil {
		if why := c.Applies(s.target); why != "" {
			r.Result, r.Reason = NotApplicable, why
			return r
		}
	}
	t := &T{ctx: ctx, run: s}
	start := time.Now()
	func() {
		defer func() {
			switch p := recover().(type) {
			case nil, stopped:
			case unproven:
				r.Result, r.Reason = NotProven, p.why
			default:
				t.fail("the check itself broke: %v\n%s", p, debug.Stack())
			}
		}()
		c.Run(t)
	}()
	r.Took = time.Since(start)
	r.Count = t.count
	r.Details = t.failed
	if t.more > 0 {
		r.Details = append(r.Details, fmt.Sprintf("and %d more", t.more))
	}
	switch {
	case len(t.failed) > 0:
		r.Result, r.Reason = Failed, strings.Join(r.Details, "; ")
	case r.Result == NotProven:
	case t.count == 0:
		r.Result, r.Reason = Failed, "the check asserted nothing"
	default:
		r.Result = Passed
		r.Reason = t.said // realtime
	}
	return r
}
