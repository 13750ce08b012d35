//go:build unix

package double

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// recorder keeps the status for the log line.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) { r.status = code; r.ResponseWriter.WriteHeader(code) }

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (d *double) handle(rw http.ResponseWriter, r *http.Request) {
	start := time.Now()
	w := &recorder{rw, 200}
	id := r.Header.Get("X-Request-Id")
	if !goodID.MatchString(id) && !d.has("echoes-any-id") {
		d.mu.Lock()
		d.seq++
		id = fmt.Sprintf("double-%d", d.seq)
		d.mu.Unlock()
	}
	h := w.Header()
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'self'")
	switch d.defect {
	case "no-id":
		h.Del("X-Request-Id")
	case "no-nosniff":
		h.Del("X-Content-Type-Options")
	case "wide-policy":
		h.Set("Content-Security-Policy", "default-src 'self' https://cdn.example.com")
	case "tells-version":
		h.Set("Server", "double/1.2")
	case "powered-by":
		h.Set("X-Powered-By", "double")
	}
	d.cors(w, r)
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return d.route(w, r)
	}()
	if err != nil {
		d.problem(w, r, id, err)
	}
	attrs := []any{"requestId", id, "method", r.Method, "path", cmp.Or(r.URL.EscapedPath(), "/"), "status", w.status, "ms", time.Since(start).Milliseconds()}
	if trace := strings.Split(r.Header.Get("Traceparent"), "-"); len(trace) == 4 {
		attrs = append(attrs, "traceId", trace[1])
	}
	switch d.defect {
	case "logs-query":
		attrs[5] = r.URL.RequestURI()
	case "logs-auth":
		attrs = append(attrs, "authorization", r.Header.Get("Authorization"))
	case "no-request-line":
		return
	case "wrong-status-logged":
		attrs[7] = 200
	}
	d.log.Info("request", attrs...)
}

func (d *double) cors(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if len(d.origins) > 0 {
		w.Header().Add("Vary", "Origin")
	}
	if d.has("open-cors") && origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	ok := slices.Contains(d.origins, origin)
	if d.has("prefix-cors") {
		ok = slices.ContainsFunc(d.origins, func(o string) bool { return strings.HasPrefix(origin, o) })
	}
	if !ok {
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	if r.Method == "OPTIONS" {
		w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
	}
}

func (d *double) problem(w http.ResponseWriter, r *http.Request, id string, err error) {
	f, isFault := err.(fault)
	if !isFault {
		f = fault{status: 500, detail: "an unexpected fault"}
		if !d.has("silent-500") {
			d.log.Error(err.Error(), "requestId", id)
		}
		if d.has("tells-500") {
			f.detail = err.Error()
		}
		if d.has("500-without-id") {
			w.Header().Del("X-Request-Id")
		}
	}
	m := map[string]any{"type": "about:blank", "title": http.StatusText(f.status), "status": f.status, "detail": f.detail}
	if len(f.fields) > 0 {
		var list []map[string]string
		for _, e := range f.fields {
			if !d.has("no-field-names") {
				list = append(list, map[string]string{"field": e[0], "detail": e[1]})
			} else {
				list = append(list, map[string]string{"field": "input", "detail": e[1]})
			}
		}
		m["errors"] = list
	}
	if f.status == 503 {
		if !d.has("no-retry-after") {
			w.Header().Set("Retry-After", "5")
		}
		if r.URL.Path == "/readyz" {
			m["checks"] = map[string]string{"database": "does not answer"}
			if d.ml != nil {
				m["checks"] = d.checks(map[string]any{"model": d.ml.state.Load()})
			}
		}
	}
	typ := "application/problem+json"
	if d.has("plain-problems") {
		typ = "application/json"
	}
	w.Header().Set("Content-Type", typ)
	data, _ := json.Marshal(m)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if f.status == 413 {
		w.Header().Set("Connection", "close")
	}
	w.WriteHeader(f.status)
	w.Write(data)
}

func (d *double) json(w http.ResponseWriter, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(data)
	return nil
}

var notePattern = regexp.MustCompile(`^/api/notes/([^/]+)$`)

func (d *double) route(w http.ResponseWriter, r *http.Request) error {
	path, _ := url.PathUnescape(r.URL.EscapedPath())
	if path == "" && d.has("dies-pathless") {
		os.Exit(1)
	}
	if r.Host == "" {
		return fault{status: 400, detail: "no Host"}
	}
	if d.has("loose-slash") && path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	methods := map[string][]string{"/": {"GET", "HEAD"}, "/healthz": {"GET", "HEAD"}, "/readyz": {"GET", "HEAD"}, "/openapi.json": {"GET", "HEAD"}, "/docs": {"GET", "HEAD"}, "/docs/app.js": {"GET", "HEAD"}, "/docs/app.css": {"GET", "HEAD"}, "/api/notes": {"GET", "HEAD", "POST"}}[path]
	m := notePattern.FindStringSubmatch(path)
	if m != nil {
		methods = []string{"DELETE", "GET", "HEAD", "PATCH"}
	}
	if d.live != nil && liveRoutes[path] != nil {
		methods = liveRoutes[path]
	}
	if d.internal() && strings.HasPrefix(path, "/api/notes") {
		methods = nil
	}
	if d.ml != nil && path == d.predictPath() {
		methods = mlRoutes[predictPath]
	} else if d.ml != nil && path != predictPath && mlRoutes[path] != nil {
		methods = mlRoutes[path]
	}
	if d.asks != nil && path == predictPath {
		methods = mlRoutes[path]
	}
	if r.Method == "OPTIONS" && methods != nil {
		w.WriteHeader(204)
		return nil
	}
	switch {
	case methods == nil && d.has("soft-404"):
		return d.json(w, 200, map[string]string{"message": "not found"})
	case methods == nil:
		return fault{status: 404, detail: "no such route"}
	case !slices.Contains(methods, r.Method):
		if d.has("short-allow") {
			methods = methods[:1]
		}
		w.Header().Set("Allow", strings.Join(methods, ", "))
		return fault{status: 405, detail: "not with this method"}
	}
	if d.live != nil {
		if done, err := d.live.route(w, r, path); done {
			return err
		}
	}
	if d.ml != nil {
		if done, err := d.ml.route(w, r, path); done {
			return err
		}
	}
	if d.asks != nil && path == predictPath {
		return d.asks.predict(w, r)
	}
	switch path {
	case "/":
		if d.has("root-page") {
			return d.json(w, 200, "hello")
		}
		w.Header().Set("Location", "/docs")
		w.WriteHeader(307)
		return nil
	case "/healthz":
		if d.has("health-body") {
			return d.json(w, 200, map[string]string{"status": "UP"})
		}
		if err := d.store.ping(); d.has("health-needs-database") && err != nil && !errors.Is(err, errSchema) {
			return errAway
		}
		return d.json(w, 200, map[string]string{"status": "ok"})
	case "/readyz":
		if err := d.store.ping(); err != nil && !errors.Is(err, errSchema) && !d.has("always-ready") {
			return errAway
		}
		checks := d.checks(map[string]any{})
		if d.ml != nil {
			checks["model"] = d.ml.state.Load()
			if checks["model"] == "loading" || checks["model"] != "ok" && !d.has("ml-ready-anyway") {
				return errNotReady
			}
		}
		ready := map[string]any{"status": "ok", "checks": checks}
		if d.asks != nil {
			ready["ml"] = d.asks.state()
			if ready["ml"] == "down" && d.has("pair-cascade") && d.asks.everAnswered() {
				return errNotReady
			}
			if d.has("pair-always-up") {
				ready["ml"] = "up"
			}
		}
		return d.json(w, 200, ready)
	case "/openapi.json":
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, d.document())
		return nil
	case "/docs":
		w.Header().Set("Content-Type", "text/html")
		src := "/docs/app.js"
		if d.has("docs-cdn") {
			src = "https://cdn.example.com/app.js"
		}
		page := `<!doctype html><link rel="stylesheet" href="/docs/app.css"><div id="x"></div><script src="` + src + `"></script>`
		if d.has("docs-inline") {
			page += `<script>render()</script>`
		}
		io.WriteString(w, page)
		return nil
	case "/docs/app.js":
		if d.has("docs-asset") {
			return fault{status: 404, detail: "no such file"}
		}
		w.Header().Set("Content-Type", "text/javascript")
		io.WriteString(w, "fetch('/openapi.json')")
		return nil
	case "/docs/app.css":
		w.Header().Set("Content-Type", "text/css")
		io.WriteString(w, "div{color:#222}")
		return nil
	}
	return d.api(w, r, m)
}

