package probe

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

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
