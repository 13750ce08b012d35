package ledger

import (
	"fmt"
	"sort"
	"strings"
)

// Promise is what a check promises, for the page.
type Promise struct{ ID, Name, Reason string }

// Markdown is docs/verified.md: what was proven, when and with what, and what
// the checks promise.
func (l *Ledger) Markdown(promises []Promise) string {
	var b strings.Builder
	b.WriteString(`# What is proven

Generated from the files under ` + "`ledger/`" + `, which ` + "`fingerpost verify`" + ` alone writes. Each row is a combination that was
generated, installed from its lock file, checked for formatting, linted, type-checked, tested twice, migrated, started and
probed on one machine. ` + "`fingerpost list verified`" + ` says which of them are stale: whose templates or checks have changed since.
Where a combination differs from another one in its package manager alone, the manager that the guide recommends gets the whole suite
and the others a smaller set of checks, beside all the other steps; that their sources are the same is a test.

`)
	if len(l.rows) == 0 {
		b.WriteString("Nothing yet.\n")
	} else {
		b.WriteString("| combination | proven | checks | assertions | ready in | tests | with |\n|---|---|---|---|---|---|---|\n")
		for _, e := range l.rows {
			passed, skipped, count := 0, 0, 0
			for _, c := range e.Checks {
				count += c.Count
				if c.Result == Passed {
					passed++
				} else {
					skipped++
				}
			}
			checks := fmt.Sprint(passed)
			if len(e.Checks) < len(promises) {
				checks += " of the smaller set"
			}
			if skipped > 0 {
				checks += fmt.Sprintf(" (%d n/a)", skipped)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %d | %s | %s | %s |\n", e.ID, e.Date, checks, count, e.took("boot"), e.took("test"), e.with())
		}
	}
	b.WriteString("\n## The checks\n\n| check | the service ... | because |\n|---|---|---|\n")
	for _, p := range promises {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.ID, p.Name, p.Reason)
	}
	if replaced := l.replaced(); len(replaced) > 0 {
		b.WriteString("\n## Replaced for the proof\n\n")
		for _, r := range replaced {
			fmt.Fprintf(&b, "- %s\n", r)
		}
	}
	return b.String()
}

// took is how long a step took, over all services.
func (e *Evidence) took(step string) string {
	total := 0.0
	for _, s := range e.Steps {
		if s.Name == step {
			total += s.Seconds
		}
	}
	return fmt.Sprintf("%.1f s", total)
}

// with names the versions of the tools.
func (e *Evidence) with() string {
	var out []string
	for name, v := range e.Versions {
		if name != "system" {
			out = append(out, name+" "+v)
		}
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

// replaced lists each replacement once, with what it was replaced for.
func (l *Ledger) replaced() []string {
	by := map[string][]string{}
	for _, e := range l.rows {
		for _, r := range e.Replaced {
			by[r] = append(by[r], "`"+e.ID+"`")
		}
	}
	var out []string
	for r, ids := range by {
		out = append(out, fmt.Sprintf("%s: %s", r, strings.Join(ids, ", ")))
	}
	sort.Strings(out)
	return out
}
