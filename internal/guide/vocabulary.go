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

// Words lists what answers can say to layers, each as one word: workload-compute
// for the answer compute to the question workload.
func Words() []string {
	var out []string
	for _, row := range builtin().Answers {
		for _, v := range row.Values {
			out = append(out, row.Key+"-"+v)
		}
	}
	return out
}

// Words lists those of Words that a says.
func (a Answers) Words() []string {
	var said []string
	for _, s := range a.slots() {
		switch {
		case !s.set():
		case s.one != nil:
			said = append(said, s.key+"-"+*s.one)
		default:
			for _, v := range *s.many {
				said = append(said, s.key+"-"+v)
			}
		}
	}
	known := Words()
	return slices.DeleteFunc(said, func(w string) bool { return !slices.Contains(known, w) })
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

// Set sets the answer to a key of the vocabulary; a key of a single value takes
// the first word. It does not check words: Decide does.
func (a *Answers) Set(key string, words []string) { put(a.slots(), key, words) }

// SetFor is Set for one service of a split.
func (a *Answers) SetFor(service, key string, words []string) {
	sa := a.Services[service]
	put(sa.slots(), key, words)
	if a.Services == nil {
		a.Services = map[string]ServiceAnswers{}
	}
	a.Services[service] = sa
}

func put(slots []slot, key string, words []string) {
	for _, s := range slots {
		switch {
		case s.key != key:
		case s.many != nil:
			*s.many = unique(words)
		case len(words) > 0:
			*s.one = words[0]
		}
	}
}

// unique is words with each word once, where it stood first; nil stays nil.
func unique(words []string) []string {
	var out []string
	if words != nil {
		out = []string{}
	}
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// SplitServices are the names of the services of a split, the API first.
func SplitServices() []string {
	var names []string
	for _, s := range builtin().Services {
		names = append(names, s.Name)
	}
	return names
}

// ServiceFlag is the flag, without dashes, for a key of one service of a split:
// framework for the API's, ml-framework for the other's. The API shares the
// plain flags, except where they mean more than it.
func ServiceFlag(service, key string) string {
	first := service == SplitServices()[0]
	switch {
	case service == key:
		return key // ml, not ml-ml
	case first && key != kindFeature && key != kindML:
		return key
	}
	return service + "-" + key
}

// Args are the flags that give the answers again: --knows javascript.
func (a Answers) Args() []string {
	var args []string
	add := func(slots []slot, flag func(key string) string) {
		for _, s := range slots {
			switch {
			case !s.set():
			case s.many == nil:
				args = append(args, "--"+flag(s.key), *s.one)
			case len(*s.many) > 0:
				args = append(args, "--"+flag(s.key), strings.Join(*s.many, ","))
			case s.key == kindFeature:
				args = append(args, "--"+flag(s.key), none)
			}
		}
	}
	if a.Shape == "" {
		for _, sa := range a.Services {
			if len(mapOf(sa.slots())) > 0 {
				a.Shape = Split // a plain flag alone would not say so
			}
		}
	}
	add(a.slots(), func(key string) string { return key })
	for _, name := range SplitServices() {
		if sa, ok := a.Services[name]; ok {
			add(sa.slots(), func(key string) string { return ServiceFlag(name, key) })
		}
	}
	return args
}
