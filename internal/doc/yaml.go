package doc

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var yamlPlace = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// parseYAML reads one document. yaml.v3 gives structure, values and places;
// comments, blank lines and the text of quoted and folded scalars are read from
// the source beside it, because the library moves or drops some of them.
func parseYAML(_ string, p *Part) (*Value, error) {
	data, err := p.text()
	if err != nil {
		return nil, err
	}
	// yaml.v3 counts these three as line ends, editors and prettier do not.
	if i := bytes.IndexAny(data, "\u0085\u2028\u2029"); i >= 0 {
		return nil, p.errorf(1+bytes.Count(data[:i], []byte("\n")), "an invisible line separator: write it as an escape")
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	err = d.Decode(&root)
	if err == nil {
		var more yaml.Node
		if err := d.Decode(&more); err == nil {
			return nil, p.errorf(more.Line, "a second document in the file: one file holds one")
		} else if err != io.EOF {
			return nil, yamlError(p, err)
		}
	} else if err != io.EOF {
		return nil, yamlError(p, err)
	}
	r := &yamlReader{p: p, anchors: map[string]bool{}}
	for _, l := range strings.Split(string(data), "\n") {
		r.lines = append(r.lines, []rune(l))
	}
	r.mask = make([][]rune, len(r.lines))
	for i, l := range r.lines {
		r.mask[i] = slices.Clone(l)
	}
	r.block = make([]bool, len(r.lines)+1)
	var v *Value
	if len(root.Content) == 0 || root.Content[0].Tag == "!!null" && root.Content[0].Value == "" {
		v = &Value{kind: mapKind, layout: tableLayout, part: p, line: 1}
	} else if v, err = r.value(root.Content[0], -1); err != nil {
		return nil, err
	} else if v.isScalar() {
		return nil, p.errorf(v.line, "a document that is neither a map nor a list")
	}
	r.comments(v)
	return v, nil
}

func yamlError(p *Part, err error) error {
	msg := err.Error()
	line := 1
	if m := yamlPlace.FindStringSubmatch(msg); m != nil {
		if m[1] != "" {
			line, _ = strconv.Atoi(m[1])
		}
		msg = msg[len(m[0]):]
	}
	return p.errorf(line, "%s", msg)
}

type yamlReader struct {
	p       *Part
	lines   [][]rune
	mask    [][]rune // lines with quoted text blanked, so that a # in it is no comment
	block   []bool   // by line from 1: inside a block scalar
	spots   []spot
	anchors map[string]bool
}

// A spot is an entry or item in the order of the source, for comments to hold on to.
type spot struct {
	line, col int
	value     *Value
	container *Value
	parent    int // index of the spot that the container is the value of, or -1
}

func (r *yamlReader) value(n *yaml.Node, parent int) (*Value, error) {
	v := &Value{part: r.p, line: n.Line, anchor: n.Anchor}
	if n.Style&yaml.TaggedStyle != 0 {
		v.tag = n.Tag
	}
	if n.Anchor != "" {
		r.anchors[n.Anchor] = true
	}
	switch n.Kind {
	case yaml.AliasNode:
		v.typ, v.text, v.raw, v.tag = nullType, "*"+n.Value, "*"+n.Value, "*"
		return v, nil
	case yaml.ScalarNode:
		r.scalar(v, n)
		return v, nil
	case yaml.MappingNode:
		v.kind = mapKind
		if n.Style&yaml.FlowStyle == 0 {
			v.layout = tableLayout
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode || k.Anchor != "" || k.Style&yaml.TaggedStyle != 0 || k.Tag == "!!null" && k.Value == "" {
				return nil, r.p.errorf(k.Line, "a key that is no plain or quoted text")
			}
			if v.entry(k.Value) != nil {
				return nil, r.p.errorf(k.Line, "%q is there twice", k.Value)
			}
			key := &Value{}
			r.scalar(key, k)
			s := r.spot(k.Line, k.Column, v, parent)
			item, err := r.value(n.Content[i+1], s)
			if err != nil {
				return nil, err
			}
			item.line = k.Line
			r.spots[s].value = item
			raw := key.raw
			if strings.HasPrefix(raw, "|") || strings.HasPrefix(raw, ">") {
				raw = ""
			}
			v.entries = append(v.entries, &entry{key: k.Value, rawKey: raw, value: item})
		}
	case yaml.SequenceNode:
		v.kind = listKind
		if n.Style&yaml.FlowStyle == 0 {
			v.layout = tableLayout
		}
		for _, c := range n.Content {
			col := c.Column
			if v.layout == tableLayout {
				col = n.Column
			}
			s := r.spot(c.Line, col, v, parent)
			item, err := r.value(c, s)
			if err != nil {
				return nil, err
			}
			r.spots[s].value = item
			v.items = append(v.items, item)
		}
	default:
		return nil, r.p.errorf(n.Line, "a kind of node that is not known")
	}
	return v, nil
}

func (r *yamlReader) spot(line, col int, container *Value, parent int) int {
	r.spots = append(r.spots, spot{line: line, col: col, container: container, parent: parent})
	return len(r.spots) - 1
}

func (r *yamlReader) scalar(v *Value, n *yaml.Node) {
	v.text = n.Value
	switch n.ShortTag() {
	case "!!int", "!!float":
		v.typ = numberType
		var x any
		if n.Decode(&x) == nil {
			v.text = canonicalNumber(fmt.Sprint(x))
		}
	case "!!bool":
		v.typ, v.text = boolType, strings.ToLower(n.Value)
	case "!!null":
		v.typ, v.text = nullType, "null"
	case "!!timestamp":
		v.typ = timeType
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		r.blockScalar(v, n)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		r.quoted(v, n)
	case !strings.Contains(n.Value, "\n"):
		v.raw = n.Value // plain; one that was folded over lines comes out on one
	}
}

// blockScalar finds the lines of a | or > scalar.
func (r *yamlReader) blockScalar(v *Value, n *yaml.Node) {
	lead := 0
	for _, l := range strings.Split(n.Value, "\n") {
		if strings.TrimSpace(l) != "" {
			lead = len(l) - len(strings.TrimLeft(l, " "))
			break
		}
	}
	indent := -1
	var text []string
	for i := n.Line; i < len(r.lines); i++ { // r.lines[n.Line] is the line after the header
		l := string(r.lines[i])
		spaces := len(l) - len(strings.TrimLeft(l, " "))
		if strings.TrimSpace(l) != "" {
			if indent < 0 {
				indent = spaces - lead
			}
			if spaces < indent {
				break
			}
		}
		if indent < 0 && i == len(r.lines)-1 {
			break
		}
		r.block[i+1] = true
		text = append(text, l[min(max(indent, 0), len(l)):])
	}
	if strings.TrimRight(n.Value, "\n") == "" {
		return // nothing but line ends: the printer quotes it
	}
	keep := strings.HasSuffix(n.Value, "\n\n")
	for i := len(text); i > 0 && strings.TrimSpace(text[i-1]) == ""; i-- {
		if !keep {
			r.block[n.Line+i] = false // a blank line behind the scalar
		}
		text = text[:i-1]
	}
	if n.Style&yaml.FoldedStyle != 0 {
		v.raw = ">" + strings.Join(text, "\n")
	} else {
		v.raw = "|"
	}
	// Blanks at the ends of lines can make it read otherwise: then it is quoted.
	p := &yamlPrinter{}
	p.blockScalar(v, "", "")
	var back []string
	if yaml.Unmarshal([]byte("-"+p.buf.String()+"\n"), &back) != nil || len(back) != 1 || back[0] != n.Value {
		v.raw = ""
	}
}

// quoted finds the source text of a quoted scalar on one line, and hides quoted
// text from the search for comments.
func (r *yamlReader) quoted(v *Value, n *yaml.Node) {
	quote := '"'
	if n.Style&yaml.SingleQuotedStyle != 0 {
		quote = '\''
	}
	line, col := n.Line-1, n.Column-1
	// A tag or an anchor may stand in front.
	for line < len(r.lines) && (col >= len(r.lines[line]) || r.lines[line][col] != quote) {
		if col++; col >= len(r.lines[line]) {
			line, col = line+1, 0
		}
	}
	start := line
	var raw []rune
	for first := true; line < len(r.lines); line, col = line+1, 0 {
		for col < len(r.lines[line]) {
			c := r.lines[line][col]
			raw = append(raw, c)
			r.mask[line][col] = 'x'
			col++
			switch {
			case first:
				first = false
			case quote == '"' && c == '\\' && col < len(r.lines[line]):
				raw = append(raw, r.lines[line][col])
				r.mask[line][col] = 'x'
				col++
			case c == quote && quote == '\'' && col < len(r.lines[line]) && r.lines[line][col] == quote:
				raw = append(raw, quote)
				r.mask[line][col] = 'x'
				col++
			case c == quote:
				if line == start {
					v.raw = yamlQuotes(string(raw))
				}
				return
			}
		}
	}
}

// yamlQuotes turns quoted source text into prettier's choice of quotes.
func yamlQuotes(raw string) string {
	in := raw[1 : len(raw)-1]
	if raw[0] == '\'' && strings.Contains(in, `\`) {
		return raw
	}
	if raw[0] == '"' {
		for i := 0; i+1 < len(in); i++ {
			if in[i] == '\\' {
				if in[i+1] != '"' {
					return raw
				}
				i++
			}
		}
	}
	var text string
	if raw[0] == '\'' {
		text = strings.ReplaceAll(in, "''", "'")
	} else {
		text = strings.ReplaceAll(in, `\"`, `"`)
	}
	if strings.Contains(text, `"`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}
