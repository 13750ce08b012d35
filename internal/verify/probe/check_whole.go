package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// wholeChecks judge the document and then everything that the run has seen;
// they come last.
var wholeChecks = []Check{
	{ID: "openapi", Name: "describes itself in a valid OpenAPI 3.1 document",
		Reason: "clients are generated from it",
		Run:    checkDocument},
	{ID: "fuzz", Name: "does with generated inputs what its document says",
		Reason: "people send what nobody thought of; a document that is wrong is worse than none",
		Run:    checkFuzz},
	{ID: "contract", Name: "answers in the form that its document promises, in this whole run",
		Reason: "an undocumented answer is a client's crash",
		Run:    checkContract},
	{ID: "logs", Name: "logs one line of JSON for everything, from start to exit",
		Reason: "one line that does not parse is the one that is needed",
		Run:    checkLogs},
	{ID: "log-secrets", Name: "logs no bodies, no queries and no credentials",
		Reason: "logs are read by more people than databases",
		Run:    checkSecrets},
}

// A document is the service's OpenAPI document, ready to judge with.
type document struct {
	doc    *openapi3.T
	routes []docRoute
}

type docRoute struct {
	template string
	pattern  *regexp.Regexp
	item     *openapi3.PathItem
}

var placeholder = regexp.MustCompile(`\\\{[^}]*\\\}`)

