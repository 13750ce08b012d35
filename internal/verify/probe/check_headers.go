package probe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var headerChecks = []Check{
	{ID: "request-id", Name: "echoes a request id, or makes one, on every answer",
		Reason: "one word from the client finds the line in the log",
		Run:    checkRequestID},
	{ID: "security-headers", Name: "sends the security headers and tells no versions",
		Reason: "the browser's own defences cost nothing, and a version is a map for an attacker",
		Run:    checkSecurityHeaders},
	{ID: "cors-none", Name: "allows no other origin unless told to",
		Reason: "an open default is found by others before it is found by you",
		Run: func(t *T) {
			origin := map[string]string{"Origin": "https://app.example.org"}
			paths := []string{"/healthz", "/openapi.json", "/nothing"}
			if t.run.target.Notes {
				paths = append(paths, "/api/notes")
			}
			for _, path := range paths {
				a := t.do(t.service(), req{method: "GET", path: path, header: origin})
				t.ok(a.header.Get("Access-Control-Allow-Origin") == "", "%s: Access-Control-Allow-Origin %q without any origin allowed", a.where(), a.header.Get("Access-Control-Allow-Origin"))
				a = t.do(t.service(), req{method: "OPTIONS", path: path, header: map[string]string{"Origin": "https://app.example.org", "Access-Control-Request-Method": "POST"}})
				t.ok(a.header.Get("Access-Control-Allow-Origin") == "", "%s: a preflight is answered with Access-Control-Allow-Origin %q", a.where(), a.header.Get("Access-Control-Allow-Origin"))
				t.ok(a.status < 500, "%s: status %d", a.where(), a.status)
			}
		}},
	{ID: "cors-allowed", Name: "allows exactly the origins of CORS_ORIGINS", Applies: withNotes,
		Reason: "the front end has to work, errors included, and nobody else's",
		Run:    checkCORS},
}

var freshID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func checkRequestID(t *T) {
	in := t.service()
	requests := []req{
		{method: "GET", path: "/healthz"}, {method: "GET", path: "/readyz"}, {method: "GET", path: "/"},
		{method: "GET", path: "/docs"}, {method: "GET", path: "/openapi.json"}, {method: "GET", path: "/nothing"},
		{method: "POST", path: "/healthz"},
	}
	if t.run.target.Notes {
		requests = append(requests,
			req{method: "GET", path: "/api/notes"},
			req{method: "POST", path: "/api/notes", body: []byte(`{"title":"id"}`)},
			req{method: "POST", path: "/api/notes", body: []byte(`{`)},
			req{method: "POST", path: "/api/notes", body: []byte(`{}`)},
			req{method: "POST", path: "/api/notes", body: []byte(`x`), typ: "text/plain"},
			req{method: "GET", path: "/api/notes/abc"}, req{method: "GET", path: notePath(maxID)})
	}
	for _, r := range requests {
		for _, id := range []string{"a", "Request_1.2-3", strings.Repeat("z", 64)} {
			r.header = map[string]string{"X-Request-Id": id}
			a := t.do(in, r)
			t.ok(slices.Equal(a.header.Values("X-Request-Id"), []string{id}), "%s: X-Request-Id %q, want %q", a.where(), a.header.Values("X-Request-Id"), id)
		}
		seen := map[string]bool{}
		for _, id := range []string{"", "with space", strings.Repeat("z", 65), "a/b", "a;b", "<script>", "ü", `"`, "a,b"} {
			r.header = map[string]string{"X-Request-Id": id}
			a := t.do(in, r)
			got := a.header.Get("X-Request-Id")
			t.ok(freshID.MatchString(got) && got != id, "%s: X-Request-Id %q for %q, want a new one", a.where(), got, id)
			t.ok(!seen[got], "%s: the made id %q came twice", a.where(), got)
			seen[got] = true
		}
	}
	if !t.run.target.Notes {
		return
	}
	// Its length alone is refused; a body that is still being sent could lose the answer.
	w := t.dial(in)
	defer w.close()
	w.head("POST", "/api/notes", "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", 10*bodyLimit))
	a, err := w.answer(5 * time.Second)
	if t.ok(err == nil, "POST of 10 MiB: no answer: %v", err) {
		t.ok(a.header.Get("X-Request-Id") == w.e.id, "%s: X-Request-Id %q, want %q", a.where(), a.header.Get("X-Request-Id"), w.e.id)
	}
}

// sources that keep a page on its own host.
var ownSource = regexp.MustCompile(`^('self'|'none'|'unsafe-inline'|'unsafe-eval'|'wasm-unsafe-eval'|'strict-dynamic'|'report-sample'|'nonce-[^']+'|'sha(256|384|512)-[^']+'|data:|blob:)$`)

