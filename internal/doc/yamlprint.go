package doc

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const yamlWidth = 80

type yamlPrinter struct {
	buf bytes.Buffer
	err error
}

func printYAML(file string, v *Value) ([]byte, error) {
	p := &yamlPrinter{}
	if p.asBlock(v, 0) {
		p.block(v, "")
	} else {
		if v.kind != mapKind || len(v.entries) > 0 {
			p.after(v, "")
			p.buf.WriteByte('\n')
		}
		p.comments(v.foot, "")
	}
	if p.err != nil {
		return nil, fmt.Errorf("%s: %w", file, p.err)
	}
	out := bytes.TrimLeft(p.buf.Bytes(), "\n ")
	if !bytes.HasSuffix(out, []byte("\n\n")) || !keepsEnd(v) {
		out = bytes.TrimRight(out, "\n")
		if len(out) == 0 {
			return nil, nil
		}
		out = append(out, '\n')
	}
	return out, nil
}

// keepsEnd tells whether the document ends in a block scalar whose last line
// ends count.
func keepsEnd(v *Value) bool {
	for {
		switch {
		case len(v.foot) > 0:
			return false
		case len(v.entries) > 0:
			v = v.entries[len(v.entries)-1].value
		case len(v.items) > 0:
			v = v.items[len(v.items)-1]
		default:
			return v.isScalar() && strings.HasSuffix(v.text, "\n\n")
		}
	}
}

func (p *yamlPrinter) comments(lines []string, indent string) {
	for _, l := range lines {
		if l != "" {
			p.buf.WriteString(indent + l)
		}
		p.buf.WriteByte('\n')
	}
}

// isBlock tells whether v takes lines of its own below its key.
func isBlock(v *Value) bool {
	if v.kind == scalarKind || len(v.entries)+len(v.items) == 0 {
		return false
	}
	return v.layout != inlineLayout || len(v.foot) > 0 || hasBlock(v)
}

// hasBlock tells whether a flow collection cannot be one: something in it has
// comments or needs several lines.
func hasBlock(v *Value) bool {
	for _, e := range v.entries {
		if isBlock(e.value) || e.value.hasComments() || isBlockScalar(e.value) {
			return true
		}
	}
	for _, i := range v.items {
		if isBlock(i) || i.hasComments() || isBlockScalar(i) {
			return true
		}
	}
	return false
}

func isBlockScalar(v *Value) bool {
	if !v.isScalar() {
		return false
	}
	if v.raw != "" {
		return v.typ == stringType && (v.raw == "|" || v.raw[0] == '>')
	}
	return v.part == nil && v.typ == stringType && isLiteral(v.text)
}

// isLiteral tells whether a built string reads better as a | scalar.
func isLiteral(s string) bool {
	if strings.TrimSpace(s) == "" || !strings.Contains(strings.TrimRight(s, "\n"), "\n") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) })
}

// block prints the entries or items of v, one below the other.
func (p *yamlPrinter) block(v *Value, indent string) {
	for i, e := range v.entries {
		if e.value.blank && i > 0 {
			p.buf.WriteByte('\n')
		}
		p.comments(e.value.head, indent)
		p.buf.WriteString(indent + yamlKey(e) + ":")
		p.after(e.value, indent)
		p.buf.WriteByte('\n')
	}
	for i, item := range v.items {
		if item.blank && i > 0 {
			p.buf.WriteByte('\n')
		}
		p.comments(item.head, indent)
		if item.anchor != "" || item.tag != "" || !p.asBlock(item, width(indent)+2) {
			p.buf.WriteString(indent + "-")
			p.after(item, indent)
			p.buf.WriteByte('\n')
			continue
		}
		// The first line of what is inside stands behind the dash.
		if item.tail != "" {
			p.comments([]string{item.tail}, indent)
		}
		inner := &yamlPrinter{}
		first := item
		for isBlock(first) && first.anchor == "" && first.tag == "" {
			if len(first.entries) > 0 {
				first = first.entries[0].value
				p.comments(first.head, indent)
				first = &Value{}
			} else {
				first = first.items[0]
				p.comments(first.head, indent)
			}
		}
		inner.block(withoutFirstHead(item), indent+"  ")
		if inner.err != nil {
			p.err = inner.err
		}
		p.buf.WriteString(indent + "- " + strings.TrimPrefix(inner.buf.String(), indent+"  "))
	}
	p.comments(v.foot, indent)
}

// withoutFirstHead is v without the comments above its first line.
func withoutFirstHead(v *Value) *Value {
	c := *v
	switch {
	case len(v.entries) > 0:
		first := *v.entries[0].value
		first.head = nil
		c.entries = append([]*entry{{key: v.entries[0].key, rawKey: v.entries[0].rawKey, value: &first}}, v.entries[1:]...)
	case len(v.items) > 0:
		first := withoutFirstHead(v.items[0])
		first.head = nil
		c.items = append([]*Value{first}, v.items[1:]...)
	}
	return &c
}

