//go:build unix

package double

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// live is the real-time part of the double: the lines of its store are the
// events, and it looks for new ones all the time.
type live struct {
	d         *double
	heartbeat time.Duration
	mu        sync.Mutex
	events    []levent
	sizes     []int64 // of the first n events together
	offset    int64
	known     map[int64]dnote
	changed   chan struct{} // closed at each change
	clients   map[string]*lclient
	readers   map[*lreader]bool
	seq       int
	streams   int
	heard     int // of the messages between processes
	stopped   chan struct{}
}

// levent is one event; its id is its place in the list, from 1 on.
type levent struct {
	change string
	note   dnote
}

// lreader is who is handed events: where it is, where the feed was when it
// came, and what cuts it off.
type lreader struct {
	at    atomic.Int64
	begun int64
	cut   func()
}

// waiting is how much may wait for one reader.
const waiting = 1 << 20

// lmessage is what one client says to others.
type lmessage struct {
	Type string `json:"type"`
	Room string `json:"room,omitempty"`
	To   string `json:"to,omitempty"`
	From string `json:"from"`
	Text string `json:"text"`
	At   string `json:"at"`
}

const tick = 5 * time.Millisecond

// newLive reads the heartbeat and says what is wrong with it.
func newLive(d *double) (*live, string) {
	seconds, err := strconv.Atoi(os.Getenv("HEARTBEAT_SECONDS"))
	if os.Getenv("HEARTBEAT_SECONDS") == "" {
		seconds, err = 15, nil
	}
	if err != nil || seconds < 1 || seconds > 300 {
		if !d.has("live-any-heartbeat") {
			return nil, "HEARTBEAT_SECONDS has to be a number from 1 to 300"
		}
		seconds = 15
	}
	return &live{d: d, heartbeat: time.Duration(seconds) * time.Second, known: map[int64]dnote{}, changed: make(chan struct{}),
		clients: map[string]*lclient{}, readers: map[*lreader]bool{}, sizes: []int64{0}, stopped: make(chan struct{})}, ""
}

// run looks for events and messages until the end.
func (l *live) run() {
	for {
		select {
		case <-l.stopped:
			return
		case <-time.After(tick):
		}
		if err := l.look(); err != nil && l.d.has("live-outage-ends") {
			l.mu.Lock()
			l.wake()
			close(l.stopped)
			l.mu.Unlock()
			return
		}
		if s, ok := l.d.store.(*serverStore); ok {
			for _, m := range s.messages(l.heard) {
				l.heard++
				l.deliver(m)
			}
		}
	}
}

// look reads what is new in the store.
func (l *live) look() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, err := l.d.store.from(l.offset)
	if err != nil {
		return err
	}
	data = data[:bytes.LastIndexByte(data, '\n')+1]
	l.offset += int64(len(data))
	for line := range bytes.Lines(data) {
		var c change
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		switch _, there := l.known[noteOf(c)]; {
		case c.Note == nil:
			l.events = append(l.events, levent{"deleted", l.known[c.Gone]})
			delete(l.known, c.Gone)
			continue
		case there:
			l.events = append(l.events, levent{"updated", *c.Note})
		default:
			l.events = append(l.events, levent{"created", *c.Note})
		}
		l.known[c.Note.ID] = *c.Note
	}
	if len(data) > 0 {
		l.wake()
	}
	for _, e := range l.events[len(l.sizes)-1:] {
		l.sizes = append(l.sizes, l.sizes[len(l.sizes)-1]+int64(len(e.note.Title)+len(e.note.Body)+150))
	}
	for r := range l.readers {
		if l.sizes[len(l.events)]-l.sizes[max(r.at.Load(), r.begun)] > waiting && !l.d.has("live-waits") {
			r.cut()
		}
	}
	return nil
}

// reader is somebody new who is handed events.
func (l *live) reader(at int64, cut func()) (r *lreader, leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r = &lreader{begun: int64(len(l.events)), cut: cut}
	r.at.Store(at)
	l.readers[r] = true
	return r, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.readers, r)
	}
}

func noteOf(c change) int64 {
	if c.Note != nil {
		return c.Note.ID
	}
	return c.Gone
}

func (l *live) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// since gives the events after an id, and what will be closed at the next one.
func (l *live) since(id int64) ([]levent, chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[min(int(id), len(l.events)):], l.changed
}

