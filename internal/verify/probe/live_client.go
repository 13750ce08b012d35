package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/getkin/kin-openapi/openapi3"
)

const (
	eventsPath = "/api/notes/events"
	socketPath = "/ws"
)

// liveLimit is how long something that is pushed may take on a busy machine.
var liveLimit = 20 * time.Second

// endless tells whether an operation answers with a stream.
func endless(op *openapi3.Operation) bool {
	for _, r := range op.Responses.Map() {
		if r.Value != nil && r.Value.Content["text/event-stream"] != nil {
			return true
		}
	}
	return false
}

// within waits until done says so.
func within(limit time.Duration, done func() bool) bool {
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Since(start) > limit {
			return false
		}
	}
}

// An inbox is what one client has received and nobody has looked at yet.
type inbox[M any] struct {
	mu    sync.Mutex
	got   []M
	beats int // comments of a stream, pings of a WebSocket
	ended bool
	err   error // how it ended
	at    time.Time
}

func (b *inbox[M]) put(m M) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
}

func (b *inbox[M]) beat() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.beats++
}

func (b *inbox[M]) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended, b.err, b.at = true, err, time.Now()
}

// take gives the next message, and whether one came in time.
func (b *inbox[M]) take(limit time.Duration) (m M, ok bool) {
	within(limit, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.got) == 0 {
			return b.ended
		}
		m, ok, b.got = b.got[0], true, b.got[1:]
		return true
	})
	return m, ok
}

// state is how many messages wait, how many signs of life came, and whether it
// has ended.
func (b *inbox[M]) state() (waiting, beats int, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got), b.beats, b.ended
}

// over waits for the end and gives the error that it was.
func (b *inbox[M]) over(limit time.Duration) (error, time.Time, bool) {
	ended := within(limit, func() bool { _, _, e := b.state(); return e })
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err, b.at, ended
}

// An event is one of server-sent events.
type event struct{ id, name, data string }

// A stream is a client of the events that reads all the time.
type stream struct {
	inbox[event]
	in     *instance
	id     string // of the request
	status int
	header http.Header
	body   string // of a refusal
	cancel context.CancelFunc
}

// stream opens the events; last is the Last-Event-ID, "" for none.
func (t *T) stream(in *instance, last string) *stream {
	s, err := t.open(in, "GET", last, nil)
	t.must(err == nil, "GET %s: no answer: %v", eventsPath, err)
	t.must(s.status == 200, "GET %s with Last-Event-ID %q: status %d, want 200: %s", eventsPath, last, s.status, clip(s.body, 200))
	return s
}

func (t *T) open(in *instance, method, last string, header map[string]string) (*stream, error) {
	ctx, cancel := context.WithCancel(t.ctx)
	r, err := http.NewRequestWithContext(ctx, method, in.base+eventsPath, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &stream{in: in, id: t.run.nextID(), cancel: cancel}
	r.Header.Set("X-Request-Id", s.id)
	r.Header.Set("Accept", "text/event-stream")
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	// A connection of its own, as a browser's tab has.
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true, ResponseHeaderTimeout: requestLimit}).RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	s.status, s.header = res.StatusCode, res.Header
	if res.StatusCode != 200 || method == "HEAD" {
		data, _ := io.ReadAll(res.Body)
		res.Body.Close()
		cancel()
		s.body = string(data)
		return s, nil
	}
	go func() {
		defer res.Body.Close()
		s.end(s.read(res.Body))
	}()
	return s, nil
}

// read reads events to the end.
func (s *stream) read(body io.Reader) error {
	lines := bufio.NewReaderSize(body, 32<<10)
	var e event
	var data []string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if e.data = strings.Join(data, "\n"); len(data) > 0 {
				s.put(e)
			}
			e, data = event{}, nil
		case field == "":
			s.beat()
		case field == "id":
			e.id = value
		case field == "event":
			e.name = value
		case field == "data":
			data = append(data, value)
		}
	}
}

// A change is what an event or a message says about a note.
type change struct {
	ID     int64
	Change string
	noteID int64
	raw    string // the note, written in one way
}

// changeOf reads a change out of the JSON of an event or a message.
func changeOf(data string) (change, error) {
	var in struct {
		ID     int64
		Change string
		Note   json.RawMessage
	}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		return change{}, err
	}
	c := change{ID: in.ID, Change: in.Change}
	v, err := decode(in.Note)
	if err != nil {
		return c, err
	}
	m, isObject := v.(map[string]any)
	number, isNumber := m["id"].(json.Number)
	if !isObject || !isNumber {
		return c, errors.New("its note is none")
	}
	c.noteID, _ = number.Int64()
	raw, _ := json.Marshal(m)
	c.raw = string(raw)
	return c, nil
}

