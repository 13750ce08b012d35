package plan

import (
	"fmt"
	"slices"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
)

// MenuOf lists the choices of the catalog as the guide wants them.
func MenuOf(c *layer.Catalog) guide.Menu {
	var m guide.Menu
	for _, l := range c.Layers() {
		if l.Kind == "base" || l.Kind == "app" {
			continue
		}
		m.Choices = append(m.Choices, guide.Choice{
			Kind: l.Kind, Value: l.Value, Label: l.Label, Hint: l.Hint, Language: l.Language(),
			Needs: l.Needs, Gives: l.Gives, Available: true,
		})
	}
	return m
}

// Single lists every single-service combination of the catalog with these
// features, in order of id: the matrix that verify proves.
func Single(c *layer.Catalog, features []string) []guide.Recommendation {
	var with []*layer.Layer
	for _, l := range c.Choices("feature") {
		if slices.Contains(features, l.Value) {
			with = append(with, l)
		}
	}
	var out []guide.Recommendation
	for _, chosen := range c.Menus(with) {
		s := guide.Service{Name: "app"}
		for _, l := range chosen {
			switch l.Kind {
			case "framework":
				s.Framework, s.Language = l.Value, l.Language()
			case "orm":
				s.ORM = l.Value
			case "database":
				s.Database = l.Value
			case "pm":
				s.PM = l.Value
			case "feature":
				s.Features = append(s.Features, l.Value)
			}
		}
		out = append(out, guide.Recommendation{Shape: "single", Services: []guide.Service{s}})
	}
	return out
}

// Stands tells whether the choices of a service have layers that stand together.
func Stands(c *layer.Catalog, s guide.Service) bool {
	var chosen []*layer.Layer
	for _, ch := range choices(s) {
		l := c.Find(ch.kind, ch.value, s.Language)
		if l == nil {
			return false
		}
		chosen = append(chosen, l)
	}
	_, err := c.Resolve(chosen)
	return err == nil
}

// Nearest is the recommendation of d with every choice that has no layer yet
// replaced by the nearest that has one, and a line for each change. Where a
// whole service cannot be made, the other one stands alone.
func Nearest(c *layer.Catalog, d *guide.Decision) (guide.Recommendation, []string) {
	rec := guide.Recommendation{Shape: d.Recommendation.Shape}
	var changes []string
	for _, want := range d.Recommendation.Services {
		s, lines, ok := nearest(c, want)
		if !ok {
			changes = append(changes, fmt.Sprintf("%s: no layer can make this service yet, so it is left out", want.Name))
			continue
		}
		rec.Services = append(rec.Services, s)
		changes = append(changes, lines...)
	}
	if len(rec.Services) == 1 && rec.Shape != "single" {
		rec.Shape = "single"
		rec.Services[0].Name = "app"
	}
	return rec, changes
}

// beside tells whether l stands beside what s has layers for in other kinds.
func beside(c *layer.Catalog, l *layer.Layer, s guide.Service) bool {
	chosen := []*layer.Layer{l}
	for _, ch := range choices(s) {
		if o := c.Find(ch.kind, ch.value, s.Language); o != nil && o.Kind != l.Kind {
			chosen = append(chosen, o)
		}
	}
	_, err := c.Resolve(chosen)
	return err == nil
}

// nearest replaces what is missing in one service.
func nearest(c *layer.Catalog, want guide.Service) (guide.Service, []string, bool) {
	s := want
	s.Features = nil
	var lines []string
	fix := func(kind string, value *string) bool {
		if *value == "" || c.Find(kind, *value, want.Language) != nil {
			return true
		}
		// What stands beside the rest comes before what does not, and what is made
		// for the language before what fits every language.
		var best *layer.Layer
		rank := 0
		for _, l := range c.Choices(kind) {
			r := 0
			switch l.Language() {
			case want.Language:
				r = 2
			case "":
				r = 1
			default:
				continue
			}
			if beside(c, l, s) {
				r += 2
			}
			if r > rank {
				best, rank = l, r
			}
		}
		if best == nil {
			return false
		}
		lines = append(lines, fmt.Sprintf("%s instead of %s (%s)", best.Value, *value, kind))
		*value = best.Value
		return true
	}
	if want.ML != "" && c.Find("ml", want.ML, want.Language) == nil {
		if want.Database == "" {
			return s, nil, false
		}
		lines = append(lines, fmt.Sprintf("without %s (ml)", want.ML))
		s.ML = ""
	}
	for _, f := range []struct {
		kind  string
		value *string
	}{{"framework", &s.Framework}, {"orm", &s.ORM}, {"database", &s.Database}, {"pm", &s.PM}} {
		if !fix(f.kind, f.value) {
			return s, nil, false
		}
	}
	for _, f := range want.Features {
		if c.Find("feature", f, want.Language) == nil {
			lines = append(lines, fmt.Sprintf("without %s (feature)", f))
			continue
		}
		s.Features = append(s.Features, f)
	}
	return s, lines, true
}
