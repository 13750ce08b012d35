package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// requestLimit is how long one answer may take before the suite gives up.
const requestLimit = 20 * time.Second

// A req is one request; the zero values are what a plain client sends.
type req struct {
	method string
	path   string // raw, with the query
	body   []byte
	typ    string            // content type; "" is application/json when there is a body; "-" is none
	header map[string]string // further headers
	quick  bool              // one second, not recorded: polling
}

// An answer is one response, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
	req    req
}

// where says which request an answer belongs to, for messages.
func (a *answer) where() string { return a.req.method + " " + clip(a.req.path, 80) }

// An exchange is a request and its answer, kept for the checks that judge all
// traffic of the run: the OpenAPI document and the logs.
type exchange struct {
	in     *instance
	method string
	path   string // raw, without the query
	query  string
	id     string // request id that was sent, "" when none
	reqTyp string
	body   []byte
	answer *answer
}

// client talks to one instance and records every exchange.
type client struct {
	run  *session
	in   *instance
	http *http.Client
	tr   *http.Transport
}

func newClient(s *session, in *instance) *client {
	// Servers close an idle connection after some five seconds; a request that
	// is sent at that moment gets no answer, and a POST is not sent again.
	tr := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: 2 * time.Second, Proxy: nil}
	return &client{run: s, in: in, tr: tr, http: &http.Client{
		Transport:     tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) close() { c.tr.CloseIdleConnections() }

// nextID is a request id of the suite's own, so that a log line can be matched
// to its request.
func (s *session) nextID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	return fmt.Sprintf("probe-%06d", s.ids)
}

func (s *session) record(e *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, e)
}

// try sends r and reads the whole answer.
func (c *client) try(ctx context.Context, r req) (*answer, error) {
	limit := requestLimit
	if r.quick {
		limit = time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	asked := r.path                      // pair
	r.path = c.run.target.inward(r.path) // pair
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	hr, err := http.NewRequestWithContext(ctx, r.method, c.in.base, body)
	if err != nil {
		return nil, err
	}
	// The raw path goes out as it is written here; net/url would refuse or
	// clean the very inputs that are worth sending.
	path, query, _ := strings.Cut(r.path, "?")
	hr.URL.Opaque = path
	hr.URL.RawQuery = query
	e := &exchange{in: c.in, method: r.method, path: path, query: query, body: r.body}
	switch {
	case r.typ == "-":
	case r.typ != "":
		hr.Header.Set("Content-Type", r.typ)
	case r.body != nil:
		hr.Header.Set("Content-Type", "application/json")
	}
	e.reqTyp = hr.Header.Get("Content-Type")
	e.id = c.run.nextID()
	hr.Header.Set("X-Request-Id", e.id)
	for k, v := range r.header {
		hr.Header.Set(k, v)
		if k == "X-Request-Id" {
			e.id = v
		}
	}
	start := time.Now()
	res, err := c.http.Do(hr)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	a := &answer{status: res.StatusCode, header: res.Header, body: data, took: time.Since(start), req: r}
	e.answer = a
	if !r.quick {
		c.run.record(e)
	}
	a = c.run.target.outward(asked, a) // pair
	return a, nil
}

// do sends r to in and ends the check when no answer comes.
func (t *T) do(in *instance, r req) *answer {
	a, err := in.client.try(t.ctx, r)
	t.must(err == nil, "%s %s: no answer: %v", r.method, clip(r.path, 80), err)
	return a
}

// get, send and raw talk to the shared copy.
func (t *T) get(path string) *answer { return t.do(t.service(), req{method: "GET", path: path}) }

// send sends v as JSON.
func (t *T) send(method, path string, v any) *answer {
	data, err := json.Marshal(v)
	t.must(err == nil, "cannot write the request: %v", err)
	return t.do(t.service(), req{method: method, path: path, body: data})
}

// text sends a body as it is written.
func (t *T) text(method, path, body string) *answer {
	return t.do(t.service(), req{method: method, path: path, body: []byte(body)})
}

// A wire is a connection on which a request is written by hand: half bodies,
// chunks without a length, a declared length without a body.
type wire struct {
	conn net.Conn
	r    *bufio.Reader
	e    *exchange
	c    *client
	sent time.Time
}

func (t *T) dial(in *instance) *wire {
	conn, err := net.DialTimeout("tcp", in.addr, 5*time.Second)
	t.must(err == nil, "cannot connect: %v", err)
	return &wire{conn: conn, r: bufio.NewReader(conn), c: in.client}
}

// head writes the request line and the headers.
func (w *wire) head(method, path string, header ...string) {
	id := w.c.run.nextID()
	path = w.c.run.target.inward(path) // pair
	p, q, _ := strings.Cut(path, "?")
	w.e = &exchange{in: w.c.in, method: method, path: p, query: q, id: id}
	w.sent = time.Now()
	fmt.Fprintf(w.conn, "%s %s HTTP/1.1\r\nHost: %s\r\nX-Request-Id: %s\r\n", method, path, w.c.in.addr, id)
	for _, h := range header {
		fmt.Fprintf(w.conn, "%s\r\n", h)
	}
	io.WriteString(w.conn, "\r\n")
}

// answer reads the response; the server may answer before the body has ended.
func (w *wire) answer(limit time.Duration) (*answer, error) {
	w.conn.SetReadDeadline(time.Now().Add(limit))
	res, err := http.ReadResponse(w.r, &http.Request{Method: w.e.method})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{status: res.StatusCode, header: res.Header, body: data, took: time.Since(w.sent), req: req{method: w.e.method, path: w.e.path}}
	w.e.answer = a
	w.c.run.record(w.e)
	return a, nil
}

func (w *wire) close() { w.conn.Close() }
