//go:build unix

package double

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// lclient is one WebSocket.
type lclient struct {
	l     *live
	id    string
	conn  *websocket.Conn
	out   chan lout
	rooms map[string]bool // under live's mu
	gone  chan struct{}
}

// lout is a message to a client; from, if not nil, is the event after which
// changes follow it, -1 for none.
type lout struct {
	data []byte
	from *int64
}

func (l *live) socket(w http.ResponseWriter, r *http.Request) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		w.Header().Set("Upgrade", "websocket")
		return fault{status: 426, detail: "this is a WebSocket"}
	}
	if r.Header.Get("Sec-WebSocket-Version") != "13" {
		return fault{status: 400, detail: "no such version"}
	}
	origin := r.Header.Get("Origin")
	if origin != "" && origin != "http://"+r.Host && !slices.Contains(l.d.origins, origin) && !l.d.has("live-any-origin") {
		return fault{status: 403, detail: "not from there"}
	}
	at, _, err := l.begin(-1)
	if err != nil {
		return err
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		return nil
	}
	conn.SetReadLimit(16 << 10)
	if l.d.has("live-no-limit") {
		conn.SetReadLimit(-1)
	}
	l.mu.Lock()
	l.seq++
	c := &lclient{l: l, id: fmt.Sprintf("client-%d-%d", os.Getpid(), l.seq), conn: conn, out: make(chan lout, 1000), rooms: map[string]bool{}, gone: make(chan struct{})}
	l.clients[c.id] = c
	l.mu.Unlock()
	c.say("welcome", "client", c.id, "lastEventId", at)
	go c.write()
	go c.pings()
	c.read()
	close(c.gone)
	conn.CloseNow()
	l.mu.Lock()
	delete(l.clients, c.id)
	l.mu.Unlock()
	return nil
}

func (c *lclient) send(m lout) {
	select {
	case c.out <- m:
	case <-c.gone:
	}
}

func (c *lclient) say(kind string, pairs ...any) { c.send(lout{data: jsonOf(kind, pairs...)}) }

func jsonOf(kind string, pairs ...any) []byte {
	m := map[string]any{"type": kind}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	data, _ := json.Marshal(m)
	return data
}

func (c *lclient) pings() {
	for {
		select {
		case <-c.gone:
			return
		case <-time.After(c.l.heartbeat):
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*c.l.heartbeat)
		if c.conn.Ping(ctx) != nil {
			c.conn.CloseNow()
		}
		cancel()
	}
}

// write sends what there is to send, until the client does not take it.
func (c *lclient) write() {
	put := func(data []byte) bool {
		if c.conn.Write(context.Background(), websocket.MessageText, data) != nil {
			c.conn.CloseNow()
			return false
		}
		return true
	}
	at := int64(-1)
	leave := func() {}
	defer func() { leave() }()
	var me *lreader
	for {
		var events []levent
		var changed chan struct{}
		if at >= 0 {
			events, changed = c.l.since(at)
		}
		for _, e := range events {
			at++
			if !put(e.json(at, "change")) {
				return
			}
			me.at.Store(at)
		}
		select {
		case m := <-c.out:
			if !put(m.data) {
				return
			}
			if m.from != nil {
				at = *m.from
				leave()
				me, leave = c.l.reader(at, func() { c.conn.CloseNow() })
			}
		case <-changed:
		case <-c.gone:
			return
		}
	}
}

func (c *lclient) read() {
	for {
		kind, data, err := c.conn.Read(context.Background())
		switch {
		case err != nil:
			return
		case kind == websocket.MessageBinary:
			c.conn.Close(websocket.StatusUnsupportedData, "text only")
			return
		}
		if detail := c.hear(data); detail != "" {
			c.say("error", "detail", detail)
		}
	}
}

// hear does what a message asks for, or says why not.
func (c *lclient) hear(data []byte) string {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&m); err != nil || !json.Valid(data) || lone(string(data)) || !utf8.Valid(data) {
		return "not JSON"
	}
	text := func(key string, most int) (string, bool) {
		s, isText := m[key].(string)
		return s, isText && s != "" && utf8.RuneCountInString(s) <= most
	}
	l := c.l
	room, roomFits := text("room", 64)
	said, saidFits := text("text", 1000)
	kind, _ := m["type"].(string)
	switch kind {
	case "ping":
		c.say("pong")
	case "subscribe":
		last := int64(-1)
		if v, given := m["lastEventId"]; given {
			number, _ := v.(json.Number)
			var bad bool
			if last, bad = integer(number.String(), 0, maxID); bad {
				return "lastEventId does not fit"
			}
		}
		from, reset, err := l.begin(last)
		if err != nil {
			return "the database does not answer"
		}
		answer := "subscribed"
		if reset {
			answer = "reset"
		}
		c.send(lout{jsonOf(answer, "lastEventId", from), &from})
	case "unsubscribe":
		none := int64(-1)
		c.send(lout{jsonOf("unsubscribed"), &none})
	case "join", "leave":
		l.mu.Lock()
		if kind == "leave" {
			delete(c.rooms, room)
		} else if roomFits && len(c.rooms) < 20 {
			c.rooms[room] = true
		} else {
			roomFits = false
		}
		l.mu.Unlock()
		if !roomFits {
			return "the room does not fit"
		}
		c.say(map[string]string{"join": "joined", "leave": "left"}[kind], "room", room)
	case "chat":
		l.mu.Lock()
		in := c.rooms[room]
		l.mu.Unlock()
		if !in || !saidFits {
			return "the chat does not fit"
		}
		l.publish(lmessage{Type: "chat", Room: room, From: c.id, Text: said, At: now()})
	case "notify":
		to, toFits := text("to", 100)
		if !toFits || !saidFits {
			return "the notification does not fit"
		}
		l.publish(lmessage{Type: "notification", To: to, From: c.id, Text: said, At: now()})
	default:
		return "no such type"
	}
	return ""
}