// ready takes the event that begins a stream and gives its id.
func (t *T) ready(s *stream, name string) int64 {
	e, ok := s.take(liveLimit)
	t.must(ok, "GET %s: nothing came, want %s", eventsPath, name)
	t.must(e.name == name, "GET %s: begins with %s %s, want %s", eventsPath, e.name, clip(e.data, 100), name)
	var data struct{ ID int64 }
	err := json.Unmarshal([]byte(e.data), &data)
	t.must(err == nil && e.id == strconv.FormatInt(data.ID, 10), "%s has id %q and data %s, want one id", name, e.id, clip(e.data, 100))
	t.ok(sameJSON(e.data, fmt.Sprintf(`{"id":%d}`, data.ID)), "%s has data %s, want the id alone", name, clip(e.data, 100))
	return data.ID
}

// streamed takes the next change of a stream.
func (t *T) streamed(s *stream) change {
	e, ok := s.take(liveLimit)
	t.must(ok, "a change was not streamed within %s", liveLimit)
	c, err := changeOf(e.data)
	t.must(err == nil, "an event %s cannot be read: %v: %s", e.name, err, clip(e.data, 200))
	t.ok(e.name == c.Change && e.id == strconv.FormatInt(c.ID, 10), "event %s with id %q says %s", e.name, e.id, clip(e.data, 100))
	v, _ := decode([]byte(e.data))
	m, _ := v.(map[string]any)
	t.ok(strings.Join(keys(m), " ") == "change id note", "an event has %s, want id, change, note", strings.Join(keys(m), ", "))
	return c
}

func sameJSON(a, b string) bool {
	x, err1 := decode([]byte(a))
	y, err2 := decode([]byte(b))
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return err1 == nil && err2 == nil && string(p) == string(q)
}

// A message of the WebSocket, with its type apart.
type message struct {
	kind string
	raw  string
	m    map[string]any
}

func (m message) String() string { return clip(m.raw, 200) }

// number is an integer of the message, -1 if it is none.
func (m message) number(key string) int64 {
	number, _ := m.m[key].(json.Number)
	n, err := number.Int64()
	if err != nil {
		return -1
	}
	return n
}

// A socket is a client of the WebSocket that reads all the time.
type socket struct {
	inbox[message]
	t      *T
	conn   *websocket.Conn
	client string // its name, and
	last   int64  // the last event, from the welcome
}

// dialSocket opens the WebSocket.
func (t *T) dialSocket(in *instance, origin string, mode websocket.CompressionMode) (*socket, *http.Response, error) {
	ctx, cancel := context.WithTimeout(t.ctx, requestLimit)
	defer cancel()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	s := &socket{t: t}
	conn, res, err := websocket.Dial(ctx, "ws://"+in.addr+socketPath, &websocket.DialOptions{
		HTTPHeader: header, CompressionMode: mode,
		HTTPClient:     &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}},
		OnPingReceived: func(context.Context, []byte) bool { s.beat(); return true },
	})
	if err != nil {
		return nil, res, err
	}
	conn.SetReadLimit(-1)
	s.conn = conn
	go func() {
		for {
			_, data, err := conn.Read(t.ctx)
			if err != nil {
				s.end(err)
				return
			}
			v, _ := decode(data)
			m, _ := v.(map[string]any)
			kind, _ := m["type"].(string)
			s.put(message{kind, string(data), m})
		}
	}()
	return s, res, nil
}

// socket opens the WebSocket and takes the welcome.
func (t *T) socket(in *instance) *socket {
	s, _, err := t.dialSocket(in, "", websocket.CompressionDisabled)
	t.must(err == nil, "%s: no WebSocket: %v", socketPath, err)
	t.welcome(s)
	return s
}

func (t *T) welcome(s *socket) {
	m := s.expect("welcome", "client", "lastEventId")
	s.client, _ = m.m["client"].(string)
	s.last = m.number("lastEventId")
	t.ok(s.client != "" && s.last >= 0, "the welcome is %s", m)
}

// write sends a text as it is.
func (s *socket) write(text string) {
	ctx, cancel := context.WithTimeout(s.t.ctx, requestLimit)
	defer cancel()
	_ = s.conn.Write(ctx, websocket.MessageText, []byte(text)) // what comes of it is looked at
}

// say sends a message: type, and pairs of a key and a value.
func (s *socket) say(kind string, pairs ...any) {
	m := map[string]any{"type": kind}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	data, _ := json.Marshal(m)
	s.write(string(data))
}

// expect takes the next message, which has to be of this type with exactly
// these keys.
func (s *socket) expect(kind string, with ...string) message {
	m, ok := s.take(liveLimit)
	err, _, _ := s.over(0)
	s.t.must(ok, "WebSocket: nothing came, want %s (%v)", kind, err)
	s.t.must(m.kind == kind, "WebSocket: got %s, want %s", m, kind)
	want := map[string]any{"type": ""}
	for _, k := range with {
		want[k] = ""
	}
	s.t.ok(strings.Join(keys(m.m), " ") == strings.Join(keys(want), " "), "WebSocket: %s has %s, want %s", kind, strings.Join(keys(m.m), ", "), strings.Join(keys(want), ", "))
	return m
}

// is expects a message and compares some of its values.
func (s *socket) is(kind string, pairs ...any) message {
	var with []string
	for i := 0; i < len(pairs); i += 2 {
		with = append(with, pairs[i].(string))
	}
	m := s.expect(kind, with...)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			continue
		}
		s.t.ok(fmt.Sprint(m.m[with[i/2]]) == fmt.Sprint(pairs[i+1]), "WebSocket: %s of %s is not %v", with[i/2], m, clip(fmt.Sprint(pairs[i+1]), 100))
	}
	return m
}

