package doc

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// text draws strings in which formats go wrong: signs, words, blanks, breaks.
func text() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", " ", "a", "true", "null", "~", "yes", "1", "1.5", "0x1", "2001-01-01", "- a", "a: b", "# x", "a # b", "'", "\"", "\\", "it's \"x\"",
			"a\nb", "a\n", "\n", "\ta", "x\ty", "[", "{", "*a", "&a", "!a", "%", "@", "`", "é", "\u2028", "\u0001", "\u007f", "a\\b", "C:\\temp", "...", "---", "<<", "=", "a  b", "💧", "on:"}),
		rapid.StringN(0, 12, -1),
		rapid.StringMatching(`[a-z]{1,40}`),
	)
}

// value draws a built document. TOML has no null, and its lists of maps are
// tables or inline.
func value(depth int, null bool) *rapid.Generator[*Value] {
	return rapid.Custom(func(t *rapid.T) *Value {
		n := 5
		if depth > 0 {
			n = 8
		}
		switch rapid.IntRange(0, n).Draw(t, "kind") {
		case 0:
			return Of(rapid.Int64().Draw(t, "int"))
		case 1:
			return Of(rapid.Bool().Draw(t, "bool"))
		case 2:
			return Of(rapid.Float64Range(-1e20, 1e20).Draw(t, "float"))
		case 3:
			if null {
				return Of(nil)
			}
			fallthrough
		case 4, 5:
			return Of(text().Draw(t, "text"))
		case 6:
			l := List()
			for range rapid.IntRange(0, 4).Draw(t, "items") {
				l = List(append(anys(l.items), value(depth-1, null).Draw(t, "item"))...)
			}
			if rapid.Bool().Draw(t, "multiline") {
				l.Multiline()
			}
			return l
		default:
			m := Map()
			if rapid.Bool().Draw(t, "inline") {
				m = Inline()
			}
			fill(t, m, depth, null)
			return m
		}
	})
}

func anys(items []*Value) []any {
	out := make([]any, len(items))
	for i, x := range items {
		out[i] = x
	}
	return out
}

func fill(t *rapid.T, m *Value, depth int, null bool) {
	for range rapid.IntRange(0, 4).Draw(t, "keys") {
		m.Set(text().Draw(t, "key"), value(depth-1, null).Draw(t, "value"))
	}
}

// What is built and printed reads back as the same value, in every format.
func TestBuiltRoundTrip(t *testing.T) {
	for _, file := range []string{"x.json", "package.json", "x.toml", "pyproject.toml", "x.yaml"} {
		t.Run(file, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				doc := Map()
				fill(t, doc, 3, formatOf(file) != tomlFormat)
				out, err := Print(file, doc)
				if err != nil {
					t.Fatalf("print: %v", err)
				}
				back, err := Parse(file, out)
				if err != nil {
					t.Fatalf("parse: %v\n%s", err, out)
				}
				if !equal(norm(doc), norm(back)) {
					t.Fatalf("reads back as something else:\n%s", out)
				}
				again, err := Print(file, back)
				if err != nil || string(again) != string(out) {
					t.Fatalf("printing twice differs (%v):\n%s\nfirst\n%s", err, again, out)
				}
			})
		})
	}
}

// norm makes numbers of a built and of a read value comparable.
func norm(v *Value) *Value {
	c := *v
	if r, ok := new(big.Rat).SetString(strings.TrimPrefix(c.text, "f")); ok && c.isScalar() && c.typ == numberType {
		f, _ := r.Float64()
		c.text = fmt.Sprint(f)
	}
	c.items, c.entries = nil, nil
	for _, i := range v.items {
		c.items = append(c.items, norm(i))
	}
	for _, e := range v.entries {
		c.entries = append(c.entries, &entry{key: e.key, value: norm(e.value)})
	}
	return &c
}

// Merging a part with itself changes nothing; merging disjoint parts keeps all
// of both; and the outcome of a conflict does not depend on chance.
func TestMergeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom([]string{"x.json", "x.toml", "x.yaml"}).Draw(t, "file")
		doc := func(prefix string) []byte {
			m := Map()
			for i := range rapid.IntRange(1, 4).Draw(t, "keys") {
				m.Set(fmt.Sprint(prefix, i), value(2, file != "x.toml").Draw(t, "value"))
			}
			out, err := Print(file, m)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		a, b := doc("a"), doc("b")
		one, err := Merge(file, nil, []Part{{Layer: "a", Data: a}, {Layer: "b", Data: a}})
		if err != nil || string(one) != string(a) {
			t.Fatalf("with itself: %v\n%s\nwas\n%s", err, one, a)
		}
		both, err := Merge(file, nil, []Part{{Layer: "a", Data: a}, {Layer: "b", Data: b}})
		if err != nil {
			t.Fatal(err)
		}
		whole, _ := Parse(file, both)
		for _, data := range [][]byte{a, b} {
			part, _ := Parse(file, data)
			for _, e := range part.entries {
				if got := whole.Get(e.key); got == nil || !equal(got, e.value) {
					t.Fatalf("%s is lost or changed:\n%s", e.key, both)
				}
			}
		}
		if want := len(whole.entries); len(mustParse(t, file, a).entries)+len(mustParse(t, file, b).entries) != want {
			t.Fatalf("%d keys", want)
		}
	})
}

func mustParse(t *rapid.T, file string, data []byte) *Value {
	v, err := Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
