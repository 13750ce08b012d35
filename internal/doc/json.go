package doc

import (
	"bytes"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// isManifest tells whether programs rewrite the file, as npm does and what exports
// an API's description: such a file is strict JSON, and is printed as they do, one
// value a line.
func isManifest(file string) bool {
	switch path.Base(file) {
	case "package.json", "package-lock.json", "composer.json":
		return true
	}
	return strings.HasSuffix(file, ".openapi.json")
}

var hujsonPlace = regexp.MustCompile(`^hujson: line (\d+), column \d+: `)

func parseJSON(file string, p *Part) (*Value, error) {
	data, err := p.text()
	if err != nil {
		return nil, err
	}
	tree, err := hujson.Parse(data)
	if err != nil {
		msg := err.Error()
		if m := hujsonPlace.FindStringSubmatch(msg); m != nil {
			line, _ := strconv.Atoi(m[1])
			return nil, p.errorf(line, "%s", msg[len(m[0]):])
		}
		return nil, p.errorf(1, "%s", strings.TrimPrefix(msg, "hujson: "))
	}
	if isManifest(file) && !tree.IsStandard() {
		std := tree.Clone()
		std.Standardize()
		packed := std.Pack()
		line := 1
		for i := 0; i < len(data) && i < len(packed) && data[i] == packed[i]; i++ {
			if data[i] == '\n' {
				line++
			}
		}
		return nil, p.errorf(line, "comments and trailing commas are not allowed in %s", path.Base(file))
	}
	r := &jsonReader{p: p, data: data}
	v, err := r.value(&tree)
	if err != nil {
		return nil, err
	}
	head, _, _ := r.extra(tree.BeforeExtra, false)
	v.head = append(head, v.head...)
	foot, tail, _ := r.extra(tree.AfterExtra, true)
	v.tail = tail
	if len(foot) > 0 {
		// Behind the closing bracket: kept apart from what is inside.
		v.tail = strings.Join(append([]string{v.tail}, foot...), "\n")
	}
	return v, nil
}

type jsonReader struct {
	p       *Part
	data    []byte
	lineAt  int // offset up to which lines were counted
	lineNum int
}

// line is the line of an offset; offsets come in rising order.
func (r *jsonReader) line(offset int) int {
	if offset < r.lineAt {
		r.lineAt, r.lineNum = 0, 0
	}
	r.lineNum += bytes.Count(r.data[r.lineAt:offset], []byte("\n"))
	r.lineAt = offset
	return r.lineNum + 1
}

// extra splits the space between two tokens into comment lines. tail is the
// comment on the line of the token before, when there is one; blank tells
// whether an empty line stands above the rest.
func (r *jsonReader) extra(x hujson.Extra, after bool) (lines []string, tail string, blank bool) {
	newlines := 0
	if !after {
		newlines = 1
	}
	for len(x) > 0 {
		switch {
		case x[0] == '\n':
			newlines++
			x = x[1:]
		case x[0] == '/':
			end := bytes.IndexByte(x, '\n')
			if x[1] == '*' {
				end = 2 + bytes.Index(x[2:], []byte("*/")) + 2
			}
			if end < 0 {
				end = len(x)
			}
			text := strings.TrimRight(string(x[:end]), " \t\r")
			x = x[end:]
			switch {
			case newlines == 0 && tail == "" && !strings.Contains(text, "\n") && endsLine(x):
				tail = text
				continue
			case newlines > 1 && len(lines) > 0:
				lines = append(lines, "")
			case newlines > 1:
				blank = true
			}
			lines = append(lines, dedent(text)...)
			newlines = 0
			if text[1] == '*' && len(x) > 0 && x[0] != '\n' {
				newlines = 1
			}
		default:
			x = x[1:]
		}
	}
	if newlines > 1 && len(lines) == 0 {
		blank = true
	} else if newlines > 1 {
		lines = append(lines, "")
	}
	return lines, tail, blank
}

// endsLine tells whether nothing but space follows a comment on its line: a
// comment in front of a token belongs to that.
func endsLine(x hujson.Extra) bool {
	x = bytes.TrimLeft(x, " \t\r")
	return len(x) > 0 && x[0] == '\n'
}

// dedent splits a block comment into lines that can be indented anew.
func dedent(text string) []string {
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimSpace(lines[i])
		if strings.HasPrefix(lines[i], "*") {
			lines[i] = " " + lines[i]
		}
		if lines[i] == "" {
			lines[i] = " *"
		}
	}
	return lines
}

