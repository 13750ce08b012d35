package guide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// Kinds of rules that are not kinds of the menu.
const (
	kindLanguage = "language"
	kindShape    = "shape"
	kindTie      = "tie"
	kindContext  = "context"
	kindPromise  = "promise"
	kindWatch    = "watch"
)

// stackKinds are the kinds of which a service has at most one, in the order in
// which they are chosen; kindFeature is the one of which it has any number.
var stackKinds = []string{"framework", "database", "orm", "pm", "ml"}

const (
	kindML      = "ml"
	kindFeature = "feature"
	kindApp     = "app"
)

// bits are answers: one bit for each value of each key, and one for each key
// that has no value. A rule is then two or three masks, so that all rules can
// be weighed for every change of every answer.
type bits uint64

// A condition holds when every mask of need meets the bits, and never does not.
type condition struct {
	need  []bits
	never bits
}

func (c *condition) holds(b bits) bool {
	if b&c.never != 0 {
		return false
	}
	for _, n := range c.need {
		if b&n == 0 {
			return false
		}
	}
	return true
}

type rule struct {
	ruleRow
	condition
	source string // heading, or Silent
}

// vector adds up weights: one entry for each language, then single and split.
type vector [6]int16

// A weighing is what one rule adds to one language or shape. Its condition is
// laid out for weigh, which runs some hundred times in a decision.
type weighing struct {
	need   [3]bits
	never  bits
	to     int
	weight int16
}

// A ruleset is the table, checked and compiled.
type ruleset struct {
	*table
	rules      []*rule    // in the order in which they are told
	weighings  []weighing // those of kind language and shape
	tie        []int      // languages in the order that breaks a tie
	bit        map[string]bits
	keys       []string // that a condition can ask for
	hides      []bits   // by service of a split
	menu       Menu
	wantsModel bits // answers that call for a choice of kind ml
	questions  []question
	moves      []move
}

// A question is one key of the answers: all its bits, and the one for unset.
type question struct {
	*answerRow
	all, unset bits
}

func (r *ruleset) single() int { return len(r.Languages) }
func (r *ruleset) split() int  { return len(r.Languages) + 1 }

func (r *ruleset) language(id string) int {
	return slices.IndexFunc(r.Languages, func(l languageRow) bool { return l.ID == id })
}

// label is what a language is called.
func (r *ruleset) label(language string) string {
	if i := r.language(language); i >= 0 {
		return r.Languages[i].Label
	}
	return language
}

// unset is the word for a key without a value.
const unset = "unset"

// compile checks t and makes a ruleset of it.
func compile(t *table) (*ruleset, error) {
	r := &ruleset{table: t, bit: map[string]bits{}}
	if len(t.Languages) > len(vector{})-2 {
		return nil, fmt.Errorf("more than %d languages", len(vector{})-2)
	}
	next := bits(1)
	word := func(key, value string) { r.bit[key+":"+value], next = next, next<<1 }
	for i := range t.Answers {
		a := &t.Answers[i]
		r.keys = append(r.keys, a.Key)
		q := question{answerRow: a, unset: next}
		for _, v := range append([]string{unset}, a.Values...) {
			q.all |= next
			word(a.Key, v)
		}
		if a.Key != kindShape { // asks for the result, which is always there
			r.questions = append(r.questions, q)
		}
	}
	for i := range r.questions {
		q := &r.questions[i]
		for k, v := range q.Values {
			r.moves = append(r.moves, move{q, v, q.unset << (k + 1), slices.Contains(fragileKeys, q.Key)})
		}
	}
	r.keys = append(r.keys, kindLanguage)
	for _, l := range t.Languages {
		word(kindLanguage, l.ID)
	}
	if next == 0 {
		return nil, fmt.Errorf("more values than bits")
	}
	r.wantsModel = r.bit["building:"+kindML]

	for _, c := range t.Choices {
		r.menu.Choices = append(r.menu.Choices, Choice{
			Kind: c.Kind, Value: c.Value, Label: c.Label, Hint: c.Hint, Language: c.Language,
			Needs: c.Needs, Gives: c.Gives, Brings: c.Brings,
		})
	}

	for _, s := range t.Services {
		var mask bits
		for _, h := range s.Hides {
			m, not, err := r.clause(h)
			if err != nil || not {
				return nil, fmt.Errorf("service %s: hides %q: %v", s.Name, h, err)
			}
			mask |= m
		}
		if r.language(s.Language) < 0 {
			return nil, fmt.Errorf("service %s: unknown language %q", s.Name, s.Language)
		}
		r.hides = append(r.hides, mask)
	}
	headings := map[string]string{}
	for _, s := range t.Statements {
		if headings[s.ID] != "" {
			return nil, fmt.Errorf("two statements %s", s.ID)
		}
		headings[s.ID] = s.Heading
	}
	seen := map[string]bool{}
	for _, row := range t.Rules {
		c, err := r.rule(row, headings)
		if err == nil && seen[row.ID] {
			err = fmt.Errorf("stands twice")
		}
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", row.ID, err)
		}
		seen[row.ID] = true
		r.rules = append(r.rules, c)
	}
	slices.SortFunc(r.rules, told)
	r.menu.compiled = compileMenu(r, r.menu.Choices)
	for i := range t.Languages {
		r.tie = append(r.tie, i)
	}
	for _, c := range r.rules {
		switch c.Kind {
		case kindLanguage, kindShape:
			w := weighing{need: [3]bits{^bits(0), ^bits(0), ^bits(0)}, never: c.never, weight: int16(c.Weight)}
			if copy(w.need[:], c.need) < len(c.need) {
				return nil, fmt.Errorf("rule %s: more than %d conditions", c.ID, len(w.need))
			}
			for _, f := range c.Favours {
				w.to = r.dimension(c.Kind, f)
				r.weighings = append(r.weighings, w)
			}
		case kindTie:
			first := r.language(c.Favours[0])
			slices.SortStableFunc(r.tie, func(a, b int) int {
				switch first {
				case a:
					return -1
				case b:
					return 1
				}
				return a - b
			})
		}
	}
	return r, nil
}