// document fetches, reads and checks the document.
func (t *T) document() *document {
	a := t.get("/openapi.json")
	t.must(a.status == 200, "GET /openapi.json: status %d", a.status)
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(a.body)
	t.must(err == nil, "GET /openapi.json: cannot be read: %v", err)
	d := &document{doc: doc}
	for _, template := range doc.Paths.InMatchingOrder() {
		pattern := placeholder.ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`)
		d.routes = append(d.routes, docRoute{template, regexp.MustCompile("^" + pattern + "$"), doc.Paths.Value(template)})
	}
	return d
}

// find gives the operation that a request belongs to.
func (d *document) find(method, path string) (docRoute, *openapi3.Operation) {
	for _, r := range d.routes {
		if r.pattern.MatchString(path) {
			return r, r.item.GetOperation(method)
		}
	}
	return docRoute{}, nil
}

// wantRoutes are the operations of the contract, with the statuses that each
// has to promise.
var wantRoutes = map[string][]int{
	"GET /healthz":           {200},
	"GET /readyz":            {200, 503},
	"GET /openapi.json":      {200},
	"GET /docs":              {200},
	"GET /api/notes":         {200, 422, 503},
	"POST /api/notes":        {201, 400, 413, 415, 422, 503},
	"GET /api/notes/{id}":    {200, 404, 422, 503},
	"PATCH /api/notes/{id}":  {200, 400, 404, 413, 415, 422, 503},
	"DELETE /api/notes/{id}": {204, 404, 422, 503},
}

func checkDocument(t *T) {
	a := t.get("/openapi.json")
	t.ok(mediaType(a) == "application/json" || mediaType(a) == "application/vnd.oai.openapi+json", "GET /openapi.json: content type %q", a.header.Get("Content-Type"))
	d := t.document()
	t.ok(strings.HasPrefix(d.doc.OpenAPI, "3.1."), "GET /openapi.json: openapi is %q, want 3.1", d.doc.OpenAPI)
	err := d.doc.Validate(t.ctx, openapi3.EnableSchemaFormatValidation(), openapi3.EnableExamplesValidation())
	t.ok(err == nil, "GET /openapi.json: not valid: %v", err)
	described := map[string]bool{}
	for _, r := range d.routes {
		for method, op := range r.item.Operations() {
			name := method + " " + placeholder.ReplaceAllString(regexp.QuoteMeta(r.template), "{id}")
			name = strings.ReplaceAll(name, `\`, "")
			described[name] = true
			t.describes(name, op)
		}
	}
	for _, name := range sortedKeys(wantRoutes) {
		if strings.Contains(name, "/api/notes") && !t.run.target.Notes {
			continue
		}
		t.ok(described[name], "GET /openapi.json: %s is not described", name)
	}
	t.ok(!described["GET /"], "GET /openapi.json: describes the redirect from /")
}

func (t *T) describes(name string, op *openapi3.Operation) {
	for _, status := range wantRoutes[name] {
		t.ok(op.Responses.Status(status) != nil, "GET /openapi.json: %s does not promise %d", name, status)
	}
	for status, r := range op.Responses.Map() {
		if r.Value == nil || (status < "400" && status != "default") {
			continue
		}
		var types []string
		for typ := range r.Value.Content {
			types = append(types, typ)
		}
		t.ok(slices.Equal(types, []string{"application/problem+json"}), "GET /openapi.json: %s promises a %s of %v, want application/problem+json", name, status, types)
	}
}

// judge validates one answer against the document; nil when no operation is
// described for it.
func (d *document) judge(ctx context.Context, e *exchange) (judged bool, err error) {
	route, op := d.find(e.method, e.path)
	if op == nil || e.method == "HEAD" {
		return false, nil
	}
	// An address that is not well formed is not one of the document's.
	if _, err := url.PathUnescape(e.path); err != nil {
		return false, nil
	}
	// A 500 is no promise: the suite provokes it with a database that nobody
	// has migrated.
	if e.answer.status == 500 && op.Responses.Status(500) == nil {
		return false, nil
	}
	hr, reqErr := http.NewRequestWithContext(ctx, e.method, "http://service"+route.template, nil)
	if reqErr != nil {
		hr = &http.Request{Method: e.method, URL: &url.URL{Path: route.template}, Header: http.Header{}}
	}
	in := &openapi3filter.RequestValidationInput{Request: hr, Route: &routers.Route{
		Spec: d.doc, Path: route.template, PathItem: route.item, Method: e.method, Operation: op,
	}}
	response := op.Responses.Status(e.answer.status)
	if response == nil {
		response = op.Responses.Default()
	}
	if response != nil && response.Value != nil && len(response.Value.Content) == 0 && len(e.answer.body) > 0 {
		return true, fmt.Errorf("a body where none is promised")
	}
	// The library has no decoder for HTML, and a page needs none.
	opts := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	if mediaType(e.answer) == "text/html" {
		opts.ExcludeResponseBody = true
	}
	return true, openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: e.answer.status, Header: e.answer.header,
		Body: io.NopCloser(bytes.NewReader(e.answer.body)), Options: opts,
	})
}

func checkContract(t *T) {
	d := t.document()
	complained := map[string]bool{}
	statuses := map[string]bool{}
	for _, e := range t.run.exchanges() {
		judged, err := d.judge(t.ctx, e)
		if !judged {
			continue
		}
		statuses[fmt.Sprintf("%s %d", e.method, e.answer.status)] = true
		t.count++
		if err == nil {
			continue
		}
		route, _ := d.find(e.method, e.path)
		about := fmt.Sprintf("%s %s %d", e.method, route.template, e.answer.status)
		if !complained[about] {
			complained[about] = true
			t.fail("%s: %s", about, clip(strings.ReplaceAll(err.Error(), "\n", " "), 300))
		}
	}
	want := []string{"GET 200"}
	if t.run.target.Notes {
		want = append(want, "POST 201", "POST 422", "PATCH 200", "DELETE 204", "GET 404")
	}
	for _, s := range want {
		t.ok(statuses[s], "no %s was seen in the whole run", s)
	}
}

func (s *session) exchanges() []*exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// checkLogs ends the shared copy and reads all that every copy has said.
func checkLogs(t *T) {
	t.stopService()
	lines := map[*instance]map[string][]logLine{}
	for _, in := range t.run.all {
		t.ok(in.exited(), "%s: still running at the end", in.label)
		if in.strange {
			continue
		}
		lines[in] = map[string][]logLine{}
		bad := 0
		for _, line := range in.stdout.all() {
			l, err := parseLine(line)
			if err != nil {
				bad++
				if bad <= 2 {
					t.fail("%s: a line that does not fit: %v: %s", in.label, err, clip(line, 200))
				}
				continue
			}
			if l.request {
				lines[in][l.id] = append(lines[in][l.id], l)
			}
		}
		t.count++
		t.ok(in.stderr.text() == "", "%s: printed to stderr: %s", in.label, clip(in.stderr.text(), 300))
	}
	missing := map[string]bool{}
	for _, e := range t.run.exchanges() {
		if !strings.HasPrefix(e.id, "probe-") || lines[e.in] == nil || e.path == "/healthz" || e.path == "/readyz" {
			continue
		}
		about := fmt.Sprintf("%s %s %d", e.method, clip(e.path, 60), e.answer.status)
		t.count++
		found := lines[e.in][e.id]
		if len(found) != 1 {
			if kind := fmt.Sprintf("%s %d", e.method, e.answer.status); !missing[kind] {
				missing[kind] = true
				t.fail("%s: %d lines in the log with its request id, want one", about, len(found))
			}
			continue
		}
		l := found[0]
		t.ok(l.method == e.method && l.status == e.answer.status, "%s: logged as %s with status %d", about, l.method, l.status)
		if !strings.Contains(e.path, "%") {
			t.ok(l.path == e.path, "%s: logged with the path %s", about, clip(l.path, 100))
		}
	}
	t.ok(len(lines) > 0, "no copy of the service was started")
}

// marks that are sent where they must not come back.
const (
	markTitle  = "mark-of-a-title-7731"
	markBody   = "mark-of-a-body-7732"
	markQuery  = "mark-of-a-query-7733"
	markAuth   = "mark-of-a-token-7734"
	markCookie = "mark-of-a-cookie-7735"
)

func checkSecrets(t *T) {
	in := t.launch("the service asked for its secrets", "/readyz", map[string]string{"LOG_LEVEL": "debug"})
	header := map[string]string{"Authorization": "Bearer " + markAuth, "Cookie": "session=" + markCookie}
	requests := []req{
		{method: "GET", path: "/openapi.json?token=" + markQuery, header: header},
		{method: "GET", path: "/nothing?token=" + markQuery, header: header},
	}
	if t.run.target.Notes {
		requests = append(requests,
			req{method: "POST", path: "/api/notes", header: header, body: []byte(`{"title":"` + markTitle + `","body":"` + markBody + `"}`)},
			req{method: "POST", path: "/api/notes", header: header, body: []byte(`{"title":"","body":"` + markBody + `"}`)},
			req{method: "POST", path: "/api/notes", header: header, body: []byte(`{"title":"` + markTitle)},
			req{method: "POST", path: "/api/notes", header: header, body: []byte(markBody), typ: "text/plain"},
			req{method: "GET", path: "/api/notes?limit=1&token=" + markQuery, header: header},
			req{method: "GET", path: "/api/notes?limit=" + markQuery, header: header})
	}
	for _, r := range requests {
		a := t.do(in, r)
		t.ok(a.status < 500, "%s: status %d", a.where(), a.status)
	}
	t.end(in)
	for _, line := range in.stdout.all() {
		_, err := parseLine(line)
		t.ok(err == nil, "at LOG_LEVEL=debug a line does not fit: %v: %s", err, clip(line, 200))
	}
	t.ok(len(in.stdout.all()) > len(requests), "LOG_LEVEL=debug logs less than a line for each request")
	marks := []string{markTitle, markBody, markQuery, markAuth, markCookie}
	if u, err := url.Parse(t.run.target.Env["DATABASE_URL"]); err == nil {
		if password, has := u.User.Password(); has && len(password) >= 8 {
			marks = append(marks, password)
		}
	}
	for _, each := range t.run.all {
		text := each.stdout.text() + each.stderr.text()
		for _, mark := range marks {
			i := strings.Index(text, mark)
			if !t.ok(i < 0, "%s: the log shows %s", each.label, mark) {
				t.fail("in: %s", clip(text[max(0, i-200):], 400))
			}
		}
	}
}
