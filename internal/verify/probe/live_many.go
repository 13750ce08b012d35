package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// How many there are: fewer where the suite itself is tested.
var (
	fanSubscribers = 200
	fanChanges     = 1000
	resumeChanges  = 200
)

// A written is a change that the service has acknowledged.
type written struct {
	change, raw string
	note        int64
}

// writer changes notes, one request after the other: makes one, changes it a
// few times, deletes it.
type writer struct {
	in   *instance
	done []written
	all  *atomic.Int64 // of all writers
	err  error
}

// work makes n changes, or as many as there can be until the service is gone.
func (w *writer) work(ctx context.Context, name string, n int) {
	var raw string
	var id int64
	for i := range n {
		r := req{method: "PATCH", path: notePath(id)}
		data, _ := json.Marshal(map[string]string{"title": fmt.Sprintf("%s %d", name, i)})
		r.body = data
		want, change := 200, "updated"
		switch i % 5 {
		case 0:
			r.method, r.path, want, change = "POST", "/api/notes", 201, "created"
		case 4:
			r.method, r.body, want, change = "DELETE", nil, 204, "deleted"
		}
		a, err := w.in.client.try(ctx, r)
		if err == nil && a.status != want {
			err = fmt.Errorf("%s: status %d, want %d", a.where(), a.status, want)
		}
		if err != nil {
			w.err = err
			return
		}
		if change != "deleted" {
			v, _ := decode(a.body)
			m, _ := v.(map[string]any)
			number, _ := m["id"].(json.Number)
			id, _ = number.Int64()
			out, _ := json.Marshal(m)
			raw = string(out)
		}
		w.done = append(w.done, written{change, raw, id})
		w.all.Add(1)
	}
}

// writers run at once; wait gives what they have written, and their errors.
func (t *T) writers(in *instance, name string, count, each int) (all *atomic.Int64, wait func() ([]written, []error)) {
	all = &atomic.Int64{}
	list := make([]writer, count)
	var wg sync.WaitGroup
	for i := range list {
		list[i] = writer{in: in, all: all}
		wg.Add(1)
		go func() {
			defer wg.Done()
			list[i].work(t.ctx, fmt.Sprintf("%s %d", name, i), each)
		}()
	}
	return all, func() (out []written, errs []error) {
		wg.Wait()
		for _, w := range list {
			out = append(out, w.done...)
			if w.err != nil {
				errs = append(errs, w.err)
			}
		}
		return out, errs
	}
}

// A follower is a client of either kind and the changes that it has seen.
type follower struct {
	name   string
	stream *stream
	socket *socket
	seen   []change
	last   int64
	bad    string // the first thing that was wrong
}

// follow opens the i-th follower: streams and WebSockets take turns.
func (t *T) follow(in *instance, i int, last int64) *follower {
	f := &follower{}
	if i%2 == 0 {
		f.name, f.stream = fmt.Sprintf("stream %d", i), t.stream(in, lastID(last))
		f.last = t.ready(f.stream, "ready")
		t.ok(last < 0 || f.last == last, "a stream with Last-Event-ID %d is ready at %d", last, f.last)
		return f
	}
	f.name, f.socket = fmt.Sprintf("WebSocket %d", i), t.socket(in)
	f.last = f.socket.subscribe(last)
	return f
}

func lastID(last int64) string {
	if last < 0 {
		return ""
	}
	return strconv.FormatInt(last, 10)
}

// next reads one change; false when none came in time or the client has ended.
func (f *follower) next(limit time.Duration) bool {
	var c change
	var err error
	if f.stream != nil {
		e, ok := f.stream.take(limit)
		if !ok {
			return false
		}
		if c, err = changeOf(e.data); err == nil && (e.id != strconv.FormatInt(c.ID, 10) || e.name != c.Change) {
			err = fmt.Errorf("it is event %s with id %s", e.name, e.id)
		}
		if err != nil {
			f.blame("an event cannot be read: %v: %s", err, clip(e.data, 200))
			return false
		}
	} else {
		m, ok := f.socket.take(limit)
		if !ok {
			return false
		}
		if c, err = changeOf(m.raw); err != nil || m.kind != "change" {
			f.blame("not a change: %s", m)
			return false
		}
	}
	if c.ID <= f.last {
		f.blame("change %d comes after change %d", c.ID, f.last)
	}
	f.last = c.ID
	f.seen = append(f.seen, c)
	return true
}

func (f *follower) blame(format string, args ...any) {
	if f.bad == "" {
		f.bad = fmt.Sprintf(format, args...)
	}
}

func (f *follower) close() {
	if f.stream != nil {
		f.stream.cancel()
	} else {
		f.socket.close()
	}
}

// same asserts that a follower has seen what the first one has.
func (t *T) same(f, first *follower) {
	t.ok(f.bad == "", "%s: %s", f.name, f.bad)
	t.ok(len(f.seen) == len(first.seen), "%s has %d changes, %s has %d", f.name, len(f.seen), first.name, len(first.seen))
	i := 0
	for i < min(len(f.seen), len(first.seen)) && f.seen[i] == first.seen[i] {
		i++
	}
	if i < min(len(f.seen), len(first.seen)) {
		a, b := f.seen[i], first.seen[i]
		t.fail("%s has %d %s %s as its change number %d, %s has %d %s %s",
			f.name, a.ID, a.Change, clip(a.raw, 120), i, first.name, b.ID, b.Change, clip(b.raw, 120))
	}
}

