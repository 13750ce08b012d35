package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// tick lets a clock of milliseconds move on between two changes.
const tick = 5 * time.Millisecond

var noteChecks = []Check{
	{ID: "create", Name: "creates a note: 201, Location, the note", Applies: withNotes,
		Reason: "a client follows Location without knowing how addresses are made",
		Run: func(t *T) {
			a := t.send("POST", "/api/notes", map[string]string{"title": "Buy milk", "body": "and bread"})
			t.status(a, 201)
			n := t.note(a)
			t.ok(n.Title == "Buy milk" && n.Body == "and bread", "POST /api/notes: the note is %s", n.raw)
			t.ok(a.header.Get("Location") == notePath(n.ID), "POST /api/notes: Location %q, want %s", a.header.Get("Location"), notePath(n.ID))
			t.ok(n.CreatedAt.Equal(n.UpdatedAt), "POST /api/notes: a new note was changed at %s and made at %s", n.UpdatedAt, n.CreatedAt)
			n = t.note(t.send("POST", "/api/notes", map[string]string{"title": "no body"}))
			t.ok(n.Body == "", "POST /api/notes without a body: body is %q, want the empty string", n.Body)
		}},
	{ID: "read", Name: "reads a note as it was created", Applies: withNotes,
		Reason: "what is written and what is read have to be one thing",
		Run: func(t *T) {
			n := t.create("to be read", "line one\nline two\ttabbed")
			a := t.get(notePath(n.ID))
			t.status(a, 200)
			got := t.note(a)
			t.ok(got.raw == n.raw, "GET %s: %s, want %s", notePath(n.ID), got.raw, n.raw)
		}},
	{ID: "list", Name: "lists in pages: stable order, limits, next", Applies: withNotes,
		Reason: "a list without an order loses and doubles rows between two pages",
		Run:    checkList},
	{ID: "list-parameters", Name: "refuses bad and unknown parameters with 422 and their names", Applies: withNotes,
		Reason: "a limit that is silently ignored, or passed on to the database, is a fault waiting",
		Run: func(t *T) {
			for _, q := range []string{"0", "101", "-1", "abc", "1.5", "", "1e2", "9223372036854775808", "99999999999999999999999999", "%00", "0x10", "null"} {
				t.problem(t.get("/api/notes?limit="+q), 422, "limit")
			}
			for _, q := range []string{"-1", "abc", "1.5", "", "9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775809"} {
				t.problem(t.get("/api/notes?after="+q), 422, "after")
			}
			t.problem(t.get("/api/notes?limit=0&after=x"), 422, "limit", "after")
			t.problem(t.get("/api/notes?offset=1"), 422, "offset")
			t.problem(t.get("/api/notes?limit=1&sort=id"), 422, "sort")
			t.problem(t.get("/api/notes?limit=1&limit=2"), 422, "limit")
			t.problem(t.get("/api/notes?after=0&after=0"), 422, "after")
			n := t.create("without a query", "")
			path := notePath(n.ID) + "?offset=1"
			t.problem(t.send("POST", "/api/notes?offset=1", map[string]string{"title": "x"}), 422, "offset")
			t.problem(t.get(path), 422, "offset")
			t.problem(t.send("PATCH", path, map[string]string{"title": "x"}), 422, "offset")
			t.problem(t.do(t.service(), req{method: "DELETE", path: path}), 422, "offset")
			t.ok(t.note(t.get(notePath(n.ID))).raw == n.raw, "a request with an unknown parameter was refused and did its work all the same")
			for _, q := range []string{"?limit=1", "?limit=100", "?after=0", "?after=9007199254740991", "?limit=5&after=3"} {
				t.status(t.get("/api/notes"+q), 200)
			}
		}},
	{ID: "change", Name: "changes only the given fields and moves updatedAt", Applies: withNotes,
		Reason: "a PATCH that blanks what it was not given loses people's work",
		Run: func(t *T) {
			n := t.create("before", "kept")
			path := notePath(n.ID)
			time.Sleep(tick)
			a := t.send("PATCH", path, map[string]string{"title": "after"})
			t.status(a, 200)
			c := t.note(a)
			t.ok(c.ID == n.ID && c.Title == "after" && c.Body == "kept", "PATCH title: the note is %s", c.raw)
			t.ok(c.CreatedAt.Equal(n.CreatedAt), "PATCH: createdAt moved from %s to %s", n.CreatedAt, c.CreatedAt)
			t.ok(c.UpdatedAt.After(n.UpdatedAt), "PATCH: updatedAt stayed at %s", c.UpdatedAt)
			time.Sleep(tick)
			d := t.note(t.send("PATCH", path, map[string]string{"body": ""}))
			t.ok(d.Title == "after" && d.Body == "", "PATCH body: the note is %s", d.raw)
			t.ok(d.UpdatedAt.After(c.UpdatedAt), "PATCH: updatedAt stayed at %s", d.UpdatedAt)
			time.Sleep(tick)
			a = t.text("PATCH", path, "{}")
			t.status(a, 200)
			e := t.note(a)
			t.ok(e.raw == d.raw, "PATCH {}: %s, want %s", e.raw, d.raw)
			t.ok(t.note(t.get(path)).raw == d.raw, "GET after PATCH: not what the PATCH answered")
		}},
	{ID: "delete", Name: "deletes a note and never gives its id again", Applies: withNotes,
		Reason: "an old link that suddenly shows somebody else's note is a leak",
		Run: func(t *T) {
			n := t.create("short life", "")
			a := t.do(t.service(), req{method: "DELETE", path: notePath(n.ID)})
			t.status(a, 204)
			t.ok(len(a.body) == 0, "DELETE: 204 with a body of %d bytes", len(a.body))
			t.problem(t.get(notePath(n.ID)), 404)
			t.problem(t.do(t.service(), req{method: "DELETE", path: notePath(n.ID)}), 404)
			t.problem(t.send("PATCH", notePath(n.ID), map[string]string{"title": "x"}), 404)
			next := t.create("the next one", "")
			t.ok(next.ID > n.ID, "id %d was given again after %d was deleted", next.ID, n.ID)
		}},
}

