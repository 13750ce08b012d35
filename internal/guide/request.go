package guide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// An item is one choice that the person set, under the key that says so.
type item struct{ key, kind, value string }

func (i item) String() string { return i.key + " " + i.value }

// A request is the answers, checked against a menu: the facts that the rules
// weigh, and what the person set and nobody overrules.
type request struct {
	r     *ruleset
	m     *menu
	a     *Answers
	facts bits
	shape string // that the person set, directly or by naming services; or ""
	// items are set for the only service, or for the API of a split; models is
	// the ml among them, which in a split belongs to the other service.
	items  []item
	models []item
	other  []item // set for the second service of a split
	// Languages, as bits by index, in which a service with the items can be
	// made: the only service without and with a model, the API of a split.
	plain, model, api uint8
	second            int // language of the second service of a split
}

// newRequest checks a and reads it.
func (r *ruleset) newRequest(a *Answers, m *menu) (*request, error) {
	if err := a.check(r); err != nil {
		return nil, err
	}
	q := &request{r: r, m: m, a: a, facts: r.facts(a), shape: a.Shape}
	for _, s := range a.slots() {
		if err := q.known(s, s.key); err != nil {
			return nil, err
		}
		switch {
		case s.many != nil || *s.one == "":
		case s.key == kindML:
			q.models = append(q.models, item{s.key, s.key, *s.one})
		case s.key == kindLanguage || slices.Contains(stackKinds, s.key):
			q.items = append(q.items, item{s.key, s.key, *s.one})
		}
	}
	if err := q.services(); err != nil {
		return nil, err
	}
	q.plain, q.model, q.api = m.plain, m.model, m.plain
	q.second = r.language(r.Services[1].Language)
	if len(q.items)+len(q.models)+len(q.other) == 0 {
		return q, nil
	}
	q.plain = q.languages(q.items, r.singleKinds(false))
	q.model = q.languages(append(slices.Clone(q.items), q.models...), r.singleKinds(true))
	q.api = q.languages(q.items, r.Services[0].Kinds)
	if q.plain == 0 {
		return nil, q.contradiction(q.items, r.singleKinds(false))
	}
	if q.shape == Split {
		if first := r.language(r.Services[0].Language); q.api&(1<<first) == 0 {
			return nil, q.otherLanguage(first)
		}
		other := append(slices.Clone(q.other), q.models...)
		langs := q.languages(other, r.Services[1].Kinds)
		if langs == 0 {
			return nil, q.contradiction(other, r.Services[1].Kinds)
		}
		for i := 0; langs&(1<<q.second) == 0; i++ {
			q.second = i
		}
	}
	return q, nil
}

// services reads what was set for the services of a split.
func (q *request) services() error {
	var names []string
	for _, s := range q.r.Services {
		names = append(names, s.Name)
	}
	for name := range q.a.Services {
		if !slices.Contains(names, name) {
			return q.misuse("services."+name, "the services of a split are "+list(names, "and"), "unknown service %q%s", name, hint.DidYouMean(name, names))
		}
	}
	for i, name := range names {
		sa, ok := q.a.Services[name]
		if !ok {
			continue
		}
		for _, s := range sa.slots() {
			if !s.set() {
				continue
			}
			key := "services." + name + "." + s.key
			if err := q.known(s, key); err != nil {
				return err
			}
			if q.shape == Single {
				return q.misuse(key, "leave out "+key+", or pass --shape split", "shape single and %s: only a split has a service %s", key, name)
			}
			q.shape = Split
			if s.many != nil {
				continue
			}
			if s.key != kindLanguage && !slices.Contains(q.r.Services[i].Kinds, s.key) {
				return q.misuse(key, "leave out "+key, "the service %s of a split has no %s", name, s.key)
			}
			into := &q.items
			if i > 0 {
				into = &q.other
			}
			if s.key == kindML && i > 0 {
				into = &q.models
			}
			for _, o := range *into {
				if o.kind == s.key && o.value != *s.one {
					return q.misuse(key, fmt.Sprintf("in a split %s means the service %s: keep one of the two", o.key, name), "%s and %s %s: which one?", o, key, *s.one)
				}
			}
			*into = append(slices.DeleteFunc(*into, func(o item) bool { return o.kind == s.key }), item{key, s.key, *s.one})
		}
	}
	return nil
}

// known checks that a choice is on the menu.
func (q *request) known(s slot, key string) error {
	var values []string
	switch {
	case !s.set():
		return nil
	case s.key == kindLanguage:
		for _, l := range q.r.Languages {
			values = append(values, l.ID)
		}
	case s.key == kindFeature, slices.Contains(stackKinds, s.key):
		values = (Menu{Choices: q.m.choices}).Values(s.key)
	default:
		return nil
	}
	got := []string{}
	if s.many != nil {
		got = *s.many
		values = append(values, none)
		if slices.Contains(got, none) && len(got) > 1 {
			return q.misuse(key, "leave out none, or everything else", "%s none stands alone, and there is %s too", key, list(without(got, none), "and"))
		}
	} else {
		got = append(got, *s.one)
	}
	for _, v := range got {
		if !slices.Contains(values, v) {
			return q.misuse(key, key+" is one of "+list(values, "or"), "unknown %s %q%s", key, v, hint.DidYouMean(strings.ToLower(v), values))
		}
	}
	return nil
}

