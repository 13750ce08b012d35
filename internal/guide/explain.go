package guide

import (
	"cmp"
	"slices"
	"strings"
)

// explain fills in the reasons of d, what spoke against it, what to watch out
// for, and all rules that fired.
func (q *request) explain(d *Decision, o outcome, v *vector) {
	r := q.r
	result := q.facts | r.bit["shape:"+d.Recommendation.Shape]
	for _, s := range d.Recommendation.Services {
		result |= r.bit["language:"+s.Language]
	}
	d.Reasons, d.fired = make([]Reason, 0, 20), make([]hit, 0, 40)
	services := q.wanted(o)
	tied := !o.split && len(q.items) == 0 && r.margin(v, o.language) == 0
	for _, c := range r.rules {
		switch c.Kind {
		case kindLanguage:
			if !c.holds(q.facts) {
				continue
			}
			// In a split a language is favoured for what its own service does.
			mine := slices.ContainsFunc(services, func(s chosen) bool {
				return c.Favours[0] == r.Languages[s.language].ID && c.holds(s.facts)
			})
			q.file(d, c, "", c.Favours, mine, true)
		case kindShape:
			// What speaks for one service is worth saying only where something speaks for two.
			if c.holds(q.facts) {
				q.file(d, c, "", c.Favours, c.Favours[0] == d.Recommendation.Shape, v[r.split()] > 0)
			}
		case kindTie:
			if tied {
				q.file(d, c, "", c.Favours, true, c.Favours[0] == d.Recommendation.Services[0].Language)
			}
		case kindContext, kindPromise:
			if c.holds(result) {
				q.file(d, c, "", nil, true, true)
			}
		case kindWatch:
			for i := range services {
				if !c.holds(services[i].facts) {
					continue
				}
				s := d.Recommendation.Services[i]
				d.fired = append(d.fired, hit{c, services[i].name})
				d.WatchOut = append(d.WatchOut, WatchOut{
					Rule: c.ID, What: c.Because, Source: c.source, File: r.path(c.Topic, s, o.split), Service: services[i].name,
				})
			}
		default:
			for i := range services {
				if c.holds(services[i].facts) {
					q.explainChoice(d, c, &services[i], d.Recommendation.Services[i])
				}
			}
		}
	}
	// Rules come in the order in which they are told, only the watches are not.
	slices.SortStableFunc(d.WatchOut, func(a, b WatchOut) int { return r.specific(b.Rule) - r.specific(a.Rule) })
}

// specific is how much a rule asks for before it fires.
func (r *ruleset) specific(id string) int {
	return len(r.rules[slices.IndexFunc(r.rules, func(c *rule) bool { return c.ID == id })].When)
}

// told orders rules as they are told: what decides most comes first.
func told(a, b *rule) int {
	return cmp.Or(group(a.Kind)-group(b.Kind), b.Weight-a.Weight, cmp.Compare(a.ID, b.ID))
}

// group is the order in which kinds are explained.
func group(kind string) int {
	switch kind {
	case kindLanguage:
		return 0
	case kindTie, kindShape:
		return 1
	case kindFeature:
		return 8
	case kindContext, kindPromise, kindWatch:
		return 9
	}
	return 2 + slices.Index(stackKinds, kind)
}

// explainChoice is explain for a rule about the menu and one service. A rule
// that names the chosen one speaks for it; one that names only others of the
// same language speaks against it where there was a framework to choose.
func (q *request) explainChoice(d *Decision, c *rule, service *chosen, s Service) {
	language := q.r.Languages[service.language].ID
	relevant := slices.ContainsFunc(c.Favours, func(f string) bool {
		return q.m.find(c.Kind, f, language) != nil
	}) && (c.Kind == kindFeature || slices.Contains(service.kinds, c.Kind))
	if !relevant {
		return
	}
	var mine []string
	if c.Kind == kindFeature {
		for _, f := range s.Features {
			if slices.Contains(c.Favours, f) {
				mine = append(mine, f)
			}
		}
	} else if v := value(c.Kind, s); slices.Contains(c.Favours, v) {
		mine = []string{v}
	}
	if mine != nil {
		q.file(d, c, service.name, mine, true, true)
	} else {
		q.file(d, c, service.name, c.Favours, false, c.Kind == "framework" && len(c.When) > 0)
	}
}

