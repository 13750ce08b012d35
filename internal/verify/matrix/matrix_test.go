package matrix

import (
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/templates"
)

// TestAll renders the whole menu: every combination has an id and a digest of
// its own, and the same again when it is asked for by its recommendation.
func TestAll(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := All(c)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("the menu has no combination")
	}
	ids, digests := map[string]bool{}, map[string]string{}
	for _, m := range all {
		d, err := m.Digest()
		if err != nil {
			t.Errorf("%s: %v", m.ID, err)
			continue
		}
		if ids[m.ID] {
			t.Errorf("%s is there twice", m.ID)
		}
		if other := digests[d]; other != "" {
			t.Errorf("%s and %s are the same tree", m.ID, other)
		}
		ids[m.ID], digests[d] = true, m.ID
		again, err := Of(c, m.Pick)
		if err != nil {
			t.Errorf("%s: %v", m.ID, err)
			continue
		}
		if e, err := again.Digest(); err != nil || e != d || again.ID != m.ID {
			t.Errorf("%s: again it is %s with %s, want %s (%v)", m.ID, again.ID, e, d, err)
		}
	}
}

// TestVariants: of each framework there is one without features, one with each
// alone and one with all, but for what All has; they are proven whole, and
// all renders.
func TestVariants(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := All(c)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, m := range all {
		ids[m.ID] = true
	}
	variants, err := Variants(c)
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]map[string]bool{}
	for _, m := range variants {
		s := m.Pick.Services[0]
		if ids[m.ID] || m.Smoke || s.Database != variants[0].Pick.Services[0].Database {
			t.Errorf("%s: there already: %v, the smaller set: %v", m.ID, ids[m.ID], m.Smoke)
		}
		ids[m.ID] = true
		if _, err := m.Digest(); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
		if sets[s.Framework] == nil {
			sets[s.Framework] = map[string]bool{}
		}
		sets[s.Framework][strings.Join(s.Features, "+")] = true
		if live := slices.Contains(s.Features, "realtime"); live != m.Live() {
			t.Errorf("%s: real-time: %v", m.ID, m.Live())
		}
	}
	every := len(c.Choices("feature")) + 2
	if usual := len(Features); usual <= 1 || usual == len(c.Choices("feature")) {
		every--
	}
	for _, l := range c.Choices("framework") {
		if got := sets[l.Value]; len(got) != every || !got[""] {
			t.Errorf("%s: %v, want %d sets of features", l.Value, got, every)
		}
	}
	if !Usual(Features) || Usual(nil) {
		t.Error("the usual features are not those of a proof")
	}
}

// TestModels: each ML library stands once beside each framework that it fits,
// and everything else that there is for these occurs as well.
func TestModels(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	models, err := Models(c)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range models {
		s := m.Pick.Services[0]
		seen[s.Framework+" "+s.ML]++
		if s.ML == "" || m.Smoke || m.Image || !m.Predicts() {
			t.Errorf("%s: predicts: %v, the smaller set: %v", m.ID, m.Predicts(), m.Smoke)
		}
		if _, err := m.Digest(); err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
	}
	if len(models) == 0 || len(seen) != len(models) {
		t.Errorf("%d projects with a model: %v", len(models), seen)
	}
}

// TestOneManagerIsWhole: the whole suite runs on exactly one manager of each
// framework, ORM and database.
func TestOneManagerIsWhole(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := All(c)
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string][]string{}
	for _, m := range all {
		s := m.Pick.Services[0]
		cell := s.Framework + " " + s.ORM + " " + s.Database
		whole[cell] = append(whole[cell], nil...)
		if !m.Smoke {
			whole[cell] = append(whole[cell], s.PM)
		}
	}
	for cell, managers := range whole {
		if len(managers) != 1 {
			t.Errorf("%s: the whole suite runs with %v, want one manager", cell, managers)
		}
	}
}

// TestOneImage: of each framework and package manager one combination is for
// images, and every ORM, and every database of the framework, is among them.
func TestOneImage(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := All(c)
	if err != nil {
		t.Fatal(err)
	}
	images, wanted := map[string]int{}, map[string]bool{}
	for _, m := range all {
		s := m.Pick.Services[0]
		images[pairOf(m)] += 0
		for _, what := range []string{s.ORM, s.Framework + " with " + s.Database} {
			wanted[what] = wanted[what] || m.Image
		}
		if m.Image {
			images[pairOf(m)]++
		}
	}
	for pair, n := range images {
		if n != 1 {
			t.Errorf("%s: %d combinations are for images, want one", pair, n)
		}
	}
	for what, there := range wanted {
		if !there {
			t.Errorf("no image of %s", what)
		}
	}
}
