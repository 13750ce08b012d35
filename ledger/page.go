package ledger

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Promise is what a check promises, for the page.
type Promise struct {
	ID, Name, Reason string
	Only             string // of the checks that not every project has: what they are of
}

// A Model is a combination with a machine learning library, proven or not.
type Model struct {
	ID   string
	Name string // the labels of both choices: "<library> with <framework>"
}

// Markdown is docs/verified.md: what was proven, when and with what, and what
// the checks promise. What has other features than the usual ones stands apart,
// and so do the models, of which those that are not proven are named as well.
func (l *Ledger) Markdown(promises []Promise, models []Model, usual func(features []string) bool) string {
	var b strings.Builder
	b.WriteString(`# What is proven

Generated from the files under ` + "`ledger/`" + `, which ` + "`fingerpost verify`" + ` alone writes. Each row is a combination that was
generated, installed from its lock file, checked for formatting, linted, type-checked, tested twice, migrated, started and
probed on one machine. ` + "`fingerpost list verified`" + ` says which of them are stale: whose templates or checks have changed since.
Where a combination differs from another one in its package manager alone, the manager that the guide recommends gets the whole suite
and the others a smaller set of checks, beside all the other steps; that their sources are the same is a test.

`)
	var rows, variants []*Evidence
	for _, e := range l.rows {
		if slices.ContainsFunc(models, func(m Model) bool { return m.ID == e.ID }) {
			continue
		}
		if slices.ContainsFunc(e.Services, func(s Service) bool { return !usual(s.Features) }) {
			variants = append(variants, e)
		} else {
			rows = append(rows, e)
		}
	}
	writeRows(&b, rows, promises)
	if len(variants) > 0 {
		b.WriteString("\n## With other features\n\nEach framework without any feature, with each one alone, and what else was proven with others than the usual ones.\n\n")
		writeRows(&b, variants, promises)
	}
	l.writeModels(&b, models, promises)
	writePromises(&b, "The checks", promises, "")
	for i, p := range promises {
		if p.Only != "" && !slices.ContainsFunc(promises[:i], func(o Promise) bool { return o.Only == p.Only }) {
			writePromises(&b, "The checks of "+p.Only, promises, p.Only)
		}
	}
	if replaced := l.replaced(); len(replaced) > 0 {
		b.WriteString("\n## Replaced for the proof\n\n")
		for _, r := range replaced {
			fmt.Fprintf(&b, "- %s\n", r)
		}
	}
	return b.String()
}

// writeRows writes a table of evidence.
func writeRows(b *strings.Builder, rows []*Evidence, promises []Promise) {
	if len(rows) == 0 {
		b.WriteString("Nothing yet.\n")
		return
	}
	b.WriteString("| combination | proven | checks | assertions | ready in | tests | with |\n|---|---|---|---|---|---|---|\n")
	for _, e := range rows {
		fmt.Fprintf(b, "| `%s` | %s |\n", e.ID, e.cells(promises))
	}
}

// writeModels writes a table of what has a machine learning library.
func (l *Ledger) writeModels(b *strings.Builder, models []Model, promises []Promise) {
	if len(models) == 0 {
		return
	}
	b.WriteString("\n## With a machine learning library\n\nEach library in a service of each framework, beside other choices each time.\n\n")
	b.WriteString("| what | combination | proven | checks | assertions | ready in | tests | with |\n|---|---|---|---|---|---|---|---|\n")
	for _, m := range models {
		cells := "not yet | | | | |"
		if e := l.Get(m.ID); e != nil {
			cells = e.cells(promises) + " |"
		}
		fmt.Fprintf(b, "| %s | `%s` | %s\n", m.Name, m.ID, cells)
	}
}

// cells are a row's, from the date on.
func (e *Evidence) cells(promises []Promise) string {
	passed, skipped, count := 0, 0, 0
	made := map[string]bool{}
	for _, c := range e.Checks {
		made[c.ID] = true
		count += c.Count
		if c.Result == Passed {
			passed++
		} else {
			skipped++
		}
	}
	checks := fmt.Sprint(passed)
	if slices.ContainsFunc(promises, func(p Promise) bool { return p.Only == "" && !made[p.ID] }) {
		checks += " of the smaller set"
	}
	if skipped > 0 {
		checks += fmt.Sprintf(" (%d n/a)", skipped)
	}
	return fmt.Sprintf("%s | %s | %d | %s | %s | %s", e.Date, checks, count, e.took("boot"), e.took("test"), e.with())
}

// writePromises writes a table of checks: those of what only some have, or the
// others.
func writePromises(b *strings.Builder, title string, promises []Promise, only string) {
	fmt.Fprintf(b, "\n## %s\n\n| check | the service ... | because |\n|---|---|---|\n", title)
	for _, p := range promises {
		if p.Only == only {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.ID, p.Name, p.Reason)
		}
	}
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
