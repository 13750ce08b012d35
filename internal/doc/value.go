package doc

import (
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

type kind uint8

const (
	scalarKind kind = iota
	listKind
	mapKind
)

// scalarType is the type of a scalar, as far as it decides equality.
type scalarType uint8

const (
	stringType scalarType = iota
	numberType            // JSON and YAML know one type of number; TOML's integers and floats differ in their text
	boolType
	nullType
	timeType
)

// layout is how a map, or a list of maps, is written where a format offers a
// choice. When parts differ the higher one wins: it can hold all that the
// lower ones can.
type layout uint8

const (
	inlineLayout layout = iota // { a = 1 }; YAML flow
	dottedLayout               // a.b = 1
	tableLayout                // [a]; YAML block
)

// A Value is one value of an ordered document: a scalar, a list or a map. Make
// one with Map, List or Of; the zero value is the empty string.
type Value struct {
	kind    kind
	entries []*entry // of a map, in order
	items   []*Value // of a list, in order

	typ  scalarType
	text string // a string's content; canonical text of any other scalar, for comparing
	raw  string // how the source wrote the scalar; empty: the printer decides

	layout layout
	header bool // TOML: the source has a [header] for it, so one is printed even when it is empty
	open   bool // the source spreads it over several lines
	tag    string
	anchor string

	head  []string // comment lines above, without indentation; "" is a blank line between them
	tail  string   // comment behind it, on its line
	foot  []string // comment lines at its end, inside
	blank bool     // a blank line above

	part *Part
	line int // 1-based; 0 for a value that was built
}

// An entry is one key of a map with its value.
type entry struct {
	key    string
	rawKey string // YAML: as the source wrote it
	value  *Value
}

// Map returns an empty map, which TOML prints under a header of its own.
func Map() *Value { return &Value{kind: mapKind, layout: tableLayout} }

// Inline returns an empty map, which TOML prints as an inline table.
func Inline() *Value { return &Value{kind: mapKind} }

// List returns a list of the values; see Of for what they may be. A list of
// maps made by Map becomes an array of tables in TOML.
func List(values ...any) *Value {
	l := &Value{kind: listKind}
	for _, v := range values {
		item := Of(v)
		if item.kind == mapKind && item.layout == tableLayout {
			l.layout = tableLayout
		}
		l.items = append(l.items, item)
	}
	return l
}

// Of turns a Go value into a Value: a *Value, string, bool, int, int64,
// float64, nil, a slice of them, or a map by string (inline, in order of its
// keys). It panics on any other type: that is a mistake of the program.
func Of(v any) *Value {
	switch v := v.(type) {
	case *Value:
		return v
	case string:
		return &Value{typ: stringType, text: v}
	case bool:
		return &Value{typ: boolType, text: strconv.FormatBool(v)}
	case int:
		return &Value{typ: numberType, text: strconv.Itoa(v)}
	case int64:
		return &Value{typ: numberType, text: strconv.FormatInt(v, 10)}
	case float64:
		return &Value{typ: numberType, text: floatText(v)}
	case nil:
		return &Value{typ: nullType, text: "null"}
	case []string:
		l := List()
		for _, s := range v {
			l.items = append(l.items, Of(s))
		}
		return l
	case []any:
		return List(v...)
	case map[string]string:
		m := Inline()
		for _, k := range sortedKeys(v) {
			m.Set(k, v[k])
		}
		return m
	case map[string]any:
		m := Inline()
		for _, k := range sortedKeys(v) {
			m.Set(k, v[k])
		}
		return m
	}
	panic(fmt.Sprintf("doc.Of: a value of type %T", v))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func floatText(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	// 1e6 and not 1e+06: so prettier writes it, and every format reads it.
	return exponent.ReplaceAllString(strconv.FormatFloat(f, 'g', -1, 64), "e$1$2")
}

// Set adds the key at the end of the map, or changes it where it stands, and
// returns the map.
func (v *Value) Set(key string, value any) *Value {
	if v.kind != mapKind {
		panic("doc: Set on a value that is not a map")
	}
	x := Of(value)
	if e := v.entry(key); e != nil {
		e.value = x
	} else {
		v.entries = append(v.entries, &entry{key: key, value: x})
	}
	return v
}

// Comment puts comment lines above the value, each without the comment sign.
func (v *Value) Comment(lines ...string) *Value {
	for _, l := range lines {
		v.head = append(v.head, strings.TrimRight("# "+l, " "))
	}
	return v
}

// Multiline asks for one item a line, however short the list is.
func (v *Value) Multiline() *Value { v.open = true; return v }

// Get is the value under the keys, or nil.
func (v *Value) Get(keys ...string) *Value {
	for _, k := range keys {
		if v == nil || v.kind != mapKind {
			return nil
		}
		e := v.entry(k)
		if e == nil {
			return nil
		}
		v = e.value
	}
	return v
}

// Keys lists a map's keys in order.
func (v *Value) Keys() []string {
	keys := make([]string, 0, len(v.entries))
	for _, e := range v.entries {
		keys = append(keys, e.key)
	}
	return keys
}

// Items lists a list's items.
func (v *Value) Items() []*Value { return v.items }

// Text is a string's content, or the text of any other scalar.
func (v *Value) Text() string { return v.text }

// Line is the line of the source, from 1; 0 for a value that was built.
func (v *Value) Line() int { return v.line }

func (v *Value) entry(key string) *entry {
	for _, e := range v.entries {
		if e.key == key {
			return e
		}
	}
	return nil
}

func (v *Value) isScalar() bool { return v.kind == scalarKind }

// isMaps tells whether a list has a map in it.
func (v *Value) isMaps() bool {
	for _, i := range v.items {
		if i.kind == mapKind {
			return true
		}
	}
	return false
}

func (v *Value) allScalars() bool {
	for _, i := range v.items {
		if !i.isScalar() {
			return false
		}
	}
	return true
}

func (v *Value) hasComments() bool {
	if len(v.head) > 0 || v.tail != "" || len(v.foot) > 0 {
		return true
	}
	for _, e := range v.entries {
		if e.value.hasComments() {
			return true
		}
	}
	for _, i := range v.items {
		if i.hasComments() {
			return true
		}
	}
	return false
}

// stripComments takes away comments and blank lines: only the owner's stay.
func (v *Value) stripComments() {
	v.head, v.tail, v.foot, v.blank = nil, "", nil, false
	for _, e := range v.entries {
		e.value.stripComments()
	}
	for _, i := range v.items {
		i.stripComments()
	}
}

// equal tells whether two values mean the same. The order of keys does not
// matter; that of items does.
func equal(a, b *Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case scalarKind:
		return a.typ == b.typ && a.text == b.text && a.tag == b.tag
	case listKind:
		if len(a.items) != len(b.items) {
			return false
		}
		for i := range a.items {
			if !equal(a.items[i], b.items[i]) {
				return false
			}
		}
		return true
	}
	if len(a.entries) != len(b.entries) {
		return false
	}
	for _, e := range a.entries {
		o := b.entry(e.key)
		if o == nil || !equal(e.value, o.value) {
			return false
		}
	}
	return true
}

// brief is the value in an error message.
func (v *Value) brief() string {
	switch v.kind {
	case listKind:
		return "a list"
	case mapKind:
		return "a map"
	}
	s := v.text
	if v.typ == stringType {
		s = strconv.Quote(s)
	} else if v.raw != "" {
		s = v.raw
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "..."
	}
	return s
}

// joinPath writes a path of keys with dots, quoting what is not a bare key.
func joinPath(at []string) string {
	if len(at) == 0 {
		return "the document"
	}
	out := make([]string, len(at))
	for i, k := range at {
		out[i] = tomlKey(k)
	}
	return strings.Join(out, ".")
}

// canonicalNumber makes numbers that are equal read the same. A number too
// large to expand stays as it was written.
func canonicalNumber(s string) string {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > 400 || e < -400 {
			return s
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || len(s) > 400 {
		return s
	}
	return r.RatString()
}