// tells asserts that what was seen is what was written, in the order of each
// note; up to extra changes may be there that nobody has acknowledged.
func (t *T) tells(f *follower, done []written, extra int) {
	seen := map[int64][]change{}
	for _, c := range f.seen {
		seen[c.noteID] = append(seen[c.noteID], c)
	}
	for _, w := range done {
		next := seen[w.note]
		if !t.ok(len(next) > 0, "%s: %s of note %d has not come", f.name, w.change, w.note) {
			continue
		}
		t.ok(next[0].Change == w.change && next[0].raw == w.raw, "%s: note %d: %s %s, want %s %s", f.name, w.note, next[0].Change, clip(next[0].raw, 120), w.change, clip(w.raw, 120))
		seen[w.note] = next[1:]
	}
	left := 0
	for _, more := range seen {
		left += len(more)
	}
	t.ok(left <= extra, "%s: %d changes that nobody has made, want at most %d", f.name, left, extra)
}

func checkLiveFanout(t *T) {
	in := t.liveService("the service with many subscribers", "15")
	defer t.end(in)
	var all []*follower
	defer func() {
		for _, f := range all {
			f.close()
		}
	}()
	for i := range fanSubscribers {
		all = append(all, t.follow(in, i, -1))
	}
	start := time.Now()
	_, wait := t.writers(in, "fan", 8, fanChanges/8)
	done, errs := wait()
	for _, err := range errs {
		t.ok(false, "a writer could not go on: %v", err)
	}
	first := all[0]
	for _, f := range all {
		for len(f.seen) < len(done) && f.next(liveLimit) {
		}
	}
	t.said = fmt.Sprintf("%d changes for %d subscribers in %.1f s", len(done), len(all), time.Since(start).Seconds())
	t.tells(first, done, 0)
	for _, f := range all {
		t.same(f, first)
	}
	time.Sleep(200 * time.Millisecond)
	for _, f := range all {
		t.ok(!f.next(0), "%s has more than what was changed", f.name)
	}
}

func checkLiveResume(t *T) {
	in := t.liveService("the service that is killed", "15")
	defer in.leave()
	in.strange = true // the last line that it logs may be half of one
	var all []*follower
	defer func() {
		for _, f := range all {
			f.close()
		}
	}()
	const clients, writing = 6, 4
	for i := range clients {
		all = append(all, t.follow(in, i, -1))
	}
	begun := all[0].last
	count, wait := t.writers(in, "before", writing, 100_000)
	within(2*time.Minute, func() bool { return count.Load() >= int64(resumeChanges) || in.exited() })
	in.proc.Kill()
	<-in.done
	done, _ := wait()
	t.must(len(done) >= resumeChanges, "only %d changes were made before the kill, want %d", len(done), resumeChanges)
	for _, f := range all {
		for f.next(liveLimit) {
		}
	}

	in = t.launch("the service after the kill", "/readyz", map[string]string{"HEARTBEAT_SECONDS": "15"})
	defer t.end(in)
	for i, f := range all {
		f.close()
		again := t.follow(in, i, f.last)
		again.seen, again.bad = f.seen, f.bad
		all[i] = again
	}
	_, wait = t.writers(in, "after", writing, resumeChanges/writing)
	more, errs := wait()
	for _, err := range errs {
		t.ok(false, "a writer could not go on after the restart: %v", err)
	}
	done = append(done, more...)
	last := t.post(in, "the last one", "")
	done = append(done, written{"created", last.raw, last.ID})
	// Who was there before, and who has missed all of it and comes now.
	for i := range 2 {
		f := t.follow(in, i, begun)
		f.name += " from the beginning"
		all = append(all, f)
	}
	for _, f := range all {
		for (len(f.seen) == 0 || f.seen[len(f.seen)-1].noteID != last.ID) && f.next(liveLimit) {
		}
	}
	t.tells(all[0], done, writing)
	for _, f := range all {
		t.same(f, all[0])
	}

	// Nobody has seen what has not happened yet.
	future := all[0].last + 1_000_000
	s := t.stream(in, strconv.FormatInt(future, 10))
	defer s.cancel()
	at := t.ready(s, "reset")
	t.ok(at == all[0].last, "a Last-Event-ID from the future is reset to %d, want %d", at, all[0].last)
	w := t.socket(in)
	defer w.close()
	w.say("subscribe", "lastEventId", future)
	t.ok(w.expect("reset", "lastEventId").number("lastEventId") == all[0].last, "WebSocket: reset to another event than %d", all[0].last)
	n := t.post(in, "after the reset", "")
	t.ok(t.streamed(s).raw == n.raw, "the stream does not go on after a reset")
	t.ok(w.pushed().raw == n.raw, "the WebSocket does not go on after a reset")
}
