package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

func checkLiveSocket(t *T) {
	in := t.liveService("the service with WebSockets", "1")
	defer t.end(in)
	a, b, c := t.socket(in), t.socket(in), t.socket(in)
	defer a.close()
	defer b.close()
	defer c.close()
	t.ok(a.client != b.client && b.client != c.client, "two clients are both %s", b.client)
	a.say("ping")
	a.is("pong")

	t.subscribed(in, a, b)

	for _, each := range []struct {
		s    *socket
		room string
	}{{a, "lobby"}, {b, "lobby"}, {c, "other"}} {
		each.s.say("join", "room", each.room)
		each.s.is("joined", "room", each.room)
	}
	for _, text := range []string{"Hello", liveText, "<script>alert(1)</script>", "'; DROP TABLE notes; --", " "} {
		a.say("chat", "room", "lobby", "text", text)
		for _, s := range []*socket{a, b} {
			m := s.is("chat", "room", "lobby", "from", a.client, "text", text, "at", nil)
			t.timeOf("chat", "at", m.m["at"])
		}
	}
	c.quiet("in another room")
	c.say("chat", "room", "lobby", "text", "from outside")
	c.refuses("chat in a room that it is not in")
	for i := range 20 {
		b.say("chat", "room", "lobby", "text", strconv.Itoa(i))
	}
	for i := range 20 {
		a.is("chat", "room", "lobby", "from", b.client, "text", strconv.Itoa(i), "at", nil)
		b.is("chat", "room", "lobby", "from", b.client, "text", strconv.Itoa(i), "at", nil)
	}
	b.say("leave", "room", "lobby")
	b.is("left", "room", "lobby")
	a.say("chat", "room", "lobby", "text", "alone")
	a.is("chat", "room", "lobby", "from", a.client, "text", "alone", "at", nil)
	b.quiet("after it has left")

	a.say("notify", "to", c.client, "text", liveText)
	m := c.is("notification", "from", a.client, "text", liveText, "at", nil)
	t.timeOf("notification", "at", m.m["at"])
	a.quiet("after it has notified another")
	b.quiet("beside a notification")
	a.say("notify", "to", a.client, "text", "mine")
	a.is("notification", "from", a.client, "text", "mine", "at", nil)
	b.say("ping")
	b.is("pong")

	// Whoever has gone is in no room and gets nothing, and nothing breaks.
	c.close()
	a.say("join", "room", "other")
	a.is("joined", "room", "other")
	a.say("notify", "to", c.client, "text", "too late")
	a.say("chat", "room", "other", "text", "anyone?")
	for got := ""; got != "chat"; {
		m, ok := a.take(liveLimit)
		t.must(ok && (m.kind == "chat" || m.kind == "error"), "WebSocket: got %s, want the chat", m)
		got = m.kind
	}
	a.quiet("after another has gone")

	within(liveLimit, func() bool { _, beats, ended := a.state(); return beats >= 2 || ended })
	_, beats, ended := a.state()
	t.ok(beats >= 2 && !ended, "%d pings in %s of HEARTBEAT_SECONDS=1; ended: %v", beats, liveLimit, ended)
	dead := t.rawUpgrade(in)
	defer dead.close()
	_ = dead.conn.SetReadDeadline(time.Now().Add(liveLimit))
	_, err := io.Copy(io.Discard, dead.r)
	t.ok(!timedOut(err), "a client that answers no ping is still connected after %s", liveLimit)
	a.quiet("at the end")
}

// subscribed shows the changes to a and not to b, which has not asked for them.
func (t *T) subscribed(in *instance, a, b *socket) {
	from := a.subscribe(-1)
	t.ok(from >= a.last, "WebSocket: subscribed from %d, and the welcome said %d", from, a.last)
	n := t.post(in, liveText, liveText)
	is := func(change, raw string) {
		got := a.pushed()
		t.ok(got.Change == change && got.raw == raw, "WebSocket: %s %s, want %s %s", got.Change, clip(got.raw, 200), change, clip(raw, 200))
		t.ok(got.ID > from, "WebSocket: change %d after %d", got.ID, from)
		from = got.ID
	}
	is("created", n.raw)
	p := t.patch(in, n.ID, "pushed")
	is("updated", p.raw)
	t.remove(in, n.ID)
	is("deleted", p.raw)
	b.quiet("without a subscription")
	a.say("unsubscribe")
	a.is("unsubscribed")
	b.subscribe(-1)
	t.post(in, "not for all", "")
	b.pushed()
	a.quiet("after unsubscribe")
	b.say("unsubscribe")
	b.is("unsubscribed")
}

