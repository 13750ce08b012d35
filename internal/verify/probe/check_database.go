package probe

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

var databaseChecks = []Check{
	{ID: "restart", Name: "keeps the notes over a restart", Applies: withNotes,
		Reason: "an in-memory store passes every other check",
		Run:    checkRestart},
	{ID: "migrate-twice", Name: "can be migrated again without harm", Applies: withNotes,
		Reason: "a deployment runs the migrations each time",
		Run: func(t *T) {
			n := t.create("before the second migration", "")
			for range 2 {
				out, err := t.run.target.Task(t.ctx, "migrate", t.run.target.Env)
				t.ok(err == nil, "migrate: %v: %s", err, clip(out, 400))
			}
			t.ok(t.note(t.get(notePath(n.ID))).raw == n.raw, "the note is another one after a second migration")
			t.create("after the second migration", "")
		}},
	{ID: "seed", Name: "fills an empty database with a few notes, once", Applies: withNotes,
		Reason: "an empty page shows nobody anything, and the same notes twice show that nobody looked",
		Run:    checkSeed},
	{ID: "server-error", Name: "answers a fault of its own with a plain 500 and the request id", Applies: withNotes,
		Reason: "what went wrong belongs in the log, not in the answer",
		Run:    checkServerError},
	{ID: "lock", Name: "answers 503 for a write under a held lock, within the busy timeout", Applies: onSQLite,
		Reason: "a backup or a second process holds the lock some day, and the whole service must not hang with it",
		Run:    checkLock},
	{ID: "outage", Name: "says 503 while the database is away and recovers by itself", Applies: onPostgres,
		Reason: "a database restarts in the night; nobody should have to restart what uses it",
		Run:    checkOutage},
}

func checkRestart(t *T) {
	kept := t.create("kept over a restart", "grüße")
	newest := t.create("gone before the restart", "")
	t.status(t.do(t.service(), req{method: "DELETE", path: notePath(newest.ID)}), 204)
	t.stopService()
	got := t.note(t.get(notePath(kept.ID)))
	t.ok(got.raw == kept.raw, "after a restart: %s, want %s", got.raw, kept.raw)
	t.problem(t.get(notePath(newest.ID)), 404)
	next := t.create("after the restart", "")
	t.ok(next.ID > newest.ID, "id %d was given again after a restart, %d had been deleted", next.ID, newest.ID)
}

// fresh makes a database of its own for a check.
func (t *T) fresh() string {
	url, drop, err := t.run.target.Database.Fresh(t.ctx)
	t.must(err == nil, "no fresh database: %v", err)
	t.run.drops = append(t.run.drops, drop)
	return url
}

func (t *T) with(key, value string) map[string]string {
	env := map[string]string{}
	for k, v := range t.run.target.Env {
		env[k] = v
	}
	env[key] = value
	return env
}

func checkSeed(t *T) {
	url := t.fresh()
	env := t.with("DATABASE_URL", url)
	for _, phase := range []string{"migrate", "seed"} {
		out, err := t.run.target.Task(t.ctx, phase, env)
		t.must(err == nil, "%s: %v: %s", phase, err, clip(out, 400))
	}
	in := t.launch("the service on a seeded database", "/readyz", map[string]string{"DATABASE_URL": url})
	defer t.end(in)
	once, _, _ := t.page(t.do(in, req{method: "GET", path: "/api/notes?limit=100"}))
	t.ok(len(once) > 0, "seed added no notes")
	out, err := t.run.target.Task(t.ctx, "seed", env)
	t.ok(err == nil, "a second seed: %v: %s", err, clip(out, 400))
	twice, _, _ := t.page(t.do(in, req{method: "GET", path: "/api/notes?limit=100"}))
	t.ok(len(twice) == len(once), "%d notes after one seed, %d after two", len(once), len(twice))
}

// checkServerError needs a fault that no route of the product offers: a
// database whose tables are not there, because nobody has migrated it.
func checkServerError(t *T) {
	in := t.launch("the service on a database that was never migrated", "/healthz", map[string]string{"DATABASE_URL": t.fresh()})
	in.strange = true
	for _, r := range []req{
		{method: "GET", path: "/api/notes"},
		{method: "GET", path: "/api/notes/1"},
		{method: "POST", path: "/api/notes", body: []byte(`{"title":"secret-title-5150"}`)},
		{method: "PATCH", path: "/api/notes/1", body: []byte(`{"title":"x"}`)},
		{method: "DELETE", path: "/api/notes/1"},
	} {
		r.header = map[string]string{"X-Request-Id": "fault-" + r.method}
		a := t.do(in, r)
		t.problem(a, 500)
		t.ok(a.header.Get("X-Request-Id") == "fault-"+r.method, "%s: X-Request-Id %q on a 500, want it echoed", a.where(), a.header.Get("X-Request-Id"))
		t.ok(a.header.Get("X-Content-Type-Options") != "", "%s: a 500 without the security headers", a.where())
	}
	t.status(t.do(in, req{method: "GET", path: "/healthz"}), 200)
	t.end(in)
	said := map[string]bool{}
	for _, line := range in.stdout.all() {
		if l, err := parseLine(line); t.ok(err == nil, "a fault breaks the log: %v: %s", err, clip(line, 200)) && l.level == "error" {
			said[l.id] = true
		}
	}
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		t.ok(said["fault-"+method], "no line of level error with the request id of the failed %s", method)
	}
	t.ok(in.stderr.text() == "", "a fault prints to stderr: %s", clip(in.stderr.text(), 300))
	t.ok(!strings.Contains(in.stdout.text(), "secret-title-5150"), "a fault logs the request's body")
}