// refuses expects an error, after which the connection stays.
func (s *socket) refuses(about string) {
	m, ok := s.take(liveLimit)
	err, _, _ := s.over(0)
	if !s.t.ok(ok, "WebSocket, %s: nothing came, want an error (%v)", about, err) {
		panic(stopped{})
	}
	detail, isText := m.m["detail"].(string)
	s.t.ok(m.kind == "error" && isText && detail != "" && len(m.m) == 2, "WebSocket, %s: got %s, want an error with a detail", about, m)
	s.t.ok(!leaks.MatchString(m.raw), "WebSocket, %s: the error tells about the inside: %s", about, m)
}

// quiet asserts that nothing has come that nobody waited for: what was sent
// before the answer to a ping is there when that is.
func (s *socket) quiet(about string) {
	s.say("ping")
	m, ok := s.take(liveLimit)
	s.t.ok(ok && m.kind == "pong", "WebSocket, %s: got %s, want nothing but the pong", about, m)
	for ok && m.kind != "pong" {
		m, ok = s.take(liveLimit)
	}
}

// subscribe asks for the changes, from last on where it is not negative.
func (s *socket) subscribe(last int64) int64 {
	if last < 0 {
		s.say("subscribe")
	} else {
		s.say("subscribe", "lastEventId", last)
	}
	from := s.expect("subscribed", "lastEventId").number("lastEventId")
	s.t.ok(last < 0 || from == last, "WebSocket: subscribed from %d, want %d", from, last)
	return from
}

// pushed takes the next change.
func (s *socket) pushed() change {
	m := s.expect("change", "id", "change", "note")
	c, err := changeOf(m.raw)
	s.t.must(err == nil, "WebSocket: a change cannot be read: %v: %s", err, m)
	return c
}

func (s *socket) close() { s.conn.CloseNow() }

// closed waits for the end, which has to be this close code. It gives the
// reason and the time.
func (s *socket) closed(code websocket.StatusCode, about string) (string, time.Time) {
	err, at, ended := s.over(liveLimit)
	if !s.t.ok(ended, "WebSocket, %s: still open, want close code %d", about, code) {
		s.close()
		return "", at
	}
	var e websocket.CloseError
	if !errors.As(err, &e) {
		s.t.ok(false, "WebSocket, %s: ended without a close frame (%v), want code %d", about, err, code)
		return "", at
	}
	s.t.ok(e.Code == code, "WebSocket, %s: close code %d %q, want %d", about, e.Code, e.Reason, code)
	return e.Reason, at
}

// liveService starts a copy for a real-time check. No other one serves beside
// it: a database in a file has exactly one process.
func (t *T) liveService(label, heartbeat string) *instance {
	t.stopService()
	return t.launch(label, "/readyz", map[string]string{"HEARTBEAT_SECONDS": heartbeat})
}

// leave ends a copy that a check has not come to the end of.
func (in *instance) leave() {
	if !in.exited() {
		in.strange = true
		in.proc.Kill()
		<-in.done
	}
}

// post, patch and remove change a note of a copy and give it.
func (t *T) post(in *instance, title, body string) note {
	data, _ := json.Marshal(map[string]string{"title": title, "body": body})
	a := t.do(in, req{method: "POST", path: "/api/notes", body: data})
	t.must(a.status == 201, "POST /api/notes: status %d, want 201: %s", a.status, clip(string(a.body), 200))
	return t.note(a)
}

func (t *T) patch(in *instance, id int64, title string) note {
	data, _ := json.Marshal(map[string]string{"title": title})
	a := t.do(in, req{method: "PATCH", path: notePath(id), body: data})
	t.must(a.status == 200, "%s: status %d, want 200: %s", a.where(), a.status, clip(string(a.body), 200))
	return t.note(a)
}

func (t *T) remove(in *instance, id int64) {
	a := t.do(in, req{method: "DELETE", path: notePath(id)})
	t.must(a.status == 204, "%s: status %d, want 204", a.where(), a.status)
}

// rawUpgrade opens a connection by hand whose reader does nothing on its own:
// it answers no ping and reads only when told to.
func (t *T) rawUpgrade(in *instance) *wire {
	conn, err := net.DialTimeout("tcp", in.addr, 5*time.Second)
	t.must(err == nil, "cannot connect: %v", err)
	_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	w := &wire{conn: conn, r: bufio.NewReaderSize(conn, 4096), c: in.client}
	w.head("GET", socketPath, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	conn.SetReadDeadline(time.Now().Add(requestLimit))
	res, err := http.ReadResponse(w.r, &http.Request{Method: "GET"})
	t.must(err == nil && res.StatusCode == 101, "%s: no WebSocket: %v, %v", socketPath, res, err)
	conn.SetReadDeadline(time.Time{})
	return w
}

// frame writes a masked text frame; the mask is zero.
func (w *wire) frame(text string) {
	head := []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	w.conn.Write(append(head, text...))
}
