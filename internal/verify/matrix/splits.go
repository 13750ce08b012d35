package matrix

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
)

// The names of the two services of a split, which the guide's rules give them.
const (
	apiName = "api"
	mlName  = "ml"
)

// quiet are the features that a service without real-time has under proof.
var quiet = []string{"ci", "docker"}

// A choice is one of a split's.
type choice struct{ kind, value string }

// choicesOf are those of one split, in a fixed order.
func choicesOf(api, ml guide.Service) []choice {
	return []choice{
		{"api framework", api.Framework}, {"orm", api.ORM}, {"database", api.Database}, {"api pm", api.PM},
		{"ml framework", ml.Framework}, {"ml", ml.ML}, {"ml pm", ml.PM},
	}
}

// pairsOf are the pairs of choices of one split.
func pairsOf(all []choice) (out [][2]choice) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			out = append(out, [2]choice{a, b})
		}
	}
	return out
}

// Splits are two services each: every framework that can ask with every one
// that can answer and every ML library, once. What stands beside them varies so
// that every pair of choices that stands together occurs. The first one is what
// the guide recommends for a split; each next one brings the most pairs that are
// still missing, and of what was picked more often already as little as
// possible.
func Splits(c *layer.Catalog) ([]*Combination, error) {
	apis, mls := sides(c)
	var out []*Combination
	seen, used := map[[2]choice]bool{}, map[choice]int{}
	type corner struct{ api, framework, ml string }
	var left []corner
	for _, a := range apis {
		for _, m := range mls {
			k := corner{a.Framework, m.Framework, m.ML}
			if !slices.Contains(left, k) {
				left = append(left, k)
			}
		}
	}
	first, err := recommended(c)
	if err != nil {
		return nil, err
	}
	for len(left) > 0 {
		var api, ml guide.Service
		at, most, least := -1, -1, 0
		for i, k := range left {
			for _, a := range apis {
				for _, m := range mls {
					if (corner{a.Framework, m.Framework, m.ML}) != k {
						continue
					}
					if len(out) == 0 && first != nil && !slices.Equal(choicesOf(a, m), first) {
						continue
					}
					fresh, old := 0, 0
					for _, p := range pairsOf(choicesOf(a, m)) {
						if !seen[p] {
							fresh++
						}
					}
					for _, ch := range choicesOf(a, m) {
						old += used[ch]
					}
					if c := cmp.Or(cmp.Compare(fresh, most), cmp.Compare(least, old)); at < 0 || c > 0 {
						api, ml, at, most, least = a, m, i, fresh, old
					}
				}
			}
		}
		if at < 0 {
			first = nil // what is recommended has not all its layers
			continue
		}
		left = slices.Delete(left, at, at+1)
		for _, p := range pairsOf(choicesOf(api, ml)) {
			seen[p] = true
		}
		for _, ch := range choicesOf(api, ml) {
			used[ch]++
		}
		m, err := Of(c, guide.Recommendation{Shape: "split", Services: []guide.Service{api, ml}})
		if err != nil {
			return nil, fmt.Errorf("%s with %s and %s: %w", api.Framework, ml.Framework, ml.ML, err)
		}
		out = append(out, m)
	}
	sort(out)
	return out, nil
}

// recommended are the choices of the split that the guide recommends to who says
// nothing else, nil where there is none.
func recommended(c *layer.Catalog) ([]choice, error) {
	d, err := guide.Decide(guide.Answers{Name: "app", Shape: "split"}, guide.GuideMenu().With(plan.MenuOf(c)))
	if err != nil {
		return nil, fmt.Errorf("deciding for a proof: %w", err)
	}
	rec, _ := plan.Nearest(c, d)
	if len(rec.Services) != 2 {
		return nil, nil
	}
	return choicesOf(rec.Services[0], rec.Services[1]), nil
}

// Proven is a recommendation with the features that a proof of it has.
func Proven(rec guide.Recommendation) guide.Recommendation {
	rec.Services = slices.Clone(rec.Services)
	for i := range rec.Services {
		if rec.Services[i].Features = Features; rec.Services[i].Name == mlName {
			rec.Services[i].Features = quiet
		}
	}
	return rec
}

// sides are what can stand on either side of a split: the services that keep
// notes and push, and those that have a model and nothing else.
func sides(c *layer.Catalog) (apis, mls []guide.Service) {
	for _, rec := range plan.Single(c, Features) {
		s := rec.Services[0]
		s.Name = apiName
		if asks(c, s) {
			apis = append(apis, s)
		}
	}
	for _, framework := range c.Choices("framework") {
		for _, ml := range c.Choices("ml") {
			for _, pm := range c.Choices("pm") {
				s := guide.Service{Name: mlName, Language: framework.Language(), Framework: framework.Value, PM: pm.Value, ML: ml.Value, Features: quiet}
				if c.Find("pm", pm.Value, s.Language) != nil && plan.Stands(c, s) {
					mls = append(mls, s)
				}
			}
		}
	}
	return apis, mls
}

// asks tells whether a service has to ask another one for predictions: no ML
// library stands in it.
func asks(c *layer.Catalog, s guide.Service) bool {
	return !slices.ContainsFunc(c.Choices("ml"), func(ml *layer.Layer) bool {
		s.ML = ml.Value
		return plan.Stands(c, s)
	})
}

// Pair tells whether the combination is two services that work as one.
func (m *Combination) Pair() bool { return m.gives("ml-client") && m.gives("internal") }

// Plan is the list of the splits for a person to read: their choices in columns,
// and how often each occurs.
func Plan(splits []*Combination) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var kinds []string
	used := map[choice]int{}
	pairs := map[[2]choice]bool{}
	var order []choice
	for i, m := range splits {
		list := choicesOf(m.Pick.Services[0], m.Pick.Services[1])
		var row []string
		for _, ch := range list {
			if i == 0 {
				kinds = append(kinds, ch.kind)
			}
			if used[ch]++; used[ch] == 1 {
				order = append(order, ch)
			}
			row = append(row, ch.value)
		}
		for _, p := range pairsOf(list) {
			pairs[p] = true
		}
		if i == 0 {
			fmt.Fprintln(t, strings.Join(kinds, "\t"))
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	t.Flush()
	fmt.Fprintf(&b, "\n%d splits, %d pairs of choices\n", len(splits), len(pairs))
	for _, kind := range kinds {
		var parts []string
		for _, ch := range order {
			if ch.kind == kind {
				parts = append(parts, fmt.Sprintf("%s %d", ch.value, used[ch]))
			}
		}
		slices.Sort(parts)
		fmt.Fprintf(&b, "%s: %s\n", kind, strings.Join(parts, ", "))
	}
	return b.String()
}
