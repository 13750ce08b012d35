// Package matrix lists the combinations of the menu that verify proves, each
// rendered from the same neutral answers, so that two renderings differ only
// where the templates do.
// It proves nothing and writes nothing.
package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// Features are what a proof has beside the choices of a stack: all that there
// are. Variants have fewer.
var Features = []string{"ci", "docker", "realtime"}

// A Combination is one cell of the matrix.
type Combination struct {
	ID   string
	Pick guide.Recommendation
	// Smoke says that only the package manager tells it from a combination with
	// the one that the guide recommends, on which the whole suite runs.
	Smoke bool
	// Image says that this one is for its framework and package manager where
	// one is enough, as for building an image; in all of them together every ORM
	// and database occurs.
	Image bool

	plan *plan.Plan
}

// All lists the combinations of the catalog in order of their ids.
func All(c *layer.Catalog) ([]*Combination, error) { return With(c, Features) }

// With is All with other features.
func With(c *layer.Catalog, chosen []string) ([]*Combination, error) {
	var out []*Combination
	for _, rec := range plan.Single(c, chosen) {
		m, err := Of(c, rec)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	sort(out)
	markImages(out)
	return out, nil
}

func sort(list []*Combination) {
	slices.SortFunc(list, func(a, b *Combination) int { return strings.Compare(a.ID, b.ID) })
}

// Variants are each framework, with what the guide recommends beside it, without
// any feature, with each one alone and with all: what features do to a project
// does not depend on the rest, so one of each is enough. What All has is not
// among them.
func Variants(c *layer.Catalog) ([]*Combination, error) {
	all, err := All(c)
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, m := range all {
		have[m.ID] = true
	}
	sets := [][]string{{}}
	var every []string
	for _, l := range c.Choices("feature") {
		sets, every = append(sets, []string{l.Value}), append(every, l.Value)
	}
	sets = append(sets, every)
	var out []*Combination
	for _, l := range c.Choices("framework") {
		d, err := guide.Decide(guide.Answers{Name: "app", Shape: "single", Language: l.Language(), Framework: l.Value}, guide.GuideMenu().With(plan.MenuOf(c)))
		if err != nil {
			return nil, fmt.Errorf("deciding for a proof: %w", err)
		}
		rec, _ := plan.Nearest(c, d)
		for _, set := range sets {
			for i := range rec.Services {
				rec.Services[i].Features = set
			}
			m, err := Of(c, rec)
			if err != nil {
				return nil, err
			}
			if !have[m.ID] {
				have[m.ID] = true
				out = append(out, m)
			}
		}
	}
	sort(out)
	return out, nil
}

// Usual tells whether chosen are the features that a proof has.
func Usual(chosen []string) bool { return slices.Equal(features(chosen), features(Features)) }

// Models are each framework with each ML library that stands with it: each time
// beside what was picked least so far, so that together every ORM, database and
// package manager occurs. Every second one has all features, the others those
// that a person gets who says nothing about them.
func Models(c *layer.Catalog) ([]*Combination, error) {
	var out []*Combination
	picked := map[string]int{}
	for _, ml := range c.Choices("ml") {
		for _, framework := range c.Choices("framework") {
			var best *guide.Recommendation
			var keys []string
			least := -1
			for _, rec := range plan.Single(c, nil) {
				s := &rec.Services[0]
				if s.ML = ml.Value; s.Framework != framework.Value || !plan.Stands(c, *s) {
					continue
				}
				beside := []string{
					s.ORM, s.Database, s.PM, s.Framework + s.ORM, s.Framework + s.Database, s.Framework + s.PM,
					s.ML + s.ORM, s.ML + s.Database, s.ML + s.PM, s.Database + s.PM,
				}
				n := 0
				for _, key := range beside {
					n += picked[key]
				}
				if least < 0 || n < least {
					best, keys, least = &rec, beside, n
				}
			}
			if best == nil {
				continue
			}
			for _, key := range keys {
				picked[key]++
			}
			if best.Services[0].Features = Features; len(out)%2 == 1 {
				best.Services[0].Features = []string{"ci", "docker"}
			}
			m, err := Of(c, *best)
			if err != nil {
				return nil, err
			}
			m.Smoke = false // no other one has its sources
			out = append(out, m)
		}
	}
	sort(out)
	return out, nil
}

// Live tells whether a service of the combination has the feature realtime.
func (m *Combination) Live() bool { return m.gives("realtime") }

// Predicts tells whether a service of the combination serves a model.
func (m *Combination) Predicts() bool { return m.gives("predictions") }

func (m *Combination) gives(word string) bool {
	return slices.ContainsFunc(m.plan.Services, func(s *plan.Service) bool { return s.Gives(word) })
}

// markImages picks one combination for each framework and package manager, each
// time with the ORM and the database that were picked least so far.
func markImages(all []*Combination) {
	picked := map[string]int{}
	seen := map[string]bool{}
	for _, m := range all {
		pair := pairOf(m)
		if seen[pair] {
			continue
		}
		seen[pair] = true
		best, least := m, -1
		for _, o := range all {
			s := o.Pick.Services[0]
			n := 2*picked[s.Framework+s.ORM] + picked[s.ORM] + 2*picked[s.Framework+s.Database]
			if pairOf(o) == pair && (least < 0 || n < least) {
				best, least = o, n
			}
		}
		s := best.Pick.Services[0]
		picked[s.ORM]++
		picked[s.Framework+s.ORM]++
		picked[s.Framework+s.Database]++
		best.Image = true
	}
}

func pairOf(m *Combination) string { return m.Pick.Services[0].Framework + " " + m.Pick.Services[0].PM }

// Of is the combination of a recommendation, whatever the answers that led to
// it.
func Of(c *layer.Catalog, rec guide.Recommendation) (*Combination, error) {
	a := answers(rec)
	d, err := guide.Decide(a, guide.GuideMenu().With(plan.MenuOf(c)))
	if err != nil {
		return nil, fmt.Errorf("deciding for a proof: %w", err)
	}
	p, err := plan.Build(c, a, d, "")
	if err != nil {
		return nil, err
	}
	m := &Combination{ID: p.ID, Pick: d.Recommendation, plan: p}
	if rec.Shape == "single" {
		a.PM = ""
		usual, err := guide.Decide(a, guide.GuideMenu().With(plan.MenuOf(c)))
		if err != nil {
			return nil, fmt.Errorf("deciding for a proof: %w", err)
		}
		// Where the usual one has no layer, nothing proves the rest.
		pm := usual.Recommendation.Services[0].PM
		m.Smoke = pm != d.Recommendation.Services[0].PM && c.Find("pm", pm, d.Recommendation.Services[0].Language) != nil
	}
	return m, nil
}

// answers say nothing but the choices: a project's name, its reasons and its
// license are not what is proven.
func answers(rec guide.Recommendation) guide.Answers {
	a := guide.Answers{Name: "app", Shape: rec.Shape}
	if rec.Shape == "single" && len(rec.Services) == 1 {
		s := rec.Services[0]
		a.Language, a.Framework, a.ORM, a.PM, a.Database, a.ML = s.Language, s.Framework, s.ORM, s.PM, s.Database, s.ML
		a.Feature = features(s.Features)
		return a
	}
	a.Services = map[string]guide.ServiceAnswers{}
	for _, s := range rec.Services {
		a.Services[s.Name] = guide.ServiceAnswers{
			Language: s.Language, Framework: s.Framework, ORM: s.ORM, PM: s.PM, Database: s.Database, ML: s.ML, Feature: features(s.Features),
		}
	}
	return a
}

// features is the exact set, an empty one included.
func features(chosen []string) []string {
	if len(chosen) == 0 {
		return []string{"none"}
	}
	out := slices.Clone(chosen)
	slices.Sort(out)
	return out
}

// Render gives the combination's tree and record.
func (m *Combination) Render() (*tree.Tree, *record.Record, error) {
	return render.Render(m.plan)
}

// Digest is the digest of the combination's rendered tree: what the ledger
// compares. Of the record it leaves out the version of fingerpost and the
// digests of the layers: they change with every file of a layer, also with one
// that this combination does not have, and what is written stands beside them.
func (m *Combination) Digest() (string, error) {
	t, r, err := m.Render()
	if err != nil {
		return "", err
	}
	same := *r
	same.Tool, same.Layers = "", nil
	t.Put(&tree.File{Path: record.FileName, Data: same.Marshal()})
	return t.Digest(), nil
}