// value is what s has of a kind.
func value(kind string, s Service) string {
	switch kind {
	case "framework":
		return s.Framework
	case "orm":
		return s.ORM
	case "database":
		return s.Database
	case "pm":
		return s.PM
	case kindML:
		return s.ML
	case kindLanguage:
		return s.Language
	}
	return ""
}

// A hit is a rule that fired, and in a split the service that it fired for.
type hit struct {
	*rule
	service string
}

// file puts a rule that fired where it belongs; one that is not worth telling
// is only listed among all that fired.
func (q *request) file(d *Decision, c *rule, service string, favours []string, speaksFor, tell bool) {
	d.fired = append(d.fired, hit{c, service})
	switch {
	case !tell:
	case speaksFor:
		d.Reasons = append(d.Reasons, c.reason(service, favours))
	default:
		d.Against = append(d.Against, c.reason(service, favours))
	}
}

func (c *rule) reason(service string, favours []string) Reason {
	return Reason{Rule: c.ID, Kind: c.Kind, Favours: strings.Join(favours, ", "), Weight: c.Weight, Because: c.Because, Source: c.source, Service: service}
}

// Fired lists every rule whose condition held, whatever it favours.
func (d *Decision) Fired() []Reason {
	out := make([]Reason, len(d.fired))
	for i, h := range d.fired {
		out[i] = h.reason(h.service, h.Favours)
	}
	return out
}

// Citing lists the rules of what the decision tells, for it, against it or to
// watch out for, that are taken from a statement of the guide; each once.
func (d *Decision) Citing(statement string) []string {
	told := map[string]bool{}
	for _, r := range append(slices.Clone(d.Reasons), d.Against...) {
		told[r.Rule] = true
	}
	for _, w := range d.WatchOut {
		told[w.Rule] = true
	}
	out := []string{}
	for _, h := range d.fired {
		if told[h.ID] && slices.Contains(h.Source, statement) && !slices.Contains(out, h.ID) {
			out = append(out, h.ID)
		}
	}
	return out
}

// Rival is what more speaks for than for the language or the shape that the
// person set: "Node.js", "a split" or "one service"; "" where the rules agree.
func (d *Decision) Rival() string {
	if len(d.Overrides) == 0 {
		return ""
	}
	for _, o := range d.Overrides {
		switch {
		case o.Key == kindShape && o.Instead == Split:
			return "a split"
		case o.Key == kindShape:
			return "one service"
		}
	}
	mine := d.Recommendation.Services[0].Language
	best := mine
	for l, n := range d.Scores[kindLanguage] {
		if top := d.Scores[kindLanguage][best]; n > top || n == top && best != mine && l < best {
			best = l
		}
	}
	if best == mine || d.Recommendation.Shape == Split {
		return ""
	}
	return LanguageLabel(best)
}

// path is the file that deals with a topic, from the root of the repository.
func (r *ruleset) path(topic string, s Service, split bool) string {
	best, at := "", -1
	for _, f := range r.Files {
		if f.Topic != topic || f.Language != "" && f.Language != s.Language || f.Framework != "" && f.Framework != s.Framework {
			continue
		}
		rank := 0
		if f.Language != "" {
			rank = 1
		}
		if f.Framework != "" {
			rank = 2
		}
		if rank > at {
			best, at = f.Path, rank
			if split && !f.Repo {
				best = "services/" + s.Name + "/" + f.Path
			}
		}
	}
	return best
}

