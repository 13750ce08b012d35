package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkFuzz makes inputs from the document: such that fit have to be accepted,
// such that do not fit have to be refused, and none may surprise the service.
func checkFuzz(t *T) {
	d := t.document()
	n := t.run.target.Fuzz
	if n == 0 {
		n = 300
	}
	f := &fuzzer{rng: rand.New(rand.NewPCG(t.run.target.Seed, 0x66696e676572)), doc: d.doc}
	ids := []int64{maxID}
	if t.run.target.Notes {
		for range 3 {
			ids = append(ids, t.create("fuzz", "").ID)
		}
	}
	var ops []fuzzOp
	for _, r := range d.routes {
		for _, method := range slices.Sorted(maps.Keys(r.item.Operations())) {
			if strings.HasPrefix(r.template, "/docs") {
				continue
			}
			op := r.item.GetOperation(method)
			if endless(op) { // realtime
				continue // realtime
			} // realtime
			ops = append(ops, fuzzOp{r, method, op})
			// What takes input is worth more requests than what takes none.
			if len(op.Parameters)+len(r.item.Parameters) > 0 || op.RequestBody != nil {
				for range 5 {
					ops = append(ops, fuzzOp{r, method, op})
				}
			}
		}
	}
	t.must(len(ops) > 0, "the document describes nothing")
	complained := map[string]bool{}
	for i := range n {
		op := ops[f.rng.IntN(len(ops))]
		r, fits := f.request(op, ids)
		a := t.do(t.service(), r)
		about := fmt.Sprintf("%s %s", op.method, op.route.template)
		verdict := ""
		switch {
		case a.status >= 500:
			verdict = fmt.Sprintf("status %d", a.status)
		case fits && a.status >= 400 && a.status != 404 && !strings.Contains(string(r.body), `\u0000`):
			// A NUL is refused whether or not the document has a pattern for it.
			verdict = fmt.Sprintf("an input that the document allows is refused with %d", a.status)
		case !fits && a.status < 400:
			verdict = fmt.Sprintf("an input that the document forbids is taken with %d", a.status)
		case op.op.Responses.Status(a.status) == nil && op.op.Responses.Default() == nil:
			verdict = fmt.Sprintf("status %d is not documented", a.status)
		}
		t.count++
		if verdict != "" && !complained[about+verdict] {
			complained[about+verdict] = true
			t.fail("request %d, %s: %s: %s %s", i, about, verdict, clip(r.path, 150), clip(string(r.body), 200))
		}
		if r.method == "DELETE" && a.status == 204 {
			ids = append(ids[:1], ids[2:]...)
			ids = append(ids, t.create("fuzz", "").ID)
		}
	}
}

type fuzzOp struct {
	route  docRoute
	method string
	op     *openapi3.Operation
}

type fuzzer struct {
	rng *rand.Rand
	doc *openapi3.T
}

// request makes a request for the operation and says whether it fits.
func (f *fuzzer) request(o fuzzOp, ids []int64) (req, bool) {
	r := req{method: o.method, path: o.route.template}
	wrong := f.rng.IntN(2) == 0
	fits := true
	query := url.Values{}
	for _, p := range append(slices.Clone(o.route.item.Parameters), o.op.Parameters...) {
		param := p.Value
		switch param.In {
		case "path":
			text := strconv.FormatInt(ids[f.rng.IntN(len(ids))], 10)
			if wrong && f.rng.IntN(3) == 0 {
				if s, ok := f.misfitText(param.Schema); ok {
					text, fits = s, false
				}
			}
			r.path = strings.ReplaceAll(r.path, "{"+param.Name+"}", url.PathEscape(text))
		case "query":
			if f.rng.IntN(3) == 0 && !param.Required {
				continue
			}
			text := f.text(param.Schema)
			if wrong && f.rng.IntN(2) == 0 {
				if s, ok := f.misfitText(param.Schema); ok {
					text, fits = s, false
				}
			}
			query.Set(param.Name, text)
		}
	}
	if len(query) > 0 {
		r.path += "?" + query.Encode()
	}
	if o.op.RequestBody == nil || o.op.RequestBody.Value == nil {
		return r, fits
	}
	media := o.op.RequestBody.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil {
		return r, fits
	}
	value := f.value(media.Schema, 0)
	if wrong {
		value = f.spoil(value)
		fits = fits && f.allows(media.Schema.Value, value)
	}
	r.body, _ = json.Marshal(value)
	return r, fits
}

// allows asks the library whether the document takes the value.
func (f *fuzzer) allows(schema *openapi3.Schema, value any) bool {
	data, _ := json.Marshal(value)
	var plain any
	if json.Unmarshal(data, &plain) != nil {
		return false
	}
	return f.doc.ValidateSchemaJSON(schema, plain, openapi3.VisitAsRequest()) == nil
}

// text is a parameter that fits.
func (f *fuzzer) text(ref *openapi3.SchemaRef) string {
	switch v := f.value(ref, 0).(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	default:
		return fmt.Sprint(v)
	}
}

