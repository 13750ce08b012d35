package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
)

// nearestTo gives the decision that can be written today: d where all of its
// choices have layers, else one with the nearest choices and a line for each
// change. The answers stay as they are, and what spoke for a choice that is not
// there now speaks against the one in its place.
func nearestTo(catalog *layer.Catalog, menu guide.Menu, a guide.Answers, d *guide.Decision) (*guide.Decision, []string, error) {
	_, err := plan.Build(catalog, a, d, Version)
	var missing *plan.MissingError
	if err == nil || !errors.As(err, &missing) {
		return d, nil, err
	}
	near := *d
	near.Recommendation, _ = plan.Nearest(catalog, d)
	if len(near.Recommendation.Services) == 0 {
		return nil, nil, hint.Misusef("see fingerpost list for what is there", "%v, and nothing near it either", missing)
	}
	if _, err := plan.Build(catalog, a, &near, Version); err != nil {
		return nil, nil, err
	}
	var changes []string
	near.Reasons, near.Against = nil, nil
	moved := map[int]bool{}
	for _, was := range d.Recommendation.Services {
		now, kept := counterpart(near.Recommendation, d.Recommendation.Shape, was)
		for _, c := range stackChanges(was, now, kept) {
			line := c.sentence(menu)
			changes = append(changes, line)
			near.Against = append(near.Against, guide.Reason{Rule: "no-layer-yet", Kind: c.kind, Favours: c.was, Because: line, Source: "what this version of fingerpost can write", Service: serviceOf(d, was)})
			for i, r := range d.Reasons {
				if r.Kind == c.kind && (r.Service == "" || r.Service == was.Name) && slices.Contains(strings.Split(r.Favours, ", "), c.was) {
					moved[i] = true
				}
			}
		}
	}
	for i, r := range d.Reasons {
		if moved[i] {
			near.Against = append(near.Against, r)
		} else {
			near.Reasons = append(near.Reasons, r)
		}
	}
	near.Against = append(near.Against, d.Against...)
	return &near, changes, nil
}

// serviceOf is how reasons name a service: not at all in a single project.
func serviceOf(d *guide.Decision, s guide.Service) string {
	if d.Recommendation.Shape == guide.Split {
		return s.Name
	}
	return ""
}

// counterpart is what became of a service.
func counterpart(r guide.Recommendation, shape string, was guide.Service) (guide.Service, bool) {
	for _, s := range r.Services {
		if s.Name == was.Name || r.Shape != shape && s.Language == was.Language {
			return s, true
		}
	}
	return guide.Service{}, false
}

// A stackChange is one choice that was replaced, or left out where now is "".
type stackChange struct{ kind, was, now, service string }

func stackChanges(was, now guide.Service, kept bool) []stackChange {
	if !kept {
		return []stackChange{{"service", was.Framework, "", was.Name}}
	}
	var out []stackChange
	for _, c := range []stackChange{
		{"framework", was.Framework, now.Framework, ""}, {"orm", was.ORM, now.ORM, ""}, {"database", was.Database, now.Database, ""},
		{"pm", was.PM, now.PM, ""}, {"ml", was.ML, now.ML, ""},
	} {
		if c.was != c.now {
			out = append(out, c)
		}
	}
	for _, f := range was.Features {
		if !slices.Contains(now.Features, f) {
			out = append(out, stackChange{"feature", f, "", ""})
		}
	}
	return out
}

func (c stackChange) sentence(menu guide.Menu) string {
	label := func(value string) string {
		for _, o := range menu.Choices {
			if o.Kind == c.kind && o.Value == value {
				return o.Label
			}
		}
		return value
	}
	switch {
	case c.kind == "service":
		return fmt.Sprintf("The service %s is left out: there is no layer for it yet.", c.service)
	case c.now == "":
		return fmt.Sprintf("%s is left out: there is no layer for it yet.", label(c.was))
	}
	return fmt.Sprintf("%s instead of %s, which has no layer yet.", label(c.now), label(c.was))
}