// runnerUp is the stack that comes next. What the person set stays where it
// fits both.
func (q *request) runnerUp(d *Decision, o outcome, v *vector) *RunnerUp {
	r := q.r
	f := q.free()
	model := len(q.models) > 0 || q.facts&r.wantsModel != 0
	if model {
		f.models = q.models
	}
	next := outcome{ok: true}
	if others := f.able(q.facts) &^ (1 << o.language); o.split {
		next.language = r.best(v, f.able(q.facts))
	} else if others == 0 || r.splits(v) == 0 {
		next.split, next.language = true, r.language(r.Services[0].Language)
	} else {
		next.language = r.best(v, others)
	}
	if !next.split && next.language < 0 {
		return nil
	}
	for _, i := range q.items {
		if i.kind == kindLanguage {
			continue
		}
		if _, ok := q.m.stack(r.Languages[next.language].ID, values(append(slices.Clone(f.items), i), nil), stackKinds[:4], 0); ok {
			f.items = append(f.items, item{i.kind, i.kind, i.value})
		}
	}
	f.a = &Answers{Feature: slices.DeleteFunc(slices.Clone(q.a.Feature), func(string) bool { return false })}
	rec, _, err := f.recommend(next)
	if err != nil {
		f.a = &Answers{}
		rec, _, _ = f.recommend(next)
	}
	up := &RunnerUp{Recommendation: rec, Reasons: []Reason{}}
	for _, a := range d.Against {
		if a.Kind == kindShape && a.Favours == rec.Shape ||
			a.Kind == kindLanguage && slices.ContainsFunc(rec.Services, func(s Service) bool { return s.Language == a.Favours }) {
			up.Reasons = append(up.Reasons, a)
		}
	}
	return up
}

// overrides lists what the person set and the rules would not have chosen.
func (q *request) overrides(d *Decision, o outcome, v *vector) []Override {
	r, out := q.r, []Override{}
	if len(q.items)+len(q.models)+len(q.other) == 0 && q.shape == "" && q.a.Feature == nil && len(q.a.Services) == 0 {
		return out
	}
	free := q.free().settle(q.facts, v)
	if free.split != o.split {
		shapes := map[bool]string{true: Split, false: Single}
		out = append(out, Override{Key: kindShape, Value: shapes[o.split], Instead: shapes[free.split]})
	}
	against := func(i item, service, instead string) {
		if instead != i.value && instead != "" {
			out = append(out, Override{Key: i.kind, Value: i.value, Instead: instead, Service: service})
		}
	}
	services := q.wanted(o)
	// A language that differs is laid to the key that says it most plainly; the
	// other choices are then judged within that language.
	turned := -1
	if len(q.items) > 0 && (free.split == o.split || o.split) && free.language != o.language {
		turned = max(0, slices.IndexFunc(q.items, func(i item) bool { return i.kind == kindLanguage }))
		for turned < len(q.items)-1 && q.languages(q.items[turned:turned+1], r.singleKinds(false)) == q.m.plain {
			turned++
		}
		i := q.items[turned]
		if i.kind == kindLanguage {
			against(i, services[0].name, r.Languages[free.language].ID)
		} else {
			rec, _, _ := q.free().recommend(free)
			against(i, services[0].name, value(i.kind, rec.Services[0]))
		}
	}
	for n := range services {
		c := &services[n]
		items := append(slices.Clone(q.items), q.models...)
		if o.split {
			if items = q.items; n == 1 {
				items = append(slices.Clone(q.other), q.models...)
			}
		}
		for k, i := range items {
			if i.kind == kindLanguage || n == 0 && k == turned {
				continue
			}
			rest := values(slices.Delete(slices.Clone(items), k, k+1), nil)
			if s, ok := q.m.stack(r.Languages[c.language].ID, rest, append(slices.Clone(c.kinds), i.kind), c.facts); ok {
				against(i, c.name, s.value(i.kind))
			}
		}
		own, ok := q.a.Services[c.name]
		if q.a.Feature == nil && !(ok && own.Feature != nil) {
			continue
		}
		f := q.free()
		c.stack, _ = q.m.stack(r.Languages[c.language].ID, c.set, c.kinds, c.facts)
		usual, _ := f.features(&chosen{language: c.language, facts: c.facts, stack: c.stack}, r.Languages[c.language].ID)
		got := d.Recommendation.Services[n].Features
		if !slices.Equal(usual, got) {
			out = append(out, Override{Key: kindFeature, Value: orNone(got), Instead: orNone(usual), Service: c.name})
		}
	}
	return out
}

func orNone(words []string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}
