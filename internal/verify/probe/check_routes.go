package probe

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

var startChecks = []Check{
	{ID: "start", Name: "starts within seconds and without a warning",
		Reason: "a warning that everyone learns to ignore hides the one that matters",
		Run: func(t *T) {
			in := t.service()
			if t.run.target.ML { // predictions
				in.ready -= mlLoad // predictions
			} // predictions
			t.ok(in.ready < 8*time.Second, "ready after %s, want a second or two", in.ready.Round(time.Millisecond))
			t.ok(in.stderr.text() == "", "printed to stderr at start: %s", clip(in.stderr.text(), 300))
			// The line of the request that found it ready is written after all
			// that it said at start; it may still be on its way.
			for deadline := time.Now().Add(2 * time.Second); !strings.Contains(in.stdout.text(), "/readyz") && time.Now().Before(deadline); {
				time.Sleep(5 * time.Millisecond)
			}
			said := in.stdout.all()
			t.ok(len(said) > 0, "said nothing at start")
			for _, line := range said {
				l, err := parseLine(line)
				if t.ok(err == nil, "a line at start is not a log line: %v: %s", err, clip(line, 200)) {
					t.ok(l.level == "info" || l.level == "debug", "a %s at start: %s", l.level, clip(line, 200))
				}
			}
		}},
	{ID: "health", Name: "says that it is alive and that it is ready",
		Reason: "an orchestrator restarts on the one and routes by the other",
		Run: func(t *T) {
			a := t.get("/healthz")
			t.status(a, 200)
			t.exactly(a, `{"status":"ok"}`)
			// Whoever asks may add what keeps caches away.
			t.status(t.get("/healthz?now=1"), 200)
			t.status(t.get("/readyz?now=1"), 200)
			a = t.get("/readyz")
			t.status(a, 200)
			if t.pairReady(a) { // pair
				return // pair
			} // pair
			// pair
			if t.run.target.ML { // predictions
				t.exactly(a, mlReady) // predictions
				return                // predictions
			} // predictions
			if t.run.target.Notes {
				t.exactly(a, `{"status":"ok","checks":{"database":"ok"}}`)
			} else {
				t.ok(t.object(a)["status"] == "ok", "GET /readyz: %s", clip(string(a.body), 100))
			}
		}},
}

var routeChecks = []Check{
	{ID: "root", Name: "leads from / to the documentation",
		Reason: "the first thing that a person opens should not be an error",
		Run: func(t *T) {
			a := t.get("/")
			t.status(a, 307)
			t.ok(a.header.Get("Location") == "/docs", "GET /: Location %q, want /docs", a.header.Get("Location"))
		}},
	{ID: "docs", Name: "serves its documentation page with everything on it",
		Reason: "a page that loads its scripts from elsewhere is blank behind a firewall and a hole in the policy",
		Run:    checkDocs},
	{ID: "not-found", Name: "answers unknown routes and notes with 404",
		Reason: "a client has to tell a missing thing from a broken service",
		Run: func(t *T) {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
				t.problem(t.do(t.service(), req{method: method, path: "/api/nothing-here"}), 404)
			}
			t.problem(t.do(t.service(), req{method: "POST", path: "/nothing", body: []byte("x"), typ: "text/plain"}), 404)
			t.problem(t.do(t.service(), req{method: "GET", path: "/api/nothing?x=1"}), 404)
			for _, path := range []string{"/healthz/", "/Healthz", "/readyz/", "/openapi.json/", "/OpenAPI.json"} {
				t.problem(t.get(path), 404)
			}
			if !t.run.target.Notes {
				return
			}
			one := notePath(t.create("at one address", "").ID)
			for _, path := range []string{"/api/notes/", "/api/notes/?limit=1", "/API/NOTES", "/api/Notes", one + "/", strings.ToUpper(one)} {
				t.problem(t.get(path), 404)
			}
			t.problem(t.send("POST", "/api/notes/", map[string]string{"title": "x"}), 404)
			t.problem(t.do(t.service(), req{method: "DELETE", path: one + "/"}), 404)
			gone := notePath(maxID)
			t.problem(t.get(gone), 404)
			t.problem(t.do(t.service(), req{method: "DELETE", path: gone}), 404)
			t.problem(t.send("PATCH", gone, map[string]string{"title": "x"}), 404)
		}},
	{ID: "method", Name: "answers wrong methods with 405 and the whole Allow",
		Reason: "Allow that names only one route's methods sends a client away from what would work",
		Run:    checkMethods},
	{ID: "odd-requests", Name: "answers what hardly is a request, and goes on",
		Reason: "a scanner sends them within the hour, and one line must not end a service or loop in it",
		Run:    checkOdd},
}

