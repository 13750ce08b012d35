package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// maxID is the largest integer that JSON's readers agree on.
const maxID = 1<<53 - 1

// A note as the contract writes it.
type note struct {
	ID        int64
	Title     string
	Body      string
	CreatedAt time.Time
	UpdatedAt time.Time
	raw       string
}

var utcTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$`)

// status is the assertion that every check begins with.
func (t *T) status(a *answer, want int) bool {
	return t.ok(a.status == want, "%s: status %d, want %d: %s", a.where(), a.status, want, clip(string(a.body), 200))
}

func mediaType(a *answer) string {
	m, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return a.header.Get("Content-Type")
	}
	return m
}

// object reads the body as a JSON object with nothing after it.
func (t *T) object(a *answer) map[string]any {
	v, err := decode(a.body)
	if !t.ok(err == nil, "%s: the body is not JSON: %v", a.where(), err) {
		return nil
	}
	m, isObject := v.(map[string]any)
	t.ok(isObject, "%s: the body is not a JSON object: %s", a.where(), clip(string(a.body), 100))
	return m
}

func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("text after the value")
	}
	return v, nil
}

// exactly asserts that the body is this JSON value and nothing else.
func (t *T) exactly(a *answer, want string) {
	t.ok(mediaType(a) == "application/json", "%s: content type %q, want application/json", a.where(), a.header.Get("Content-Type"))
	got, err := decode(a.body)
	if !t.ok(err == nil, "%s: the body is not JSON: %v", a.where(), err) {
		return
	}
	w, _ := decode([]byte(want))
	g, _ := json.Marshal(got)
	x, _ := json.Marshal(w)
	t.ok(bytes.Equal(g, x), "%s: %s, want %s", a.where(), clip(string(a.body), 200), want)
}

// note reads a note out of an answer and asserts its exact form.
func (t *T) note(a *answer) note {
	t.ok(mediaType(a) == "application/json", "%s: content type %q, want application/json", a.where(), a.header.Get("Content-Type"))
	m := t.object(a)
	if m == nil {
		panic(stopped{})
	}
	return t.noteOf(a.where(), m)
}

func (t *T) noteOf(where string, m map[string]any) note {
	var n note
	t.ok(slices.Equal(keys(m), []string{"body", "createdAt", "id", "title", "updatedAt"}),
		"%s: a note has %s, want id, title, body, createdAt, updatedAt", where, strings.Join(keys(m), ", "))
	id, isNumber := m["id"].(json.Number)
	i, err := strconv.ParseInt(id.String(), 10, 64)
	t.must(isNumber && err == nil && i >= 1 && i <= maxID, "%s: id %v is not an integer from 1 to 2^53-1", where, m["id"])
	n.ID = i
	var isText bool
	n.Title, isText = m["title"].(string)
	t.ok(isText, "%s: title is not a string", where)
	n.Body, isText = m["body"].(string)
	t.ok(isText, "%s: body is not a string", where)
	n.CreatedAt = t.timeOf(where, "createdAt", m["createdAt"])
	n.UpdatedAt = t.timeOf(where, "updatedAt", m["updatedAt"])
	raw, _ := json.Marshal(m)
	n.raw = string(raw)
	return n
}

func (t *T) timeOf(where, field string, v any) time.Time {
	s, _ := v.(string)
	at, err := time.Parse(time.RFC3339Nano, s)
	t.ok(err == nil && utcTime.MatchString(s), "%s: %s %v is not a time in UTC, RFC 3339 with Z", where, field, v)
	return at
}

// create makes a note and gives it; the check ends when that fails.
func (t *T) create(title, body string) note {
	a := t.send("POST", "/api/notes", map[string]string{"title": title, "body": body})
	t.must(a.status == 201, "POST /api/notes: status %d, want 201: %s", a.status, clip(string(a.body), 200))
	return t.note(a)
}

func notePath(id int64) string { return "/api/notes/" + strconv.FormatInt(id, 10) }

// leaks are signs of a stack trace, a statement or a file that got out.
var leaks = regexp.MustCompile(`(?i)traceback|\bat .+:\d+:\d+|\.(py|ts|js|mjs|cjs)\b|node_modules|site-packages|\bselect .+ from\b|\binsert into\b|sqlite|psycopg|queryfailed|sqlalchemy|econnrefused|no such table|relation "|/(usr|home|root|tmp|var|dev)/`)

