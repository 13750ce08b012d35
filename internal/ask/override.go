package ask

import (
	"maps"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
)

// A part is one choice of the stack that a person may make: of the whole
// repository (shape, language), or of one service of it.
type part struct {
	service string // "" is the single service and the whole; api, ml in a split
	kind    string
	text    string
}

// parts lists what can be chosen in a recommendation.
func parts(r guide.Recommendation) []part {
	out := []part{{"", "shape", "One service or two"}}
	if r.Shape != guide.Split {
		out = append(out, part{"", "language", "Language"}, part{"", "framework", "Framework"}, part{"", "orm", "ORM"},
			part{"", "database", "Database"}, part{"", "pm", "Package manager"})
		if len(r.Services) > 0 && r.Services[0].ML != "" {
			out = append(out, part{"", "ml", "ML library"})
		}
	} else {
		out = append(out, part{"api", "framework", "API framework"}, part{"api", "orm", "API ORM"}, part{"api", "database", "API database"},
			part{"api", "pm", "API package manager"}, part{"ml", "framework", "ML framework"}, part{"ml", "pm", "ML package manager"}, part{"ml", "ml", "ML library"})
	}
	return append(out, part{"", "feature", "Features"})
}

// values are what r holds at p.
func (p part) values(r guide.Recommendation) []string {
	if p.kind == "shape" {
		return []string{r.Shape}
	}
	for _, s := range r.Services {
		if p.service != "" && s.Name != p.service {
			continue
		}
		switch p.kind {
		case "language":
			return []string{s.Language}
		case "framework":
			return []string{s.Framework}
		case "orm":
			return []string{s.ORM}
		case "database":
			return []string{s.Database}
		case "pm":
			return []string{s.PM}
		case "ml":
			return []string{s.ML}
		case "feature":
			return s.Features
		}
	}
	return nil
}

// set puts value at p into a; "" takes the person's choice back.
func (p part) set(a *guide.Answers, value string) {
	a.Services = maps.Clone(a.Services)
	inService := func(name string) {
		s := a.Services[name]
		*serviceKey(&s, p.kind) = value
		if a.Services == nil {
			a.Services = map[string]guide.ServiceAnswers{}
		}
		a.Services[name] = s
	}
	switch {
	case p.kind == "shape":
		a.Shape = value
	case p.kind == "ml":
		a.ML = value
		if s, ok := a.Services["ml"]; ok && s.ML != "" {
			inService("ml")
		}
	case p.service == "ml":
		inService("ml")
	default: // the top keys mean the API service of a split
		*topKey(a, p.kind) = value
		if s, ok := a.Services["api"]; ok && *serviceKey(&s, p.kind) != "" {
			inService("api")
		}
	}
}

func topKey(a *guide.Answers, kind string) *string {
	return map[string]*string{"language": &a.Language, "framework": &a.Framework, "orm": &a.ORM, "database": &a.Database, "pm": &a.PM, "ml": &a.ML}[kind]
}

func serviceKey(s *guide.ServiceAnswers, kind string) *string {
	return map[string]*string{"language": &s.Language, "framework": &s.Framework, "orm": &s.ORM, "database": &s.Database, "pm": &s.PM, "ml": &s.ML}[kind]
}

// dropChoices takes back all that the person chose against the rules.
func dropChoices(a *guide.Answers) {
	a.Shape, a.Language, a.Framework, a.ORM, a.Database, a.PM, a.ML = "", "", "", "", "", "", ""
	a.Feature, a.Services = nil, nil
}

// asRecommended is the option that takes a choice back.
const asRecommended = "as recommended"

// override lets the person choose one part. Only what fits is offered.
func (s *Session) override(a *guide.Answers, d *guide.Decision) error {
	q := Question{Key: "override", Text: "Which part?"}
	var open []part
	for _, p := range parts(d.Recommendation) {
		if len(s.fitting(*a, p, d)) == 0 {
			continue
		}
		open = append(open, p)
		var now []string
		for _, v := range p.values(d.Recommendation) {
			now = append(now, s.label(p.kind, v))
		}
		hint := strings.Join(now, ", ")
		if hint == "" {
			hint = "none"
		}
		q.Options = append(q.Options, Option{p.service + "." + p.kind, p.text, hint})
	}
	q.Options = append(q.Options, Option{back, "Back", ""})
	key, err := s.Prompter.Select(q)
	if err != nil || key == back {
		return err
	}
	for _, p := range open {
		if p.service+"."+p.kind != key {
			continue
		}
		if p.kind == "feature" {
			return s.features(a, p, d)
		}
		return s.choose(a, p, d)
	}
	return nil
}

