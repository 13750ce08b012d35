package probe

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

var (
	// slowChanges of almost 100 KB are more than the system's own buffers hold.
	slowChanges = 200
	slowClients = 20
	// heldLimit is how much more a service may hold, in bytes, when slowClients
	// do not read.
	heldLimit = int64(256 << 20)
	// endLimit is how long the end of all streams, and the exit, may take: well
	// under two seconds on a quiet machine.
	endLimit = 5 * time.Second
)

// frameOf reads one frame of a server.
func frameOf(r *bufio.Reader) (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if size := map[uint64]int{126: 2, 127: 8}[length]; size > 0 {
		var more [8]byte
		if _, err := io.ReadFull(r, more[8-size:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(more[:])
	}
	payload = make([]byte, min(length, 1<<24))
	_, err = io.ReadFull(r, payload)
	return head[0] & 0x0f, payload, err
}

// slowSocket subscribes and then reads nothing.
func (t *T) slowSocket(in *instance) *wire {
	w := t.rawUpgrade(in)
	w.conn.SetReadDeadline(time.Now().Add(liveLimit))
	w.frame(`{"type":"subscribe"}`)
	for {
		_, payload, err := frameOf(w.r)
		t.must(err == nil, "WebSocket: not subscribed: %v", err)
		if strings.Contains(string(payload), `subscribed`) {
			return w
		}
	}
}

// slowStream opens the events and then reads nothing.
func (t *T) slowStream(in *instance) (*wire, io.Reader) {
	w := t.dial(in)
	_ = w.conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	w.head("GET", eventsPath)
	w.conn.SetReadDeadline(time.Now().Add(liveLimit))
	res, err := http.ReadResponse(w.r, &http.Request{Method: "GET"})
	t.must(err == nil && res.StatusCode == 200, "GET %s: no stream: %v, %v", eventsPath, res, err)
	buf := make([]byte, 512)
	_, err = res.Body.Read(buf)
	t.must(err == nil, "GET %s: no beginning: %v", eventsPath, err)
	return w, res.Body
}

func checkLiveSlow(t *T) {
	in := t.liveService("the service with clients that do not read", "300")
	defer t.end(in)
	s, fast := t.stream(in, ""), t.socket(in)
	defer s.cancel()
	defer fast.close()
	t.ready(s, "ready")
	fast.subscribe(-1)
	n := t.post(in, "grows", "")
	t.streamed(s)
	fast.pushed()
	before, known := memory(in.proc.Pid())
	most := before
	var wires, sockets []*wire
	var streams []io.Reader
	defer func() {
		for _, w := range wires {
			w.close()
		}
	}()
	for i := range slowClients {
		if i%2 == 0 {
			w := t.slowSocket(in)
			wires, sockets = append(wires, w), append(sockets, w)
			continue
		}
		w, body := t.slowStream(in)
		wires, streams = append(wires, w), append(streams, body)
		w.conn.SetReadDeadline(time.Time{})
	}
	total := 0
	for i := range slowChanges {
		data, _ := json.Marshal(map[string]string{"body": strings.Repeat(string(rune('a'+i%26)), 99_990) + fmt.Sprint(i)})
		a := t.do(in, req{method: "PATCH", path: notePath(n.ID), body: data})
		t.must(a.status == 200, "%s: status %d beside clients that do not read", a.where(), a.status)
		raw := t.note(a).raw
		total += len(raw)
		t.must(t.streamed(s).raw == raw, "a stream that is read got another change than number %d", i)
		t.must(fast.pushed().raw == raw, "a WebSocket that is read got another change than number %d", i)
		if i%20 == 0 {
			held, _ := memory(in.proc.Pid())
			most = max(most, held)
		}
	}
	held, _ := memory(in.proc.Pid())
	most = max(most, held)
	if known {
		t.ok(most-before < heldLimit, "%d clients that do not read make it hold %d MiB more, want less than %d", slowClients, (most-before)>>20, heldLimit>>20)
	}
	t.said = fmt.Sprintf("%d clients that did not read, %d MiB for each: it held %d MiB more", slowClients, total>>20, max(0, most-before)>>20)
	deadline := time.Now().Add(liveLimit)
	for _, w := range sockets {
		w.conn.SetReadDeadline(deadline)
		read, code, err := rest(w)
		t.ok(!timedOut(err), "a WebSocket that did not read was not cut off")
		t.ok(read < total, "a WebSocket that did not read got all %d bytes", total)
		t.ok(code == 0 || code == int(websocket.StatusTryAgainLater), "a WebSocket that did not read was closed with %d, want 1013", code)
	}
	for _, body := range streams {
		read := make(chan error, 1)
		var got int64
		go func() {
			var err error
			got, err = io.Copy(io.Discard, body)
			read <- err
		}()
		select {
		case <-read:
			t.ok(int(got) < total, "a stream that did not read got all %d bytes", total)
		case <-time.After(time.Until(deadline)):
			t.ok(false, "a stream that did not read was not cut off")
		}
	}
	last := t.post(in, "after the slow ones", "")
	t.ok(t.streamed(s).raw == last.raw && fast.pushed().raw == last.raw, "who does read does not get the change after the slow ones were cut off")
}

// rest reads what is left on a connection, to its end or a close frame.
func rest(w *wire) (read, code int, err error) {
	for {
		opcode, payload, err := frameOf(w.r)
		if err != nil {
			return read, 0, err
		}
		read += len(payload)
		if opcode == 8 {
			if len(payload) >= 2 {
				code = int(binary.BigEndian.Uint16(payload))
			}
			return read, code, nil
		}
	}
}

func timedOut(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func checkLiveStop(t *T) {
	in := t.liveService("the service stopped with streams and WebSockets open", "15")
	defer in.leave()
	var streams []*stream
	var sockets []*socket
	for range 20 {
		s := t.stream(in, "")
		defer s.cancel()
		t.ready(s, "ready")
		w := t.socket(in)
		defer w.close()
		w.subscribe(-1)
		w.say("join", "room", "lobby")
		w.is("joined", "room", "lobby")
		streams, sockets = append(streams, s), append(sockets, w)
	}
	// One that will answer no close frame.
	dead := t.rawUpgrade(in)
	defer dead.close()
	n := t.post(in, "the last change", "")
	for i := range streams {
		t.ok(t.streamed(streams[i]).raw == n.raw && sockets[i].pushed().raw == n.raw, "the last change did not come before the end")
	}
	in.client.close()
	start := time.Now()
	t.must(in.proc.Signal(syscall.SIGTERM) == nil, "SIGTERM cannot be sent")
	for i, s := range streams {
		_, at, ended := s.over(endLimit)
		t.ok(ended && at.Sub(start) < endLimit, "stream %d is still open %s after SIGTERM", i, endLimit)
	}
	for _, s := range sockets {
		reason, at := s.closed(websocket.StatusGoingAway, "SIGTERM")
		t.ok(reason == "shutting down", "WebSocket, SIGTERM: the reason is %q, want shutting down", reason)
		t.ok(at.Sub(start) < endLimit, "WebSocket, SIGTERM: closed after %s", at.Sub(start))
	}
	t.gone(in, start)
	t.said = fmt.Sprintf("exit %.2f s after SIGTERM, with %d streams and %d WebSockets open", time.Since(start).Seconds(), len(streams), len(sockets)+1)
	t.ok(time.Since(start) < endLimit, "exit only %s after SIGTERM with streams open, want less than %s", time.Since(start).Round(10*time.Millisecond), endLimit)
}

func checkLiveOutage(t *T) {
	in := t.liveService("the service whose database goes away under its streams", "1")
	defer t.end(in)
	s, w, other := t.stream(in, ""), t.socket(in), t.socket(in)
	defer s.cancel()
	defer w.close()
	defer other.close()
	t.ready(s, "ready")
	w.subscribe(-1)
	for _, each := range []*socket{w, other} {
		each.say("join", "room", "lobby")
		each.is("joined", "room", "lobby")
	}
	is := func(n note, when string) {
		t.ok(t.streamed(s).raw == n.raw, "the stream got another change %s", when)
		t.ok(w.pushed().raw == n.raw, "the WebSocket got another change %s", when)
	}
	is(t.post(in, "before the outage", ""), "before the outage")
	db := t.run.target.Database
	t.can(db.Stop(t.ctx), "stopping the database")
	back := false
	defer func() {
		if !back {
			db.Restart(t.ctx)
		}
	}()
	t.until(in, "/readyz", 503)
	refused, err := t.open(in, "GET", "", nil)
	t.must(err == nil, "GET %s while the database is away: no answer: %v", eventsPath, err)
	t.problem(&answer{status: refused.status, header: refused.header, body: []byte(refused.body), req: req{method: "GET", path: eventsPath}}, 503)
	refused.cancel()
	_, beats, _ := s.state()
	within(liveLimit, func() bool { _, now, ended := s.state(); return now >= beats+2 || ended })
	_, now, ended := s.state()
	t.ok(now >= beats+2 && !ended, "the stream has %d heartbeats while the database is away; ended: %v", now-beats, ended)
	_, _, ended = w.state()
	t.must(!ended, "the WebSocket has ended while the database is away")

	t.must(db.Restart(t.ctx) == nil, "the database cannot be started again")
	back = true
	t.until(in, "/readyz", 200)
	is(t.post(in, "after the outage", ""), "after the outage")
	// What was said while the connection was lost may be lost; what is said
	// after a while must not be.
	heard := within(liveLimit, func() bool {
		w.say("chat", "room", "lobby", "text", "still there?")
		m, ok := other.take(time.Second)
		return ok && m.kind == "chat"
	})
	t.ok(heard, "a chat does not arrive after the outage")
}

func checkLiveProcesses(t *T) {
	one := t.liveService("the first of two processes", "15")
	defer t.end(one)
	two := t.launch("the second of two processes", "/readyz", map[string]string{"HEARTBEAT_SECONDS": "15"})
	defer t.end(two)
	s1, s2 := t.stream(one, ""), t.stream(two, "")
	defer s1.cancel()
	defer s2.cancel()
	a, b, c := t.socket(one), t.socket(two), t.socket(two)
	defer a.close()
	defer b.close()
	defer c.close()
	t.ready(s1, "ready")
	t.ready(s2, "ready")
	b.subscribe(-1)
	for i, in := range []*instance{one, two, one, two} {
		n := t.post(in, fmt.Sprint("process ", i), liveText)
		x, y, z := t.streamed(s1), t.streamed(s2), b.pushed()
		t.ok(x.raw == n.raw && y.raw == n.raw && z.raw == n.raw, "change %d in one process came to the other as another one", i)
		t.ok(x.ID == y.ID && y.ID == z.ID, "change %d has the ids %d, %d and %d", i, x.ID, y.ID, z.ID)
	}
	for _, each := range []struct {
		s    *socket
		room string
	}{{a, "lobby"}, {b, "lobby"}, {c, "other"}} {
		each.s.say("join", "room", each.room)
		each.s.is("joined", "room", each.room)
	}
	// The longest text of the widest characters is the largest payload.
	for _, text := range []string{"Hello", liveText, strings.Repeat("😀", 1000), strings.Repeat(`"`, 1000), strings.Repeat("\x01", 1000)} {
		for _, from := range []*socket{a, b} {
			from.say("chat", "room", "lobby", "text", text)
			for _, to := range []*socket{a, b} {
				to.is("chat", "room", "lobby", "from", from.client, "text", text, "at", nil)
			}
		}
		a.say("notify", "to", b.client, "text", text)
		b.is("notification", "from", a.client, "text", text, "at", nil)
	}
	b.say("notify", "to", a.client, "text", "back")
	a.is("notification", "from", b.client, "text", "back", "at", nil)
	a.quiet("in one process")
	b.quiet("in the other process")
	c.quiet("in another room of the other process")
	// A client that comes back to the other process goes on where it was.
	last := t.post(one, "between two processes", "")
	at := t.streamed(s1)
	next := t.post(two, "in the other process", "")
	again := t.stream(two, lastID(at.ID))
	defer again.cancel()
	t.ready(again, "ready")
	t.ok(at.raw == last.raw && t.streamed(again).raw == next.raw, "a stream does not go on in the other process")
}