// misfitText is a parameter that does not fit, where the schema can tell.
func (f *fuzzer) misfitText(ref *openapi3.SchemaRef) (string, bool) {
	if ref == nil || ref.Value == nil {
		return "", false
	}
	s := f.pick(ref.Value)
	if !s.Type.Includes("integer") {
		return "", false
	}
	choices := []string{"abc", "1.5", "--1", "1e9", "٣", "\x00", "'", "1;2", "99999999999999999999", strings.Repeat("9", 400), "-9223372036854775809", "true", "[1]", "{}"}
	if s.Min != nil {
		choices = append(choices, strconv.FormatInt(int64(*s.Min)-1, 10))
	}
	if s.Max != nil && *s.Max < maxID {
		choices = append(choices, strconv.FormatInt(int64(*s.Max)+1, 10))
	}
	return choices[f.rng.IntN(len(choices))], true
}

// pick chooses one of a schema's alternatives.
func (f *fuzzer) pick(s *openapi3.Schema) *openapi3.Schema {
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		var usable []*openapi3.Schema
		for _, r := range list {
			if r.Value != nil && !r.Value.Type.Is("null") {
				usable = append(usable, r.Value)
			}
		}
		if len(usable) > 0 {
			return f.pick(usable[f.rng.IntN(len(usable))])
		}
	}
	if len(s.AllOf) == 1 && s.Type == nil && s.AllOf[0].Value != nil {
		return f.pick(s.AllOf[0].Value)
	}
	return s
}

// value makes a value that fits the schema.
func (f *fuzzer) value(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || ref.Value == nil || depth > 6 {
		return nil
	}
	s := f.pick(ref.Value)
	if len(s.Enum) > 0 {
		return s.Enum[f.rng.IntN(len(s.Enum))]
	}
	switch {
	case s.Type.Includes("object"):
		out := map[string]any{}
		for _, name := range sortedKeys(s.Properties) {
			if slices.Contains(s.Required, name) || f.rng.IntN(3) > 0 {
				out[name] = f.value(s.Properties[name], depth+1)
			}
		}
		return out
	case s.Type.Includes("integer"):
		low, high := int64(0), int64(1000)
		if s.Min != nil {
			low = int64(*s.Min)
		}
		if s.Max != nil {
			high = int64(*s.Max)
		}
		switch f.rng.IntN(4) {
		case 0:
			return low
		case 1:
			return high
		}
		return low + f.rng.Int64N(max(1, min(high-low, 1<<40)))
	case s.Type.Includes("number"):
		if s.Min != nil && s.Max != nil { // predictions
			return *s.Min + f.rng.Float64()*(*s.Max-*s.Min) // predictions
		} // predictions
		return f.rng.Float64()
	case s.Type.Includes("boolean"):
		return f.rng.IntN(2) == 0
	case s.Type.Includes("array"):
		out := []any{}
		for range f.rng.IntN(4) {
			out = append(out, f.value(s.Items, depth+1))
		}
		for uint64(len(out)) < s.MinItems { // predictions
			out = append(out, f.value(s.Items, depth+1)) // predictions
		} // predictions
		return out
	default:
		return f.string(s)
	}
}

// letters have one code point and one UTF-16 unit each, so that every way to
// count gives the same length.
var letters = []rune("abc XYZ019_-.,;:!?'\"\\/<>&%{}[]\n\täöüßéñçøλЖ漢かな한\u200b\u202e\u2028\ufeff\x01\x7f")

func (f *fuzzer) string(s *openapi3.Schema) string {
	low := int(s.MinLength)
	high := 5000 + low // a text without a limit may be long
	if s.MaxLength != nil {
		high = int(min(*s.MaxLength, 1<<17))
	}
	n := low
	switch f.rng.IntN(6) {
	case 0:
	case 1:
		n = high
	default:
		n += f.rng.IntN(max(1, min(high-low, 60)))
	}
	out := make([]rune, n)
	for i := range out {
		out[i] = letters[f.rng.IntN(len(letters))]
	}
	return string(out)
}

// spoil changes a value so that it probably does not fit any more.
func (f *fuzzer) spoil(v any) any {
	junk := []any{nil, true, 0, -1, 1.5, 1e300, json.Number("9223372036854775808"), "", "\x00", "a\x00b", strings.Repeat("y", 201), strings.Repeat("z", 100_001), []any{}, map[string]any{}, map[string]any{"$ne": 1}, []any{[]any{}}}
	m, isObject := v.(map[string]any)
	if !isObject || len(m) == 0 || f.rng.IntN(10) == 0 {
		return junk[f.rng.IntN(len(junk))]
	}
	names := sortedKeys(m)
	name := names[f.rng.IntN(len(names))]
	out := maps.Clone(m)
	switch f.rng.IntN(4) {
	case 0:
		delete(out, name)
	case 1:
		out["x-"+name] = junk[f.rng.IntN(len(junk))]
	default:
		out[name] = junk[f.rng.IntN(len(junk))]
	}
	return out
}
