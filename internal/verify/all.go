package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// AllOptions say which combinations of a catalog to prove.
type AllOptions struct {
	Catalog *layer.Catalog
	Ledger  *ledger.Ledger // what is recorded; results are compared with it
	// Only keeps the combinations whose id matches one of these patterns, as
	// node-*; none keeps all.
	Only []string
	// Features, if not nil, are those that every combination has instead of the
	// usual ones, an empty list for none; then there are no variants.
	Features []string
	// Unproven keeps the combinations that the ledger does not show as proven
	// today: a run that was cut short goes on where it ended.
	Unproven bool
	// Shard and Shards split the list over machines: this one proves every
	// Shards-th, from Shard (1..Shards) on. 0 means one machine.
	Shard, Shards int
	// CI proves what changed, the oldest few and a few by chance.
	CI     bool
	Commit string // seeds the chance
	// Budget ends the run early: nothing begins that would not end in it. 0 is
	// without an end.
	Budget   time.Duration
	Parallel int    // proofs at once, 2 at most
	Scratch  string // folder for everything; empty: a temporary one
	// Logs is where the output of every step goes; empty keeps none.
	Logs string
	// Image is as in Options; it is asked about one combination of each
	// framework and package manager.
	Image    string
	Progress func(Event)
	// Done is told of each outcome as it comes, one at a time, so that what is
	// proven is kept when the run is cut short. An error ends the run.
	Done func(*Outcome) error

	suite []probe.Check // as in Options
}

// An Outcome is how the proof of one combination ended.
type Outcome struct {
	ID       string           `json:"id"`
	Why      string           `json:"why"`    // it was proven: asked for, changed, oldest, by chance
	Result   string           `json:"result"` // as ledger.Evidence.Result
	Evidence *ledger.Evidence `json:"evidence,omitempty"`
	// Differs are the results that differ from the recorded ones; a proof that
	// differs is a failure even where all passed.
	Differs []string `json:"differs,omitempty"`
	Error   string   `json:"error,omitempty"` // the proof itself broke
}

// OK tells whether the combination is proven.
func (o *Outcome) OK() bool {
	return o.Result == ledger.Passed && len(o.Differs) == 0 && o.Error == ""
}

// typical is how long a proof takes where nothing is known yet, and the least
// that is kept back from the budget for one.
const typical = 90 * time.Second

