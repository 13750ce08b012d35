package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/templates"
)

// TestFaultTable: what the README of a split says of failures is what the suite
// of pairs sees, row by row and in no other words.
func TestFaultTable(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	splits, err := matrix.Splits(c)
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, f := range probe.Faults {
		want = append(want, []string{f.What, f.Answer})
	}
	for i, m := range splits {
		if i%9 != 0 { // one of each framework that asks
			continue
		}
		tree, _, err := m.Render()
		if err != nil {
			t.Fatal(err)
		}
		readme := tree.Get("README.md")
		if readme == nil {
			t.Fatalf("%s has no README", m.ID)
		}
		got := tableUnder(string(readme.Data), "## When something fails")
		if len(got) == 0 {
			t.Fatalf("%s: the README has no table of failures", m.ID)
		}
		if !slices.EqualFunc(got[1:], want, slices.Equal[[]string]) {
			t.Errorf("%s: the README says\n%q\nand the suite sees\n%q", m.ID, got[1:], want)
		}
	}
}

// tableUnder reads the first table under a heading, the row of titles included.
func tableUnder(markdown, heading string) (rows [][]string) {
	_, text, _ := strings.Cut(markdown, heading+"\n")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			return rows
		case !strings.HasPrefix(line, "|"):
			if len(rows) > 0 {
				return rows
			}
		case strings.Trim(line, "|-: ") != "":
			var row []string
			for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
				row = append(row, strings.TrimSpace(cell))
			}
			rows = append(rows, row)
		}
	}
	return rows
}
