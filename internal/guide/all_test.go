package guide

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The properties of the decision are tested over every combination of answers,
// numbered in mixed radix: digit by digit goal, knows, one bit for each item of
// building, workload, frontend, one bit for each item of values, shape. Digit 0
// is "not said".

// A digit is one key with single values, or one item of a list.
type digit struct {
	key    string
	values []string // of a list: its one item
	many   bool
	weight int // in the number
}

// A space is all combinations.
type space struct {
	digits []digit
	size   int
}

func newSpace() *space {
	s := &space{size: 1}
	add := func(key string, many bool, values ...string) {
		s.digits = append(s.digits, digit{key, values, many, s.size})
		s.size *= len(values) + 1
	}
	for _, k := range Keys() {
		switch {
		case k.Name == "goal":
			add(k.Name, false, "learning") // not said is "product": see TestDefaultGoal
		case k.Values == nil || k.Name == "language":
		case k.Many:
			for _, v := range k.Values {
				add(k.Name, true, v)
			}
		default:
			add(k.Name, false, k.Values...)
		}
	}
	return s
}

func (d *digit) of(n int) int { return n / d.weight % (len(d.values) + 1) }

// with is n with another value of the digit.
func (d *digit) with(n, v int) int { return n + (v-d.of(n))*d.weight }

func (s *space) answers(n int) Answers {
	var a Answers
	slots := a.slots()
	for i := range s.digits {
		d := &s.digits[i]
		v := d.of(n)
		if v == 0 {
			continue
		}
		sl := slots[slices.IndexFunc(slots, func(sl slot) bool { return sl.key == d.key })]
		if d.many {
			*sl.many = append(*sl.many, d.values[0])
		} else {
			*sl.one = d.values[v-1]
		}
	}
	return a
}

// apply is n after the changes of a flip.
func (s *space) apply(n int, changes []Change) int {
	for _, c := range changes {
		for i := range s.digits {
			d := &s.digits[i]
			k := slices.Index(d.values, c.Value)
			switch {
			case d.key == "goal" && c.Key == "goal":
				n = d.with(n, k+1) // product is 0
			case d.key != c.Key || k < 0:
			case c.Op == "remove":
				n = d.with(n, 0)
			default:
				n = d.with(n, k+1)
			}
		}
	}
	return n
}

// A result is what the properties need to know of a decision, without a pointer
// in it, since there are many.
type result struct {
	end          end
	node, python int16
	clear        bool
	flips        []leads
}

// An end is the shape and the languages of a decision.
type end uint8

// Leads is one flip: how many changes lead to which combination, and what is
// told to be there.
type leads struct {
	to      int32
	changes uint8
	end     end
}

var endNames = []string{"node", "python", "node+python"}

func endOf(languages ...string) end {
	return end(slices.Index(endNames, strings.Join(languages, "+")))
}

func (e end) String() string           { return endNames[e] }
func (e end) has(language string) bool { return strings.Contains(endNames[e], language) }

func describe(a Answers) string {
	return strings.Join(a.Args(), " ")
}

