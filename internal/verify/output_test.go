package verify

import (
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		line string
		want bool
	}{
		{"npm warn deprecated glob@7.2.3: old versions are not supported", true},
		{"npm WARN deprecated inflight@1.0.6", true},
		{"(node:123) ExperimentalWarning: SQLite is an experimental feature", true},
		{"DeprecationWarning: datetime.utcnow() is deprecated", true},
		{"\x1b[33mwarning\x1b[0m: `x` is unused", true},
		{"WARNING: Package(s) not found: x", true},
		{"src/app.py:3: UserWarning: careful", true},
		{"Found 0 warnings and 0 errors.", false},
		{"3 passed, no warnings", false},
		{"added 120 packages in 3s", false},
		{"npm warn Unknown env config \"x\". This will stop working", false},
		{"warning: Failed to hardlink files; falling back to full copy.", false},
		{"✔ refuses a warnless start (3ms)", false},
		{"oxlint --deny-warnings", false},
	} {
		if got := len(warnings("before\n"+c.line+"\nafter")) > 0; got != c.want {
			t.Errorf("%q: a warning is %v, want %v", c.line, got, c.want)
		}
	}
}

func TestCountTests(t *testing.T) {
	for _, c := range []struct{ output, want string }{
		{"ℹ tests 0\nℹ pass 0\nℹ skipped 0", "0 tests passed"},
		{"ℹ tests 31\nℹ pass 31\nℹ fail 0\nℹ skipped 0\nℹ todo 0", ""},
		{"# tests 31\n# pass 31\n# skipped 2", "left out"},
		{"......\n31 passed in 1.20s", ""},
		{"============ 31 passed, 2 skipped in 1.20s ============", "left out"},
		{"no tests ran in 0.01s", "0 tests passed"},
		{"      Tests  31 passed (31)", ""},
		{"", "0 tests passed"},
	} {
		err := countTests(c.output)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.output, err, c.want)
		}
	}
}

func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		output string
		want   float64
	}{
		{"ℹ file | line % | branch % | funcs % |\nℹ all files      |  96.15 |    87.50 |   90.00 | \n", 96.15},
		{"Name   Stmts   Miss  Cover\nTOTAL    500     10    98%\n", 98},
		{"\x1b[1mAll files   |   95.2 |    88.1 |      90 |   95.1 |\x1b[0m\n", 95.2},
		{"TOTAL   100   0   100.00%", 100},
	} {
		if got, err := coverage(c.output); err != nil || got != c.want {
			t.Errorf("%q: %v, %v; want %v", c.output, got, err, c.want)
		}
	}
	if _, err := coverage("12 passed in total\n"); err == nil {
		t.Error("an output without a figure is no error")
	}
}
