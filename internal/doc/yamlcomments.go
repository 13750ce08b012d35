package doc

import (
	"slices"
	"strings"
)

// A comment is one on a line of its own; text "" stands for blank lines.
type comment struct {
	col  int
	text string
}

// comments gives each comment, and each blank line, to a spot: to the one
// below it, to the one on its line, or, where it is indented deeper than the
// one below, to the end of the container that it is in.
func (r *yamlReader) comments(root *Value) {
	var pending []comment
	next := 0 // first spot that begins on a later line
	for line := 1; line <= len(r.lines); line++ {
		if next < len(r.spots) && r.spots[next].line == line {
			r.place(root, pending, next)
			pending = nil
			for next < len(r.spots) && r.spots[next].line <= line {
				next++
			}
		}
		if r.block[line] {
			continue
		}
		m, source := r.mask[line-1], r.lines[line-1]
		text := strings.TrimSpace(string(m))
		switch {
		case text == "":
			if n := len(pending); n == 0 || pending[n-1].text != "" {
				pending = append(pending, comment{})
			}
		case strings.HasPrefix(text, "#"):
			col := slices.Index(m, '#')
			pending = append(pending, comment{col + 1, strings.TrimRight(string(source[col:]), " \t")})
		default:
			i := tailAt(m)
			if i < 0 {
				continue
			}
			text := strings.TrimRight(string(source[i:]), " \t")
			if v := r.onLine(next - 1); v != nil && v.tail == "" {
				v.tail = text
			} else { // a second one, as in a list over several lines
				pending = append(pending, comment{i + 1, text})
			}
		}
	}
	r.place(root, pending, len(r.spots))
}

// tailAt is where a comment begins behind something else on its line, or -1.
func tailAt(line []rune) int {
	for i := 1; i < len(line); i++ {
		if line[i] == '#' && (line[i-1] == ' ' || line[i-1] == '\t') {
			return i
		}
	}
	return -1
}

// onLine is the value whose line a comment ends: that of the last spot, or,
// behind a flow list, the list and not its last item.
func (r *yamlReader) onLine(last int) *Value {
	if last < 0 {
		return nil
	}
	at := r.spots[last]
	for at.container.layout == inlineLayout && at.parent >= 0 && r.spots[at.parent].line == at.line {
		at = r.spots[at.parent]
	}
	return at.value
}

// place gives the comments above the spot at upto to it, or to what ends there.
func (r *yamlReader) place(root *Value, pending []comment, upto int) {
	ends := r.ending(pending, upto)
	if foot := pending[:ends]; len(foot) > 0 {
		c := r.container(root, foot, upto)
		for _, f := range foot {
			c.foot = append(c.foot, f.text)
		}
		c.foot = trimBlank(c.foot)
	}
	if upto == len(r.spots) {
		return
	}
	v := r.spots[upto].value
	for i, p := range pending[ends:] {
		if i == 0 && p.text == "" {
			v.blank = true
			continue
		}
		v.head = append(v.head, p.text)
	}
}

// ending is how many of the comments close a container before the spot at upto:
// those that are indented deeper than it.
func (r *yamlReader) ending(pending []comment, upto int) int {
	switch {
	case upto == len(r.spots):
		return len(pending)
	case upto == 0:
		return 0 // nothing is before it
	}
	n := 0
	for i, c := range pending {
		if c.text == "" {
			continue // blank lines go with the comment behind them
		}
		if c.col <= r.spots[upto].col {
			break
		}
		n = i + 1
	}
	return n
}

// container is the innermost of those that end before the spot at upto and
// are indented no deeper than the first of the comments.
func (r *yamlReader) container(root *Value, foot []comment, upto int) *Value {
	col := 0
	for _, f := range foot {
		if f.text != "" {
			col = f.col
			break
		}
	}
	c := root
	for s := upto - 1; s >= 0; s = r.spots[s].parent {
		c = r.spots[s].container
		if r.spots[s].col <= col {
			break
		}
	}
	return c
}
