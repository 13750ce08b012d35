package probe

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// parallel is the number of creates at once that the contract promises.
const parallel = 200

var loadChecks = []Check{
	{ID: "unicode", Name: "keeps every character of every script", Applies: withNotes,
		Reason: "the first name with an accent should not be the first bug report",
		Run: func(t *T) {
			for _, s := range []string{
				"Grüße, Ζεύς, Ёж, 漢字, かな, 한글, العربية, עברית, हिन्दी, ไทย",
				"😀👩‍👩‍👧‍👦🏳️‍🌈", "e\u0301 and \u00e9", "\u202eright to left", "\u2028\u2029", "\U0001F600\U0010FFFF", "\x01\x1f\x7f", "\ufeffmark", `"quotes" \back\ /slash/ <b>&amp;</b>`, " spaces ", "\t\n\r", "'; DROP TABLE notes; --", "%s%n{{7*7}}${7*7}",
			} {
				n := t.create(s, s)
				t.ok(n.Title == s && n.Body == s, "POST: %q came back as %q and %q", s, n.Title, n.Body)
				got := t.note(t.get(notePath(n.ID)))
				t.ok(got.Title == s && got.Body == s, "GET: %q came back as %q and %q", s, got.Title, got.Body)
			}
		}},
	{ID: "large-body", Name: "keeps texts of 64 KiB to the last byte", Applies: withNotes,
		Reason: "a column or a buffer that cuts does it silently",
		Run: func(t *T) {
			for _, s := range []string{strings.Repeat("0123456789abcdef", 4096), strings.Repeat("漢", 64<<10/3), strings.Repeat("😀", 16<<10), strings.Repeat("\n", 64<<10)} {
				n := t.create("64 KiB", s)
				t.ok(n.Body == s, "POST: %d bytes came back as %d", len(s), len(n.Body))
				t.ok(t.note(t.get(notePath(n.ID))).Body == s, "GET: %d bytes came back otherwise", len(s))
				p := t.note(t.send("PATCH", notePath(n.ID), map[string]string{"body": s + "."}))
				t.ok(p.Body == s+".", "PATCH: %d bytes came back as %d", len(s)+1, len(p.Body))
			}
		}},
	{ID: "parallel", Name: "takes 200 creates at once and loses none", Applies: withNotes,
		Reason: "a lock that gives up and a pool that runs dry only show under load",
		Run:    checkParallel},
}

func checkParallel(t *T) {
	in := t.service()
	before := t.create("before the load", "").ID
	answers := make([]*answer, parallel)
	errs := make([]error, parallel)
	var wg sync.WaitGroup
	for i := range parallel {
		wg.Add(1)
		go func() {
			defer wg.Done()
			body, _ := json.Marshal(map[string]string{"title": fmt.Sprintf("parallel %d", i), "body": strings.Repeat("p", i)})
			answers[i], errs[i] = in.client.try(t.ctx, req{method: "POST", path: "/api/notes", body: body})
		}()
	}
	wg.Wait()
	want := map[string]int64{}
	for i, a := range answers {
		if !t.ok(errs[i] == nil, "create %d of %d: no answer: %v", i, parallel, errs[i]) || !t.status(a, 201) {
			continue
		}
		n := t.note(a)
		want[n.Title] = n.ID
	}
	t.ok(len(want) == parallel, "%d of %d creates gave a note of their own", len(want), parallel)
	got := map[string]int64{}
	for _, n := range t.listFrom(before, 100) {
		if strings.HasPrefix(n.Title, "parallel ") {
			_, double := got[n.Title]
			t.ok(!double, "%q is there twice", n.Title)
			got[n.Title] = n.ID
		}
	}
	for title, id := range want {
		t.ok(got[title] == id, "%q was answered as note %d and is %d in the list", title, id, got[title])
	}
}
