package guide

import "slices"

// Decide runs the rules over the answers and says what they recommend from the
// menu. What the person set is never overruled; where it contradicts itself the
// error is a misuse that names both sides and what would fit.
func Decide(a Answers, m Menu) (*Decision, error) {
	return builtin().decide(a, m.compile())
}

// An outcome is what the rules decide before any choice of the menu: the shape,
// and the language of the only service or of the API.
type outcome struct {
	split    bool
	language int
	ok       bool // false: a single service cannot be what was set
}

func (r *ruleset) decide(a Answers, m *menu) (*Decision, error) {
	q, err := r.newRequest(&a, m)
	if err != nil {
		return nil, err
	}
	v := r.weigh(q.facts)
	o := q.settle(q.facts, &v)
	if !o.ok {
		return nil, q.noModel()
	}
	rec, stacks, err := q.recommend(o)
	if err != nil {
		return nil, err
	}
	d := &Decision{
		Recommendation: rec, Scores: q.scores(&v, stacks),
		Against: []Reason{}, WatchOut: []WatchOut{},
	}
	d.Confidence = q.confidence(o, &v)
	q.explain(d, o, &v)
	d.RunnerUp = q.runnerUp(d, o, &v)
	d.Flips = q.flips(o)
	d.Overrides = q.overrides(d, o, &v)
	return d, nil
}

// settle is the outcome for the facts, whose weights are v, under what the
// person set.
func (q *request) settle(facts bits, v *vector) outcome {
	r := q.r
	first := r.language(r.Services[0].Language)
	if q.shape == Split || q.shape == "" && q.api&(1<<first) != 0 && r.splits(v) > 0 {
		return outcome{split: true, language: first, ok: true}
	}
	best := r.best(v, q.able(facts))
	return outcome{language: best, ok: best >= 0}
}

// able are the languages in which a single service can do what the facts ask for.
func (q *request) able(facts bits) uint8 {
	if facts&q.r.wantsModel != 0 || len(q.models) > 0 {
		return q.model
	}
	return q.plain
}

// splits is how much more speaks for two services than for one; up to 0 one is
// enough. A split needs something that pulls apart, and both sides need
// something to do: the weaker language counts. So more evidence for either
// language can never break up a split in favour of the other.
func (r *ruleset) splits(v *vector) int {
	if v[r.split()] == 0 {
		return -int(v[r.single()])
	}
	return r.forSplit(v) - int(v[r.single()])
}

func (r *ruleset) forSplit(v *vector) int {
	n := int(v[r.split()])
	if n == 0 {
		return 0
	}
	weaker := v[r.language(r.Services[0].Language)]
	for _, s := range r.Services[1:] {
		weaker = min(weaker, v[r.language(s.Language)])
	}
	return n + int(weaker)
}

// best is the language of langs with the highest weight, or -1.
func (r *ruleset) best(v *vector, langs uint8) int {
	best := -1
	for _, l := range r.tie {
		if langs&(1<<l) != 0 && (best < 0 || v[l] > v[best]) {
			best = l
		}
	}
	return best
}

// A chosen is one service of the recommendation and how it was chosen.
type chosen struct {
	name     string // "" in a single project
	language int
	facts    bits // what the service looks at, and its language and shape
	stack    stack
	kinds    []string
	set      map[string]string
}

// wanted lists what the services of an outcome are to be, without their stacks.
func (q *request) wanted(o outcome) []chosen {
	r := q.r
	if !o.split {
		model := q.facts&r.wantsModel != 0 || len(q.models) > 0
		return []chosen{{
			language: o.language, kinds: r.singleKinds(model), set: values(q.items, q.models),
			facts: q.facts | r.bit["language:"+r.Languages[o.language].ID] | r.bit["shape:single"],
		}}
	}
	out := make([]chosen, 2)
	for i, s := range r.Services {
		c := chosen{name: s.Name, language: o.language, kinds: s.Kinds, set: values(q.items, nil)}
		if i > 0 {
			c.language, c.set = q.second, values(q.other, q.models)
		}
		c.facts = r.hidden(q.facts, r.hides[i]) | r.bit["language:"+r.Languages[c.language].ID] | r.bit["shape:split"]
		out[i] = c
	}
	return out
}

func values(a, b []item) map[string]string {
	if len(a)+len(b) == 0 {
		return nil
	}
	set := map[string]string{}
	for _, i := range append(slices.Clone(a), b...) {
		if i.kind != kindLanguage {
			set[i.kind] = i.value
		}
	}
	return set
}

