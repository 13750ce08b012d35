package matrix

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/templates"
)

var update = flag.Bool("update", false, "write testdata/splits.txt")

// TestSplits: each pair of frameworks occurs with each ML library once, and
// every pair of choices that can stand together at least once; the plan is the
// committed one.
func TestSplits(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	splits, err := Splits(c)
	if err != nil {
		t.Fatal(err)
	}
	apis, mls := sides(c)
	corners := map[[3]string]int{}
	for _, a := range apis {
		for _, m := range mls {
			corners[[3]string{a.Framework, m.Framework, m.ML}] = 0
		}
	}
	ids := map[string]bool{}
	seen := map[[2]choice]bool{}
	for _, m := range splits {
		if len(m.Pick.Services) != 2 || !m.Pair() || !m.Live() || !m.Predicts() || m.Smoke || m.Image || ids[m.ID] {
			t.Fatalf("%s is no split: %+v", m.ID, m.Pick)
		}
		ids[m.ID] = true
		api, ml := m.Pick.Services[0], m.Pick.Services[1]
		corners[[3]string{api.Framework, ml.Framework, ml.ML}]++
		if ml.ORM != "" || ml.Database != "" || api.ML != "" {
			t.Errorf("%s: %+v asks %+v", m.ID, api, ml)
		}
		for _, p := range pairsOf(choicesOf(api, ml)) {
			seen[p] = true
		}
		if _, err := m.Digest(); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
		again, err := Of(c, m.Pick)
		if err != nil || again.ID != m.ID {
			t.Errorf("%s: again it is %v, %v", m.ID, again, err)
		}
	}
	if len(splits) != len(corners) || len(splits) == 0 {
		t.Errorf("%d splits for %d corners", len(splits), len(corners))
	}
	for corner, n := range corners {
		if n != 1 {
			t.Errorf("%v: %d splits, want one", corner, n)
		}
	}
	missing := map[[2]choice]bool{}
	var every []guide.Service
	every = append(every, apis...)
	for _, a := range every {
		for _, m := range mls {
			for _, p := range pairsOf(choicesOf(a, m)) {
				if !seen[p] {
					missing[p] = true
				}
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("%d pairs of choices do not occur: %v", len(missing), missing)
	}
	path := filepath.Join("testdata", "splits.txt")
	want := Plan(splits)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s is not the plan (%v); write it with: go test ./internal/verify/matrix -run TestSplits -update", path, err)
	}
	all, err := All(c)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(all, func(m *Combination) bool { return ids[m.ID] || m.Pair() }) {
		t.Error("a split stands among the single projects")
	}
}
