package guide

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/guide-coverage.md anew")

// docs/guide-coverage.md lists each statement of the guide with the rules that
// carry it, and is always what the rules say today.
func TestGuideCoverage(t *testing.T) {
	const path = "../../docs/guide-coverage.md"
	want := coverage(builtin())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: go test ./internal/guide -run Coverage -update", path)
	}
}

// Every statement is carried by a rule, if only as context.
func TestEveryStatementHasARule(t *testing.T) {
	for _, s := range builtin().Statements {
		if !slices.ContainsFunc(builtin().rules, func(c *rule) bool { return slices.Contains(c.Source, s.ID) || slices.Contains(c.Among, s.ID) }) {
			t.Errorf("statement %s: no rule comes from it", s.ID)
		}
	}
}

func coverage(r *ruleset) string {
	var b strings.Builder
	b.WriteString(`# What the guide states, and the rules that carry it

The guide is "Node.js vs Python for Backend Development: 2026 Decision Guide"; its statements are told here in our own
words, under its own headings. A rule with a weight speaks for what stands behind the arrow; *context* decides nothing and
is shown where it matters; *watch* says where the winner is weak, with the file that deals with it.

This page is made from ` + "`internal/guide/rules.toml`" + ` by ` + "`go test ./internal/guide -run Coverage -update`" + `; the same test
without the flag fails when it is stale.
`)
	var headings []string
	for _, s := range r.Statements {
		if !slices.Contains(headings, s.Heading) {
			headings = append(headings, s.Heading)
		}
	}
	for _, h := range headings {
		fmt.Fprintf(&b, "\n## %s\n\n| The guide states | Rules |\n|---|---|\n", h)
		for _, s := range r.Statements {
			if s.Heading != h {
				continue
			}
			var rules []string
			for _, row := range r.Rules { // in the order of the file
				if slices.Contains(row.Source, s.ID) {
					rules = append(rules, ruleInShort(row))
				}
				if slices.Contains(row.Among, s.ID) {
					rules = append(rules, ruleInShort(row)+", where the guide has no preference")
				}
			}
			fmt.Fprintf(&b, "| %s | %s |\n", s.Says, strings.Join(rules, "<br>"))
		}
	}
	b.WriteString("\n## Promised and not given\n\n| Rule | What is said instead |\n|---|---|\n")
	for _, row := range r.Rules {
		if row.Kind == kindPromise {
			fmt.Fprintf(&b, "| `%s` | %s |\n", row.ID, row.Because)
		}
	}
	b.WriteString("\n## Where the guide is silent\n\nThese rules have no statement behind them; the reason is the field's.\n\n| Rule | Reason |\n|---|---|\n")
	for _, row := range r.Rules {
		if len(row.Source) == 0 {
			fmt.Fprintf(&b, "| %s | %s |\n", ruleInShort(row), row.Because)
		}
	}
	return b.String()
}

func ruleInShort(row ruleRow) string {
	out := "`" + row.ID + "`"
	switch {
	case row.Kind == kindContext, row.Kind == kindPromise, row.Kind == kindWatch:
		out += " *" + row.Kind + "*"
	case row.Kind == kindTie:
		out += " → " + strings.Join(row.Favours, ", ") + " at a tie"
	default:
		out += fmt.Sprintf(" → %s %+d", strings.Join(row.Favours, ", "), row.Weight)
	}
	if len(row.When) > 0 {
		out += " (" + strings.ReplaceAll(strings.Join(row.When, "; "), "|", "or") + ")"
	}
	return out
}