// recommend chooses the stacks of an outcome.
func (q *request) recommend(o outcome) (Recommendation, []chosen, error) {
	rec := Recommendation{Shape: Single}
	if o.split {
		rec.Shape = Split
	}
	services := q.wanted(o)
	used := map[string]bool{}
	for i := range services {
		c := &services[i]
		language := q.r.Languages[c.language].ID
		// The languages of a request are those in which this succeeds.
		c.stack, _ = q.m.stack(language, c.set, c.kinds, c.facts)
		s := Service{
			Name: c.name, Language: language, Framework: c.stack.value("framework"), ORM: c.stack.value("orm"),
			PM: c.stack.value("pm"), Database: c.stack.value("database"), ML: c.stack.value(kindML),
		}
		if !o.split {
			s.Name = "app"
		}
		var err error
		if s.Features, err = q.features(c, language); err != nil {
			return rec, nil, err
		}
		for _, f := range s.Features {
			used[f] = true
		}
		rec.Services = append(rec.Services, s)
	}
	for _, f := range q.a.Feature {
		if f != none && !used[f] {
			return rec, nil, q.misuse(kindFeature, "leave out "+kindFeature+" "+f, "%s %s fits no service of this stack", kindFeature, f)
		}
	}
	return rec, services, nil
}

// features are those that the person set for the service or for all services,
// else those that the rules favour; always only what fits the service, in the
// order of the menu.
func (q *request) features(c *chosen, language string) ([]string, error) {
	gives := q.m.closure(c.stack.gives())
	own, mine := q.a.Services[c.name]
	mine = mine && own.Feature != nil
	out := []string{}
	for _, o := range q.m.kinds[kindFeature] {
		fits := o.speaks(language) && o.needs&^gives == 0
		var want bool
		switch {
		case mine:
			want = slices.Contains(own.Feature, o.Value)
			if want && !fits {
				return nil, q.misuse("services."+c.name+".feature", "leave out "+kindFeature+" "+o.Value, "%s %s does not fit the service %s", kindFeature, o.Value, c.name)
			}
		case q.a.Feature != nil:
			want = slices.Contains(q.a.Feature, o.Value)
		default:
			want = o.score(c.facts) > 0
		}
		if want && fits && !slices.Contains(out, o.Value) {
			out = append(out, o.Value)
		}
	}
	return out, nil
}

// scores lists all weights, by kind and value. What the second service of a
// split was chosen by stands under its name.
func (q *request) scores(v *vector, services []chosen) map[string]map[string]int {
	r := q.r
	languages := make(map[string]int, len(r.Languages))
	for i, l := range r.Languages {
		languages[l.ID] = int(v[i])
	}
	out := map[string]map[string]int{
		kindLanguage: languages,
		kindShape:    {Single: int(v[r.single()]), Split: r.forSplit(v)},
	}
	for n := range services {
		c := &services[n]
		prefix := ""
		if n > 0 {
			prefix = c.name + "."
		}
		for _, kind := range c.kinds {
			of := map[string]int{}
			for _, o := range q.m.kinds[kind] {
				if o.speaks(r.Languages[c.language].ID) && q.m.fits(o, &c.stack) {
					of[o.Value] = o.score(c.facts)
				}
			}
			out[prefix+kind] = of
		}
	}
	return out
}

// confidence says how sure the rules are of the outcome. It is clear only where
// no other value of a single answer would turn it.
func (q *request) confidence(o outcome, v *vector) string {
	r, t := q.r, q.r.Confidence
	var margin int
	if o.split {
		if margin = r.splits(v); margin > 0 {
			margin = max(margin, t.Leaning) // a split is never chosen for nothing
		}
	} else {
		margin = r.margin(v, o.language)
		if len(q.items) == 0 && q.able(q.facts) == 1<<o.language {
			margin = max(margin, t.Leaning) // the other language cannot do it at all
		}
		if q.shape == Single && q.free().settle(q.facts, v).split {
			margin = min(margin, t.Leaning)
		}
	}
	switch {
	case margin >= t.Clear && !q.fragile(o):
		return Clear
	case margin >= t.Leaning:
		return Leaning
	}
	return TossUp
}

// margin is how far a language is ahead of the next.
func (r *ruleset) margin(v *vector, language int) int {
	all := uint8(1)<<len(r.Languages) - 1
	if second := r.best(v, all&^(1<<language)); second >= 0 {
		return int(v[language] - v[second])
	}
	return int(v[language])
}

// free is q without anything that the person set.
func (q *request) free() *request {
	return &request{
		r: q.r, m: q.m, a: &Answers{}, facts: q.facts,
		plain: q.m.plain, model: q.m.model, api: q.m.plain, second: q.r.language(q.r.Services[1].Language),
	}
}
