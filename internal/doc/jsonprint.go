package doc

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	textwidth "golang.org/x/text/width"
)

const jsonWidth = 80

type jsonPrinter struct {
	buf       bytes.Buffer
	manifest  bool // every map and list is open, and nothing else
	lastComma bool // a comma behind the last item, as prettier has it in .jsonc
}

func printJSON(file string, v *Value) ([]byte, error) {
	p := &jsonPrinter{manifest: isManifest(file), lastComma: path.Ext(file) == ".jsonc"}
	if p.manifest && v.hasComments() {
		return nil, errors.New(file + ": comments are not allowed in " + path.Base(file))
	}
	p.comments(v.head, "")
	p.value(v, "", 0, "")
	if v.tail != "" {
		for i, l := range strings.Split(v.tail, "\n") {
			switch {
			case i == 0 && l != "":
				p.buf.WriteString(" " + l)
			case i > 0:
				p.buf.WriteString("\n" + l)
			}
		}
	}
	return append(bytes.TrimRight(p.buf.Bytes(), "\n "), '\n'), nil
}

func (p *jsonPrinter) comments(lines []string, indent string) {
	for _, l := range lines {
		if l != "" {
			p.buf.WriteString(indent + l)
		}
		p.buf.WriteByte('\n')
	}
}

// value prints v. column is where it starts, comma what follows on its line.
func (p *jsonPrinter) value(v *Value, indent string, column int, comma string) {
	if v.isScalar() {
		p.buf.WriteString(p.scalar(v))
		return
	}
	open, close := "{", "}"
	n := len(v.entries)
	if v.kind == listKind {
		open, close, n = "[", "]", len(v.items)
	}
	if n == 0 && len(v.foot) == 0 {
		p.buf.WriteString(open + close)
		return
	}
	if flat, ok := p.flat(v); ok && column+width(flat)+len(comma) <= jsonWidth {
		p.buf.WriteString(flat)
		return
	}
	inner := indent + "  "
	p.buf.WriteString(open + "\n")
	if v.kind == listKind && p.isFill(v) {
		p.fill(v, inner)
	} else {
		for i := range n {
			key, item := "", (*Value)(nil)
			if v.kind == mapKind {
				key, item = jsonString(v.entries[i].key)+": ", v.entries[i].value
			} else {
				item = v.items[i]
			}
			if item.blank && i > 0 && !p.manifest {
				p.buf.WriteByte('\n')
			}
			p.comments(item.head, inner)
			p.buf.WriteString(inner + key)
			comma := ""
			if i < n-1 || p.lastComma {
				comma = ","
			}
			p.value(item, inner, len(inner)+width(key), comma)
			p.buf.WriteString(comma)
			if item.tail != "" {
				p.buf.WriteString(" " + item.tail)
			}
			p.buf.WriteByte('\n')
		}
	}
	p.comments(v.foot, inner)
	p.buf.WriteString(indent + close)
}

// isFill tells whether a list is all numbers: prettier fills lines with those.
func (p *jsonPrinter) isFill(v *Value) bool {
	if p.manifest || len(v.items) < 2 {
		return false
	}
	for _, i := range v.items {
		if !i.isScalar() || i.typ != numberType || i.hasComments() {
			return false
		}
	}
	return true
}

func (p *jsonPrinter) fill(v *Value, indent string) {
	column := 0
	for i, item := range v.items {
		s := p.scalar(item)
		if i < len(v.items)-1 || p.lastComma {
			s += ","
		}
		switch {
		case column == 0:
			p.buf.WriteString(indent + s)
			column = len(indent) + len(s)
		case item.blank || column+1+len(s) > jsonWidth:
			p.buf.WriteByte('\n')
			if item.blank {
				p.buf.WriteByte('\n')
			}
			p.buf.WriteString(indent + s)
			column = len(indent) + len(s)
		default:
			p.buf.WriteString(" " + s)
			column += 1 + len(s)
		}
	}
	p.buf.WriteByte('\n')
}

// flat is the value on one line, when nothing in it asks for more.
func (p *jsonPrinter) flat(v *Value) (string, bool) {
	if v.isScalar() {
		return p.scalar(v), true
	}
	if len(v.foot) > 0 {
		return "", false
	}
	if len(v.entries)+len(v.items) == 0 {
		if v.kind == listKind {
			return "[]", true
		}
		return "{}", true
	}
	if p.manifest || v.kind == mapKind && v.open || p.breaks(v) {
		return "", false
	}
	var b strings.Builder
	for i, e := range v.entries {
		s, ok := p.flat(e.value)
		if !ok || len(e.value.head) > 0 || e.value.tail != "" {
			return "", false
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(jsonString(e.key) + ": " + s)
	}
	for i, item := range v.items {
		s, ok := p.flat(item)
		if !ok || len(item.head) > 0 || item.tail != "" {
			return "", false
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	if v.kind == listKind {
		return "[" + b.String() + "]", true
	}
	return "{ " + b.String() + " }", true
}

// breaks is prettier's rule for lists of several maps (or of several lists)
// that each have more than one item: a matrix is never on one line.
func (p *jsonPrinter) breaks(v *Value) bool {
	if v.kind != listKind || len(v.items) < 2 {
		return false
	}
	for _, i := range v.items {
		if i.isScalar() || i.kind != v.items[0].kind || len(i.entries)+len(i.items) < 2 {
			return false
		}
	}
	return true
}

var (
	exponent = regexp.MustCompile(`e\+?(-?)0*(\d)`)
	noPower  = regexp.MustCompile(`e-?0$`)
	zeros    = regexp.MustCompile(`(\.\d+?)0+(e|$)`) // behind a number's decimals; one of them stays
)

// number is a number as prettier writes it; npm leaves numbers alone.
func (p *jsonPrinter) number(v *Value) string {
	if v.raw == "" || p.manifest {
		return cmp.Or(v.raw, v.text)
	}
	n := exponent.ReplaceAllString(strings.ToLower(v.raw), "e$1$2")
	return zeros.ReplaceAllString(noPower.ReplaceAllString(n, ""), "$1$2")
}

func (p *jsonPrinter) scalar(v *Value) string {
	if v.typ == numberType {
		return p.number(v)
	}
	if v.raw != "" {
		return v.raw
	}
	if v.typ == stringType {
		return jsonString(v.text)
	}
	return v.text
}

// jsonString quotes s as JSON.stringify does: no escape that is not needed.
func jsonString(s string) string {
	if i := strings.IndexAny(s, "\u2028\u2029"); i >= 0 {
		// encoding/json escapes these two for the sake of old JavaScript.
		_, n := utf8.DecodeRuneInString(s[i:])
		a, b := jsonString(s[:i]), jsonString(s[i+n:])
		return a[:len(a)-1] + s[i:i+n] + b[1:]
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// width is the number of columns that s takes, as prettier counts them: two for
// what East Asian text and emoji take, none for a mark on the letter before.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < 0x300:
			n++
		case unicode.Is(unicode.Mn, r):
		default:
			n++
			if k := textwidth.LookupRune(r).Kind(); k == textwidth.EastAsianWide || k == textwidth.EastAsianFullwidth {
				n++
			}
		}
	}
	return n
}