// none is the feature that stands for no feature.
const none = "none"

// singleKinds are the kinds of the only service of a repository.
func (r *ruleset) singleKinds(model bool) []string {
	if model {
		return stackKinds
	}
	return stackKinds[:len(stackKinds)-1]
}

// languages are those in which a service of the kinds can have the items.
func (q *request) languages(items []item, kinds []string) uint8 {
	var langs uint8
	set := map[string]string{}
	only := ""
	for _, i := range items {
		if i.kind != kindLanguage {
			set[i.kind] = i.value
		} else if only == "" || only == i.value {
			only = i.value
		} else {
			return 0
		}
	}
	for n, l := range q.r.Languages {
		if only != "" && l.ID != only {
			continue
		}
		if _, ok := q.m.stack(l.ID, set, kinds, 0); ok {
			langs |= 1 << n
		}
	}
	return langs
}

// misuse is an error about what the person set at key, with the place where it
// was read.
func (q *request) misuse(key, next, format string, args ...any) error {
	return q.a.misuse(key, next, format, args...)
}

func (a *Answers) misuse(key, next, format string, args ...any) error {
	if at := a.at[key]; at != "" {
		format, args = "%s: "+format, append([]any{at}, args...)
	}
	return hint.Misusef(next, format, args...)
}

// contradiction names two items that no service can have together, and what
// each would go with.
func (q *request) contradiction(items []item, kinds []string) error {
	for i, a := range items {
		if q.languages([]item{a}, kinds) == 0 {
			return q.misuse(a.key, a.key+" can be "+list(q.fitting(nil, a.kind, kinds), "or"), "%s does not fit this service", a)
		}
		for _, b := range items[:i] {
			if q.languages([]item{a, b}, kinds) != 0 {
				continue
			}
			var next []string
			for _, p := range [][2]item{{b, a}, {a, b}} {
				if fit := q.fitting([]item{p[0]}, p[1].kind, kinds); len(fit) > 0 {
					next = append(next, fmt.Sprintf("%s goes with %s %s", p[0], p[1].kind, list(fit, "or")))
				}
			}
			return q.misuse(a.key, strings.Join(next, "; "), "%s and %s do not go together", b, a)
		}
	}
	var all []string
	for _, i := range items {
		all = append(all, i.String())
	}
	return hint.Misusef("leave out one of them", "%s do not go together", list(all, "and"))
}

// fitting are the values of kind that a service with the items can have.
func (q *request) fitting(items []item, kind string, kinds []string) []string {
	var values, out []string
	if kind == kindLanguage {
		for _, l := range q.r.Languages {
			values = append(values, l.ID)
		}
	} else {
		values = (Menu{Choices: q.m.choices}).Values(kind)
	}
	for _, v := range values {
		if q.languages(append(slices.Clone(items), item{kind, kind, v}), kinds) != 0 {
			out = append(out, v)
		}
	}
	return out
}

// otherLanguage is the error for a split whose first service would not be in the
// language that it is for.
func (q *request) otherLanguage(first int) error {
	s := q.r.Services[0]
	for _, i := range q.items {
		if q.languages([]item{i}, s.Kinds)&(1<<first) == 0 {
			return q.misuse(i.key, fmt.Sprintf("leave out %s, or pass --shape single", i), "the service %s of a split is in %s, and %s is not", s.Name, q.r.Languages[first].Label, i)
		}
	}
	return q.contradiction(q.items, s.Kinds)
}

// noModel is the error for a single service that has to serve a model in a
// language that has nothing for it.
func (q *request) noModel() error {
	wants := item{"building", "building", kindML}
	if len(q.models) > 0 {
		wants = q.models[0]
	}
	var able []string
	for n, l := range q.r.Languages {
		if q.m.model&(1<<n) != 0 {
			able = append(able, l.Label)
		}
	}
	by, language := q.items[0], ""
	for _, i := range q.items {
		if langs := q.languages([]item{i}, q.r.singleKinds(false)); langs&q.m.model == 0 {
			by = i
			for n, l := range q.r.Languages {
				if langs&(1<<n) != 0 {
					language = l.Label
				}
			}
			break
		}
	}
	next := "pass --shape split for an API in " + language + " beside a service in " + list(able, "or")
	if models := q.m.kinds[kindML]; len(models) > 0 {
		if fit := q.fitting([]item{{kindML, kindML, models[0].Value}}, by.kind, q.r.singleKinds(true)); len(fit) > 0 {
			next += ", or " + by.kind + " " + list(fit, "or")
		}
	}
	return q.misuse(by.key, next, "%s needs a service in %s, and %s makes a single one in %s", wants, list(able, "or"), by, language)
}

// list joins words as in a sentence: "a, b or c".
func list(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}

func without(words []string, w string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(o string) bool { return o == w })
}