// busyLimit is the contract's longest wait for a lock, with some room for the
// machine.
var busyLimit = 5*time.Second + 1500*time.Millisecond

func checkLock(t *T) {
	in := t.service()
	n := t.create("under a lock", "")
	url := t.run.target.Env["DATABASE_URL"]
	release, err := t.run.target.Database.Lock(t.ctx, url)
	t.can(err, "locking the database")
	defer func() { release() }()
	for _, path := range []string{"/api/notes?limit=1", notePath(n.ID)} {
		a := t.do(in, req{method: "GET", path: path})
		t.status(a, 200)
		t.ok(a.took < time.Second, "%s: took %s while a writer holds the lock", a.where(), a.took.Round(time.Millisecond))
	}
	for _, r := range []req{
		{method: "POST", path: "/api/notes", body: []byte(`{"title":"waits"}`)},
		{method: "PATCH", path: notePath(n.ID), body: []byte(`{"title":"waits"}`)},
		{method: "DELETE", path: notePath(n.ID)},
	} {
		a := t.do(in, r)
		t.problem(a, 503)
		t.retryAfter(a)
		t.ok(a.took < busyLimit, "%s: 503 only after %s", a.where(), a.took.Round(time.Millisecond))
	}
	// The event loop of a synchronous driver stands still, for a second at most.
	slow := make(chan *answer, 1)
	go func() {
		a, _ := in.client.try(t.ctx, req{method: "POST", path: "/api/notes", body: []byte(`{"title":"waits too"}`)})
		slow <- a
	}()
	time.Sleep(100 * time.Millisecond)
	a := t.do(in, req{method: "GET", path: "/healthz"})
	t.status(a, 200)
	t.ok(a.took < 2500*time.Millisecond, "GET /healthz: took %s beside a write that waits", a.took.Round(time.Millisecond))
	if a := <-slow; t.ok(a != nil, "POST under the lock: no answer") {
		t.problem(a, 503)
	}
	// A short lock is waited out.
	go func() {
		a, _ := in.client.try(t.ctx, req{method: "POST", path: "/api/notes", body: []byte(`{"title":"waited"}`)})
		slow <- a
	}()
	time.Sleep(300 * time.Millisecond)
	release()
	release = func() {}
	if a := <-slow; t.ok(a != nil, "POST: no answer after the lock was released") {
		t.status(a, 201)
	}
	t.ok(t.note(t.get(notePath(n.ID))).raw == n.raw, "a write that was refused under the lock has changed the note")
	t.create("after the lock", "")
}

func (t *T) retryAfter(a *answer) {
	after := a.header.Get("Retry-After")
	seconds, err := strconv.Atoi(after)
	_, dateErr := http.ParseTime(after)
	t.ok((err == nil && seconds >= 0) || dateErr == nil, "%s: 503 with Retry-After %q", a.where(), after)
}

// outageLimit is how long the service may take to notice either way.
var outageLimit = 15 * time.Second

// until polls route until it answers status.
func (t *T) until(in *instance, route string, status int) {
	start := time.Now()
	last := "no answer"
	for time.Since(start) < outageLimit {
		a, err := in.client.try(t.ctx, req{method: "GET", path: route})
		if err == nil {
			if a.status == status {
				t.ok(true, "")
				return
			}
			last = strconv.Itoa(a.status)
		}
		if in.exited() {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.must(false, "%s: GET %s did not answer %d within %s (%s)", in.label, route, status, outageLimit, last)
}

func checkOutage(t *T) {
	in := t.service()
	db := t.run.target.Database
	n := t.create("before the outage", "")
	err := db.Stop(t.ctx)
	t.can(err, "stopping the database")
	back := false
	defer func() {
		if !back {
			db.Restart(t.ctx)
		}
	}()
	t.until(in, "/readyz", 503)
	m := t.problem(t.do(in, req{method: "GET", path: "/readyz"}), 503)
	checks, isMap := m["checks"].(map[string]any)
	t.ok(isMap && checks["database"] != nil && checks["database"] != "ok", "GET /readyz: a 503 whose checks are %v", m["checks"])
	for _, r := range []req{
		{method: "GET", path: "/api/notes"},
		{method: "GET", path: notePath(n.ID)},
		{method: "POST", path: "/api/notes", body: []byte(`{"title":"lost"}`)},
		{method: "PATCH", path: notePath(n.ID), body: []byte(`{"title":"lost"}`)},
		{method: "DELETE", path: notePath(n.ID)},
	} {
		a := t.do(in, r)
		t.problem(a, 503)
		t.retryAfter(a)
	}
	t.problem(t.do(in, req{method: "POST", path: "/api/notes", body: []byte(`{}`)}), 422, "title")
	health := t.do(in, req{method: "GET", path: "/healthz"})
	t.status(health, 200)
	t.ok(health.took < time.Second, "GET /healthz: took %s while the database is away", health.took)
	// A copy that starts now has to wait for the database, not give up.
	late := t.launch("the service started while the database is away", "/healthz", nil)
	t.problem(t.do(late, req{method: "GET", path: "/readyz"}), 503)
	t.problem(t.do(late, req{method: "GET", path: "/api/notes"}), 503)

	err = db.Restart(t.ctx)
	t.must(err == nil, "the database cannot be started again: %v", err)
	back = true
	for _, each := range []*instance{in, late} {
		t.until(each, "/readyz", 200)
		got := t.note(t.do(each, req{method: "GET", path: notePath(n.ID)}))
		t.ok(got.raw == n.raw, "%s: the note is %s after the outage, want %s", each.label, got.raw, n.raw)
		t.status(t.do(each, req{method: "POST", path: "/api/notes", body: []byte(`{"title":"after the outage"}`)}), 201)
	}
	t.end(late)
}
