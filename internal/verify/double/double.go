// Package double is a service that keeps the contract, in the fewest lines that
// do, with defects that can be switched on: the probe and the steps of a proof
// are shown to pass on it and to fail on each defect. Its stores stand for
// SQLite (a file, and the lock that SQLite's writers take) and for PostgreSQL
// (a Server that can be locked and taken away).
// Only tests import it; it is no example of how to write a service.
package double

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

type double struct {
	defect  string
	log     *slog.Logger
	store   store
	mu      sync.Mutex
	length  int64 // of the store, as far as it has been read
	notes   map[int64]dnote
	lastID  int64
	origins []string
	level   slog.LevelVar
	seq     int
}

type dnote struct {
	ID        int64  `json:"id"`
	Title     string `json:"title"`
	Body      string `json:"body"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

// has tells whether the service has this defect.
func (d *double) has(defect string) bool { return d.defect == defect }

type fault struct {
	status int
	detail string
	fields [][2]string
}

func (f fault) Error() string { return f.detail }

// The contract's limits.
const (
	maxID     = 1<<53 - 1
	bodyLimit = 1 << 20
)

var goodID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func notePath(id int64) string { return "/api/notes/" + strconv.FormatInt(id, 10) }

var (
	errAway   = fault{status: 503, detail: "the database does not answer"}
	errSchema = errors.New("no such table: notes")
)

// Main runs the service, or with an argument its migrate or seed, as the process
// that the test binary is when it is started again. Besides the settings of the
// contract it reads DOUBLE_KIND, sqlite or postgresql, and DEFECT. It returns
// the exit code.
func Main(args []string) int {
	d := &double{defect: os.Getenv("DEFECT"), notes: map[int64]dnote{}}
	d.log = slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: &d.level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey {
			a.Value = slog.StringValue(strings.ToLower(a.Value.String()))
		}
		return a
	}}))
	var bad []string
	port, err := strconv.Atoi(os.Getenv("PORT"))
	if err != nil || port < 1 || port > 65535 {
		bad = append(bad, "PORT has to be a number from 1 to 65535")
	}
	level := os.Getenv("LOG_LEVEL")
	levels := map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	if l, ok := levels[level]; ok {
		d.level.Set(l)
	} else {
		bad = append(bad, "LOG_LEVEL has to be debug, info, warn or error")
	}
	if d.has("ignores-level") {
		d.level.Set(slog.LevelDebug)
	}
	u, err := url.Parse(os.Getenv("DATABASE_URL"))
	if want := os.Getenv("DOUBLE_KIND"); err != nil || u.Scheme != want {
		bad = append(bad, "DATABASE_URL has to be a "+want+" address")
	} else if want == "sqlite" {
		d.store = &fileStore{path: u.Path[1:], d: d}
	} else {
		d.store = &serverStore{base: "http://" + u.Host, name: strings.TrimPrefix(u.Path, "/")}
		if n := os.Getenv("DATABASE_POOL_SIZE"); n != "" {
			if i, err := strconv.Atoi(n); err != nil || i < 1 {
				bad = append(bad, "DATABASE_POOL_SIZE has to be a number from 1 on")
			}
		}
	}
	if len(bad) > 0 {
		sep := "; "
		if d.has("two-lines") {
			sep = "\n"
		}
		if d.has("first-setting-only") {
			bad = bad[:1]
		}
		fmt.Fprintln(os.Stderr, "double: "+strings.Join(bad, sep))
		if d.has("settings-exit") {
			return 3
		}
		return 1
	}
	if len(args) > 0 {
		return d.task(args[0])
	}
	return d.serve(port)
}

func (d *double) task(phase string) int {
	if phase == "migrate" {
		if err := d.store.migrate(d.has("migrate-wipes")); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	if err := d.load(); err != nil {
		fmt.Println(err)
		return 1
	}
	if len(d.notes) == 0 || d.has("seed-doubles") {
		for _, title := range []string{"seeded", "seeded too"} {
			if _, err := d.create(title, ""); err != nil {
				fmt.Println(err)
				return 1
			}
		}
	}
	return 0
}

func (d *double) serve(port int) int {
	if d.has("warns") {
		d.log.Warn("deprecated setting")
	}
	if d.has("stderr") {
		fmt.Fprintln(os.Stderr, "(node) ExperimentalWarning")
	}
	for _, o := range strings.Split(os.Getenv("CORS_ORIGINS"), ",") {
		if o != "" {
			d.origins = append(d.origins, o)
		}
	}
	host := os.Getenv("HOST")
	if host == "" {
		host = "127.0.0.1"
		if d.has("all-hosts") {
			host = ""
		}
	}
	if err := d.store.ping(); d.has("needs-database") && err != nil && !errors.Is(err, errSchema) {
		fmt.Fprintln(os.Stderr, "no database")
		return 1
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	d.log.Info("listening")
	if d.has("no-level") {
		fmt.Printf("{\"time\":%q,\"msg\":\"x\"}\n", time.Now().Format(time.RFC3339))
	}
	if d.has("prints") {
		fmt.Println("listening on", port)
	}
	srv := &http.Server{Handler: http.HandlerFunc(d.handle), ErrorLog: slog.NewLogLogger(slog.NewJSONHandler(io.Discard, nil), slog.LevelInfo)}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	if !d.has("no-sigint") {
		signal.Notify(stop, syscall.SIGINT)
	}
	go srv.Serve(lenient{l})
	<-stop
	if d.has("drops-requests") {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	defer cancel()
	srv.Shutdown(ctx)
	d.log.Info("stopped")
	if d.has("exit-code") {
		return 143
	}
	return 0
}

// lenient lets requests through whose path is not well escaped: net/http would
// answer them itself, in plain text.
type lenient struct{ net.Listener }

type lenientConn struct{ net.Conn }

func (l lenient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return lenientConn{c}, err
}

var badEscape = regexp.MustCompile(`^([A-Z]+ /[^ ?]*)(%|%zz) HTTP`)

func (c lenientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), max(1, len(p)-2))])
	fixed := badEscape.ReplaceAll(p[:n], []byte("${1}%25 HTTP"))
	return copy(p, fixed), err
}

// recorder keeps the status for the log line.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) { r.status = code; r.ResponseWriter.WriteHeader(code) }

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
	attrs := []any{"requestId", id, "method", r.Method, "path", r.URL.EscapedPath(), "status", w.status, "ms", time.Since(start).Milliseconds()}
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
	methods := map[string][]string{"/": {"GET", "HEAD"}, "/healthz": {"GET", "HEAD"}, "/readyz": {"GET", "HEAD"}, "/openapi.json": {"GET", "HEAD"}, "/docs": {"GET", "HEAD"}, "/docs/app.js": {"GET", "HEAD"}, "/docs/app.css": {"GET", "HEAD"}, "/api/notes": {"GET", "HEAD", "POST"}}[path]
	m := notePattern.FindStringSubmatch(path)
	if m != nil {
		methods = []string{"DELETE", "GET", "HEAD", "PATCH"}
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
		return d.json(w, 200, map[string]any{"status": "ok", "checks": map[string]string{"database": "ok"}})
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
	} else if err := d.query(r); err != nil {
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
		if !known || notePattern.MatchString(r.URL.Path) {
			if !d.has("loose-query") {
				bad = append(bad, [2]string{k, "is not known"})
			}
			continue
		}
		if _, wrong := integer(q.Get(k), limits[0], limits[1]); wrong && !d.has("loose-limit") {
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

// A change is one line of a store.
type change struct {
	Note *dnote `json:",omitempty"`
	Gone int64  `json:",omitempty"`
}

type store interface {
	migrate(wipe bool) error
	ping() error
	length() (int64, error)
	append(change) error
	all() ([]change, error)
}

// fileStore stands for SQLite: one file, and the lock that SQLite's writers
// take in WAL mode.
type fileStore struct {
	path string
	d    *double
	mu   sync.Mutex
}

func (s *fileStore) migrate(wipe bool) error {
	os.MkdirAll(filepath.Dir(s.path), 0o755)
	flags := os.O_CREATE | os.O_WRONLY
	if wipe {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(s.path, flags, 0o644)
	if err != nil {
		return err
	}
	f.Close()
	return os.WriteFile(s.path+"-shm", make([]byte, 32<<10), 0o644)
}

func (s *fileStore) ping() error {
	if _, err := os.Stat(s.path); err != nil {
		return errSchema
	}
	return nil
}

func (s *fileStore) length() (int64, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, errSchema
	}
	return info.Size(), nil
}

func (s *fileStore) append(c change) error {
	if err := s.ping(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.path+"-shm", os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	wait := 500 * time.Millisecond
	switch s.d.defect {
	case "busy-at-once":
		wait = 0
	case "busy-for-ever":
		wait = 2500 * time.Millisecond
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 120, Len: 1}
		if syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock) == nil {
			break
		}
		if time.Since(start) > wait {
			if s.d.has("busy-500") {
				return errors.New("database is locked")
			}
			return fault{status: 503, detail: "the database is locked"}
		}
	}
	data, _ := json.Marshal(c)
	out, err := os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = out.Write(append(data, '\n'))
	return err
}

func (s *fileStore) all() ([]change, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, errSchema
	}
	defer f.Close()
	return readChanges(f)
}

func readChanges(r io.Reader) ([]change, error) {
	var out []change
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return out, nil
		}
		var c change
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}

// serverStore stands for PostgreSQL: a server elsewhere that can be locked and
// taken away.
type serverStore struct{ base, name string }

func (s *serverStore) call(method, what string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequest(method, s.base+"/"+s.name+"/"+what, body)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, errAway
	}
	if res.StatusCode != 200 {
		res.Body.Close()
		return nil, errSchema
	}
	return res, nil
}

func (s *serverStore) migrate(wipe bool) error {
	what := "migrate"
	if wipe {
		what = "wipe"
	}
	_, err := s.call("POST", what, nil)
	return err
}

func (s *serverStore) ping() error {
	res, err := s.call("GET", "ping", nil)
	if err == nil {
		res.Body.Close()
	}
	return err
}

func (s *serverStore) length() (int64, error) {
	res, err := s.call("GET", "length", nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var n int64
	_, err = fmt.Fscan(res.Body, &n)
	return n, err
}

func (s *serverStore) append(c change) error {
	data, _ := json.Marshal(c)
	res, err := s.call("POST", "append", strings.NewReader(string(data)+"\n"))
	if err == nil {
		res.Body.Close()
	}
	return err
}

func (s *serverStore) all() ([]change, error) {
	res, err := s.call("GET", "all", nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return readChanges(res.Body)
}
