package guide

import (
	"cmp"
	"maps"
	"slices"
)

// A Choice is one value of one kind that a stack can be made of.
type Choice struct {
	Kind     string // framework, orm, database, pm, ml, feature; app for what joins by itself
	Value    string // what a person types
	Label    string
	Hint     string
	Language string   // of what it is for, or "" for every language
	Needs    []string // words that other choices of the same service must give
	Gives    []string // words that it gives to its service; its value is one of them
	// Brings are choices of other kinds that come with this one, by kind: no
	// other value of that kind fits beside it.
	Brings    map[string]string
	Available bool // there is a layer for it
}

// A Menu is what can be chosen. The zero Menu is empty.
type Menu struct {
	Choices []Choice

	compiled *menu
}

// GuideMenu is the whole menu of the guide, whether or not there are layers for it.
func GuideMenu() Menu { return builtin().menu }

// With is the union of m and what a catalog has, whose choices are available.
// Where both have a choice it needs and gives what either says, and the
// catalog's label and hint count.
func (m Menu) With(catalog Menu) Menu {
	out := slices.Clone(m.Choices)
	for _, c := range catalog.Choices {
		c.Available = true
		i := slices.IndexFunc(out, func(o Choice) bool {
			return o.Kind == c.Kind && o.Value == c.Value && (o.Language == c.Language || o.Language == "" || c.Language == "")
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		o := out[i]
		c.Label, c.Hint, c.Language = cmp.Or(c.Label, o.Label), cmp.Or(c.Hint, o.Hint), cmp.Or(c.Language, o.Language)
		c.Needs, c.Gives = union(o.Needs, c.Needs), union(o.Gives, c.Gives)
		c.Brings = maps.Clone(c.Brings)
		for k, v := range o.Brings {
			if c.Brings == nil {
				c.Brings = map[string]string{}
			}
			c.Brings[k] = v
		}
		out[i] = c
	}
	return Menu{Choices: out, compiled: compileMenu(builtin(), out)}
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, w := range b {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// Find returns the choice of kind with that value that fits language ("" fits
// all), or nil.
func (m Menu) Find(kind, value, language string) *Choice {
	for i := range m.Choices {
		c := &m.Choices[i]
		if c.Kind == kind && c.Value == value && (language == "" || c.Language == "" || c.Language == language) {
			return c
		}
	}
	return nil
}

// Values lists the values of kind, in the order of the menu.
func (m Menu) Values(kind string) []string {
	var out []string
	for _, c := range m.Choices {
		if c.Kind == kind && !slices.Contains(out, c.Value) {
			out = append(out, c.Value)
		}
	}
	return out
}

// Fitting lists the choices of kind that fit a service beside all that is
// chosen for it in other kinds.
func (m Menu) Fitting(kind string, s Service) []Choice {
	c := m.compile()
	set := map[string]string{"framework": s.Framework, "database": s.Database, "orm": s.ORM, "pm": s.PM, kindML: s.ML}
	delete(set, kind)
	maps.DeleteFunc(set, func(_, v string) bool { return v == "" })
	var out []Choice
	for _, o := range c.kinds[kind] {
		fits := false
		if kind == kindFeature {
			taken, ok := c.stack(s.Language, set, nil, 0)
			fits = ok && o.speaks(s.Language) && o.needs&^c.closure(taken.gives()) == 0
		} else {
			set[kind] = o.Value
			_, fits = c.stack(s.Language, set, nil, 0)
			delete(set, kind)
		}
		if fits {
			out = append(out, *o.Choice)
		}
	}
	return out
}