// begin is where a client begins that has seen everything up to last, -1 for
// none; reset says that there is no such event.
func (l *live) begin(last int64) (from int64, reset bool, err error) {
	if err := l.look(); err != nil {
		return 0, false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := int64(len(l.events))
	switch {
	case last < 0:
		return now, false, nil
	case last > now:
		return now, true, nil
	case l.d.has("live-resume-loses"):
		return now, false, nil
	}
	return last, false, nil
}

func (l *live) route(w http.ResponseWriter, r *http.Request, path string) (bool, error) {
	switch path {
	case "/live":
		page := `<!doctype html><link rel="stylesheet" href="/live.css"><script src="/live.js" defer></script><ul id="notes"></ul>`
		if l.d.has("live-inline") {
			page += `<button onclick="send()">Send</button>`
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	case "/live.css":
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, "ul{color:#222}")
	case "/live.js":
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "new EventSource('/api/notes/events'); new WebSocket('/ws')")
	case "/ws":
		return true, l.socket(w, r)
	case eventsPath:
		return true, l.stream(w, r)
	default:
		return false, nil
	}
	return true, nil
}

const eventsPath = "/api/notes/events"

// liveRoutes are the methods of what the real-time part adds.
var liveRoutes = map[string][]string{"/live": {"GET", "HEAD"}, "/live.css": {"GET", "HEAD"}, "/live.js": {"GET", "HEAD"}, "/ws": {"GET"}, eventsPath: {"GET", "HEAD"}}

func (l *live) stream(w http.ResponseWriter, r *http.Request) error {
	last := int64(-1)
	if text := r.Header.Get("Last-Event-ID"); text != "" {
		var bad bool
		if last, bad = integer(text, 0, maxID); bad {
			return fault{422, "the id does not fit", [][2]string{{"Last-Event-ID", "has to be an integer from 0 on"}}}
		}
	}
	if len(r.URL.Query()) > 0 {
		return fault{422, "a parameter does not fit", [][2]string{{"query", "is not known"}}}
	}
	at, reset, err := l.begin(last)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	if r.Method == "HEAD" {
		return nil
	}
	out := http.NewResponseController(w.(*recorder).ResponseWriter)
	me, leave := l.reader(at, func() { _ = out.SetWriteDeadline(time.Now()) })
	defer leave()
	write := func(text string) bool {
		_, err := fmt.Fprint(w, text)
		return err == nil && out.Flush() == nil
	}
	name := "ready"
	if reset {
		name = "reset"
	}
	write(fmt.Sprintf("id: %d\nevent: %s\ndata: {\"id\":%d}\n\n", at, name, at))
	l.mu.Lock()
	l.streams++
	mine := l.streams
	l.mu.Unlock()
	beat := time.NewTicker(l.heartbeat)
	defer beat.Stop()
	for {
		events, changed := l.since(at)
		for _, e := range events {
			at++
			if l.d.has("live-drops") && mine == 12 && at%7 == 0 {
				continue
			}
			if !write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", at, e.change, e.json(at, ""))) {
				return nil
			}
			me.at.Store(at)
		}
		stopped := l.stopped
		if l.d.has("live-stays") {
			stopped = nil
		}
		select {
		case <-changed:
		case <-beat.C:
			if !l.d.has("live-no-heartbeat") && !write(": ping\n\n") {
				return nil
			}
		case <-stopped:
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

func (e levent) json(id int64, kind string) []byte {
	data, _ := json.Marshal(struct {
		Type   string `json:"type,omitempty"`
		ID     int64  `json:"id"`
		Change string `json:"change"`
		Note   dnote  `json:"note"`
	}{kind, id, e.change, e.note})
	return data
}

// publish hands a message to all processes, this one included.
func (l *live) publish(m lmessage) {
	if s, ok := l.d.store.(*serverStore); ok && !l.d.has("live-local") {
		s.publish(m)
		return
	}
	l.deliver(m)
}

func (l *live) deliver(m lmessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := m.To
	m.To = ""
	data, _ := json.Marshal(m)
	for _, c := range l.clients {
		in := c.rooms[m.Room] || l.d.has("live-all-rooms")
		if (m.Type == "chat" && in) || (m.Type == "notification" && c.id == to) {
			select {
			case c.out <- lout{data: data}:
			default: // it is far behind
			}
		}
	}
}

// stop ends everything at once.
func (l *live) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.stopped:
	default:
		close(l.stopped)
	}
	var all sync.WaitGroup
	for _, c := range l.clients {
		all.Add(1)
		go func() {
			defer all.Done()
			c.conn.Close(websocket.StatusGoingAway, "shutting down")
		}()
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(300 * time.Millisecond): // for who does not answer
	}
}
