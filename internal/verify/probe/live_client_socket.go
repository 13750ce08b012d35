package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

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
	// pair
	told inbox[message] // pair
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
			if s.apart(message{kind, string(data), m}) { // pair
				continue // pair
			} // pair
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
