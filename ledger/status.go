package ledger

import (
	"fmt"
	"slices"
)

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

// Status compares the evidence for id with today's digest of its rendered tree
// and those of the suites that prove it, any of which will do.
func (l *Ledger) Status(id, treeDigest string, suites ...string) Status {
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
	if e.Digests.Tree != treeDigest || !slices.Contains(suites, e.Digests.Suite) {
		what := "its templates have"
		if e.Digests.Tree == treeDigest {
			what = "the checks have"
		}
		return Status{State: Stale, Date: e.Date, Line: fmt.Sprintf("proven on %s, but %s changed since; fingerpost verify proves your copy", e.Date, what)}
	}
	return Status{State: Proven, Date: e.Date, Line: fmt.Sprintf("proven on %s: installed, linted, tested, started, and %d checks passed against it", e.Date, passed)}
}

// Compare lists what a new proof found otherwise than the recorded one: steps
// and checks that are missing, ended otherwise, or assert far less than they
// did. A count may move a little, for some checks assert per line of a log. Of
// proofs by different suites only what both checked is compared.
func Compare(recorded, fresh *Evidence) []string {
	if recorded == nil || fresh == nil {
		return nil
	}
	var out []string
	steps := map[string]string{}
	for _, s := range fresh.Steps {
		steps[s.Service+" "+s.Name] = s.Result
	}
	for _, s := range recorded.Steps {
		got := steps[s.Service+" "+s.Name]
		if got == "" && s.Name == ImageStep {
			continue // a run makes it only where it is asked to
		}
		if got != s.Result {
			out = append(out, fmt.Sprintf("step %s is %s, recorded as %s", of(s.Service, s.Name), orMissing(got), s.Result))
		}
	}
	checks := map[string]Check{}
	for _, c := range fresh.Checks {
		checks[c.Service+" "+c.ID] = c
	}
	for _, c := range recorded.Checks {
		got, made := checks[c.Service+" "+c.ID]
		switch {
		case !made && recorded.Digests.Suite != fresh.Digests.Suite:
		case got.Result != c.Result:
			out = append(out, fmt.Sprintf("check %s is %s, recorded as %s", of(c.Service, c.ID), orMissing(got.Result), c.Result))
		case got.Count*2 < c.Count:
			out = append(out, fmt.Sprintf("check %s made %d assertions, recorded with %d", of(c.Service, c.ID), got.Count, c.Count))
		}
	}
	return out
}

// of names what is of a service where there are several.
func of(service, name string) string {
	if service == "" {
		return name
	}
	return service + ": " + name
}

func orMissing(result string) string {
	if result == "" {
		return "missing"
	}
	return result
}