// checkOdd sends requests that no client library makes. A server may take or
// refuse them; a refusal is a problem like any other.
func checkOdd(t *T) {
	for _, odd := range []struct {
		name, head string
		taken      bool // whether it may be answered as if nothing was odd
	}{
		{"GET http://, an address without a path", "GET http:// HTTP/1.1\r\nHost: x\r\n", false},
		{"GET /healthz without Host", "GET /healthz HTTP/1.1\r\n", true},
		{"GET /healthz with an unknown Expect", "GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n", true},
	} {
		in := t.service()
		w := t.dial(in)
		w.e = &exchange{in: in, method: "GET", path: "?"} // without an id: how it is logged is the framework's
		w.sent = time.Now()
		_, err := io.WriteString(w.conn, odd.head+"Connection: close\r\n\r\n")
		t.must(err == nil, "%s: cannot be sent: %v", odd.name, err)
		a, err := w.answer(5 * time.Second)
		w.close()
		if t.ok(err == nil, "%s: no answer: %v", odd.name, err) {
			a.req.path = odd.name
			if a.status != 200 || !odd.taken {
				t.ok(a.status >= 400 && a.status < 500, "%s: status %d, want a refusal", odd.name, a.status)
				t.problem(a, a.status)
			}
		} else {
			t.wait(in, time.Second) // it may be on its way out
		}
		t.status(t.get("/healthz"), 200)
	}
}

