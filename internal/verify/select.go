package verify

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// few is how many of the unchanged combinations a CI run proves for their age,
// and as many again by chance: what nothing in the repository has changed may
// still have broken, through a package or a runtime.
const few = 2

// A candidate is a combination that might be proven, and what the ledger knows.
type candidate struct {
	*matrix.Combination
	digest string
	status ledger.Status
	why    string // it is proven
}

// candidates asks the ledger about every combination.
func candidates(all []*matrix.Combination, l *ledger.Ledger) ([]candidate, error) {
	var out []candidate
	for _, m := range all {
		digest, err := m.Digest()
		if err != nil {
			return nil, err
		}
		out = append(out, candidate{Combination: m, digest: digest, status: l.Status(m.ID, digest, Suites(m)...), why: "asked for"})
	}
	return out, nil
}

// Suites are the digests of the suites that prove a combination.
func Suites(m *matrix.Combination) []string {
	if m.Pair() {
		_, both := probe.PairSuite()
		return []string{both}
	}
	_, whole := probe.SuiteOf(m.Live(), m.Predicts(), false)
	if m.Smoke {
		_, small := probe.SuiteOf(m.Live(), m.Predicts(), true)
		return []string{small, whole}
	}
	return []string{whole}
}

// choose orders what a CI run proves: all rows of the ledger that are stale,
// pairwise over the choices first so that a budget that ends early has still
// seen every pair; then the oldest few, then a few by chance. The commit seeds
// the chance, so that a run can be repeated. What has no row yet is nobody's
// promise: it is said to be open, and gets its row by a run over the menu.
func choose(all []candidate, commit string) (chosen, open []candidate) {
	var changed, rest []candidate
	for _, c := range all {
		switch c.status.State {
		case ledger.Proven:
			rest = append(rest, c)
		case ledger.Stale:
			changed = append(changed, because(c, "changed"))
		default:
			open = append(open, c)
		}
	}
	out := pairwise(changed)
	slices.SortStableFunc(rest, func(a, b candidate) int {
		return cmp.Or(strings.Compare(a.status.Date, b.status.Date), strings.Compare(a.ID, b.ID))
	})
	n := min(few, len(rest))
	for _, c := range rest[:n] {
		out = append(out, because(c, "oldest"))
	}
	rest = rest[n:]
	h := fnv.New64a()
	h.Write([]byte(commit))
	rng := rand.New(rand.NewPCG(h.Sum64(), 0))
	rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for _, c := range rest[:min(few, len(rest))] {
		out = append(out, because(c, "by chance"))
	}
	return out, open
}

func because(c candidate, why string) candidate {
	c.why = why
	return c
}

// pairwise orders candidates so that each next one brings the most pairs of
// choices that have not been seen.
func pairwise(list []candidate) []candidate {
	left := slices.Clone(list)
	slices.SortFunc(left, func(a, b candidate) int { return strings.Compare(a.ID, b.ID) })
	seen := map[[2]string]bool{}
	var out []candidate
	for len(left) > 0 {
		best, most := 0, -1
		for i, c := range left {
			fresh := 0
			for _, p := range pairs(c) {
				if !seen[p] {
					fresh++
				}
			}
			if fresh > most {
				best, most = i, fresh
			}
		}
		c := left[best]
		for _, p := range pairs(c) {
			seen[p] = true
		}
		out = append(out, c)
		left = slices.Delete(left, best, best+1)
	}
	return out
}

// pairs are the pairs of choices that a combination has within a service.
func pairs(c candidate) [][2]string {
	var out [][2]string
	for _, s := range c.Pick.Services {
		choices := []string{"framework " + s.Framework, "orm " + s.ORM, "database " + s.Database, "pm " + s.PM, "ml " + s.ML}
		for i, a := range choices {
			for _, b := range choices[i+1:] {
				out = append(out, [2]string{a, b})
			}
		}
	}
	return out
}
