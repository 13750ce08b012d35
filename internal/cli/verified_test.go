package cli

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/verify"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// What is proven is said to be proven, what has changed since is said to be
// stale, by list verified and by new alike.
func TestVerified(t *testing.T) {
	catalog, _, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	all, err := matrix.All(catalog)
	if err != nil || len(all) < 3 {
		t.Fatalf("%d combinations, %v", len(all), err)
	}
	models, err := matrix.Models(catalog)
	if err != nil || len(models) < 2 {
		t.Fatalf("%d models, %v", len(models), err)
	}
	files := evidenceFor(t, all[0], all[1], models[0])
	defer func(was func() fs.FS) { evidence = was }(evidence)
	evidence = func() fs.FS { return files }

	for i, want := range []ledger.State{ledger.Proven, ledger.Stale, ledger.None} {
		l, err := ledger.Load(alone{files, all[i].ID + ".json"})
		if err != nil || len(l.Rows()) != map[bool]int{true: 1}[i < 2] {
			t.Fatalf("%s: %v, %v", all[i].ID, l, err)
		}
		st, err := standing(l, catalog, all[i].Pick, all[i].ID)
		if err != nil || st.State != want || st.Line == "" {
			t.Errorf("%s: %+v, %v, want %s", all[i].ID, st, err, want)
		}
	}

	var out bytes.Buffer
	if err := runList(&listOptions{Streams: Streams{Out: &out}, Kind: "verified", JSON: true}); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(out.Bytes(), &rows); err != nil || len(rows) != 3 {
		t.Fatalf("%v: %s", err, &out)
	}
	for i, state := range []string{"proven", "stale"} {
		s := all[i].Pick.Services[0]
		i := slices.IndexFunc(rows, func(row map[string]any) bool { return row["id"] == all[i].ID })
		for key, want := range map[string]any{"id": all[i].ID, "state": state, "date": "2026-11-24", "shape": "single", "framework": s.Framework, "orm": s.ORM, "pm": s.PM, "database": s.Database, "ml": ""} {
			if rows[i][key] != want {
				t.Errorf("%s: %s is %v, want %v", all[i].ID, key, rows[i][key], want)
			}
		}
		if steps, _ := rows[i]["steps"].([]any); len(steps) != 1 {
			t.Errorf("%s: steps are %v", all[i].ID, rows[i]["steps"])
		}
	}

	// A project with fewer features is told of the proof with all of them.
	rec := all[0].Pick
	rec.Services = slices.Clone(rec.Services)
	rec.Services[0].Features = nil
	fewer, err := matrix.Of(catalog, rec)
	if err != nil {
		t.Fatal(err)
	}
	line, err := verifiedLine(catalog, &project{plan: &plan.Plan{ID: fewer.ID}, decision: &guide.Decision{Recommendation: rec}})
	if err != nil || !strings.HasPrefix(line, "with all features (ci, docker, realtime) proven on 2026-11-24") {
		t.Errorf("with fewer features: %q, %v", line, err)
	}

	out.Reset()
	if err := runList(&listOptions{Streams: Streams{Out: &out}, Kind: "verified"}); err != nil {
		t.Fatal(err)
	}
	named, err := verify.Models(catalog)
	if err != nil {
		t.Fatal(err)
	}
	with := "With a machine learning library:\n"
	for i, m := range named {
		state := "not proven yet"
		if i == 0 {
			state = "proven on 2026-11-24: 1 steps, 1 checks"
		}
		with += m.ID + "\n  " + m.Name + ": " + state + "\n"
	}
	if !strings.HasSuffix(out.String(), with) || strings.Count(out.String(), named[0].ID) != 1 {
		t.Errorf("the models:\n%s", &out)
	}
	for _, want := range []string{all[0].ID + "\n  proven on 2026-11-24: 1 steps, 1 checks", all[1].ID + "\n  stale, for templates or checks have changed; proven on 2026-11-24"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, &out)
		}
	}
}

// evidenceFor makes a ledger with today's proof of one combination and an
// outdated one of another.
func evidenceFor(t *testing.T, proven, stale *matrix.Combination, more ...*matrix.Combination) fs.FS {
	t.Helper()
	dir := t.TempDir()
	for _, m := range append([]*matrix.Combination{proven, stale}, more...) {
		digest, err := m.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if m == stale {
			digest = "sha256:of-yesterday"
		}
		s := m.Pick.Services[0]
		e := &ledger.Evidence{
			Format: ledger.Format, ID: m.ID, Shape: m.Pick.Shape, Services: []ledger.Service{ledger.Service(s)}, Date: "2026-11-24",
			Digests: ledger.Digests{Tree: digest, Suite: verify.Suites(m)[0], Lock: "sha256:x"}, Versions: map[string]string{},
			Steps: []ledger.Step{{Name: "install", Result: ledger.Passed}}, Checks: []ledger.Check{{ID: "create", Result: ledger.Passed, Count: 1}},
		}
		if err := e.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	return os.DirFS(dir)
}