func checkSecurityHeaders(t *T) {
	in := t.service()
	requests := []req{{method: "GET", path: "/healthz"}, {method: "GET", path: "/readyz"}, {method: "GET", path: "/"}, {method: "GET", path: "/docs"},
		{method: "GET", path: "/openapi.json"}, {method: "GET", path: "/nothing"}, {method: "POST", path: "/healthz"}}
	if t.run.target.Notes {
		n := t.create("secure", "")
		requests = append(requests,
			req{method: "GET", path: "/api/notes"},
			req{method: "POST", path: "/api/notes", body: []byte(`{"title":"secure"}`)},
			req{method: "POST", path: "/api/notes", body: []byte(`{`)},
			req{method: "POST", path: "/api/notes", body: []byte(`{}`)},
			req{method: "GET", path: notePath(maxID)},
			req{method: "DELETE", path: notePath(n.ID)})
	}
	for _, r := range requests {
		a := t.do(in, r)
		h := a.header
		t.ok(strings.EqualFold(h.Get("X-Content-Type-Options"), "nosniff"), "%s: X-Content-Type-Options %q, want nosniff", a.where(), h.Get("X-Content-Type-Options"))
		frame := strings.ToUpper(h.Get("X-Frame-Options"))
		t.ok(frame == "DENY" || frame == "SAMEORIGIN", "%s: X-Frame-Options %q, want DENY or SAMEORIGIN", a.where(), frame)
		t.ok(h.Get("Referrer-Policy") != "", "%s: no Referrer-Policy", a.where())
		p := parsePolicy(h.Get("Content-Security-Policy"))
		_, fallback := p["default-src"]
		t.ok(fallback, "%s: no Content-Security-Policy with a default-src", a.where())
		for directive, sources := range p {
			if !strings.HasSuffix(directive, "-src") {
				continue
			}
			for _, s := range sources {
				t.ok(ownSource.MatchString(s), "%s: Content-Security-Policy lets %s load from %s", a.where(), directive, s)
			}
		}
		t.ok(h.Get("X-Powered-By") == "", "%s: X-Powered-By %q", a.where(), h.Get("X-Powered-By"))
		t.ok(!strings.ContainsAny(h.Get("Server"), "0123456789/"), "%s: Server %q tells a version", a.where(), h.Get("Server"))
	}
}

func checkCORS(t *T) {
	allowed := []string{"http://localhost:5173", "https://app.example.org"}
	in := t.launch("the service with CORS_ORIGINS", "/readyz", map[string]string{"CORS_ORIGINS": strings.Join(allowed, ",")})
	defer t.end(in)
	for _, origin := range allowed {
		h := map[string]string{"Origin": origin}
		for _, r := range []req{
			{method: "GET", path: "/api/notes", header: h},
			{method: "POST", path: "/api/notes", header: h, body: []byte(`{"title":"cors"}`)},
			{method: "POST", path: "/api/notes", header: h, body: []byte(`{}`)},
			{method: "GET", path: "/nothing", header: h},
		} {
			a := t.do(in, r)
			t.ok(a.header.Get("Access-Control-Allow-Origin") == origin, "%s (%d) from %s: Access-Control-Allow-Origin %q", a.where(), a.status, origin, a.header.Get("Access-Control-Allow-Origin"))
			t.ok(containsWord(a.header.Values("Vary"), "Origin"), "%s: Vary %q does not name Origin, a cache would mix the two", a.where(), a.header.Values("Vary"))
		}
		for _, pre := range [][2]string{{"POST", "/api/notes"}, {"PATCH", "/api/notes/1"}, {"DELETE", "/api/notes/1"}} {
			a := t.do(in, req{method: "OPTIONS", path: pre[1], header: map[string]string{
				"Origin": origin, "Access-Control-Request-Method": pre[0], "Access-Control-Request-Headers": "content-type"}})
			t.ok(a.status == 200 || a.status == 204, "%s: a preflight is answered %d, want 200 or 204", a.where(), a.status)
			t.ok(a.header.Get("Access-Control-Allow-Origin") == origin, "%s from %s: Access-Control-Allow-Origin %q", a.where(), origin, a.header.Get("Access-Control-Allow-Origin"))
			t.ok(containsWord(a.header.Values("Access-Control-Allow-Methods"), pre[0]), "%s: Access-Control-Allow-Methods %q does not name %s", a.where(), a.header.Values("Access-Control-Allow-Methods"), pre[0])
			t.ok(containsWord(a.header.Values("Access-Control-Allow-Headers"), "content-type"), "%s: Access-Control-Allow-Headers %q does not name content-type", a.where(), a.header.Values("Access-Control-Allow-Headers"))
		}
	}
	for _, origin := range []string{"https://evil.example", "http://localhost:5173.evil.example", "http://localhost:51730", "https://localhost:5173", "null", "http://localhost"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			a := t.do(in, req{method: method, path: "/api/notes", header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"}})
			got := a.header.Get("Access-Control-Allow-Origin")
			t.ok(got != origin && got != "*", "%s from %s: Access-Control-Allow-Origin %q", a.where(), origin, got)
		}
	}
}

func containsWord(values []string, word string) bool {
	for _, v := range values {
		for _, w := range strings.Split(v, ",") {
			if strings.EqualFold(strings.TrimSpace(w), word) {
				return true
			}
		}
	}
	return false
}
