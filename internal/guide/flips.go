package guide

import (
	"cmp"
	bits64 "math/bits"
	"slices"
)

// maxPairs is how many flips of two changes are reported. They are all equally
// small, and nobody reads a hundred of them.
const maxPairs = 8

// A move is one answer given differently, as bits.
type move struct {
	Change
	question
	value bits // that is set, added or removed
	// strange is 0 where the move answers what was open, 1 where it adds, 2
	// where it takes back what was said.
	strange int
}

// moves lists every single change of the answers that rules look at, in the
// order of the vocabulary. With open, "not said" is a value too.
func (q *request) moves(open bool) []move {
	r := q.r
	out := make([]move, 0, 32)
	for n, row := range r.Answers {
		if row.Key == kindShape {
			continue
		}
		at := r.questions[n]
		said := q.facts&at.unset == 0
		for k, value := range row.Values {
			b := at.unset << (k + 1) // the values of a key follow its bit for unset
			m := move{Change: Change{Key: row.Key, Value: value}, question: at, value: b}
			switch {
			case row.Many && q.facts&b != 0:
				m.Op, m.strange = "remove", 2
			case row.Many:
				m.Op = "add"
				if said {
					m.strange = 1
				}
			case q.facts&b != 0:
				continue
			default:
				m.Op = "set"
				if said {
					m.Was = row.Values[bitsBetween(at.unset, q.facts&at.all)-1]
					m.strange = 2
					if m.Was == row.Default {
						m.strange = 1
					}
				}
			}
			out = append(out, m)
		}
		if open && said && !row.Many && row.Default == "" {
			out = append(out, move{Change: Change{Key: row.Key, Op: "set"}, question: at, value: at.unset})
		}
	}
	return out
}

// bitsBetween is how many places b stands above a, both being single bits.
func bitsBetween(a, b bits) int {
	return bits64.TrailingZeros64(uint64(b)) - bits64.TrailingZeros64(uint64(a))
}

func (m *move) apply(b bits) bits {
	switch m.Op {
	case "add":
		return b&^m.unset | m.value
	case "remove":
		if b &^= m.value; b&m.all == 0 {
			b |= m.unset
		}
		return b
	}
	return b&^m.all | m.value
}

// excludes tells whether the two moves answer the same question twice.
func (m *move) excludes(o *move) bool { return m.Op == "set" && m.all == o.all }

// turned tells whether the answers as in facts lead elsewhere than to o, and
// where. What cannot be built is no result.
func (q *request) turned(facts bits, o outcome) (outcome, bool) {
	v := q.r.weigh(facts)
	n := q.settle(facts, &v)
	return n, n.ok && (n.split != o.split || n.language != o.language)
}

// fragile tells whether one other value of what the team knows, of the workload
// or the front end, or one of its values more or less, turns the outcome.
func (q *request) fragile(o outcome) bool {
	for _, m := range q.moves(true) {
		switch m.Key {
		case "knows", "workload", "frontend", "values":
			if _, turned := q.turned(m.apply(q.facts), o); turned {
				return true
			}
		}
	}
	return false
}

// flips are the smallest changes of answers that turn the outcome.
func (q *request) flips(o outcome) []Flip {
	moves := q.moves(false)
	type found struct {
		a, b    int // b is -1 for a single change
		strange int
		to      outcome
	}
	var all []found
	for i := range moves {
		if to, ok := q.turned(moves[i].apply(q.facts), o); ok {
			all = append(all, found{i, -1, moves[i].strange, to})
		}
	}
	if len(all) == 0 {
		for i := range moves {
			once := moves[i].apply(q.facts)
			for j := i + 1; j < len(moves); j++ {
				if moves[i].excludes(&moves[j]) {
					continue
				}
				if to, ok := q.turned(moves[j].apply(once), o); ok {
					all = append(all, found{i, j, moves[i].strange + moves[j].strange, to})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(x.strange, y.strange) })
	out := []Flip{}
	for _, f := range all {
		if f.b >= 0 && len(out) == maxPairs {
			break
		}
		flip := Flip{Changes: []Change{moves[f.a].Change}, To: q.end(f.to)}
		if f.b >= 0 {
			flip.Changes = append(flip.Changes, moves[f.b].Change)
		}
		out = append(out, flip)
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