func (s *Session) choose(a *guide.Answers, p part, d *guide.Decision) error {
	fitting := s.fitting(*a, p, d)
	q := Question{Key: p.kind, Text: p.text + "?", Help: "Only what fits the rest is listed.", Default: p.values(d.Recommendation)}
	for _, c := range fitting {
		q.Options = append(q.Options, c.Option)
	}
	q.Options = append(q.Options, Option{asRecommended, "As recommended", ""})
	value, err := s.Prompter.Select(q)
	if err != nil {
		return err
	}
	if value == asRecommended {
		p.set(a, "")
		return nil
	}
	for _, c := range fitting {
		if c.Value == value {
			*a = c.answers
		}
	}
	return nil
}

func (s *Session) features(a *guide.Answers, p part, d *guide.Decision) error {
	q := Question{Key: "feature", Text: "Which features?", Help: "What is not picked is left out.", Default: p.values(d.Recommendation)}
	for _, c := range s.fitting(*a, p, d) {
		q.Options = append(q.Options, c.Option)
	}
	values, err := s.Prompter.MultiSelect(q)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		values = []string{"none"}
	}
	a.Feature = values
	return nil
}

// A candidate is a value that fits, with the answers that lead to it.
type candidate struct {
	Option
	answers guide.Answers
}

// fitting lists the values of p that lead to a project that can be written and
// that leave what is bigger than p as it is in d. Where the person's other
// choices are in the way, they are taken back.
func (s *Session) fitting(a guide.Answers, p part, d *guide.Decision) []candidate {
	var out []candidate
	for _, o := range s.values(p.kind) {
		try := a
		if p.kind == "feature" {
			try.Feature = []string{o.Value}
		} else {
			p.set(&try, o.Value)
		}
		if s.leadsTo(try, p, o.Value, d) {
			out = append(out, candidate{o, try})
			continue
		}
		if p.kind == "feature" {
			continue
		}
		alone := a
		dropChoices(&alone)
		alone.Feature = a.Feature
		if p.kind != "shape" && p.kind != "language" {
			alone.Shape = a.Shape
		}
		p.set(&alone, o.Value)
		if s.leadsTo(alone, p, o.Value, d) {
			out = append(out, candidate{o, alone})
		}
	}
	return out
}

func (s *Session) leadsTo(a guide.Answers, p part, value string, now *guide.Decision) bool {
	d, err := s.Decide(a)
	if err != nil {
		return false
	}
	if d, _, err = s.Nearest(a, d); err != nil {
		return false
	}
	switch p.kind {
	case "shape", "language", "framework":
	default: // an ORM must not turn the project into one of another language
		if !slices.EqualFunc(d.Recommendation.Services, now.Recommendation.Services, func(a, b guide.Service) bool { return a.Framework == b.Framework }) {
			return false
		}
	}
	return slices.Contains(p.values(d.Recommendation), value)
}

// values lists the values of kind that have a layer.
func (s *Session) values(kind string) []Option {
	switch kind {
	case "shape":
		return []Option{
			{guide.Single, s.label("shape", guide.Single), "one program"},
			{guide.Split, s.label("shape", guide.Split), "each in the language that suits it"},
		}
	case "language":
		return []Option{{"node", s.label("language", "node"), ""}, {"python", s.label("language", "python"), ""}}
	}
	var out []Option
	for _, c := range s.Menu.Choices {
		if c.Kind != kind || !c.Available || slices.ContainsFunc(out, func(o Option) bool { return o.Value == c.Value }) {
			continue
		}
		out = append(out, Option{c.Value, c.Label, c.Hint})
	}
	return out
}