// after prints what follows a key's colon or an item's dash, without the line end.
func (p *yamlPrinter) after(v *Value, indent string) {
	if s := props(v); s != "" {
		p.buf.WriteString(" " + strings.TrimSuffix(s, " "))
	}
	tail := ""
	if v.tail != "" {
		tail = " " + v.tail
	}
	if isBlockScalar(v) {
		p.blockScalar(v, indent, tail)
		return
	}
	line := p.buf.Bytes()[bytes.LastIndexByte(p.buf.Bytes(), '\n')+1:]
	switch {
	case v.isScalar():
		if s := yamlScalar(v); s != "" {
			p.buf.WriteString(" " + s)
		}
		p.buf.WriteString(tail)
	case !p.asBlock(v, width(string(line))+1):
		p.buf.WriteString(" " + p.flat(v) + tail)
	default:
		p.buf.WriteString(tail + "\n")
		inner := &yamlPrinter{}
		inner.block(v, indent+"  ")
		if inner.err != nil {
			p.err = inner.err
		}
		p.buf.WriteString(strings.TrimSuffix(inner.buf.String(), "\n"))
	}
}

// asBlock tells whether v, from column on, takes lines of its own: it is a
// block, or too long for the line.
func (p *yamlPrinter) asBlock(v *Value, column int) bool {
	if v.isScalar() || len(v.entries)+len(v.items) == 0 {
		return false
	}
	return isBlock(v) || column+width(p.flat(v)) > yamlWidth
}

func (p *yamlPrinter) blockScalar(v *Value, indent, tail string) {
	text, sign := strings.TrimRight(v.text, "\n"), "|"
	if strings.HasPrefix(v.raw, ">") {
		text, sign = strings.TrimRight(v.raw[1:], "\n"), ">"
	}
	for _, l := range strings.Split(text, "\n") {
		if strings.TrimSpace(l) == "" && l == "" {
			continue
		}
		if l[0] == ' ' {
			sign += "2"
		}
		break
	}
	ends := len(v.text) - len(strings.TrimRight(v.text, "\n"))
	switch ends {
	case 0:
		sign += "-"
	case 1:
	default:
		sign += "+"
	}
	p.buf.WriteString(" " + sign + tail)
	for _, l := range strings.Split(text, "\n") {
		p.buf.WriteByte('\n')
		if l != "" {
			p.buf.WriteString(indent + "  " + l)
		}
	}
	if ends > 1 {
		p.buf.WriteString(strings.Repeat("\n", ends-1))
	}
}

// props are the anchor and the tag in front of a value.
func props(v *Value) string {
	s := ""
	if v.anchor != "" {
		s = "&" + v.anchor + " "
	}
	if v.tag != "" && v.tag != "*" {
		s += v.tag + " "
	}
	return s
}

// flat is a value in flow style, without its own props.
func (p *yamlPrinter) flat(v *Value) string {
	item := func(x *Value) string {
		s := p.flat(x)
		if s == "" {
			s = "null" // nothing is enough behind a key of its own line only
		}
		return props(x) + s
	}
	switch v.kind {
	case listKind:
		items := make([]string, len(v.items))
		for i, x := range v.items {
			items[i] = item(x)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case mapKind:
		if len(v.entries) == 0 {
			return "{}"
		}
		items := make([]string, len(v.entries))
		for i, e := range v.entries {
			items[i] = yamlKey(e) + ": " + item(e.value)
		}
		return "{ " + strings.Join(items, ", ") + " }"
	}
	return yamlScalar(v)
}

func yamlKey(e *entry) string {
	if e.rawKey != "" {
		return e.rawKey
	}
	return yamlString(e.key)
}

func yamlScalar(v *Value) string {
	switch {
	case v.raw != "":
		return v.raw
	case v.typ == nullType && v.part != nil:
		return "" // as the source: nothing behind the key
	case v.typ == stringType || v.typ == timeType:
		return yamlString(v.text)
	}
	return v.text
}

var plainYAML = regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./@+ -]*$`)

// yamlString writes a built string: plain where no parser, old or new, could
// take it for something else.
func yamlString(s string) string {
	if plainYAML.MatchString(s) && !strings.HasSuffix(s, " ") {
		var x any
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off":
		default:
			if yaml.Unmarshal([]byte(s), &x) == nil && x == any(s) {
				return s
			}
		}
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == 0xfeff || !strconv.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		case !strconv.IsPrint(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return yamlQuotes(b.String())
}
