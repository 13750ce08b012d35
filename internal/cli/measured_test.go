package cli

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// plant puts a ledger in the place of the embedded one for a test.
func plant(t *testing.T, files fs.FS) {
	t.Helper()
	was := evidence
	t.Cleanup(func() { evidence = was })
	evidence = func() fs.FS { return files }
}

// measuredAs makes a measurement of a combination, as templates are today.
func measuredAs(t *testing.T, c *matrix.Combination, read, memory float64) *ledger.Measurement {
	t.Helper()
	digest, err := c.Digest()
	if err != nil {
		t.Fatal(err)
	}
	m := &ledger.Measurement{
		Format: ledger.MeasuredFormat, ID: c.ID, Services: []ledger.Service{ledger.Service(c.Pick.Services[0])}, Tree: digest, Date: "2026-11-25",
		Machine: ledger.Machine{System: "linux/amd64", Processor: "a fast one", Cores: 2, Memory: 24}, Loaded: ledger.Pair{Service: memory, Bare: memory / 2}, Replaced: []string{},
	}
	for _, n := range []int{1, 32, 256} {
		speed := ledger.Speed{PerSecond: read, P50: 1, P99: 3}
		for _, what := range []string{"health", "health-logged", "read", "create"} {
			m.Rates = append(m.Rates, ledger.Rate{What: what, Connections: n, Processes: 1, Service: speed, Bare: &speed})
		}
	}
	return m
}

