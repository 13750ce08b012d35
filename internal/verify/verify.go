// Package verify proves a generated project on this machine: it installs,
// checks, tests, starts and probes it, and gives the evidence.
// It does not decide what is proven in a CI run's budget beyond its own plan,
// and it changes nothing in the project's sources.
package verify

import (
	"context"
	"errors"

	"github.com/fingerpost/fingerpost/ledger"
)

// An Event is something that happened during a proof, for live progress.
type Event struct {
	ID      string       // the combination
	Step    string       // the step, as lint; or check for a check of the probe
	Started bool         // false when it has ended
	Result  *ledger.Step // how the step ended; nil while it runs
	Check   *ledger.Check
	Note    string // a line of news within a step
}

// Options say what to prove and how.
type Options struct {
	Dir      string // the project
	Scratch  string // folder for data of the run; empty: a temporary one
	Progress func(Event)
}

// Run proves the project at o.Dir. The error is about the proof itself; what
// is wrong with the project stands in the evidence.
func Run(ctx context.Context, o Options) (*ledger.Evidence, error) {
	return nil, errors.New("verify cannot run yet")
}
