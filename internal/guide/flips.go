package guide

import (
	"cmp"
	"slices"
)

// maxPairs is how many flips of two changes are reported. They are all equally
// small, and nobody reads a hundred of them.
const maxPairs = 8

// fragileKeys are the answers of which a single other one must not turn what is
// called clear.
var fragileKeys = []string{"knows", "workload", "frontend", "values"}

// A move gives one value to a question: sets it, or adds it to a list, or
// removes it where it is there.
type move struct {
	*question
	value   string
	bit     bits
	fragile bool // of a key of fragileKeys
}

// apply is b after the move. Applied to a list twice, it undoes itself.
func (m *move) apply(b bits) bits {
	switch {
	case !m.Many:
		return b&^m.all | m.bit
	case b&m.bit == 0:
		return b&^m.unset | m.bit
	}
	if b &^= m.bit; b&m.all == 0 {
		b |= m.unset
	}
	return b
}

// idle tells whether the move changes nothing.
func (m *move) idle(b bits) bool { return !m.Many && b&m.bit != 0 }

// strange is 0 where the move answers what was open, 1 where it adds to what
// was said, 2 where it takes that back.
func (m *move) strange(b bits) int {
	switch {
	case b&m.unset != 0:
		return 0
	case m.Many && b&m.bit == 0:
		return 1
	case m.Default != "" && m.value != m.Default:
		return 1 // what nobody may have said
	}
	return 2
}

// change is the move as a person reads it.
func (m *move) change(b bits) Change {
	c := Change{Key: m.Key, Op: "set", Value: m.value}
	switch {
	case m.Many && b&m.bit == 0:
		c.Op = "add"
	case m.Many:
		c.Op = "remove"
	default:
		for k, v := range m.Values {
			if b&(m.unset<<(k+1)) != 0 {
				c.Was = v
			}
		}
	}
	return c
}

// turned tells whether the answers as in facts lead elsewhere than to o, and
// where. What cannot be built is no result.
func (q *request) turned(facts bits, o outcome) (outcome, bool) {
	v := q.r.weigh(facts)
	n := q.settle(facts, &v)
	return n, n.ok && n != o
}

// fragile tells whether one other value of what the team knows, of the workload
// or the front end, or one of its values more or less, turns the outcome. Not
// knowing is a value here.
func (q *request) fragile(o outcome) bool {
	for i := range q.r.moves {
		m := &q.r.moves[i]
		if !m.fragile || m.idle(q.facts) {
			continue
		}
		if _, turned := q.turned(m.apply(q.facts), o); turned {
			return true
		}
	}
	for i := range q.r.questions {
		at := &q.r.questions[i]
		if at.Many || at.Default != "" || q.facts&at.unset != 0 {
			continue
		}
		if _, turned := q.turned(q.facts&^at.all|at.unset, o); turned {
			return true
		}
	}
	return false
}

// flips are the smallest changes of answers that turn the outcome.
func (q *request) flips(o outcome) []Flip {
	type found struct {
		first, second *move // second is nil for a single change
		strange       int
		to            outcome
	}
	var all []found
	moves := q.r.moves
	for i := range moves {
		m := &moves[i]
		if m.idle(q.facts) {
			continue
		}
		if to, ok := q.turned(m.apply(q.facts), o); ok {
			all = append(all, found{m, nil, m.strange(q.facts), to})
		}
	}
	if len(all) == 0 {
		for i := range moves {
			m := &moves[i]
			if m.idle(q.facts) {
				continue
			}
			once := m.apply(q.facts)
			for j := i + 1; j < len(moves); j++ {
				n := &moves[j]
				if n.idle(q.facts) || n.question == m.question && !m.Many {
					continue
				}
				if to, ok := q.turned(n.apply(once), o); ok {
					all = append(all, found{m, n, m.strange(q.facts) + n.strange(q.facts), to})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(x.strange, y.strange) })
	if len(all) > maxPairs && all[0].second != nil {
		all = all[:maxPairs]
	}
	out := make([]Flip, len(all))
	for i, f := range all {
		out[i] = Flip{Changes: []Change{f.first.change(q.facts)}, To: q.end(f.to)}
		if f.second != nil {
			out[i].Changes = append(out[i].Changes, f.second.change(q.facts))
		}
	}
	return out
}

// end names what an outcome is.
func (q *request) end(o outcome) Outcome {
	first := q.r.Languages[o.language].ID
	if !o.split {
		return Outcome{Shape: Single, Languages: []string{first}}
	}
	return Outcome{Shape: Split, Languages: []string{first, q.r.Languages[q.second].ID}}
}