// decideAs is what decide prints for these answers.
func decideAs(t *testing.T, a guide.Answers, explain, asJSON bool) string {
	t.Helper()
	var out bytes.Buffer
	keep := func(guide.Answers) (guide.Answers, error) { return a, nil }
	if err := runDecide(&decideOptions{Streams: Streams{Out: &out}, Answers: keep, Explain: explain, JSON: asJSON}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parts are the decision and, apart from it, what was measured.
func parts(t *testing.T, text string) (decision, measured map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &decision); err != nil {
		t.Fatal(err)
	}
	measured, _ = decision["measured"].(map[string]any)
	delete(decision, "measured")
	return decision, measured
}

// What was measured is told beside a decision, all of it where everything is
// told, and changes nothing in it: not even where it says the contrary.
func TestDecideCitesMeasurements(t *testing.T) {
	catalog, menu, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	all, err := matrix.All(catalog)
	if err != nil {
		t.Fatal(err)
	}
	answers := guide.Answers{Knows: "javascript", Workload: "io", Values: []string{"throughput"}, Building: []string{"api"}, Shape: guide.Single}
	d, err := guide.Decide(answers, menu)
	if err != nil {
		t.Fatal(err)
	}
	want := d.Recommendation.Services[0]
	find := func(fits func(guide.Service) bool) *matrix.Combination {
		i := slices.IndexFunc(all, func(c *matrix.Combination) bool { return fits(c.Pick.Services[0]) })
		if i < 0 {
			t.Fatal("no such combination")
		}
		return all[i]
	}
	own := find(func(s guide.Service) bool {
		return s.Framework == want.Framework && s.ORM == want.ORM && s.Database == want.Database && s.PM != want.PM
	})
	sibling := find(func(s guide.Service) bool { return s.Language == want.Language && s.Framework != want.Framework })
	other := find(func(s guide.Service) bool { return s.Language != want.Language })

	plant(t, fstest.MapFS{})
	bare := decideAs(t, answers, false, false)
	if strings.Contains(bare, "easured") || strings.Contains(decideAs(t, answers, true, false), "Measured") {
		t.Errorf("without a measurement:\n%s", bare)
	}
	decision, none := parts(t, decideAs(t, answers, false, true))
	if !reflect.DeepEqual(none, map[string]any{"stacks": []any{}, "statements": []any{}}) {
		t.Errorf("without a measurement, JSON has %v", none)
	}

	dir := t.TempDir()
	plant(t, os.DirFS(dir))
	write := func(m *ledger.Measurement) {
		t.Helper()
		if err := m.Write(dir); err != nil {
			t.Fatal(err)
		}
	}

	// What a reason cites, where the stack itself was not measured; the figures
	// are against the guide and against the recommendation.
	write(measuredAs(t, sibling, 300, 90))
	write(measuredAs(t, other, 3000, 80))
	text := decideAs(t, answers, false, false)
	if strings.Count(text, "Measured:") != 1 || !strings.Contains(strings.Join(strings.Fields(text), " "), `Measured: "Node.js generally outperforms Python in raw throughput" does not hold for these starters;`) {
		t.Errorf("of a statement it says:\n%s", text)
	}
	if n := strings.Count(text, "\n"); n > 24 {
		t.Errorf("%d lines are more than a screen:\n%s", n, text)
	}
	got, seen := parts(t, decideAs(t, answers, false, true))
	if !reflect.DeepEqual(got, decision) {
		t.Error("a measurement changed the decision")
	}
	if stacks, _ := seen["stacks"].([]any); len(stacks) != 0 {
		t.Errorf("another framework's measurement stands for this one: %v", stacks)
	}
	statements, _ := seen["statements"].([]any)
	if len(statements) < 2 {
		t.Fatalf("statements are %v", statements)
	}
	first, _ := statements[0].(map[string]any)
	if rules, _ := first["rules"].([]any); first["holds"] != false || first["figures"] == "" || !slices.Contains(rules, any("throughput")) {
		t.Errorf("the first statement is %v", first)
	}
	// A statement that no reason cites is left out.
	_, seen = parts(t, decideAs(t, guide.Answers{Knows: "javascript", Building: []string{"realtime"}, Shape: guide.Single}, false, true))
	for _, s := range seen["statements"].([]any) {
		if strings.Contains(s.(map[string]any)["claim"].(string), "raw throughput") {
			t.Errorf("nothing asked for throughput, and it is told: %v", s)
		}
	}

	// The stack itself, by whichever manager it was installed.
	m := measuredAs(t, own, 4321, 77)
	write(m)
	text = strings.Join(strings.Fields(decideAs(t, answers, false, false)), " ")
	if strings.Count(text, "Measured:") != 1 || !strings.Contains(text, "Measured: 4321 notes read a second in one process (p99 3.0 ms), 77 MiB under load, on 2026-11-25; --explain has all of it.") {
		t.Errorf("of the stack it says:\n%s", text)
	}
	text = strings.Join(strings.Fields(decideAs(t, answers, true, false)), " ")
	for _, part := range []string{"= " + own.ID + " on 2026-11-25", "beside a bare hello-world of its framework: 1.00 of its health route", `"Node.js generally outperforms Python in raw throughput" holds for these starters:`, "throughput]"} {
		if !strings.Contains(text, part) {
			t.Errorf("--explain lacks %q:\n%s", part, text)
		}
	}
	_, seen = parts(t, decideAs(t, answers, false, true))
	stacks, _ := seen["stacks"].([]any)
	if len(stacks) != 1 {
		t.Fatalf("stacks are %v", stacks)
	}
	if s, _ := stacks[0].(map[string]any); s["service"] != "app" || s["id"] != own.ID || s["stale"] != false || s["rates"] == nil || s["machine"] == nil {
		t.Errorf("the stack is %v", s)
	}
	m.Tree = "sha256:of-yesterday"
	write(m)
	if text = strings.Join(strings.Fields(decideAs(t, answers, false, false)), " "); !strings.Contains(text, "its templates have changed since") {
		t.Errorf("an old measurement is not told as one:\n%s", text)
	}

	// new says the same of what it writes.
	var out bytes.Buffer
	o := &newOptions{Streams: Streams{Out: &out, Err: &out}, Path: filepath.Join(t.TempDir(), "shop"), Yes: true, DryRun: true, Answers: func(guide.Answers) (guide.Answers, error) { return answers, nil }}
	if err := runNew(o); err != nil {
		t.Fatal(err)
	}
	if text = strings.Join(strings.Fields(out.String()), " "); strings.Count(text, "measured: 4321 notes read a second") != 1 {
		t.Errorf("new says:\n%s", &out)
	}
	out.Reset()
	o.JSON = true
	if err := runNew(o); err != nil {
		t.Fatal(err)
	}
	if _, seen = parts(t, out.String()); len(seen["stacks"].([]any)) != 1 || len(seen["statements"].([]any)) != len(statements) {
		t.Errorf("new --json has %v", seen)
	}
}

// Each verdict is of a statement that some reason, or something to watch out
// for, is taken from.
func TestVerdictsAreCited(t *testing.T) {
	_, menu, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, a := range []guide.Answers{{Values: []string{"throughput"}, Workload: "io"}, {Knows: "python", Building: []string{"realtime"}}, {}, {Values: []string{"throughput"}}} {
		d, err := guide.Decide(a, menu)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range ledger.Verdicts(nil) {
			if len(d.Citing(v.Statement)) > 0 {
				cited[v.Statement] = true
			}
		}
	}
	for _, v := range ledger.Verdicts(nil) {
		if !cited[v.Statement] {
			t.Errorf("nothing cites %s (%s)", v.Statement, v.Claim)
		}
	}
}