func checkLiveLimits(t *T) {
	in := t.liveService("the service with rude clients", "15")
	defer t.end(in)
	s := t.socket(in)
	defer s.close()
	for _, text := range []string{
		"", "{", "nonsense", `{"type":"ping"`, `{"type":"ping"}}`, "[]", `["ping"]`, `"ping"`, "1", "null", "true", "{}", `{"type":null}`, `{"type":1}`, `{"type":["ping"]}`, `{"type":{}}`,
		`{"type":"nothing"}`, `{"type":"Ping"}`, `{"type":"welcome"}`, `{"type":"__proto__"}`, `{"type":"constructor"}`, `{"type":"toString"}`, `{"type":"__init__"}`,
		`{"type":"join"}`, `{"type":"join","room":""}`, `{"type":"join","room":7}`, `{"type":"join","room":null}`, `{"type":"join","room":["lobby"]}`, `{"type":"join","room":{}}`, `{"type":"leave"}`, `{"type":"leave","room":7}`,
		`{"type":"chat"}`, `{"type":"chat","room":"lobby"}`, `{"type":"chat","text":"x"}`, `{"type":"chat","room":"lobby","text":7}`, `{"type":"chat","room":"__proto__","text":"x"}`,
		`{"type":"notify"}`, `{"type":"notify","to":7,"text":"x"}`, `{"type":"notify","to":null,"text":"x"}`, `{"type":"notify","text":"x"}`, fmt.Sprintf(`{"type":"notify","to":%q}`, s.client),
		`{"type":"subscribe","lastEventId":"1"}`, `{"type":"subscribe","lastEventId":-1}`, `{"type":"subscribe","lastEventId":1.5}`, `{"type":"subscribe","lastEventId":9007199254740992}`, `{"type":"subscribe","lastEventId":1e400}`, `{"type":"subscribe","lastEventId":[]}`,
		`{"type":"ping" "x":1}`, "\x00", `{"type":"join","room":"` + strings.Repeat("x", 65) + `"}`, strings.Repeat("[", 8000), strings.Repeat(`{"type":`, 1500), strings.Repeat("9", 5000),
		`{"type":"join","room":"\ud800"}`, `{"type":"join","room":"` + "a\nb" + `"}`,
	} {
		s.write(text)
		s.refuses(clip(text, 60))
	}
	s.quiet("after what it should not send")

	room := strings.Repeat("😀", 64)
	s.say("join", "room", room)
	s.is("joined", "room", room)
	for _, text := range []string{"x", strings.Repeat("x", 1000), strings.Repeat("漢", 1000), strings.Repeat("😀", 1000)} {
		s.say("chat", "room", room, "text", text)
		s.is("chat", "room", room, "from", s.client, "text", text, "at", nil)
		s.say("notify", "to", s.client, "text", text)
		s.is("notification", "from", s.client, "text", text, "at", nil)
	}
	for _, bad := range []string{`""`, strconv.Quote(strings.Repeat("x", 1001)), `"` + strings.Repeat("😀", 1001) + `"`, "7", "null", `["x"]`, `"\ud800"`, `"a\udc00b"`, `"\ud83dx"`} {
		quoted, _ := json.Marshal(room)
		s.write(fmt.Sprintf(`{"type":"chat","room":%s,"text":%s}`, quoted, bad))
		s.refuses("chat with the text " + clip(bad, 40))
		s.write(fmt.Sprintf(`{"type":"notify","to":%q,"text":%s}`, s.client, bad))
		s.refuses("notify with the text " + clip(bad, 40))
	}
	// A database that stores no NUL hands it to no other process either.
	s.say("chat", "room", room, "text", "a\x00b")
	m, ok := s.take(liveLimit)
	t.must(ok, "WebSocket: no answer to a NUL in a chat")
	t.ok(m.kind == "error" || (m.kind == "chat" && m.m["text"] == "a\x00b"), "WebSocket: a NUL in a chat came back as %s", m)
	for i := 1; i < 20; i++ {
		s.say("join", "room", fmt.Sprint("room ", i))
		s.is("joined", "room", fmt.Sprint("room ", i))
	}
	s.say("join", "room", "one too many")
	s.refuses("join a 21st room")
	s.say("leave", "room", room)
	s.is("left", "room", room)
	s.say("join", "room", "one more")
	s.is("joined", "room", "one more")
	s.write(`{"type":"ping"` + strings.Repeat(" ", 16<<10-len(`{"type":"ping"}`)) + "}")
	s.is("pong")

	t.closes(in)
	s.quiet("after others were closed")
	t.status(t.do(in, req{method: "GET", path: "/healthz"}), 200)
}

