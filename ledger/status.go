package ledger

import "fmt"

// A State is what the ledger knows of a combination.
type State string

// The states. Stale means that the templates or the probe have changed since.
const (
	Proven State = "proven"
	Stale  State = "stale"
	None   State = "none"
)

// A Status is the ledger's word on one combination.
type Status struct {
	State State
	Date  string // of the proof, empty for None
	Line  string // one line for a person
}

// Status compares the evidence for id with today's digests of its rendered
// tree and of the probe's sources.
func (l *Ledger) Status(id, treeDigest, suiteDigest string) Status {
	e := l.Get(id)
	if e == nil {
		return Status{State: None, Line: "this combination has not been proven yet; fingerpost verify proves your copy"}
	}
	passed := 0
	for _, c := range e.Checks {
		if c.Result == Passed {
			passed++
		}
	}
	if e.Digests.Tree != treeDigest || e.Digests.Suite != suiteDigest {
		what := "its templates have"
		if e.Digests.Tree == treeDigest {
			what = "the checks have"
		}
		return Status{State: Stale, Date: e.Date, Line: fmt.Sprintf("proven on %s, but %s changed since; fingerpost verify proves your copy", e.Date, what)}
	}
	return Status{State: Proven, Date: e.Date, Line: fmt.Sprintf("proven on %s: installed, linted, tested, started, and %d checks passed against it", e.Date, passed)}
}