// All proves the chosen combinations and reports each. Those that did not fit
// into the budget are in left, and with CI those that have no evidence yet.
func All(ctx context.Context, o AllOptions) (outcomes []*Outcome, left []string, err error) {
	list, open, err := o.list()
	if err != nil {
		return nil, nil, err
	}
	if o.Scratch == "" {
		dir, err := os.MkdirTemp("", "fingerpost-verify-")
		if err != nil {
			return nil, nil, err
		}
		defer os.RemoveAll(dir)
		o.Scratch = dir
	}
	shared := newShared(filepath.Join(o.Scratch, "shared"))
	start := time.Now()
	var mu sync.Mutex
	next, longest := 0, typical
	take := func() *candidate {
		mu.Lock()
		defer mu.Unlock()
		if next >= len(list) || ctx.Err() != nil || err != nil {
			return nil
		}
		// The first one always begins: a budget below one proof proves nothing.
		if o.Budget > 0 && next > 0 && time.Since(start)+longest > o.Budget {
			for _, c := range list[next:] {
				left = append(left, c.ID)
			}
			next = len(list)
			return nil
		}
		next++
		return &list[next-1]
	}
	var wg sync.WaitGroup
	for n := range min(max(o.Parallel, 1), 2) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := &prover{dir: filepath.Join(o.Scratch, fmt.Sprintf("worker-%d", n)), shared: shared, o: o}
			defer w.close()
			for c := take(); c != nil; c = take() {
				began := time.Now()
				out := w.prove(ctx, c)
				mu.Lock()
				outcomes = append(outcomes, out)
				longest = max(longest, time.Since(began))
				if o.Done != nil && err == nil && ctx.Err() == nil {
					err = o.Done(out)
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	for _, c := range open {
		left = append(left, c.ID)
	}
	return outcomes, left, cmp.Or(err, ctx.Err())
}

// list is what will be proven, in order, and what a CI run leaves open.
func (o *AllOptions) list() (chosen, open []candidate, err error) {
	all, err := o.menu()
	if err != nil {
		return nil, nil, err
	}
	cands, err := candidates(all, o.Ledger)
	if err != nil {
		return nil, nil, err
	}
	if len(o.Only) > 0 {
		var kept []candidate
		for _, c := range cands {
			for _, pattern := range o.Only {
				if ok, err := path.Match(pattern, c.ID); err != nil {
					return nil, nil, hint.Misusef("quote it, as --only 'node-*'", "%q is not a pattern", pattern)
				} else if ok {
					kept = append(kept, c)
					break
				}
			}
		}
		if len(kept) == 0 {
			return nil, nil, hint.Misusef("see fingerpost list for what there is", "no combination matches %v", o.Only)
		}
		cands = kept
	}
	if o.Unproven {
		cands = slices.DeleteFunc(cands, func(c candidate) bool { return c.status.State == ledger.Proven })
	}
	if o.CI {
		cands, open = choose(cands, o.Commit)
	} else {
		cands = pairwise(cands)
	}
	if o.Shards > 1 {
		var kept []candidate
		for i, c := range cands {
			if i%o.Shards == o.Shard-1 {
				kept = append(kept, c)
			}
		}
		cands = kept
	}
	return cands, open, nil
}

// menu is what there is to prove: the combinations, the variants, the models and
// the splits.
func (o *AllOptions) menu() ([]*matrix.Combination, error) {
	if o.Features != nil {
		return matrix.With(o.Catalog, o.Features)
	}
	all, err := matrix.All(o.Catalog)
	if err != nil {
		return nil, err
	}
	variants, err := matrix.Variants(o.Catalog)
	if err != nil {
		return nil, err
	}
	models, err := matrix.Models(o.Catalog)
	if err != nil {
		return nil, err
	}
	splits, err := matrix.Splits(o.Catalog)
	return slices.Concat(all, variants, models, splits), err
}

// prover proves one combination after the other, with a PostgreSQL of its own:
// the probe stops it.
type prover struct {
	dir      string
	shared   *shared
	o        AllOptions
	postgres *run.Postgres
}

func (w *prover) close() {
	if w.postgres != nil {
		_ = w.postgres.Remove()
	}
	os.RemoveAll(w.dir)
}

// ready writes the combination's project to the prover's folder and gives the
// options with which it is proven or measured, and what removes it again.
func (w *prover) ready(c *candidate, linked *bool) (Options, func(), error) {
	dir, scratch := filepath.Join(w.dir, "project"), filepath.Join(w.dir, "scratch")
	remove := func() { os.RemoveAll(dir); os.RemoveAll(scratch) }
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return Options{}, remove, err
	}
	t, _, err := c.Render()
	if err != nil {
		return Options{}, remove, err
	}
	if err := t.Write(dir, tree.WriteOptions{}); err != nil {
		return Options{}, remove, err
	}
	h := fnv.New64a()
	h.Write([]byte(w.o.Commit + c.ID))
	image := ""
	if c.Image {
		image = w.o.Image
	}
	return Options{
		Dir: dir, Image: image, Scratch: scratch, Progress: w.o.Progress, Tree: c.digest, Own: true, Lock: true, Smoke: c.Smoke, Seed: h.Sum64(),
		Install: func(ctx context.Context, p *run.Project, svc *record.Service, out io.Writer) error {
			return w.shared.install(ctx, p, svc, linked, out)
		},
		LockWith: w.shared.lock, ForgetLock: w.shared.forget,
		Postgres: func(ctx context.Context) (*run.Postgres, error) {
			var err error
			if w.postgres == nil {
				w.postgres, err = run.StartPostgres(ctx, filepath.Join(w.dir, "postgres"), run.PostgresOptions{Throwaway: true})
			}
			return w.postgres, err
		},
		Log: w.o.log(c.ID), suite: w.o.suite,
	}, remove, nil
}

func (w *prover) prove(ctx context.Context, c *candidate) *Outcome {
	out := &Outcome{ID: c.ID, Why: c.why, Result: ledger.NotProven}
	linked := false
	options, remove, err := w.ready(c, &linked)
	defer remove()
	if err == nil {
		out.Evidence, err = Run(ctx, options)
	}
	if linked && out.Evidence != nil {
		out.Evidence.Replaced = append(out.Evidence.Replaced, "the installation: hard links to one that was made from the same lock file in the same run")
	}
	if err != nil {
		out.Error = err.Error()
		if errors.Is(err, context.Canceled) {
			return out
		}
		out.Result = ledger.Failed
		return out
	}
	out.Result = out.Evidence.Result()
	if c.status.State == ledger.Proven {
		out.Differs = ledger.Compare(w.o.Ledger.Get(c.ID), out.Evidence)
	}
	return out
}

// log keeps the output of a combination's steps in files.
func (o *AllOptions) log(id string) func(service, step, output string) {
	if o.Logs == "" {
		return nil
	}
	return func(service, step, output string) {
		dir := filepath.Join(o.Logs, id)
		if os.MkdirAll(dir, 0o755) == nil {
			os.WriteFile(filepath.Join(dir, service+step+".log"), []byte(output), fs.FileMode(0o644))
		}
	}
}