// closes sends what ends a connection, each on one of its own.
func (t *T) closes(in *instance) {
	long := []byte(`{"type":"ping"` + strings.Repeat(" ", 16<<10) + "}")
	ctx, cancel := context.WithTimeout(t.ctx, requestLimit)
	defer cancel()
	s := t.socket(in)
	s.write(string(long))
	s.closed(websocket.StatusMessageTooBig, "a message over 16 KiB")
	s = t.socket(in)
	if w, err := s.conn.Writer(ctx, websocket.MessageText); t.ok(err == nil, "WebSocket: %v", err) {
		for part := range bytes.Lines(bytes.ReplaceAll(long, []byte("   "), []byte(strings.Repeat(" ", 2000)+"\n"))) {
			if _, err := w.Write(part); err != nil {
				break
			}
		}
		w.Close()
		s.closed(websocket.StatusMessageTooBig, "a message over 16 KiB in pieces")
	}
	// 1 MiB that is 1 KiB on the wire, where the service takes such.
	s, _, err := t.dialSocket(in, "", websocket.CompressionContextTakeover)
	t.must(err == nil, "WebSocket with compression offered: %v", err)
	t.welcome(s)
	s.write(`{"type":"ping"` + strings.Repeat(" ", 1<<20) + "}")
	s.closed(websocket.StatusMessageTooBig, "a message of 1 MiB")
	s = t.socket(in)
	s.conn.Write(ctx, websocket.MessageBinary, []byte(`{"type":"ping"}`))
	s.closed(websocket.StatusUnsupportedData, "a binary message")
	// What is no text or no frame ends the connection, whatever it is told.
	s = t.socket(in)
	s.conn.Write(ctx, websocket.MessageText, []byte("{\"type\":\"ping\",\"x\":\"\xff\"}"))
	if m, ok := s.take(liveLimit); ok {
		t.ok(m.kind == "error", "WebSocket: broken UTF-8 is answered with %s", m)
		s.close()
	}
	for _, broken := range [][]byte{{0x81, 0x05, 'h', 'e', 'l', 'l', 'o'}, {0xf3, 0x80, 0, 0, 0, 0}, {0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0}, {0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0x88}, 3)} {
		w := t.rawUpgrade(in)
		w.conn.Write(broken)
		w.conn.SetReadDeadline(time.Now().Add(time.Second))
		io.Copy(io.Discard, w.r)
		w.close()
	}
	for range 50 {
		w := t.rawUpgrade(in)
		w.close()
	}
}

func checkLiveOrigin(t *T) {
	t.stopService()
	allowed := []string{"http://localhost:5173", "https://app.example.org"}
	in := t.launch("the service asked from other origins", "/readyz", map[string]string{"CORS_ORIGINS": strings.Join(allowed, ",")})
	defer t.end(in)
	for _, origin := range append(allowed, "", in.base) {
		s, _, err := t.dialSocket(in, origin, websocket.CompressionDisabled)
		if t.ok(err == nil, "a WebSocket from the origin %q is refused: %v", origin, err) {
			t.welcome(s)
			s.close()
		}
	}
	for _, origin := range []string{"https://evil.example", "null", in.base + ".evil.example", in.base + "0", "http://localhost", "http://localhost:5173.evil.example", "http://localhost:51730", "https://app.example.org.evil.example", "evil"} {
		a := t.upgrade(in, socketPath, "Origin: "+origin)
		if origin == "null" {
			t.logged(in, a.header.Get("X-Request-Id"), 403, socketPath)
		}
		a.req.path = socketPath + " from " + origin
		t.problem(a, 403)
	}
	plain := t.do(in, req{method: "GET", path: socketPath})
	t.problem(plain, 426)
	t.ok(containsWord(plain.header.Values("Upgrade"), "websocket"), "GET %s: Upgrade %q, want websocket", socketPath, plain.header.Get("Upgrade"))
	a := t.upgrade(in, socketPath, "Sec-WebSocket-Version: 1")
	t.ok(a.status >= 400 && a.status < 500, "an upgrade with an unknown version: status %d, want a refusal", a.status)
	for _, path := range []string{"/nothing", socketPath + "/", socketPath + "/x", "/api/nothing"} {
		t.problem(t.upgrade(in, path), 404)
	}
	a = t.upgrade(in, "/healthz")
	t.ok(a.status == 200 || (a.status >= 400 && a.status < 500), "an upgrade of /healthz: status %d", a.status)
	for origin, want := range map[string]string{allowed[0]: allowed[0], "https://evil.example": ""} {
		s, err := t.open(in, "GET", "", map[string]string{"Origin": origin})
		t.must(err == nil, "GET %s: no answer: %v", eventsPath, err)
		t.ok(s.header.Get("Access-Control-Allow-Origin") == want, "GET %s from %s: Access-Control-Allow-Origin %q, want %q", eventsPath, origin, s.header.Get("Access-Control-Allow-Origin"), want)
		s.cancel()
	}
	s := t.socket(in)
	s.quiet("after others were refused")
	s.close()
}

// upgrade asks for a WebSocket by hand and gives the answer, whatever it is.
func (t *T) upgrade(in *instance, path string, header ...string) *answer {
	w := t.dial(in)
	defer w.close()
	all := []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}
	if !strings.Contains(strings.Join(header, "\n"), "Sec-WebSocket-Version") {
		all = append(all, "Sec-WebSocket-Version: 13")
	}
	w.head("GET", path, append(all, header...)...)
	_ = w.conn.SetReadDeadline(time.Now().Add(requestLimit))
	res, err := http.ReadResponse(w.r, &http.Request{Method: "GET"})
	t.must(err == nil, "GET %s with Upgrade: no answer: %v", path, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	t.must(err == nil, "GET %s with Upgrade: the answer broke off: %v", path, err)
	w.e.answer = &answer{status: res.StatusCode, header: res.Header, body: data, req: req{method: "GET", path: path}}
	return w.e.answer
}