func checkList(t *T) {
	first := t.create("page 0", "")
	ids := []int64{first.ID}
	for i := 1; i < 25; i++ {
		ids = append(ids, t.create(fmt.Sprintf("page %d", i), "").ID)
	}
	from := first.ID - 1
	for _, limit := range []int{1, 7, 25, 100} {
		var got []int64
		for _, n := range t.listFrom(from, limit) {
			got = append(got, n.ID)
		}
		t.ok(slices.Equal(got, ids), "GET /api/notes in pages of %d: ids %v, want %v", limit, got, ids)
	}
	notes, next, last := t.page(t.get(fmt.Sprintf("/api/notes?after=%d", from)))
	t.ok(len(notes) == 20, "GET /api/notes without a limit: %d notes, want 20", len(notes))
	t.ok(!last && next == ids[19], "GET /api/notes: next is %d, want %d, the id to pass as after", next, ids[19])
	notes, _, last = t.page(t.get(fmt.Sprintf("/api/notes?after=%d&limit=5", ids[19])))
	t.ok(len(notes) == 5 && last, "GET /api/notes: the last full page has %d notes and next is null: %v", len(notes), last)
	notes, _, last = t.page(t.get(fmt.Sprintf("/api/notes?after=%d", int64(maxID))))
	t.ok(len(notes) == 0 && last, "GET /api/notes after the end: %d notes, null %v", len(notes), last)
	all, _, _ := t.page(t.get("/api/notes?limit=100"))
	t.ok(len(all) > 0 && all[0].ID >= 1, "GET /api/notes: no notes")
	one := t.do(t.service(), req{method: "DELETE", path: notePath(ids[3])})
	t.status(one, 204)
	var titles []string
	for _, n := range t.listFrom(from, 7) {
		titles = append(titles, n.Title)
	}
	t.ok(len(titles) == 24 && !slices.Contains(titles, "page 3"), "GET /api/notes after a delete: %s", strings.Join(titles, ", "))
}
