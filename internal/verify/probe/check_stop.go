package probe

import (
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

var stopChecks = []Check{
	{ID: "sigterm", Name: "finishes a request in flight on SIGTERM and exits 0",
		Reason: "every deployment stops the old copy; nobody's request should notice",
		Run:    checkSIGTERM},
	{ID: "sigterm-lock", Name: "finishes a request that waits for the database on SIGTERM", Applies: onPostgres,
		Reason: "closing the pool under a waiting request answers 500 to someone who did nothing wrong",
		Run:    checkSIGTERMLock},
	{ID: "sigint", Name: "stops on Ctrl-C as well",
		Reason: "it is how everyone stops it on their own machine",
		Run: func(t *T) {
			in := t.launch("the service stopped by Ctrl-C", "/healthz", nil)
			in.client.close()
			err := in.proc.Signal(syscall.SIGINT)
			t.ok(err == nil, "SIGINT: %v", err)
			code, ended := t.wait(in, stopLimit)
			if !t.ok(ended, "still running %s after SIGINT", stopLimit) {
				in.proc.Kill()
				<-in.done
			}
			t.ok(code == 0, "exit %d after SIGINT, want 0: %s", code, firstOf(in.stderr.text(), in.stdout.last()))
		}},
	{ID: "unread", Name: "works on and stops when nobody reads its log any more",
		Reason: "a log shipper that died must not take the service with it, nor keep it from stopping",
		Run:    checkUnread},
}

// checkUnread takes away the readers of a copy's output: from one at once
// before SIGTERM, from another while it still has requests to answer.
func checkUnread(t *T) {
	for _, busy := range []bool{false, true} {
		in, cut := t.deaf("the service whose log nobody reads")
		cut()
		if busy {
			for range 3 {
				a, err := in.client.try(t.ctx, req{method: "GET", path: "/openapi.json"})
				t.must(err == nil, "no answer without a reader of the log: %v", err)
				t.status(a, 200)
			}
		}
		in.client.close()
		start := time.Now()
		err := in.proc.Signal(syscall.SIGTERM)
		t.ok(err == nil, "SIGTERM without a reader of the log: %v", err)
		t.gone(in, start)
	}
}

// closes waits until the service takes no new connections.
func closes(in *instance, limit time.Duration) bool {
	start := time.Now()
	for time.Since(start) < limit {
		conn, err := net.DialTimeout("tcp", in.addr, 500*time.Millisecond)
		if err != nil {
			return true
		}
		conn.Close()
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// checkSIGTERM makes a request slow from the outside: half of its body stays
// with the client until the signal has been sent.
func checkSIGTERM(t *T) {
	t.stopService()
	in := t.launch("the service stopped with a request in flight", "/readyz", nil)
	idle := t.dial(in) // a kept connection with nothing on it must not hold up the exit
	defer idle.close()
	idle.head("GET", "/healthz")
	a, err := idle.answer(5 * time.Second)
	if t.ok(err == nil, "GET /healthz: %v", err) {
		t.status(a, 200)
	}
	if !t.run.target.Notes {
		start := time.Now()
		t.end(in)
		t.ok(time.Since(start) < stopLimit, "took %s to stop", time.Since(start))
		return
	}
	w := t.dial(in)
	defer w.close()
	body := `{"title":"in flight","body":"the second half came after SIGTERM"}`
	w.head("POST", "/api/notes", "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	io.WriteString(w.conn, body[:20])
	time.Sleep(400 * time.Millisecond)
	in.client.close()
	start := time.Now()
	t.must(in.proc.Signal(syscall.SIGTERM) == nil, "SIGTERM cannot be sent")
	t.ok(closes(in, 3*time.Second), "still takes new connections 3 s after SIGTERM")
	t.ok(!in.exited(), "exit %d with a request in flight", in.exit)
	io.WriteString(w.conn, body[20:])
	a, err = w.answer(stopLimit)
	var n note
	if t.ok(err == nil, "the request in flight was not answered after SIGTERM: %v", err) && t.status(a, 201) {
		n = t.note(a)
	}
	t.gone(in, start)
	if n.ID > 0 {
		got := t.note(t.get(notePath(n.ID)))
		t.ok(got.raw == n.raw, "the note of the request in flight is %s", got.raw)
	}
}

// gone waits for the end of a copy that was told to stop at start.
func (t *T) gone(in *instance, start time.Time) {
	code, ended := t.wait(in, stopLimit-time.Since(start))
	if !t.ok(ended, "%s: still running %s after SIGTERM", in.label, stopLimit) {
		in.proc.Kill()
		<-in.done
		return
	}
	t.ok(code == 0, "%s: exit %d, want 0: %s", in.label, code, firstOf(in.stderr.text(), in.stdout.last()))
}

// checkSIGTERMLock makes a request slow with a lock on the tables.
func checkSIGTERMLock(t *T) {
	in := t.launch("the service stopped while a request waits for a lock", "/readyz", nil)
	release, err := t.run.target.Database.Lock(t.ctx, t.run.target.Env["DATABASE_URL"])
	t.must(err == nil, "the tables cannot be locked: %v", err)
	defer func() { release() }()
	body := `{"title":"behind a lock"}`
	w := t.dial(in)
	defer w.close()
	w.head("POST", "/api/notes", "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	io.WriteString(w.conn, body)
	time.Sleep(700 * time.Millisecond)
	in.client.close()
	start := time.Now()
	t.must(in.proc.Signal(syscall.SIGTERM) == nil, "SIGTERM cannot be sent")
	time.Sleep(time.Second)
	t.ok(!in.exited(), "exit %d while a request waits for a lock", in.exit)
	release()
	release = func() {}
	a, err := w.answer(stopLimit)
	if t.ok(err == nil, "the request that waited for a lock was not answered: %v", err) {
		t.status(a, 201)
	}
	t.gone(in, start)
}