// checkMethods asks every path with every method: Allow has to name exactly
// those that work.
func checkMethods(t *T) {
	in := t.service()
	paths := map[string][]string{
		"/": {"GET"}, "/healthz": {"GET"}, "/readyz": {"GET"}, "/openapi.json": {"GET"}, "/docs": {"GET"},
	}
	if t.run.target.Notes {
		n := t.create("wrong methods", "")
		paths["/api/notes"] = []string{"GET", "POST"}
		paths[notePath(n.ID)] = []string{"DELETE", "GET", "PATCH"}
	}
	for _, path := range sortedKeys(paths) {
		want := slices.Clone(paths[path])
		head := t.do(in, req{method: "HEAD", path: path})
		if head.status < 400 {
			want = append(want, "HEAD")
			slices.Sort(want)
		} else {
			t.status(head, 405)
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(paths[path], method) {
				continue
			}
			a := t.do(in, req{method: method, path: path, body: []byte("x"), typ: "text/plain"})
			t.problem(a, 405)
			var got []string
			for _, m := range strings.Split(strings.Join(a.header.Values("Allow"), ","), ",") {
				if m = strings.TrimSpace(m); m != "" && m != "OPTIONS" {
					got = append(got, m)
				}
			}
			slices.Sort(got)
			t.ok(slices.Equal(got, want), "%s: Allow is %q, want %s", a.where(), strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
}

var (
	loadTag  = regexp.MustCompile(`(?is)<(script|link|img|iframe|source|embed|object|audio|video)\b([^>]*)>`)
	attrURL  = regexp.MustCompile(`(?is)\b(?:src|href|data|srcset)\s*=\s*("([^"]*)"|'([^']*)'|([^\s>]+))`)
	inline   = regexp.MustCompile(`(?is)<script\b([^>]*)>(.*?)</script>`)
	styleTag = regexp.MustCompile(`(?is)<style\b[^>]*>.*?</style>|\sstyle\s*=`)
	cssURL   = regexp.MustCompile(`(?is)(?:@import\s+(?:url\()?|url\()\s*["']?([^"')\s]+)`)
)

func checkDocs(t *T) {
	a := t.get("/docs")
	t.status(a, 200)
	t.ok(mediaType(a) == "text/html", "GET /docs: content type %q, want text/html", a.header.Get("Content-Type"))
	page := string(a.body)
	policy := parsePolicy(a.header.Get("Content-Security-Policy"))
	scripts := 0
	for _, tag := range loadTag.FindAllStringSubmatch(page, -1) {
		m := attrURL.FindStringSubmatch(tag[2])
		if m == nil {
			continue
		}
		link := firstNonEmpty(m[2], m[3], m[4])
		if strings.EqualFold(tag[1], "script") {
			scripts++
		}
		asset := t.asset("/docs", link)
		if asset == nil {
			continue
		}
		typ := mediaType(asset)
		switch {
		case strings.EqualFold(tag[1], "script"):
			t.ok(policy.allowsSelf("script-src"), "GET /docs: %s is not loaded under the page's own policy", link)
			t.ok(strings.HasSuffix(typ, "javascript"), "%s: a script of type %q is not run under nosniff", asset.where(), typ)
		case strings.Contains(strings.ToLower(tag[2]), "stylesheet"):
			t.ok(policy.allowsSelf("style-src"), "GET /docs: %s is not loaded under the page's own policy", link)
			t.ok(typ == "text/css", "%s: a style sheet of type %q is not used under nosniff", asset.where(), typ)
			for _, u := range cssURL.FindAllStringSubmatch(string(asset.body), -1) {
				t.ok(!foreign(u[1]), "%s: loads %s", asset.where(), clip(u[1], 80))
			}
		}
	}
	t.ok(scripts > 0, "GET /docs: no script is loaded, the page shows nothing")
	for _, s := range inline.FindAllStringSubmatch(page, -1) {
		if attrURL.MatchString(s[1]) || strings.TrimSpace(s[2]) == "" {
			continue
		}
		t.ok(policy.allowsInline("script-src", s[2], s[1]), "GET /docs: an inline script does not run under the page's own policy")
	}
	if styleTag.MatchString(page) {
		t.ok(policy.allowsInline("style-src", "", ""), "GET /docs: an inline style does not apply under the page's own policy")
	}
}

// asset fetches what a page loads, if it is on the same host.
func (t *T) asset(page, link string) *answer {
	if strings.HasPrefix(link, "data:") {
		return nil
	}
	if !t.ok(!foreign(link), "GET %s: loads %s from another host", page, clip(link, 100)) {
		return nil
	}
	base, _ := url.Parse(page)
	u, err := base.Parse(link)
	if !t.ok(err == nil, "GET %s: %q is not an address", page, link) {
		return nil
	}
	a := t.get(u.RequestURI())
	t.status(a, 200)
	return a
}

func foreign(link string) bool {
	return strings.HasPrefix(link, "//") || strings.HasPrefix(strings.ToLower(link), "http:") || strings.HasPrefix(strings.ToLower(link), "https:")
}

// policy is a Content-Security-Policy by directive.
type policy map[string][]string

func parsePolicy(header string) policy {
	p := policy{}
	for _, part := range strings.Split(header, ";") {
		words := strings.Fields(part)
		if len(words) > 0 {
			p[strings.ToLower(words[0])] = words[1:]
		}
	}
	return p
}

// sources are what a directive allows, and whether anything limits it.
func (p policy) sources(directive string) ([]string, bool) {
	for _, d := range []string{directive, "default-src"} {
		if s, there := p[d]; there {
			return s, true
		}
	}
	return nil, false
}

// allowsSelf tells whether what the service itself serves is loaded.
func (p policy) allowsSelf(directive string) bool {
	sources, limited := p.sources(directive)
	return !limited || slices.Contains(sources, "'self'")
}

// allowsInline tells whether an inline script or style applies.
func (p policy) allowsInline(directive, text, attrs string) bool {
	sources, limited := p.sources(directive)
	if !limited {
		return true
	}
	for _, s := range sources {
		if s == "'unsafe-inline'" {
			return true
		}
		if n, isNonce := strings.CutPrefix(s, "'nonce-"); isNonce && strings.Contains(attrs, strings.TrimSuffix(n, "'")) {
			return true
		}
	}
	h256, h384, h512 := sha256.Sum256([]byte(text)), sha512.Sum384([]byte(text)), sha512.Sum512([]byte(text))
	for _, hash := range []string{
		fmt.Sprintf("'sha256-%s'", base64.StdEncoding.EncodeToString(h256[:])),
		fmt.Sprintf("'sha384-%s'", base64.StdEncoding.EncodeToString(h384[:])),
		fmt.Sprintf("'sha512-%s'", base64.StdEncoding.EncodeToString(h512[:])),
	} {
		if slices.Contains(sources, hash) {
			return true
		}
	}
	return false
}

func firstNonEmpty(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
