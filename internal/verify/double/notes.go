//go:build unix

package double

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

func integer(s string, low, high int64) (int64, bool) {
	if !regexp.MustCompile(`^-?[0-9]+$`).MatchString(s) {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err != nil || n < low || n > high
}

func (d *double) query(r *http.Request) error {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault{422, "the query cannot be read", [][2]string{{"query", "cannot be read"}}}
	}
	var bad [][2]string
	for _, k := range slices.Sorted(maps.Keys(q)) {
		limits, known := map[string][2]int64{"limit": {1, 100}, "after": {0, maxID}}[k]
		if !known || r.Method == "POST" || notePattern.MatchString(r.URL.Path) {
			if !d.has("loose-query") {
				bad = append(bad, [2]string{k, "is not known"})
			}
			continue
		}
		_, wrong := integer(q.Get(k), limits[0], limits[1])
		if (wrong && !d.has("loose-limit")) || (len(q[k]) > 1 && !d.has("first-of-two")) {
			bad = append(bad, [2]string{k, "does not fit"})
		}
	}
	if bad != nil {
		return fault{422, "a parameter does not fit", bad}
	}
	return nil
}

func (d *double) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	limit, after := int64(20), int64(0)
	if q.Has("limit") {
		limit, _ = integer(q.Get("limit"), 1, 100)
	}
	if q.Has("after") {
		after, _ = integer(q.Get("after"), 0, maxID)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	items := []dnote{}
	for _, n := range d.notes {
		if n.ID > after || (d.has("page-overlaps") && n.ID >= after) {
			items = append(items, n)
		}
	}
	sort.Slice(items, func(i, j int) bool { return (items[i].ID < items[j].ID) != d.has("newest-first") })
	var next any
	if int64(len(items)) > limit {
		items = items[:max(limit, 0)]
		if limit > 0 {
			next = items[limit-1].ID
		}
	}
	return d.json(w, 200, map[string]any{"items": items, "next": next})
}

func (d *double) create(title, body string) (dnote, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.has("mangles-unicode") {
		title = strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r > 0xffff {
				return '?'
			}
			return r
		}, title), "?")
	}
	if d.has("cuts-body") && len(body) > 65000 && len(body) < 70000 {
		body = body[:65000]
	}
	n := dnote{d.lastID + 1, title, body, now(), ""}
	n.UpdatedAt = n.CreatedAt
	if !d.has("forgets") {
		if err := d.write(change{Note: &n}); err != nil {
			return n, err
		}
	}
	d.lastID = n.ID
	if !d.has("loses-parallel") || !strings.HasPrefix(title, "parallel 77") {
		d.notes[n.ID] = n
	}
	return n, nil
}

// load reads the store once it can be read.
func (d *double) load() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	length, err := d.store.length()
	if err != nil || length == d.length {
		return err
	}
	changes, err := d.store.all()
	if err != nil {
		return err
	}
	d.notes = map[int64]dnote{}
	for _, c := range changes {
		if c.Note != nil {
			d.notes[c.Note.ID] = *c.Note
			d.lastID = max(d.lastID, c.Note.ID)
		} else {
			delete(d.notes, c.Gone)
		}
	}
	d.length = length
	return nil
}

// write puts a change into the store; the caller holds d.mu.
func (d *double) write(c change) error {
	if err := d.store.append(c); err != nil {
		return err
	}
	var err error
	d.length, err = d.store.length()
	return err
}

var surrogate = regexp.MustCompile(`(?i)\\u(d[89ab][0-9a-f]{2})(\\u(d[c-f][0-9a-f]{2}))?|\\u(d[c-f][0-9a-f]{2})`)

// lone tells whether JSON text has an escape of half a pair; the library reads
// it as U+FFFD, which nobody sent.
func lone(text string) bool {
	for _, m := range surrogate.FindAllStringSubmatch(text, -1) {
		if m[4] != "" || m[3] == "" {
			return true
		}
	}
	return false
}

func (d *double) input(r *http.Request, create bool) (map[string]any, error) {
	if r.ContentLength > bodyLimit && !d.has("reads-all") {
		return nil, fault{status: 413, detail: "the body is over 1 MiB"}
	}
	limit := int64(bodyLimit)
	if d.has("trusts-length") {
		limit = 1 << 30
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fault{status: 400, detail: "the body broke off"}
	}
	if int64(len(data)) > limit {
		return nil, fault{status: 413, detail: "the body is over 1 MiB"}
	}
	if !utf8.Valid(data) && !d.has("loose-utf8") {
		return nil, fault{status: 400, detail: "the body is not UTF-8"}
	}
	var v any
	d2 := json.NewDecoder(bytes.NewReader(data))
	d2.UseNumber()
	if err := d2.Decode(&v); err != nil || !json.Valid(data) {
		if d.has("422-for-malformed") {
			return nil, fault{422, "the body is not JSON", [][2]string{{"body", "is not JSON"}}}
		}
		return nil, fault{status: 400, detail: "the body is not JSON"}
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		return nil, fault{422, "the body does not fit", [][2]string{{"body", "has to be an object"}}}
	}
	var raw map[string]json.RawMessage
	json.Unmarshal(data, &raw)
	var bad [][2]string
	_, given := m["title"]
	if create && !given {
		bad = append(bad, [2]string{"title", "is missing"})
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		most := map[string]int{"title": 200, "body": 100_000}[k]
		if most == 0 {
			if !d.has("takes-unknown") {
				bad = append(bad, [2]string{k, "is not known"})
			}
			continue
		}
		s, isText := m[k].(string)
		switch {
		case d.has("null-500") && m[k] == nil && !create:
			panic("null")
		case d.has("number-500") && len(raw[k]) > 18 && !isText:
			panic("overflow")
		case !isText:
			bad = append(bad, [2]string{k, "has to be a text"})
		case utf8.RuneCountInString(s) > most, k == "title" && s == "":
			bad = append(bad, [2]string{k, "has the wrong length"})
		case strings.Contains(s, "\x00") && d.has("nul-500"):
			panic("nul")
		case strings.Contains(s, "\x00"), lone(string(raw[k])):
			bad = append(bad, [2]string{k, "has a character that is none"})
		}
	}
	if bad != nil {
		return nil, fault{422, "a value does not fit", bad}
	}
	if d.has("logs-body") {
		d.log.Info("created", "input", string(data))
	}
	return m, nil
}
