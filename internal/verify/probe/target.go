package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/fingerpost/fingerpost/internal/port"
)

// A Target is a service that can be started, any number of times.
type Target struct {
	Name  string // of the service
	Notes bool   // whether it keeps notes; without them only the shell is probed
	// Env are the settings it starts with; DATABASE_URL among them points to a
	// database that has been migrated.
	Env map[string]string
	// Start starts one copy with exactly these settings on top of what the
	// project needs; the caller ends it.
	Start func(ctx context.Context, env map[string]string, stdout, stderr io.Writer) (Process, error)
	// Task runs a phase of the project (migrate, seed) to its end and gives
	// what it printed.
	Task func(ctx context.Context, phase string, env map[string]string) (string, error)
	// Database is what the service keeps its notes in; nil without notes.
	Database Database
	// Seed makes the fuzzed inputs reproducible.
	Seed uint64
	// Fuzz is the number of fuzzed requests; 0 means 300.
	Fuzz int
	// Live says that it has the feature realtime. // realtime
	Live bool // realtime
	// ML says that it predicts, with the model in the folder Model. // predictions
	ML    bool   // predictions
	Model string // predictions
	// pair
	// Internal says that it predicts for another service of its project. // pair
	Internal bool // pair
	// Asks says that it predicts by asking another service of its project. // pair
	Asks bool // pair
	// pair
	both *pair // of services, when they run together // pair
}

// A Process is one running copy of the service.
type Process interface {
	Pid() int
	Signal(os.Signal) error
	Wait() (exit int, err error)
	Kill()
}

// A Database is the service's database as seen by whoever runs the machine.
type Database interface {
	Kind() string // sqlite or postgres
	// Fresh makes an empty database that nobody has migrated.
	Fresh(ctx context.Context) (url string, drop func(), err error)
	// Lock makes every write of the service wait (SQLite) or every statement
	// on its tables (PostgreSQL) until release is called.
	Lock(ctx context.Context, url string) (release func(), err error)
	// Stop takes the whole server away and Restart brings it back; they are
	// only called for postgres.
	Stop(ctx context.Context) error
	Restart(ctx context.Context) error
}

// session is one run of the suite: the copies it started and what they said.
type session struct {
	target *Target
	main   *instance // the copy that most checks share
	all    []*instance
	stuck  bool // the shared copy could not be started
	mu     sync.Mutex
	seen   []*exchange
	ids    int
	drops  []func() // fresh databases to take away at the end
}

func newSession(target *Target) *session { return &session{target: target} }

// close ends whatever a broken check left running.
func (s *session) close() {
	for _, in := range s.all {
		if !in.exited() {
			in.proc.Kill()
			<-in.done
		}
	}
	for _, drop := range s.drops {
		drop()
	}
}

// an instance is one copy of the service, from start to exit.
type instance struct {
	label   string
	base    string // http://127.0.0.1:PORT
	addr    string
	proc    Process
	client  *client
	stdout  *lines
	stderr  *lines
	done    chan struct{}
	exit    int
	ready   time.Duration // from start to the first answer of the awaited route: processor time where that can be read
	strange bool          // a copy that was meant to fail: its logs are judged by its own check
}

func (in *instance) exited() bool {
	select {
	case <-in.done:
		return true
	default:
		return false
	}
}

// startLimit is how long a start may take on a very busy machine.
var startLimit = time.Minute

// stopLimit is the contract's time from SIGTERM to exit.
var stopLimit = 10 * time.Second

// launch starts a copy with extra settings and waits until route answers 200.
// A nil value of overrides removes nothing: Unset does.
func (t *T) launch(label, route string, overrides map[string]string) *instance {
	in := t.spawn(label, overrides)
	t.await(in, route)
	return in
}

// await waits until route answers 200.
func (t *T) await(in *instance, route string) {
	label, start := in.label, time.Now()
	for {
		if in.exited() {
			t.must(false, "%s: stopped at start with exit %d: %s", label, in.exit, firstOf(in.stderr.text(), in.stdout.text()))
		}
		if a, err := in.client.try(t.ctx, req{method: "GET", path: route, quick: true}); err == nil && a.status == 200 {
			break
		}
		if time.Since(start) > startLimit {
			in.proc.Kill()
			<-in.done
			t.must(false, "%s: %s did not answer 200 within %s: %s", label, route, startLimit, firstOf(in.stderr.text(), in.stdout.text()))
		}
		time.Sleep(25 * time.Millisecond)
	}
	in.ready = time.Since(start)
	if used, ok := cpuTime(in.proc.Pid()); ok {
		in.ready = used
	}
}

