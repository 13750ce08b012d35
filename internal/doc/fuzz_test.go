package doc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/tailscale/hujson"
	"go.yaml.in/yaml/v3"
)

// decode reads a document with a parser that is not ours: encoding/json,
// go-toml's and yaml.v3's decoders into plain Go values.
func decode(file string, data []byte) (any, error) {
	var v any
	switch formatOf(file) {
	case jsonFormat:
		std, err := hujson.Standardize(bytes.Clone(bytes.TrimPrefix(data, []byte("\ufeff"))))
		if err != nil {
			return nil, err
		}
		err = json.Unmarshal(std, &v)
		return v, err
	case tomlFormat:
		var m map[string]any
		err := toml.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &m)
		return m, err
	default:
		err := yaml.Unmarshal(data, &v)
		return v, err
	}
}

// checkPrint holds the promises of the printer for one source: the output
// means the same, and printing it again changes nothing.
func checkPrint(t *testing.T, file string, source []byte) {
	t.Helper()
	out, err := Merge(file, nil, []Part{{Layer: "a", Data: source}})
	if err != nil {
		return
	}
	want, err := decode(file, bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")))
	if err != nil {
		return // ours reads more than the judge does
	}
	got, err := decode(file, out)
	if err != nil {
		t.Fatalf("the output does not parse: %v\n%s\nfrom\n%s", err, out, source)
	}
	if s, ok := want.(map[string]any); ok && len(s) == 0 {
		want = nil
	}
	if s, ok := got.(map[string]any); ok && len(s) == 0 {
		got = nil
	}
	if !reflect.DeepEqual(got, want) && fmt.Sprint(got) != fmt.Sprint(want) { // Sprint: NaN
		t.Fatalf("the output means something else:\n%s\n%#v\nfrom\n%s\n%#v", out, got, source, want)
	}
	again, err := Merge(file, nil, []Part{{Layer: "a", Data: out}})
	if err != nil {
		t.Fatalf("the output is refused: %v\n%s\nfrom\n%s", err, out, source)
	}
	if !bytes.Equal(again, out) {
		t.Fatalf("printing twice differs:\n%q\nfirst\n%q\nfrom\n%q", again, out, source)
	}
	if len(out) > 0 && (!bytes.HasSuffix(out, []byte("\n")) || bytes.HasPrefix(out, []byte("\n"))) {
		t.Fatalf("the output does not begin and end with a line: %q", out)
	}
	if n, m := countComments(file, source), countComments(file, out); n >= 0 && m >= 0 && n != m {
		t.Fatalf("%d comments became %d:\n%s\nfrom\n%s", n, m, out, source)
	}
}

// countComments counts comment signs where that is simple: -1 where text may
// hold them, too.
func countComments(file string, text []byte) int {
	if formatOf(file) == jsonFormat || bytes.ContainsAny(text, "\"'|>") {
		return -1
	}
	if formatOf(file) == yamlFormat && notAComment.Match(text) {
		return -1 // yaml.v3 takes it for one, the specification does not
	}
	return bytes.Count(text, []byte("#"))
}

var notAComment = regexp.MustCompile(`[^\s]#`)

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `"x"`, `null`, `{"a":1,"b":[1,2,{"c":null}],"d":{"e":"\u00e9\n"}}`,
		"// top\n{\n  // a\n  \"a\": 1, // b\n\n  /* c */ \"d\": [ // e\n 1, 2 // f\n ], // g\n // h\n}\n// i\n",
		`[[1,2],[3,4]]`, `[{"a":1,"b":2},{"a":3,"b":4}]`, `{"a" /* x */ : /* y */ 1 /* z */, }`,
		"{\n\"a\": {\"b\": {\"c\": {}}}, \"long\": [\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]}",
		"[1e5, -0, 1.50, 100000000, 100000000, 100000000, 100000000, 100000000, 100000000, 100000000,\n\n 100000000]",
		"[/* multi\n line */ 1]", "{\"\"/*/*/:0}", "{\"\":[\"\\u2028\", \"\u2028\"]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkPrint(t, "tsconfig.json", data)
		checkPrint(t, "x.jsonc", data)
		checkPrint(t, "package.json", data)
	})
}

func FuzzTOML(f *testing.F) {
	for _, s := range []string{
		"", "a = 1", "# head\n\n[a]\nb = 1 # t\n\n# foot\n\n[c]\n", "[a]\n[a.b]\nc=1\n[[a.d]]\ne=1\n[[a.d]]\n[a.d.f]\ng=2",
		"a.b.c = 1\na.b.d = 2\n[a.e]\n", "a = [1, # x\n 2,\n # y\n]", "x = {a = 1, b.c = 2, d = [{}]}", "a = '''\nx\n'''\nb = \"\"\"\\\n  y\"\"\"",
		"d = 1979-05-27T07:32:00Z\ne = 1979-05-27 07:32:00\nf = 07:32:00\ng = 1979-05-27", "a = 0xff\nb = 1_000\nc = 6.02e23\nd = inf\ne = -nan\nf = +1",
		"\"a b\" = 1\n'c\"d' = 'e\"f'\n\"\" = \"\\u00e9\\t\"", "[x]\n[x.\"y.z\"]\na = [[1], [\"b\"], []]", "[a]\nb.c = 1\n[a.d]\n[e]", "[[a]]\n# c\n[[a]]\n[[a.b]]\n",
		"[fruit]\napple.color = \"red\"\n[fruit.apple.texture]\nsmooth = true\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkPrint(t, "x.toml", data)
		checkPrint(t, "pyproject.toml", data)
	})
}

func FuzzYAML(f *testing.F) {
	for _, s := range []string{
		"", "a: 1", "- a\n- b\n", "# head\n\na: 1 # t\n\nb:\n  # in\n  - c # d\n\n  - e: 1\n    f: 2\n  # foot\n# end\n",
		"a: |\n  x\n   y\n\n  z\nb: >-\n  folded\n  text\n\n  more\nc: |+\n  keep\n\n\nd: |2\n    lead\n", "a: 'it''s'\nb: \"x\\ty\"\nc: 'say \"hi\"'\n",
		"x: &a\n  b: 1\ny: *a\nz:\n  <<: *a\n", "a: [1, {b: c}, 'd e']\nb: {}\nc: []\nd:\n", "- - a\n  - b\n- c: 1\n  d:\n  - e\n",
		"a: !x y\nb: !!str 1\nc: ~\nd: yes\ne: 0o7\nf: 2001-01-01\n", "on:\n  push:\n    branches: [main]\n", "a: plain\n  over lines\nb: \"quoted\n  over lines\"\n",
		"k: # c\n  a: 1\nl: |- # d\n  a\n", "? a\n: b\n", " #\n- 0: \n  #", "0: >\n 00\n  \n", "0: [0,{0,00},0]", "a: !x [0]", "{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"b\": [\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]}", "\"q\": 1\n'#': x\nu: 'http://x#y'\nv: a#b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkPrint(t, "x.yaml", data)
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("# c\na\n\nb\n"), []byte("# d\nb\nc\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, file := range []string{".gitignore", ".env.example"} {
			parts := []Part{{Layer: "a", Data: a}, {Layer: "b", Data: b}}
			out, err := Merge(file, nil, parts)
			if err != nil {
				continue
			}
			again, err := Merge(file, nil, []Part{{Layer: "x", Data: out}})
			if err != nil || !bytes.Equal(out, again) {
				t.Fatalf("printing twice differs (%v):\n%q\n%q", err, out, again)
			}
		}
	})
}
