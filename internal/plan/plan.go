// Package plan turns a decision and the catalog into a Plan: one repository with
// one or more services, each with its layers in order and their rows gathered.
// It reads no file and renders none.
package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
)

// A Plan is all that rendering needs to know.
type Plan struct {
	ID       string // combination: node-fastify.orm-typeorm.db-sqlite.pm-npm+ci+docker, services joined by ~
	Tool     string // version of fingerpost
	Name     string // the project's name, a valid package name
	License  string
	Shape    string
	Answers  guide.Answers
	Decision *guide.Decision
	Services []*Service
}

// A Service is one program of the plan.
type Service struct {
	Name    string // app; api and ml in a split
	Dir     string // "." in a single project
	Package string
	Chosen  map[string]*layer.Layer // by kind, for kinds that have at most one
	Feature []*layer.Layer
	layer.Selection
	Rows layer.Rows // of all its layers, in layer order; Gives and Packages stay empty
}

// MissingError says that recommended choices have no layer yet.
type MissingError struct{ Missing []Missing }

// A Missing is one choice without a layer.
type Missing struct{ Service, Kind, Value string }

func (e *MissingError) Error() string {
	var names []string
	for _, m := range e.Missing {
		names = append(names, fmt.Sprintf("%s %s", m.Kind, m.Value))
	}
	return "not on the menu yet: " + strings.Join(names, ", ")
}

// choice is one choice of a recommended service.
type choice struct{ kind, value string }

// choices lists what was chosen for s, by kind in the order of layers.
func choices(s guide.Service) []choice {
	out := []choice{{"framework", s.Framework}, {"orm", s.ORM}, {"database", s.Database}, {"pm", s.PM}, {"ml", s.ML}}
	for _, f := range s.Features {
		out = append(out, choice{"feature", f})
	}
	return slices.DeleteFunc(out, func(c choice) bool { return c.value == "" })
}

// Build makes the plan of a decision. Where a choice has no layer the error is
// a *MissingError; where layers do not fit together it names what is missing.
func Build(c *layer.Catalog, a guide.Answers, d *guide.Decision, tool string) (*Plan, error) {
	rec := d.Recommendation
	p := &Plan{Tool: tool, Name: a.Name, License: a.License, Shape: rec.Shape, Answers: a, Decision: d}
	if p.License == "none" {
		p.License = ""
	}
	if p.Name == "" {
		p.Name = "app"
	}
	var missing []Missing
	var ids []string
	for _, want := range rec.Services {
		s := &Service{Name: want.Name, Dir: ".", Package: p.Name, Chosen: map[string]*layer.Layer{}}
		if rec.Shape == "split" {
			s.Dir, s.Package = "services/"+want.Name, p.Name+"-"+want.Name
		}
		var chosen []*layer.Layer
		for _, ch := range choices(want) {
			l := c.Find(ch.kind, ch.value, want.Language)
			if l == nil {
				missing = append(missing, Missing{want.Name, ch.kind, ch.value})
				continue
			}
			chosen = append(chosen, l)
			if layer.Single(ch.kind) {
				s.Chosen[ch.kind] = l
			} else {
				s.Feature = append(s.Feature, l)
			}
		}
		if len(missing) > 0 {
			continue
		}
		sel, err := c.Resolve(chosen, append(c.Asked(a.Words()), rec.Shape)...)
		if err != nil {
			return nil, err
		}
		s.Selection = *sel
		if err := s.gather(); err != nil {
			return nil, err
		}
		ids = append(ids, combination(chosen))
		p.Services = append(p.Services, s)
	}
	if len(missing) > 0 {
		return nil, &MissingError{missing}
	}
	p.ID = strings.Join(ids, "~")
	return p, nil
}

// combination is the id of one service's choices.
func combination(chosen []*layer.Layer) string {
	var choices, features []string
	for _, l := range chosen {
		if l.Kind == "feature" {
			features = append(features, l.Value)
		} else {
			choices = append(choices, l.ID)
		}
	}
	slices.Sort(features)
	out := strings.Join(choices, ".")
	for _, f := range features {
		out += "+" + f
	}
	return out
}

// gather collects the rows of the service's layers. A setting that two layers
// have must say the same in both.
func (s *Service) gather() error {
	s.Rows.Tasks = map[string][]record.Step{}
	envFrom := map[string]string{}
	for _, l := range s.Layers {
		for _, pt := range s.Parts(l) {
			for phase, steps := range pt.Tasks {
				s.Rows.Tasks[phase] = append(s.Rows.Tasks[phase], steps...)
			}
			for _, e := range pt.Env {
				if by, ok := envFrom[e.Key]; ok {
					return fmt.Errorf("%s and %s: both have a setting %s", by, l.ID, e.Key)
				}
				envFrom[e.Key] = l.ID
				s.Rows.Env = append(s.Rows.Env, e)
			}
			s.Rows.Backing = append(s.Rows.Backing, pt.Backing...)
			s.Rows.Next = append(s.Rows.Next, pt.Next...)
			s.Rows.StandIns = append(s.Rows.StandIns, pt.StandIns...)
			s.Rows.Downloads = append(s.Rows.Downloads, pt.Downloads...)
			s.Rows.Commands = append(s.Rows.Commands, pt.Commands...)
			for _, t := range pt.Tools {
				if i := slices.IndexFunc(s.Rows.Tools, func(o record.Tool) bool { return o.Name == t.Name }); i >= 0 {
					s.Rows.Tools[i].Range = joinRanges(s.Rows.Tools[i].Range, t.Range)
					continue
				}
				s.Rows.Tools = append(s.Rows.Tools, t)
			}
		}
	}
	return nil
}

func joinRanges(a, b string) string {
	switch {
	case a == b || b == "":
		return a
	case a == "":
		return b
	}
	return a + " " + b
}

// Manager is what the service's package manager says about itself, with the
// words that other layers have for its commands.
func (s *Service) Manager() record.Manager {
	l := s.Chosen["pm"]
	if l == nil {
		return record.Manager{}
	}
	m := *l.Manager
	for _, row := range s.Rows.Commands {
		for _, list := range []*[][]string{&m.Relock, &m.Check, &m.Install, &m.InstallFrozen, &m.InstallProd} {
			*list = more(*list, row)
		}
	}
	return m
}

// more are the commands with the words of the row.
func more(commands [][]string, row layer.Command) [][]string {
	out := make([][]string, len(commands))
	for i, words := range commands {
		out[i] = words
		if n := len(row.Begins); len(words) >= n && slices.Equal(words[:n], row.Begins) {
			out[i] = slices.Concat(row.Begins, row.Args, words[n:])
		}
	}
	return out
}

// Port is the default of the setting PORT, 0 where there is none.
func (s *Service) Port() int {
	for _, e := range s.Rows.Env {
		if e.Key == "PORT" {
			n, _ := strconv.Atoi(e.Default)
			return n
		}
	}
	return 0
}

// Language is the language of the service's framework.
func (s *Service) Language() string {
	if l := s.Chosen["framework"]; l != nil {
		return l.Language()
	}
	return ""
}