func (d *double) api(w http.ResponseWriter, r *http.Request, m []string) error {
	if r.Method == "POST" || r.Method == "PATCH" {
		typ, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if (err != nil || typ != "application/json") && !d.has("any-type") {
			return fault{status: 415, detail: "send application/json"}
		}
		if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" && !d.has("any-encoding") {
			return fault{status: 415, detail: "send it as it is"}
		}
	}
	var id int64
	if m != nil {
		var bad bool
		if id, bad = integer(m[1], 1, maxID); bad && !d.has("loose-id") {
			return fault{422, "the id does not fit", [][2]string{{"id", "has to be an integer from 1 on"}}}
		}
	}
	var in map[string]any
	if r.Method == "POST" || r.Method == "PATCH" {
		var err error
		if in, err = d.input(r, r.Method == "POST"); err != nil {
			return err
		}
	}
	if err := d.query(r); err != nil {
		return err
	}
	if err := d.load(); err != nil {
		return err
	}
	if m == nil && r.Method != "POST" {
		return d.list(w, r)
	}
	if m == nil {
		title, _ := in["title"].(string)
		body, _ := in["body"].(string)
		n, err := d.create(title, body)
		if err != nil {
			return err
		}
		if !d.has("no-location") {
			w.Header().Set("Location", notePath(n.ID))
		}
		if d.has("create-200") {
			return d.json(w, 200, n)
		}
		return d.json(w, 201, n)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, there := d.notes[id]
	if !there {
		return fault{status: 404, detail: "no such note"}
	}
	switch r.Method {
	case "DELETE":
		if err := d.write(change{Gone: id}); err != nil {
			return err
		}
		delete(d.notes, id)
		if d.has("reuses-ids") {
			d.lastID = id - 1
		}
		w.WriteHeader(204)
		return nil
	case "PATCH":
		old := n
		if s, ok := in["title"].(string); ok {
			n.Title = s
		}
		if s, ok := in["body"].(string); ok || d.has("patch-blanks") {
			n.Body = s
		}
		if n != old {
			if !d.has("updated-stays") {
				n.UpdatedAt = now()
			}
			if err := d.write(change{Note: &n}); err != nil {
				return err
			}
			d.notes[id] = n
		}
	case "GET", "HEAD":
		if d.has("reads-trimmed") {
			n.Body = strings.TrimSpace(strings.ReplaceAll(n.Body, "\t", " "))
		}
	}
	if d.has("undocumented-field") {
		return d.json(w, 200, map[string]any{"id": n.ID, "title": n.Title, "body": n.Body, "createdAt": n.CreatedAt, "updatedAt": n.UpdatedAt, "owner": "x"})
	}
	return d.json(w, 200, n)
}
