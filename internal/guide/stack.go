package guide

import "slices"

// words are what choices need of each other, one bit for each.
type words uint64

// An option is a choice, compiled.
type option struct {
	*Choice
	needs, gives words
	favoured     []*rule // the rules that favour it
}

func (o *option) speaks(language string) bool {
	return o.Language == "" || o.Language == language
}

// score is what speaks for o, given the answers.
func (o *option) score(b bits) int {
	n := 0
	for _, r := range o.favoured {
		if r.holds(b) {
			n += r.Weight
		}
	}
	return n
}

// beside tells whether o and p can stand in one service: neither brings another
// choice of the other's kind.
func (o *option) beside(p *option) bool {
	return !o.bringsAnother(p) && !p.bringsAnother(o)
}

func (o *option) bringsAnother(p *option) bool {
	if len(o.Brings) == 0 {
		return false
	}
	v, ok := o.Brings[p.Kind]
	return ok && v != p.Value
}

// A menu is a Menu, compiled: the options of each kind in the menu's order.
type menu struct {
	choices []Choice
	kinds   map[string][]*option
	// Languages, by index, in which a service can be made: without a model, with one.
	plain, model uint8
}

func (m Menu) compile() *menu {
	if m.compiled != nil {
		return m.compiled
	}
	return compileMenu(builtin(), m.Choices)
}

// compileMenu gives a bit to each word that a choice needs and another gives. A
// word that no choice gives comes from layers that nobody chooses: the plan
// checks it.
func compileMenu(r *ruleset, choices []Choice) *menu {
	m := &menu{choices: choices, kinds: map[string][]*option{}}
	var given, needed []string
	for i := range choices {
		given = append(append(given, choices[i].Gives...), choices[i].Value)
	}
	for _, c := range choices {
		for _, w := range c.Needs {
			if slices.Contains(given, w) && !slices.Contains(needed, w) && len(needed) < 64 {
				needed = append(needed, w)
			}
		}
	}
	mask := func(list []string) words {
		var out words
		for _, w := range list {
			if i := slices.Index(needed, w); i >= 0 {
				out |= 1 << i
			}
		}
		return out
	}
	for i := range choices {
		c := &choices[i]
		o := &option{Choice: c, needs: mask(c.Needs), gives: mask(c.Gives) | mask([]string{c.Value})}
		for _, rule := range r.rules {
			if rule.Kind == c.Kind && slices.Contains(rule.Favours, c.Value) {
				o.favoured = append(o.favoured, rule)
			}
		}
		m.kinds[c.Kind] = append(m.kinds[c.Kind], o)
	}
	for n, l := range r.Languages {
		if _, ok := m.stack(l.ID, nil, r.singleKinds(false), 0); ok {
			m.plain |= 1 << n
		}
		if _, ok := m.stack(l.ID, nil, r.singleKinds(true), 0); ok {
			m.model |= 1 << n
		}
	}
	return m
}

func (m *menu) find(kind, value, language string) *option {
	for _, o := range m.kinds[kind] {
		if o.Value == value && o.speaks(language) {
			return o
		}
	}
	return nil
}

// closure adds the words of what joins by itself.
func (m *menu) closure(w words) words {
	for before := words(0); before != w; {
		before = w
		for _, o := range m.kinds[kindApp] {
			if o.needs&^w == 0 {
				w |= o.gives
			}
		}
	}
	return w
}

// A stack is the options of one service, at most one of each kind but feature.
type stack struct {
	options [8]*option
	n       int
}

func (s *stack) of(kind string) *option {
	for _, o := range s.options[:s.n] {
		if o.Kind == kind {
			return o
		}
	}
	return nil
}

func (s *stack) value(kind string) string {
	if o := s.of(kind); o != nil {
		return o.Value
	}
	return ""
}

func (s *stack) gives() words {
	var w words
	for _, o := range s.options[:s.n] {
		w |= o.gives
	}
	return w
}

// stands tells whether each option gets what it needs from the others. What it
// gives itself does not count: an ORM does not bring its framework.
func (s *stack) stands(m *menu) bool {
	for i, o := range s.options[:s.n] {
		if o.needs == 0 {
			continue
		}
		var w words
		for j, p := range s.options[:s.n] {
			if i != j {
				w |= p.gives
			}
		}
		if o.needs&^w != 0 && o.needs&^m.closure(w) != 0 {
			return false
		}
	}
	return true
}

// fits tells whether o could stand in s in the place of the option of its kind.
// A framework always could, with other options around it.
func (m *menu) fits(o *option, s *stack) bool {
	if o.Kind == "framework" {
		return true
	}
	var w words
	for _, p := range s.options[:s.n] {
		if p.Kind == o.Kind {
			continue
		}
		if !o.beside(p) {
			return false
		}
		w |= p.gives
	}
	return o.needs&^m.closure(w) == 0
}

// stack finds the best options of the kinds for a service: what is set, and for
// the rest the highest score first, kind by kind; at equal scores the menu's
// order counts. It reports whether there is any.
func (m *menu) stack(language string, set map[string]string, kinds []string, b bits) (stack, bool) {
	var s stack
	return s, m.fill(&s, language, set, kinds, b, 0)
}

func (m *menu) fill(s *stack, language string, set map[string]string, kinds []string, b bits, at int) bool {
	if at == len(stackKinds) {
		return s.stands(m)
	}
	kind := stackKinds[at]
	value := set[kind]
	if value == "" && !slices.Contains(kinds, kind) {
		return m.fill(s, language, set, kinds, b, at+1)
	}
	type scored struct {
		*option
		score int
	}
	var buf [16]scored
	candidates := buf[:0]
	for _, o := range m.kinds[kind] {
		if !o.speaks(language) || value != "" && o.Value != value {
			continue
		}
		if slices.ContainsFunc(s.options[:s.n], func(p *option) bool { return !o.beside(p) }) {
			continue
		}
		c := scored{o, o.score(b)}
		i := len(candidates)
		for i > 0 && candidates[i-1].score < c.score {
			i--
		}
		candidates = slices.Insert(candidates, i, c)
	}
	for _, c := range candidates {
		s.options[s.n] = c.option
		s.n++
		if m.fill(s, language, set, kinds, b, at+1) {
			return true
		}
		s.n--
	}
	return false
}