func (r *jsonReader) value(x *hujson.Value) (*Value, error) {
	v := &Value{part: r.p, line: r.line(x.StartOffset)}
	switch t := x.Value.(type) {
	case hujson.Literal:
		v.raw = string(t)
		switch t.Kind() {
		case '"':
			v.typ, v.text = stringType, t.String()
		case '0':
			v.typ, v.text = numberType, canonicalNumber(string(t))
		case 't', 'f':
			v.typ, v.text = boolType, string(t)
		default:
			v.typ, v.text = nullType, "null"
		}
		return v, nil
	case *hujson.Object:
		v.kind, v.layout = mapKind, tableLayout
		var prev *Value
		for i := range t.Members {
			m := &t.Members[i]
			key := m.Name.Value.(hujson.Literal).String()
			line := r.line(m.Name.StartOffset)
			if v.entry(key) != nil {
				return nil, r.p.errorf(line, "%q is there twice", key)
			}
			if i == 0 {
				v.open = bytes.IndexByte(r.data[x.StartOffset:m.Name.StartOffset], '\n') >= 0
			}
			item, err := r.value(&m.Value)
			if err != nil {
				return nil, err
			}
			r.comments(prev, item, m.Name.BeforeExtra)
			for _, e := range []hujson.Extra{m.Name.AfterExtra, m.Value.BeforeExtra} {
				lines, _, _ := r.extra(e, false)
				item.head = append(item.head, lines...)
			}
			r.after(item, m.Value.AfterExtra)
			v.entries = append(v.entries, &entry{key: key, value: item})
			prev = item
		}
		r.end(v, prev, t.AfterExtra)
	case *hujson.Array:
		v.kind = listKind
		var prev *Value
		for i := range t.Elements {
			item, err := r.value(&t.Elements[i])
			if err != nil {
				return nil, err
			}
			r.comments(prev, item, t.Elements[i].BeforeExtra)
			r.after(item, t.Elements[i].AfterExtra)
			v.items = append(v.items, item)
			prev = item
		}
		r.end(v, prev, t.AfterExtra)
	}
	return v, nil
}

// comments gives the space in front of item to it, and to prev what stands on
// prev's line.
func (r *jsonReader) comments(prev, item *Value, x hujson.Extra) {
	lines, tail, blank := r.extra(x, true)
	switch {
	case tail == "":
	case prev == nil || prev.tail != "":
		lines = append([]string{tail}, lines...)
	default:
		prev.tail = tail
	}
	item.head = append(trimBlank(lines), item.head...)
	item.blank = blank && prev != nil
}

// trimBlank drops blank lines at the end of comments.
func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// after handles the space between a value and the comma behind it.
func (r *jsonReader) after(item *Value, x hujson.Extra) {
	lines, tail, _ := r.extra(x, true)
	if tail != "" {
		item.tail = tail
	}
	for _, l := range lines {
		if l != "" {
			item.head = append(item.head, l)
		}
	}
}

// end handles the space in front of a closing bracket.
func (r *jsonReader) end(v, prev *Value, x hujson.Extra) {
	lines, tail, blank := r.extra(x, true)
	if tail != "" {
		if prev != nil && prev.tail == "" {
			prev.tail = tail
		} else {
			lines = append([]string{tail}, lines...)
		}
	}
	v.foot = trimBlank(lines)
	if blank && len(v.foot) > 0 && prev != nil {
		v.foot = append([]string{""}, v.foot...)
	}
}