func TestEveryCombination(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // half the time would go to collecting
	s, menu := newSpace(), GuideMenu()
	if s.size != 614400 {
		t.Fatalf("%d combinations: has the vocabulary changed?", s.size)
	}
	results := make([]result, s.size)
	var mu sync.Mutex
	fired, frameworks, confidences := map[string]bool{}, map[string]bool{}, map[string]int{}
	var faults []string
	parallel(s.size, func(from, to int) {
		f, fw, conf := map[string]bool{}, map[string]bool{}, map[string]int{}
		built := map[string]error{}
		var bad []string
		for n := from; n < to; n++ {
			a := s.answers(n)
			d, err := Decide(a, menu)
			if err != nil {
				bad = append(bad, fmt.Sprintf("%s: %v", describe(a), err))
				continue
			}
			rec := d.Recommendation
			r := result{
				clear: d.Confidence == Clear, flips: make([]leads, len(d.Flips)),
				node: int16(d.Scores["language"]["node"]), python: int16(d.Scores["language"]["python"]),
			}
			if r.end = endOf(rec.Services[0].Language); len(rec.Services) == 2 {
				r.end = endOf(rec.Services[0].Language, rec.Services[1].Language)
			}
			for i, f := range d.Flips {
				r.flips[i] = leads{int32(s.apply(n, f.Changes)), uint8(len(f.Changes)), endOf(f.To.Languages...)}
				if (f.To.Shape == Split) != (len(f.To.Languages) == 2) {
					bad = append(bad, fmt.Sprintf("%s: a flip to %v", describe(a), f.To))
				}
			}
			results[n] = r
			if a.Shape != "" && a.Shape != rec.Shape {
				bad = append(bad, fmt.Sprintf("%s: shape %s", describe(a), rec.Shape))
			}
			if slices.Contains(a.Building, "ml") && rec.Services[len(rec.Services)-1].ML == "" {
				bad = append(bad, fmt.Sprintf("%s: no service with a model", describe(a)))
			}
			for _, sv := range rec.Services {
				key := fmt.Sprint(sv)
				if _, ok := built[key]; !ok {
					built[key] = canBeBuilt(sv, menu)
				}
				if built[key] != nil {
					bad = append(bad, fmt.Sprintf("%s: %v", describe(a), built[key]))
				}
				fw[sv.Framework] = true
			}
			up := d.RunnerUp
			if up == nil || up.Shape == rec.Shape && up.Services[0].Language == rec.Services[0].Language {
				bad = append(bad, fmt.Sprintf("%s: runner-up %v", describe(a), up))
			} else {
				for _, sv := range up.Services {
					key := fmt.Sprint(sv)
					if _, ok := built[key]; !ok {
						built[key] = canBeBuilt(sv, menu)
					}
					if built[key] != nil {
						bad = append(bad, fmt.Sprintf("%s: runner-up: %v", describe(a), built[key]))
					}
				}
			}
			for _, reason := range d.fired {
				f[reason.ID] = true
			}
			conf[d.Confidence]++
		}
		mu.Lock()
		defer mu.Unlock()
		for k := range f {
			fired[k] = true
		}
		for k := range fw {
			frameworks[k] = true
		}
		for k, n := range conf {
			confidences[k] += n
		}
		faults = append(faults, bad...)
	})
	report(t, "a recommendation that can be built", faults)
	if t.Failed() {
		return
	}
	t.Logf("%d combinations: %v", s.size, confidences)
	for _, row := range builtin().Rules {
		if !fired[row.ID] {
			t.Errorf("rule %s fires for no answers", row.ID)
		}
	}
	for _, v := range menu.Values("framework") {
		if !frameworks[v] {
			t.Errorf("framework %s is recommended for no answers", v)
		}
	}

	var unclear, away, flips []string
	parallel(s.size, func(from, to int) {
		var u, w, f []string
		for n := from; n < to; n++ {
			u = append(u, s.clear(results, n)...)
			w = append(w, s.monotonic(results, n)...)
			f = append(f, s.flips(results, n)...)
			if len(u)+len(w)+len(f) > 50 {
				break
			}
		}
		mu.Lock()
		defer mu.Unlock()
		unclear, away, flips = append(unclear, u...), append(away, w...), append(flips, f...)
	})
	report(t, "clear only where no single answer changes the language", unclear)
	report(t, "more evidence for a language does not turn away from it", away)
	report(t, "flips are the smallest changes, and flip", flips)
}

// clear checks that n is not called clear where one other value changes the language.
func (s *space) clear(results []result, n int) (faults []string) {
	r := &results[n]
	if !r.clear {
		return nil
	}
	for i := range s.digits {
		d := &s.digits[i]
		switch d.key {
		case "knows", "workload", "frontend", "values":
			for v := 0; v <= len(d.values); v++ {
				if o := &results[d.with(n, v)]; o.end != r.end {
					faults = append(faults, fmt.Sprintf("%s: clear, but %s %q makes it %s", describe(s.answers(n)), d.key, append([]string{""}, d.values...)[v], o.end))
				}
			}
		}
	}
	return faults
}

// monotonic checks every single change of an answer that speaks more for one
// language and no more for the other.
func (s *space) monotonic(results []result, n int) (faults []string) {
	r := &results[n]
	for i := range s.digits {
		d := &s.digits[i]
		if d.key == "shape" {
			continue // set by the person
		}
		for v := 0; v <= len(d.values); v++ {
			o := &results[d.with(n, v)]
			node, python := o.node-r.node, o.python-r.python
			lost := ""
			switch {
			case node > 0 && python <= 0 && r.end.has("node") && !o.end.has("node"):
				lost = "node"
			case python > 0 && node <= 0 && r.end.has("python") && !o.end.has("python"):
				lost = "python"
			}
			if lost != "" {
				faults = append(faults, fmt.Sprintf("%s (%s) -> %s (%s): away from %s", describe(s.answers(n)), r.end, describe(s.answers(d.with(n, v))), o.end, lost))
			}
		}
	}
	return faults
}

