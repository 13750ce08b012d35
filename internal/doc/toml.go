package doc

import (
	"bytes"
	"errors"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a document with go-toml's parser, which keeps comments and
// the text of values. What the parser alone does not see (a key given twice, a
// table opened again) is left to a full decode first.
func parseTOML(_ string, p *Part) (*Value, error) {
	data, err := p.text()
	if err != nil {
		return nil, err
	}
	var check map[string]any
	if err := toml.Unmarshal(data, &check); err != nil {
		var de *toml.DecodeError
		if errors.As(err, &de) {
			line, _ := de.Position()
			return nil, p.errorf(line, "%s", strings.TrimPrefix(de.Error(), "toml: "))
		}
		return nil, p.errorf(1, "%s", strings.TrimPrefix(err.Error(), "toml: "))
	}
	r := &tomlReader{p: p, data: data, parser: unstable.Parser{KeepComments: true}}
	for i, c := range data {
		if c == '\n' {
			r.starts = append(r.starts, i+1)
		}
	}
	root := Map()
	root.part, root.line = p, 1
	if err := r.read(root); err != nil {
		return nil, err
	}
	return root, nil
}

type tomlReader struct {
	p       *Part
	data    []byte
	starts  []int // offsets of the second and further lines
	parser  unstable.Parser
	pending []tomlComment
	end     int // last line of what was read before
}

type tomlComment struct {
	line int
	text string
}

func (r *tomlReader) line(offset uint32) int {
	return sort.SearchInts(r.starts, int(offset)+1) + 1
}

func (r *tomlReader) read(root *Value) error {
	cur := root
	r.parser.Reset(r.data)
	for r.parser.NextExpression() {
		x := r.parser.Expression()
		switch x.Kind {
		case unstable.Comment:
			r.pending = append(r.pending, tomlComment{r.line(x.Raw.Offset), strings.TrimRight(string(x.Data), " \t")})
		case unstable.KeyValue:
			line := r.line(x.Raw.Offset)
			v, err := r.value(x.Value())
			if err != nil {
				return err
			}
			v.line = line
			v.open = v.kind == listKind && r.opens(x)
			v.head, v.blank = r.take(line)
			v.blank = v.blank && len(cur.entries) > 0
			v.tail = tailOf(x)
			r.put(cur, keysOf(x.Key()), v, line)
			r.end = r.line(x.Raw.Offset + x.Raw.Length)
		case unstable.Table, unstable.ArrayTable:
			it := x.Key()
			keys := keysOf(it)
			first := x.Child()
			line := r.line(first.Raw.Offset)
			// Comments that an empty line sets apart from the header close the table before.
			if n := len(r.pending); n > 0 && r.pending[n-1].line != line-1 && (cur != root || len(root.entries) > 0) {
				cur.foot, _ = r.take(line)
			} else if i := r.split(line); i > 0 && (cur != root || len(root.entries) > 0) {
				rest := r.pending[i:]
				r.pending = r.pending[:i]
				cur.foot, _ = r.take(line)
				r.pending = rest
			}
			cur = r.table(root, keys, line, x.Kind == unstable.ArrayTable)
			cur.head, _ = r.take(line)
			cur.tail = tailOf(x)
			r.end = line
		}
	}
	if err := r.parser.Error(); err != nil {
		return r.p.errorf(1, "%v", err)
	}
	cur.foot, _ = r.take(math.MaxInt)
	return nil
}

// split is the index of the first pending comment that belongs to the header at
// line: those without an empty line in between.
func (r *tomlReader) split(line int) int {
	i := len(r.pending)
	for i > 0 && r.pending[i-1].line == line-1 {
		i--
		line--
	}
	return i
}

// take empties the pending comments; they stand above line. blank tells
// whether an empty line is above them.
func (r *tomlReader) take(line int) (lines []string, blank bool) {
	prev := r.end
	for i, c := range r.pending {
		if c.line > prev+1 {
			if i == 0 {
				blank = true
			} else {
				lines = append(lines, "")
			}
		}
		lines = append(lines, c.text)
		prev = c.line
	}
	if line > prev+1 {
		if len(lines) == 0 {
			blank = true
		} else if line != math.MaxInt {
			lines = append(lines, "")
		}
	}
	r.pending, r.end = nil, prev
	return lines, blank
}

// opens tells whether a line ends right behind the opening bracket of the array.
func (r *tomlReader) opens(x *unstable.Node) bool {
	var at uint32
	for it := x.Key(); it.Next(); {
		at = it.Node().Raw.Offset + it.Node().Raw.Length
	}
	rest := bytes.TrimLeft(r.data[at:], " \t=")
	return bytes.HasPrefix(bytes.TrimLeft(rest[1:], " \t"), []byte("\n"))
}

func tailOf(x *unstable.Node) string {
	if n := x.Next(); n.Valid() && n.Kind == unstable.Comment {
		return strings.TrimRight(string(n.Data), " \t")
	}
	return ""
}

func keysOf(it unstable.Iterator) []string {
	var keys []string
	for it.Next() {
		keys = append(keys, string(it.Node().Data))
	}
	return keys
}

// put sets a dotted key below m.
func (r *tomlReader) put(m *Value, keys []string, v *Value, line int) {
	for _, k := range keys[:len(keys)-1] {
		e := m.entry(k)
		if e == nil {
			e = &entry{key: k, value: &Value{kind: mapKind, layout: dottedLayout, part: r.p, line: line}}
			m.entries = append(m.entries, e)
			// The comment goes above the first line that is printed for it.
		}
		m = e.value
	}
	m.entries = append(m.entries, &entry{key: keys[len(keys)-1], value: v})
}

// table is the map that a header opens.
func (r *tomlReader) table(root *Value, keys []string, line int, array bool) *Value {
	m := root
	for i, k := range keys {
		last := i == len(keys)-1
		e := m.entry(k)
		if e == nil {
			v := &Value{kind: mapKind, layout: tableLayout, part: r.p, line: line}
			if last && array {
				v.kind = listKind
			}
			e = &entry{key: k, value: v}
			m.entries = append(m.entries, e)
		}
		m = e.value
		if last && array {
			item := &Value{kind: mapKind, layout: tableLayout, part: r.p, line: line}
			m.items = append(m.items, item)
			m = item
		} else if m.kind == listKind {
			m = m.items[len(m.items)-1]
		}
		if last {
			m.header, m.line = true, line
		}
	}
	return m
}

func (r *tomlReader) value(x *unstable.Node) (*Value, error) {
	v := &Value{part: r.p}
	if x.Raw.Length > 0 {
		v.line = r.line(x.Raw.Offset)
	}
	text := string(x.Data)
	switch x.Kind {
	case unstable.String:
		v.typ, v.text, v.raw = stringType, text, string(r.parser.Raw(x.Raw))
		if strings.HasPrefix(v.raw, "'") && !strings.HasPrefix(v.raw, "'''") {
			v.raw = "" // a literal string only where it saves escapes: the printer decides
		}
	case unstable.Integer:
		v.typ, v.raw = numberType, text
		n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 0, 64)
		if err != nil { // as 1_000, which Go takes with a base prefix only
			n, err = strconv.ParseInt(strings.ReplaceAll(strings.TrimPrefix(text, "+"), "_", ""), 10, 64)
		}
		if err != nil {
			return nil, r.p.errorf(v.line, "%s is not a 64-bit integer", text)
		}
		v.text = strconv.FormatInt(n, 10)
	case unstable.Float:
		v.typ, v.raw = numberType, text
		f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		if err != nil {
			return nil, r.p.errorf(v.line, "%s is not a 64-bit float", text)
		}
		v.text = "f" + strconv.FormatFloat(f, 'g', -1, 64)
	case unstable.Bool:
		v.typ, v.text, v.raw = boolType, text, text
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		v.typ, v.text, v.raw = timeType, strings.ToUpper(strings.Replace(text, " ", "T", 1)), text
	case unstable.InlineTable:
		v.kind = mapKind
		it := x.Children()
		for it.Next() {
			n := it.Node()
			if n.Kind == unstable.Comment {
				return nil, r.p.errorf(r.line(n.Raw.Offset), "a comment inside an inline table: write it as a table of its own")
			}
			item, err := r.value(n.Value())
			if err != nil {
				return nil, err
			}
			item.line = r.line(n.Raw.Offset)
			r.put(v, keysOf(n.Key()), item, item.line)
		}
	case unstable.Array:
		return r.array(v, x)
	}
	return v, nil
}

func (r *tomlReader) array(v *Value, x *unstable.Node) (*Value, error) {
	v.kind = listKind
	var prev *Value
	var head []string
	comment := func(n *unstable.Node) {
		text := strings.TrimRight(string(n.Data), " \t")
		start := bytes.LastIndexByte(r.data[:n.Raw.Offset], '\n') + 1
		own := len(bytes.TrimSpace(r.data[start:n.Raw.Offset])) == 0
		if !own && prev != nil && prev.tail == "" {
			prev.tail = text
		} else {
			head = append(head, text)
		}
	}
	it := x.Children()
	for it.Next() {
		n := it.Node()
		if n.Kind == unstable.Comment {
			comment(n)
			for c := n.Child(); c.Valid(); c = c.Next() {
				comment(c)
			}
			continue
		}
		item, err := r.value(n)
		if err != nil {
			return nil, err
		}
		item.head, head = head, nil
		v.items = append(v.items, item)
		prev = item
	}
	v.foot = head
	return v, nil
}
