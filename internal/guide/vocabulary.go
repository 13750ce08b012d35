package guide

import (
	"maps"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// A Key is one key of the vocabulary.
type Key struct {
	Name    string
	Values  []string // empty where the catalog has them, or anything goes
	Default string
	Many    bool
	Menu    bool // the values are those of the menu's kind of that name
}

// Keys lists the vocabulary of answers in its order.
func Keys() []Key {
	r := builtin()
	var a Answers
	var out []Key
	for _, s := range a.slots() {
		k := Key{Name: s.key, Many: s.many != nil, Menu: s.key == kindFeature || slices.Contains(stackKinds, s.key)}
		for _, row := range r.Answers {
			if row.Key == s.key {
				k.Values, k.Default = row.Values, row.Default
			}
		}
		if s.key == kindLanguage {
			for _, l := range r.Languages {
				k.Values = append(k.Values, l.ID)
			}
		}
		out = append(out, k)
	}
	return out
}

// LanguageLabel is what people call a language: Node.js for node.
func LanguageLabel(language string) string { return builtin().label(language) }

// check checks what the vocabulary itself fixes, and brings lists into its order.
func (a *Answers) check(r *ruleset) error {
	for _, s := range a.slots() {
		i := slices.IndexFunc(r.Answers, func(row answerRow) bool { return row.Key == s.key })
		if i < 0 || !s.set() {
			continue
		}
		row := r.Answers[i]
		got := []string{}
		if s.many != nil {
			got = *s.many
		} else {
			got = append(got, *s.one)
		}
		for _, v := range got {
			if !slices.Contains(row.Values, v) {
				verb := " is one of "
				if row.Many {
					verb = " are any of "
				}
				return a.misuse(s.key, s.key+verb+list(row.Values, "or"), "unknown %s %q%s", s.key, v, hint.DidYouMean(strings.ToLower(v), row.Values))
			}
		}
		if s.many != nil {
			ordered := []string{}
			for _, v := range row.Values {
				if slices.Contains(got, v) {
					ordered = append(ordered, v)
				}
			}
			*s.many = ordered
		}
	}
	return nil
}

// Merge is a with everything that over says instead.
func (a Answers) Merge(over Answers) Answers {
	a.at = maps.Clone(a.at)
	from := over.slots()
	for i, s := range a.slots() {
		if !from[i].set() {
			continue
		}
		delete(a.at, s.key)
		if s.many != nil {
			*s.many = slices.Clone(*from[i].many)
		} else {
			*s.one = *from[i].one
		}
	}
	a.Services = maps.Clone(a.Services)
	for name, o := range over.Services {
		sa := a.Services[name]
		from := o.slots()
		for i, s := range sa.slots() {
			if !from[i].set() {
				continue
			}
			delete(a.at, "services."+name+"."+s.key)
			if s.many != nil {
				*s.many = slices.Clone(*from[i].many)
			} else {
				*s.one = *from[i].one
			}
		}
		if a.Services == nil {
			a.Services = map[string]ServiceAnswers{}
		}
		a.Services[name] = sa
	}
	return a
}

// Args are the flags that give the answers again: --knows javascript. The API
// service of a split has the plain flags, the other one those with its name.
func (a Answers) Args() []string {
	r := builtin()
	var args []string
	add := func(slots []slot, prefix string) {
		for _, s := range slots {
			flag := "--" + prefix + s.key
			if prefix == s.key+"-" {
				flag = "--" + s.key // --ml, not --ml-ml
			}
			switch {
			case !s.set():
			case s.many == nil:
				args = append(args, flag, *s.one)
			case len(*s.many) > 0:
				args = append(args, flag, strings.Join(*s.many, ","))
			case s.key == kindFeature:
				args = append(args, flag, none)
			}
		}
	}
	add(a.slots(), "")
	for i, service := range r.Services {
		if sa, ok := a.Services[service.Name]; ok {
			prefix := ""
			if i > 0 || sa.Feature != nil {
				prefix = service.Name + "-"
			}
			add(sa.slots(), prefix)
		}
	}
	return args
}