// flips checks that each reported flip leads where it says, and that none is
// missing: all single changes that turn the result, or pairs where there is none.
func (s *space) flips(results []result, n int) (faults []string) {
	r := &results[n]
	fault := func(format string, args ...any) {
		faults = append(faults, describe(s.answers(n))+": "+fmt.Sprintf(format, args...))
	}
	size := uint8(0)
	for _, f := range r.flips {
		o := &results[f.to]
		if o.end == r.end {
			fault("%s does not flip", describe(s.answers(int(f.to))))
		}
		if o.end != f.end {
			fault("%s is %s, not %s", describe(s.answers(int(f.to))), o.end, f.end)
		}
		if size != 0 && size != f.changes {
			fault("flips of one and of two changes")
		}
		size = f.changes
	}
	// Every change that turns the result, counted again without the rules.
	turns := func(n int) bool { return results[n].end != r.end }
	ones, pairs := 0, 0
	for i := range s.digits {
		d := &s.digits[i]
		for v := range len(d.values) + 1 {
			once := d.with(n, v)
			if !s.isMove(d, n, v) {
				continue
			}
			if turns(once) {
				ones++
			}
			if size != 0 {
				continue
			}
			for j := i + 1; j < len(s.digits); j++ {
				e := &s.digits[j]
				for w := range len(e.values) + 1 {
					if s.isMove(e, n, w) && turns(e.with(once, w)) {
						pairs++
					}
				}
			}
		}
	}
	switch {
	case size == 1 && ones != len(r.flips):
		fault("%d single changes turn it, and %d are told", ones, len(r.flips))
	case size == 2 && ones > 0:
		fault("pairs are told, and a single change turns it")
	case size == 0 && ones+pairs > 0:
		fault("no flips, but %d single changes and %d pairs turn it", ones, pairs)
	}
	return faults
}

// isMove tells whether digit d of n can be changed to v by saying something
// else: an answer is not taken back, but an item of a list can be.
func (s *space) isMove(d *digit, n, v int) bool {
	return d.key != "shape" && v != d.of(n) && (v != 0 || d.many || d.key == "goal")
}

// canBeBuilt checks a service against the menu's words, in its own way.
func canBeBuilt(s Service, m Menu) error {
	var parts []Choice
	for kind, v := range map[string]string{"framework": s.Framework, "orm": s.ORM, "database": s.Database, "pm": s.PM, "ml": s.ML} {
		if v == "" {
			continue
		}
		c := m.Find(kind, v, s.Language)
		if c == nil {
			return fmt.Errorf("%v: no %s %s for %s", s, kind, v, s.Language)
		}
		parts = append(parts, *c)
	}
	for _, f := range s.Features {
		c := m.Find("feature", f, s.Language)
		if c == nil {
			return fmt.Errorf("%v: no feature %s", s, f)
		}
		parts = append(parts, *c)
	}
	if s.Framework == "" || s.PM == "" || (s.ORM == "") != (s.Database == "") || s.ORM == "" && s.ML == "" {
		return fmt.Errorf("%v: not a whole service", s)
	}
	given := map[string]bool{}
	for _, p := range parts {
		given[p.Value] = p.Kind != "orm" // an ORM named like its framework is not the framework
		for _, w := range p.Gives {
			given[w] = true
		}
	}
	given[s.Framework] = true
	given["notes"] = given["store"]
	for _, p := range parts {
		for _, w := range p.Needs {
			if !given[w] {
				return fmt.Errorf("%v: %s %s needs %s", s, p.Kind, p.Value, w)
			}
		}
		for kind, v := range p.Brings {
			if kind == "orm" && s.ORM != "" && s.ORM != v {
				return fmt.Errorf("%v: %s brings %s %s", s, p.Value, kind, v)
			}
		}
	}
	return nil
}

// parallel splits [0, n) over the processors.
func parallel(n int, do func(from, to int)) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}

func report(t *testing.T, property string, faults []string) {
	t.Helper()
	if len(faults) == 0 {
		return
	}
	slices.Sort(faults)
	t.Errorf("%s: %d faults, as\n  %s", property, len(faults), strings.Join(faults[:min(8, len(faults))], "\n  "))
}