// Unset as a value of a setting removes it.
const Unset = "\x00unset"

// deaf is launch for a copy that writes into pipes of the check's own; cut ends
// the reading.
func (t *T) deaf(label string) (in *instance, cut func()) {
	var ends []*os.File
	var writers [2]*os.File
	for i := range writers {
		r, w, err := os.Pipe()
		t.must(err == nil, "%v", err)
		go io.Copy(io.Discard, r)
		ends, writers[i] = append(ends, r), w
	}
	in = t.spawnInto(label, nil, writers[0], writers[1])
	in.strange = true
	for _, w := range writers {
		w.Close()
	}
	t.await(in, "/healthz")
	return in, func() {
		for _, r := range ends {
			r.Close()
		}
	}
}

// spawn starts a copy and does not wait.
func (t *T) spawn(label string, overrides map[string]string) *instance {
	stdout, stderr := &lines{}, &lines{}
	in := t.spawnInto(label, overrides, stdout, stderr)
	in.stdout, in.stderr = stdout, stderr
	return in
}

// spawnInto is spawn with writers that are not an instance's own.
func (t *T) spawnInto(label string, overrides map[string]string, stdout, stderr io.Writer) *instance {
	number, err := port.Free()
	t.must(err == nil, "%v", err)
	env := map[string]string{"HOST": "127.0.0.1", "PORT": strconv.Itoa(number)}
	for k, v := range t.run.target.Env {
		env[k] = v
	}
	for k, v := range overrides {
		if v == Unset {
			delete(env, k)
			continue
		}
		env[k] = v
	}
	in := &instance{
		label: label, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(number)),
		stdout: &lines{}, stderr: &lines{}, done: make(chan struct{}),
	}
	in.base = "http://" + in.addr
	in.client = newClient(t.run, in)
	in.proc, err = t.run.target.Start(t.ctx, env, stdout, stderr)
	t.must(err == nil, "%s: cannot be started: %v", label, err)
	t.run.all = append(t.run.all, in)
	go func() {
		in.exit, _ = in.proc.Wait()
		close(in.done)
	}()
	return in
}

// wait waits for the copy's end and gives its exit code.
func (t *T) wait(in *instance, limit time.Duration) (int, bool) {
	select {
	case <-in.done:
		return in.exit, true
	case <-time.After(limit):
		return 0, false
	}
}

// end stops the copy as a service manager does; it has to exit 0 in time.
func (t *T) end(in *instance) {
	in.client.close()
	if !t.ok(!in.exited(), "%s: stopped by itself with exit %d: %s", in.label, in.exit, firstOf(in.stderr.text(), in.stdout.last())) {
		return
	}
	err := in.proc.Signal(syscall.SIGTERM)
	t.ok(err == nil, "%s: SIGTERM: %v", in.label, err)
	code, ended := t.wait(in, stopLimit)
	if !t.ok(ended, "%s: still running %s after SIGTERM", in.label, stopLimit) {
		in.proc.Kill()
		<-in.done
		return
	}
	t.ok(code == 0, "%s: exit %d after SIGTERM, want 0: %s", in.label, code, firstOf(in.stderr.text(), in.stdout.last()))
}

// service is the copy that most checks share, started when it is not running.
func (t *T) service() *instance {
	s := t.run
	if s.main != nil && s.main.exited() {
		in := s.main
		s.main = nil
		t.fail("the service stopped by itself with exit %d: %s", in.exit, firstOf(in.stderr.text(), in.stdout.last()))
	}
	if s.main == nil {
		// What does not start once will not start forty times, and each takes
		// as long as a start may take.
		t.must(!s.stuck, "the service does not start")
		s.stuck = true
		s.main = t.launch("the service", "/readyz", nil)
		s.stuck = false
	}
	return s.main
}

// stopService ends the shared copy; the next check starts another.
func (t *T) stopService() {
	if in := t.run.main; in != nil {
		t.run.main = nil
		t.end(in)
	}
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return clip(s, 400)
		}
	}
	return "it said nothing"
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:n], len(s))
}
