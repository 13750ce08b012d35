package probe

import (
	"fmt"
	"strings"
	"time"
)

// text of all kinds, as it has to come through a format of lines.
const liveText = "Grüße 😀 漢字\u2028 \"x\" \\n"

func checkLiveStream(t *T) {
	in := t.liveService("the service that streams", "1")
	defer t.end(in)
	s := t.stream(in, "")
	defer s.cancel()
	t.ok(strings.HasPrefix(s.header.Get("Content-Type"), "text/event-stream"), "GET %s: content type %q, want text/event-stream", eventsPath, s.header.Get("Content-Type"))
	t.ok(containsWord(s.header.Values("Cache-Control"), "no-store"), "GET %s: Cache-Control %q, want no-store", eventsPath, s.header.Get("Cache-Control"))
	t.ok(s.header.Get("X-Accel-Buffering") == "no", "GET %s: X-Accel-Buffering %q, want no", eventsPath, s.header.Get("X-Accel-Buffering"))
	t.ok(s.header.Get("X-Request-Id") == s.id, "GET %s: X-Request-Id %q, want %q", eventsPath, s.header.Get("X-Request-Id"), s.id)
	t.ok(s.header.Get("X-Content-Type-Options") == "nosniff", "GET %s: no security headers", eventsPath)
	from := t.ready(s, "ready")

	n := t.post(in, liveText, "a\nb\r\nc\n\ndata: x\n\nevent: y\n\n"+liveText)
	is := func(change, raw string) {
		c := t.streamed(s)
		t.ok(c.Change == change && c.raw == raw, "the stream says %s %s, want %s %s", c.Change, clip(c.raw, 200), change, clip(raw, 200))
		t.ok(c.ID > from, "an event has the id %d after %d", c.ID, from)
		from = c.ID
	}
	is("created", n.raw)
	t.ok(t.note(t.do(in, req{method: "GET", path: notePath(n.ID)})).raw == n.raw, "the note is read otherwise than it was streamed")
	p := t.patch(in, n.ID, "changed")
	is("updated", p.raw)
	// What changes nothing is no change.
	t.status(t.do(in, req{method: "PATCH", path: notePath(n.ID), body: []byte(`{}`)}), 200)
	t.problem(t.do(in, req{method: "PATCH", path: notePath(n.ID), body: []byte(`{"title":""}`)}), 422, "title")
	t.problem(t.do(in, req{method: "DELETE", path: notePath(maxID)}), 404)
	t.remove(in, n.ID)
	is("deleted", p.raw)

	within(liveLimit, func() bool { _, beats, ended := s.state(); return beats >= 2 || ended })
	waiting, beats, ended := s.state()
	t.ok(beats >= 2 && !ended, "%d heartbeats in %s of HEARTBEAT_SECONDS=1; ended: %v", beats, liveLimit, ended)
	t.ok(waiting == 0, "%d events without a change", waiting)

	for _, bad := range []string{"abc", "-1", "1.5", "1e3", "+1", "0x1", "9007199254740992", strings.Repeat("9", 100), "1 2"} {
		t.problem(t.refusal(in, eventsPath, bad), 422, "Last-Event-ID")
	}
	t.problem(t.do(in, req{method: "GET", path: eventsPath + "?limit=1", header: map[string]string{"Last-Event-ID": "x"}}), 422)
	t.streams(in)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		a := t.do(in, req{method: method, path: eventsPath, body: []byte(`{"title":"x"}`)})
		t.ok(a.status >= 400 && a.status < 500, "%s: status %d, want a refusal", a.where(), a.status)
		t.problem(a, a.status)
	}
	t.problem(t.do(in, req{method: "GET", path: eventsPath + "/"}), 404)

	s.cancel()
	t.logged(in, s.id, 200, eventsPath)
}

// logged asserts that a request that is over has its one line in the log.
func (t *T) logged(in *instance, id string, status int, path string) {
	var found []logLine
	within(liveLimit, func() bool {
		found = nil
		for _, line := range in.stdout.all() {
			if l, err := parseLine(line); err == nil && l.request && l.id == id {
				found = append(found, l)
			}
		}
		return len(found) > 0
	})
	if t.ok(len(found) == 1, "GET %s %d: %d lines in the log with its request id, want one", path, status, len(found)) {
		l := found[0]
		t.ok(l.method == "GET" && l.status == status && l.path == path, "GET %s %d: logged as %s %s with status %d", path, status, l.method, l.path, l.status)
	}
}

// refusal is the answer to a Last-Event-ID that is none.
func (t *T) refusal(in *instance, path, last string) *answer {
	s, err := t.open(in, "GET", last, nil)
	t.must(err == nil, "GET %s with Last-Event-ID %q: no answer: %v", path, last, err)
	s.cancel()
	return &answer{status: s.status, header: s.header, body: []byte(s.body), req: req{method: "GET", path: fmt.Sprintf("%s with Last-Event-ID %s", path, clip(last, 30))}}
}

// streams asserts that the document has the stream, and that HEAD ends.
func (t *T) streams(in *instance) {
	start := time.Now()
	head, err := t.open(in, "HEAD", "", nil)
	if t.ok(err == nil, "HEAD %s: no answer: %v", eventsPath, err) {
		t.ok(head.status == 200 || head.status == 405, "HEAD %s: status %d", eventsPath, head.status)
		t.ok(time.Since(start) < liveLimit, "HEAD %s: took %s", eventsPath, time.Since(start))
	}
	d := t.document()
	route, op := d.find("GET", eventsPath)
	if !t.ok(op != nil && route.template == eventsPath, "GET /openapi.json: GET %s is not described", eventsPath) {
		return
	}
	t.ok(endless(op), "GET /openapi.json: GET %s does not promise text/event-stream", eventsPath)
	for _, status := range []int{200, 422, 503} {
		t.ok(op.Responses.Status(status) != nil, "GET /openapi.json: GET %s does not promise %d", eventsPath, status)
	}
}
