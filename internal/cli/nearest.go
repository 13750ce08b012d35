package cli

import (
	"errors"
	"fmt"
	"maps"
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
func nearestTo(catalog *layer.Catalog, menu guide.Menu, a guide.Answers, d *guide.Decision) (*guide.Decision, []stackChange, error) {
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
	var changes []stackChange
	near.Reasons, near.Against = nil, nil
	moved := map[int]bool{}
	for _, was := range d.Recommendation.Services {
		now, kept := counterpart(near.Recommendation, d.Recommendation.Shape, was)
		for _, c := range stackChanges(was, now, kept) {
			c.line = c.sentence(menu)
			changes = append(changes, c)
			near.Against = append(near.Against, guide.Reason{Rule: "no-layer-yet", Kind: c.kind, Favours: c.was, Because: c.line, Source: "what this version of fingerpost can write", Service: serviceOf(d, was)})
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
type stackChange struct {
	kind, was, now string
	service        string // of kind service: its name
	line           string // the change in words
}

// lines are changes in words.
func lines(changes []stackChange) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.line)
	}
	return out
}

// String names what has no layer.
func (c stackChange) String() string {
	if c.kind == "service" {
		return "service " + c.service
	}
	return c.kind + " " + c.was
}

// saidIn tells whether the person themselves chose what c would replace.
func (c stackChange) saidIn(a guide.Answers) bool {
	if c.kind == "service" {
		_, of := a.Services[c.service]
		return of || a.Shape == guide.Split || c.service == "ml" && a.ML != ""
	}
	for _, s := range append(slices.Collect(maps.Values(a.Services)), guide.ServiceAnswers{
		Framework: a.Framework, ORM: a.ORM, Database: a.Database, PM: a.PM, ML: a.ML, Feature: a.Feature,
	}) {
		set := map[string]string{"framework": s.Framework, "orm": s.ORM, "database": s.Database, "pm": s.PM, "ml": s.ML}
		if set[c.kind] == c.was && c.was != "" || c.kind == "feature" && slices.Contains(s.Feature, c.was) {
			return true
		}
	}
	return false
}

func stackChanges(was, now guide.Service, kept bool) []stackChange {
	if !kept {
		return []stackChange{{kind: "service", was: was.Framework, service: was.Name}}
	}
	var out []stackChange
	for _, c := range []stackChange{
		{kind: "framework", was: was.Framework, now: now.Framework}, {kind: "orm", was: was.ORM, now: now.ORM}, {kind: "database", was: was.Database, now: now.Database},
		{kind: "pm", was: was.PM, now: now.PM}, {kind: "ml", was: was.ML, now: now.ML},
	} {
		if c.was != c.now {
			out = append(out, c)
		}
	}
	for _, f := range was.Features {
		if !slices.Contains(now.Features, f) {
			out = append(out, stackChange{kind: "feature", was: f})
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
