package record

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Marshal is the text of the record: tables in a fixed order, keys of maps
// sorted, steps on one line each, so that a diff of two records is short.
func (r *Record) Marshal() []byte {
	w := &writer{}
	w.line("# What this project was made from and how it is driven. Written by fingerpost;")
	w.line("# the project runs without it.")
	w.set("format", r.Format)
	w.set("tool", r.Tool)
	w.set("id", r.ID)
	w.set("name", r.Name)
	w.set("shape", r.Shape)
	w.table("answers")
	w.settings("answers", r.Answers)
	for i := range r.Services {
		w.service(&r.Services[i])
	}
	for _, l := range r.Layers {
		w.list("layers")
		w.set("id", l.ID)
		w.set("origin", l.Origin)
		w.set("digest", l.Digest)
	}
	w.table("files")
	for _, p := range slices.Sorted(maps.Keys(r.Files)) {
		w.set(p, r.Files[p])
	}
	return []byte(w.String())
}

func (w *writer) service(s *Service) {
	w.list("services")
	w.fields(*s)
	w.table("services.tasks")
	for _, name := range s.Scripts() {
		w.set(name, s.Tasks[name])
	}
	w.table("services.manager")
	w.fields(s.Manager)
	for _, e := range s.Env {
		w.list("services.env")
		w.fields(e)
	}
	for _, b := range s.Backing {
		w.list("services.backing")
		w.fields(b)
	}
	for _, t := range s.Tools {
		w.list("services.tools")
		w.fields(t)
	}
	for _, st := range s.StandIns {
		w.list("services.stand_ins")
		w.fields(st)
	}
	for _, d := range s.Downloads {
		w.list("services.downloads")
		w.fields(d)
	}
}

// writer prints TOML.
type writer struct{ strings.Builder }

func (w *writer) line(s string)       { w.WriteString(s + "\n") }
func (w *writer) table(name string)   { w.line("\n[" + name + "]") }
func (w *writer) list(name string)    { w.line("\n[[" + name + "]]") }
func (w *writer) set(k string, v any) { w.line(key(k) + " = " + value(v)) }

// fields prints the fields of a struct by their tags, those marked omitempty
// only when they hold something. Structs and lists of structs get tables of
// their own and are left to the caller, as steps are.
func (w *writer) fields(v any) {
	rv := reflect.ValueOf(v)
	for i := range rv.NumField() {
		f := rv.Field(i)
		name, opts, _ := strings.Cut(rv.Type().Field(i).Tag.Get("toml"), ",")
		if f.Kind() == reflect.Struct || f.Type() == reflect.TypeFor[map[string][]Step]() || f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
			continue
		}
		if opts == "omitempty" && (f.IsZero() || f.Kind() != reflect.String && f.Kind() != reflect.Int && f.Kind() != reflect.Bool && f.Len() == 0) {
			continue
		}
		w.set(name, f.Interface())
	}
}

// settings prints a map: its plain values first, then its maps as tables.
func (w *writer) settings(path string, m map[string]any) {
	keys := slices.Sorted(maps.Keys(m))
	for _, k := range keys {
		if _, nested := m[k].(map[string]any); !nested {
			w.set(k, m[k])
		}
	}
	for _, k := range keys {
		if nested, ok := m[k].(map[string]any); ok {
			w.table(path + "." + key(k))
			w.settings(path+"."+key(k), nested)
		}
	}
}

func key(k string) string {
	for _, r := range k {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			return quote(k)
		}
	}
	if k == "" {
		return `""`
	}
	return k
}

func value(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	case []string:
		return array(v)
	case [][]string:
		return array(v)
	case []any:
		return array(v)
	case []Step:
		return array(v)
	case map[string]string:
		return inline(v)
	case map[string][]string:
		return inline(v)
	case Step:
		out := "{ bin = " + quote(v.Bin)
		if len(v.Args) > 0 {
			out += ", args = " + array(v.Args)
		}
		if len(v.Env) > 0 {
			out += ", env = " + inline(v.Env)
		}
		if len(v.Proof) > 0 {
			out += ", proof = " + inline(v.Proof)
		}
		return out + " }"
	}
	return quote(fmt.Sprint(v))
}

func array[T any](vs []T) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = value(v)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func inline[T any](m map[string]T) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, key(k)+" = "+value(m[k]))
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// quote makes a basic TOML string; of a text of several lines a literal one,
// which reads as the text does, where it can stand in one.
func quote(s string) string {
	if strings.Contains(s, "\n") && !strings.Contains(s, "'''") && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f }) {
		return "'''\n" + s + "'''"
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
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
