package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// evidence is a whole proof with little in it.
func evidence() *Evidence {
	return &Evidence{
		Format: Format, ID: "node-x.orm-y.db-z.pm-w", Shape: "single",
		Services: []Service{{Name: "app", Language: "node", Framework: "x", ORM: "y", PM: "w", Database: "z", Features: []string{"ci"}}},
		Digests:  Digests{Tree: "sha256:t", Suite: "sha256:s", Lock: "sha256:l"},
		Versions: map[string]string{"node": "24.0.0", "system": "linux/amd64"}, Date: "2026-11-24",
		Steps:    []Step{{Name: "lint", Result: Passed, Seconds: 1.5}, {Name: "build", Result: NotApplicable, Reason: "nothing to build"}},
		Checks:   []Check{{ID: "create", Result: Passed, Count: 10}, {ID: "lock", Result: NotApplicable, Reason: "not SQLite"}},
		Replaced: []string{},
	}
}

// TestResult shows what makes a proof whole.
func TestResult(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Evidence)
		want   string
	}{
		{"whole", func(*Evidence) {}, Passed},
		{"a failed step", func(e *Evidence) { e.Steps[0].Result = Failed }, Failed},
		{"a failed check", func(e *Evidence) { e.Checks[0].Result = Failed }, Failed},
		{"a check without assertions", func(e *Evidence) { e.Checks[0].Count = 0 }, Failed},
		{"a step that could not be run", func(e *Evidence) { e.Steps[0].Result = NotProven }, NotProven},
		{"a step that could not be run after one that failed", func(e *Evidence) { e.Steps[0].Result, e.Steps[1].Result = Failed, NotProven }, Failed},
		{"no checks", func(e *Evidence) { e.Checks = nil }, NotProven},
		{"no checks after a failed step", func(e *Evidence) { e.Checks, e.Steps[0].Result = nil, Failed }, Failed},
		{"nothing", func(e *Evidence) { e.Checks, e.Steps = nil, nil }, NotProven},
	} {
		e := evidence()
		c.change(e)
		if got := e.Result(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		dir := t.TempDir()
		err := e.Write(dir)
		if (err == nil) != (c.want == Passed) {
			t.Errorf("%s: written with error %v", c.name, err)
		}
		if files, _ := os.ReadDir(dir); (len(files) == 1) != (c.want == Passed) {
			t.Errorf("%s: %d files in the ledger", c.name, len(files))
		}
	}
}

// TestLoad refuses what is no evidence.
func TestLoad(t *testing.T) {
	whole, err := evidence().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, data, want string }{
		{"node-x.orm-y.db-z.pm-w.json", string(whole), ""},
		{"another.json", string(whole), "is evidence for node-x"},
		{"node-x.orm-y.db-z.pm-w.json", strings.Replace(string(whole), `"format": 1`, `"format": 2`, 1), "format 2"},
		{"node-x.orm-y.db-z.pm-w.json", strings.Replace(string(whole), `"shape"`, `"shapes"`, 1), "unknown field"},
		{"node-x.orm-y.db-z.pm-w.json", "{", "unexpected EOF"},
	} {
		l, err := Load(fstest.MapFS{c.name: {Data: []byte(c.data)}})
		switch {
		case c.want == "" && (err != nil || l.Get("node-x.orm-y.db-z.pm-w") == nil):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestStatus shows when a proof still counts.
func TestStatus(t *testing.T) {
	l := &Ledger{rows: []*Evidence{evidence()}}
	id := evidence().ID
	for _, c := range []struct {
		id, tree, suite string
		state           State
		says            string
	}{
		{id, "sha256:t", "sha256:s", Proven, "proven on 2026-11-24"},
		{id, "sha256:T", "sha256:s", Stale, "templates have changed"},
		{id, "sha256:t", "sha256:S", Stale, "checks have changed"},
		{"other", "sha256:t", "sha256:s", None, "not been proven"},
	} {
		got := l.Status(c.id, c.tree, "sha256:other", c.suite)
		if got.State != c.state || !strings.Contains(got.Line, c.says) || strings.Contains(got.Line, "\n") {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// TestCompare shows which differences a second proof is red for.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Evidence)
		want   string
	}{
		{"the same", func(*Evidence) {}, ""},
		{"slower", func(e *Evidence) { e.Steps[0].Seconds = 90; e.Date = "2027-01-01" }, ""},
		{"a few assertions less", func(e *Evidence) { e.Checks[0].Count = 8 }, ""},
		{"far fewer assertions", func(e *Evidence) { e.Checks[0].Count = 4 }, "check create made 4 assertions, recorded with 10"},
		{"a check gone", func(e *Evidence) { e.Checks = e.Checks[1:] }, "check create is missing, recorded as passed"},
		{"a check that does not apply any more", func(e *Evidence) { e.Checks[0].Result = NotApplicable }, "check create is not-applicable, recorded as passed"},
		{"a smaller suite", func(e *Evidence) { e.Checks = e.Checks[1:]; e.Digests.Suite = "sha256:smoke" }, ""},
		{"a smaller suite that failed", func(e *Evidence) { e.Checks[0].Result = Failed; e.Digests.Suite = "sha256:smoke" }, "check create is failed, recorded as passed"},
		{"a step gone", func(e *Evidence) { e.Steps = e.Steps[1:] }, "step lint is missing, recorded as passed"},
		{"a step that failed", func(e *Evidence) { e.Steps[0].Result = Failed }, "step lint is failed, recorded as passed"},
		{"a new check", func(e *Evidence) { e.Checks = append(e.Checks, Check{ID: "new", Result: Passed, Count: 1}) }, ""},
	} {
		e := evidence()
		c.change(e)
		if got := strings.Join(Compare(evidence(), e), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCommitted holds what is committed to what a run of verify writes: whole,
// passed, and printed as Encode prints.
func TestCommitted(t *testing.T) {
	l, err := Load(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range l.Rows() {
		if r := e.Result(); r != Passed {
			t.Errorf("%s is %s", e.ID, r)
		}
		if e.Digests.Tree == "" || e.Digests.Suite == "" || e.Digests.Lock == "" || e.Date == "" || len(e.Versions) < 2 {
			t.Errorf("%s: not whole", e.ID)
		}
		want, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(".", e.ID+".json")); err != nil || string(got) != string(want) {
			t.Errorf("%s: not as verify writes it (%v)", e.ID, err)
		}
	}
}