// problem asserts that an answer is an RFC 9457 problem with this status and,
// for 422, that it names the fields.
func (t *T) problem(a *answer, status int, fields ...string) map[string]any {
	if !t.status(a, status) {
		return nil
	}
	if a.req.method == "HEAD" {
		return nil
	}
	t.ok(mediaType(a) == "application/problem+json", "%s: content type %q, want application/problem+json", a.where(), a.header.Get("Content-Type"))
	m := t.object(a)
	if m == nil {
		return nil
	}
	t.ok(m["type"] == "about:blank", "%s: problem type %v, want about:blank", a.where(), m["type"])
	t.ok(fmt.Sprint(m["status"]) == strconv.Itoa(status), "%s: problem status %v, want %d", a.where(), m["status"], status)
	for _, key := range []string{"title", "detail"} {
		s, isText := m[key].(string)
		t.ok(isText && s != "", "%s: problem %s %v is not a text", a.where(), key, m[key])
	}
	t.ok(!leaks.Match(a.body), "%s: the answer tells about the inside: %s", a.where(), clip(string(a.body), 300))
	if status == 422 {
		t.names(a, m, fields)
	}
	return m
}

// names asserts the list of errors of a 422.
func (t *T) names(a *answer, m map[string]any, fields []string) {
	list, isList := m["errors"].([]any)
	if !t.ok(isList && len(list) > 0, "%s: 422 without a list of errors: %s", a.where(), clip(string(a.body), 200)) {
		return
	}
	var got []string
	for _, item := range list {
		e, _ := item.(map[string]any)
		field, isText := e["field"].(string)
		detail, isText2 := e["detail"].(string)
		t.ok(isText && isText2 && detail != "", "%s: an error without field and detail: %v", a.where(), item)
		got = append(got, field)
	}
	for _, f := range fields {
		t.ok(slices.Contains(got, f), "%s: 422 names %s, want %s (sent %s)", a.where(), strings.Join(got, ", "), f, clip(string(a.req.body), 80))
	}
}

func keys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// page reads an answer of the list.
func (t *T) page(a *answer) (notes []note, next int64, last bool) {
	if !t.status(a, 200) {
		panic(stopped{})
	}
	m := t.object(a)
	t.ok(slices.Equal(keys(m), []string{"items", "next"}), "%s: a page has %s, want items and next", a.where(), strings.Join(keys(m), ", "))
	items, isList := m["items"].([]any)
	t.must(isList, "%s: items is not a list", a.where())
	for _, item := range items {
		o, _ := item.(map[string]any)
		notes = append(notes, t.noteOf(a.where(), o))
	}
	if m["next"] == nil {
		return notes, 0, true
	}
	number, _ := m["next"].(json.Number)
	next, err := number.Int64()
	t.must(err == nil, "%s: next %v is neither an integer nor null", a.where(), m["next"])
	return notes, next, false
}

// listFrom walks all pages after an id.
func (t *T) listFrom(after int64, limit int) []note {
	var all []note
	for range 1000 {
		notes, next, last := t.page(t.get(fmt.Sprintf("/api/notes?limit=%d&after=%d", limit, after)))
		all = append(all, notes...)
		if last {
			return all
		}
		t.must(next > after, "GET /api/notes: next %d does not go on from %d", next, after)
		after = next
	}
	t.must(false, "GET /api/notes: the pages do not end")
	return nil
}
