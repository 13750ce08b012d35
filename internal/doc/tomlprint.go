package doc

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Arrays are indented by four, as uv and the Python world do, and go to one
// item a line when they do not fit, or were written so.
const (
	tomlWidth  = 80
	tomlIndent = "    "
)

type tomlPrinter struct {
	buf bytes.Buffer
	err error
}

func printTOML(file string, v *Value) ([]byte, error) {
	if v.kind != mapKind {
		return nil, errors.New(file + ": a TOML document is a map")
	}
	p := &tomlPrinter{}
	p.comments(v.head, "")
	if len(v.head) > 0 && len(v.entries) > 0 {
		p.buf.WriteByte('\n')
	}
	p.body(nil, v)
	if p.err != nil {
		return nil, fmt.Errorf("%s: %w", file, p.err)
	}
	out := bytes.TrimRight(p.buf.Bytes(), "\n ")
	if len(out) == 0 {
		return out, nil
	}
	return append(out, '\n'), nil
}

func (p *tomlPrinter) comments(lines []string, indent string) {
	for _, l := range lines {
		if l != "" {
			p.buf.WriteString(indent + l)
		}
		p.buf.WriteByte('\n')
	}
}

func (p *tomlPrinter) blankLine() {
	if b := p.buf.Bytes(); len(b) > 0 && !bytes.HasSuffix(b, []byte("\n\n")) {
		p.buf.WriteByte('\n')
	}
}

// isTable tells whether the value under a key is printed under headers.
func isTable(v *Value) bool {
	switch v.kind {
	case mapKind:
		return v.layout == tableLayout || v.layout == dottedLayout && !allDotted(v)
	case listKind:
		return v.layout == tableLayout && len(v.items) > 0 && !slices.ContainsFunc(v.items, func(i *Value) bool { return i.kind != mapKind })
	}
	return false
}

// allDotted tells whether a map can be printed as dotted keys alone.
func allDotted(v *Value) bool {
	for _, e := range v.entries {
		if isTable(e.value) {
			return false
		}
	}
	return len(v.entries) > 0
}

// body prints what is in a table: first its keys, then the tables below it.
func (p *tomlPrinter) body(at []string, m *Value) {
	first := true
	p.keyValues(nil, m, &first)
	if len(m.foot) > 0 {
		if m.foot[0] == "" {
			p.blankLine()
		}
		p.comments(m.foot, "")
	}
	for _, e := range m.entries {
		if !isTable(e.value) {
			continue
		}
		path := append(slices.Clip(at), e.key)
		if e.value.kind == listKind {
			for _, item := range e.value.items {
				p.header(path, item, "[[", "]]")
				p.body(path, item)
			}
			continue
		}
		if needsHeader(e.value) {
			p.header(path, e.value, "[", "]")
		}
		p.body(path, e.value)
	}
}

// needsHeader is false for a table that only holds other tables and was not
// named by the source.
func needsHeader(m *Value) bool {
	if m.header || len(m.entries) == 0 || len(m.head) > 0 || m.tail != "" || len(m.foot) > 0 {
		return true
	}
	return slices.ContainsFunc(m.entries, func(e *entry) bool { return !isTable(e.value) })
}

func (p *tomlPrinter) header(at []string, v *Value, open, close string) {
	p.blankLine()
	p.comments(v.head, "")
	keys := make([]string, len(at))
	for i, k := range at {
		keys[i] = tomlKey(k)
	}
	p.buf.WriteString(open + strings.Join(keys, ".") + close)
	if v.tail != "" {
		p.buf.WriteString(" " + v.tail)
	}
	p.buf.WriteByte('\n')
}

// keyValues prints the keys of m that are not tables, each with the dotted prefix.
func (p *tomlPrinter) keyValues(prefix []string, m *Value, first *bool) {
	for _, e := range m.entries {
		v := e.value
		if isTable(v) {
			continue
		}
		keys := append(slices.Clip(prefix), tomlKey(e.key))
		if v.kind == mapKind && v.layout == dottedLayout {
			p.keyValues(keys, v, first)
			continue
		}
		if v.blank && !*first {
			p.blankLine()
		}
		*first = false
		p.comments(v.head, "")
		key := strings.Join(keys, ".") + " = "
		p.buf.WriteString(key)
		p.value(v, "", width(key))
		if v.tail != "" {
			p.buf.WriteString(" " + v.tail)
		}
		p.buf.WriteByte('\n')
	}
}

// value prints a value that starts at column.
func (p *tomlPrinter) value(v *Value, indent string, column int) {
	if v.kind == listKind {
		inner := v.hasInnerComments()
		open := v.open && indent == "" // of the lists inside a list none says how it was written
		if flat := p.flat(v); !inner && !open && column+width(flat) <= tomlWidth || !inner && len(v.items) == 0 {
			p.buf.WriteString(flat)
			return
		}
		p.buf.WriteString("[\n")
		for _, i := range v.items {
			p.comments(i.head, indent+tomlIndent)
			p.buf.WriteString(indent + tomlIndent)
			p.value(i, indent+tomlIndent, len(indent)+len(tomlIndent)+1)
			p.buf.WriteByte(',')
			if i.tail != "" {
				p.buf.WriteString(" " + i.tail)
			}
			p.buf.WriteByte('\n')
		}
		p.comments(v.foot, indent+tomlIndent)
		p.buf.WriteString(indent + "]")
		return
	}
	p.buf.WriteString(p.flat(v))
}

// hasInnerComments tells whether a list needs several lines for its comments.
func (v *Value) hasInnerComments() bool {
	return len(v.foot) > 0 || slices.ContainsFunc(v.items, (*Value).hasComments)
}

// flat is a value on one line.
func (p *tomlPrinter) flat(v *Value) string {
	switch v.kind {
	case listKind:
		items := make([]string, len(v.items))
		for i, x := range v.items {
			items[i] = p.flat(x)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case mapKind:
		if len(v.entries) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(p.flatEntries(nil, v), ", ") + " }"
	}
	switch {
	case v.raw != "":
		return v.raw
	case v.typ == stringType:
		return tomlString(v.text)
	case v.typ == nullType:
		p.err = errors.New("TOML has no null")
	}
	return v.text
}

func (p *tomlPrinter) flatEntries(prefix []string, m *Value) []string {
	var out []string
	for _, e := range m.entries {
		keys := append(slices.Clip(prefix), tomlKey(e.key))
		if e.value.kind == mapKind && e.value.layout == dottedLayout && len(e.value.entries) > 0 {
			out = append(out, p.flatEntries(keys, e.value)...)
			continue
		}
		out = append(out, strings.Join(keys, ".")+" = "+p.flat(e.value))
	}
	return out
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// tomlKey quotes a key where it has to be.
func tomlKey(k string) string {
	if bareKey.MatchString(k) {
		return k
	}
	return tomlString(k)
}

// tomlString quotes s: as a basic string, or as a literal one where that saves
// escapes.
func tomlString(s string) string {
	literal := strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'")
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
			continue
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
			continue
		}
		literal = false
	}
	if literal {
		return "'" + s + "'"
	}
	b.WriteByte('"')
	return b.String()
}