// dimension is the place of a language or a shape in a vector.
func (r *ruleset) dimension(kind, value string) int {
	switch {
	case kind == kindShape && value == Single:
		return r.single()
	case kind == kindShape && value == Split:
		return r.split()
	}
	return r.language(value)
}

// rule checks one row.
func (r *ruleset) rule(row ruleRow, headings map[string]string) (*rule, error) {
	c := &rule{ruleRow: row, source: Silent}
	for _, line := range row.When {
		mask, not, err := r.clause(line)
		if err != nil {
			return nil, err
		}
		if not {
			c.never |= mask
		} else {
			c.need = append(c.need, mask)
		}
		key, _, _ := strings.Cut(line, ":")
		if (key == kindLanguage || key == kindShape) && (row.Kind == kindLanguage || row.Kind == kindShape || row.Kind == kindTie) {
			return nil, fmt.Errorf("%q asks for the result that it is to bring about", line)
		}
	}
	for i, s := range row.Source {
		if headings[s] == "" {
			return nil, fmt.Errorf("no statement %q", s)
		}
		if i == 0 {
			c.source = headings[s]
		}
	}
	for _, s := range row.Among {
		if headings[s] == "" {
			return nil, fmt.Errorf("no statement %q", s)
		}
	}
	weighs := true
	switch row.Kind {
	case kindContext, kindPromise, kindWatch:
		weighs = false
	case kindLanguage, kindShape, kindTie:
		for _, f := range row.Favours {
			if r.dimension(row.Kind, f) < 0 {
				return nil, fmt.Errorf("favours %q, which is no %s", f, row.Kind)
			}
		}
	default:
		for _, f := range row.Favours {
			if !slices.ContainsFunc(r.Choices, func(ch choiceRow) bool { return ch.Kind == row.Kind && ch.Value == f }) {
				return nil, fmt.Errorf("favours %s %q, which is not on the menu", row.Kind, f)
			}
		}
	}
	switch {
	case row.Because == "":
		return nil, fmt.Errorf("no because")
	case weighs && len(row.Favours) == 0, !weighs && len(row.Favours) > 0:
		return nil, fmt.Errorf("kind %s with favours %v", row.Kind, row.Favours)
	case (weighs && row.Kind != kindTie) != (row.Weight > 0):
		return nil, fmt.Errorf("kind %s with weight %d", row.Kind, row.Weight)
	case (row.Kind == kindWatch) != (row.Topic != ""):
		return nil, fmt.Errorf("kind %s with topic %q", row.Kind, row.Topic)
	}
	return c, nil
}

// clause reads one line of a condition: "key: this | that" or "key: not this | that".
func (r *ruleset) clause(line string) (mask bits, not bool, err error) {
	key, rest, ok := strings.Cut(line, ":")
	if !ok || !slices.Contains(r.keys, key) {
		return 0, false, fmt.Errorf("%q: unknown key%s", line, hint.DidYouMean(key, r.keys))
	}
	rest = strings.TrimSpace(rest)
	rest, not = strings.CutPrefix(rest, "not ")
	for _, v := range strings.Split(rest, "|") {
		b := r.bit[key+":"+strings.TrimSpace(v)]
		if b == 0 {
			return 0, false, fmt.Errorf("%q: %s has no value %q", line, key, strings.TrimSpace(v))
		}
		mask |= b
	}
	return mask, not, nil
}

// weigh adds up what speaks for each language and shape.
func (r *ruleset) weigh(b bits) vector {
	var v vector
	for i := range r.weighings {
		w := &r.weighings[i]
		if b&w.need[0] != 0 && b&w.need[1] != 0 && b&w.need[2] != 0 && b&w.never == 0 {
			v[w.to] += w.weight
		}
	}
	return v
}

// facts are the answers as bits; what is not said counts as its default, or as unset.
func (r *ruleset) facts(a *Answers) bits {
	var b bits
	slots := a.slots()
	for _, row := range r.Answers {
		if row.Key == kindShape {
			continue // asks for the result: see with
		}
		i := slices.IndexFunc(slots, func(s slot) bool { return s.key == row.Key })
		s := slots[i]
		switch {
		case s.many != nil && len(*s.many) > 0:
			for _, v := range *s.many {
				b |= r.bit[row.Key+":"+v]
			}
		case s.many == nil && *s.one != "":
			b |= r.bit[row.Key+":"+*s.one]
		case row.Default != "":
			b |= r.bit[row.Key+":"+row.Default]
		default:
			b |= r.bit[row.Key+":"+unset]
		}
	}
	return b
}

// hidden is b without the values of mask; a key that loses all of them is unset.
func (r *ruleset) hidden(b, mask bits) bits {
	b &^= mask
	for _, q := range r.questions {
		if b&q.all == 0 {
			b |= q.unset
		}
	}
	return b
}
