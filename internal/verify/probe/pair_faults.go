package probe

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// pairFaultChecks are those of a pair in which a stand-in is the ML service.
var pairFaultChecks = []Check{
	{ID: "pair-deadline", Name: "hands on how much time is left, and keeps its own deadline when the ML service is slow",
		Reason: "work that nobody waits for any more keeps the next one waiting",
		Run:    checkPairDeadline},
	{ID: "pair-garbage", Name: "answers 502 to what is no answer, and passes nothing of it on",
		Reason: "what a proxy in between or a broken deployment says is not for clients",
		Run:    checkPairGarbage},
	{ID: "pair-skew", Name: "answers 502 when the ML service speaks another version of the contract",
		Reason: "two services are never deployed at the same moment",
		Run:    checkPairSkew},
	{ID: "pair-busy", Name: "passes on that the ML service has too much to do, or no model yet",
		Reason: "who is told to come again does, who is told of an error gives up",
		Run:    checkPairBusy},
	{ID: "pair-refused", Name: "passes on what the ML service refuses, with the fields",
		Reason: "only the client can send something else",
		Run:    checkPairRefused},
	{ID: "pair-once", Name: "sends a request again only where nobody was reached",
		Reason: "what was sent twice may be done twice",
		Run:    checkPairOnce},
	{ID: "pair-breaker", Name: "asks nobody for a while after five failures in a row, then tries with one",
		Reason: "a service that comes up again must not be met by everybody who waited",
		Run:    checkPairBreaker},
	{ID: "pair-cap", Name: "has a cap on calls in flight, says so at once beyond it, and works on beside them",
		Reason: "a slow service behind it must not fill the memory of the one in front",
		Run:    checkPairCap},
	{ID: "pair-leaves", Name: "gives up the call when its own client leaves",
		Reason: "people press reload, and each time again a model would work for nobody",
		Run:    checkPairLeaves},
	{ID: "pair-state", Name: "pushes whether predictions can be made, when that changes", Applies: withPush,
		Reason: "a page that waits should say for what",
		Run:    checkPairState},
}

// A Fault is a row of the table in the README of a split: what may happen to
// the ML service, what a request for predictions then gets, and the checks that
// see it happen.
type Fault struct {
	What, Answer string
	Checks       []string
}

// Faults is the whole table. A project's README has these rows and no other, so
// that it says what was seen.
var Faults = []Fault{
	{"it is down, or ends while it works on the request", "503 with `Retry-After`; where it could not even be reached, after one more try", []string{"pair-down", "pair-killed", "pair-once"}},
	{"it is loading the model, has none, or has too much to do", "503 with `Retry-After`", []string{"pair-busy", "pair-crowd"}},
	{"five calls in a row have failed", "503 with `Retry-After` at once, for three seconds; then one call tries it again", []string{"pair-breaker"}},
	{"it is slow, or stopped in the middle", "504 after `ML_TIMEOUT_MS`, and no later", []string{"pair-deadline", "pair-paused"}},
	{"its answer is not what the contract says, or is cut off", "502; nothing of that answer is passed on", []string{"pair-garbage", "pair-skew"}},
	{"it refuses the request", "422 with the fields", []string{"pair-refused"}},
	{"it is told to end (SIGTERM)", "the answer, where the request was there already", []string{"pair-sigterm-ml"}},
	{"it is started again", "the answer; nothing else has to be started again", []string{"pair-restarted"}},
}

// waits answers well once release is closed.
func waits(release chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
			reply(w, 200, goodAnswer([]byte(`{"inputs":[{}]}`)))
		case <-r.Context().Done():
		}
	}
}

func checkPairDeadline(t *T) {
	s := t.standIn()
	in := t.hasty()
	var gone atomic.Int64
	s.set(hangs(func() { gone.Add(1) }))
	for range 2 {
		t.late(t.ask(in, flowers[0]))
	}
	for _, c := range s.came() {
		text := c.header.Get("X-Deadline-Ms")
		left, err := strconv.Atoi(text)
		t.ok(err == nil && left > int(hopLimit.Milliseconds())/2 && left <= int(hopLimit.Milliseconds()), "a call has X-Deadline-Ms %q, want what is left of %s", text, hopLimit)
	}
	t.ok(len(s.came()) == 2, "%d calls for two requests", len(s.came()))
	t.ok(within(soon, func() bool { return gone.Load() == 2 }), "the calls go on after the deadline: %d of 2 were given up", gone.Load())
	t.goesOn(in)
	// An answer that begins in time and ends too late is late as well.
	s.set(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "500")
		fmt.Fprint(w, `{"modelVersion":`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	t.late(t.ask(in, flowers[0]))
	s.set(nil)
	t.recovers(in)
	t.end(in)
}

// odd is a stand-in's answer that is none.
type odd struct {
	what string
	do   http.HandlerFunc
}

func prediction(m map[string]any) map[string]any {
	return m["predictions"].([]any)[0].(map[string]any)
}

func checkPairGarbage(t *T) {
	long := "{\"modelVersion\":\"" + garbageMark
	t.each([]odd{
		{"a page", writes(200, "text/html", "<html><body>"+garbageMark+"</body></html>")},
		{"a page with an error", writes(500, "text/html", "<h1>"+garbageMark+"</h1>")},
		{"a 500", writes(500, "application/problem+json", `{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"`+garbageMark+`"}`)},
		{"a 404", writes(404, "application/problem+json", `{"type":"about:blank","title":"Not Found","status":404,"detail":"`+garbageMark+`"}`)},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/healthz?"+garbageMark)
			w.WriteHeader(302)
		}},
		{"no JSON", writes(200, "application/json", long)},
		{"an empty body", writes(200, "application/json", "")},
		{"an empty list", writes(200, "application/json", `["`+garbageMark+`"]`)},
		{"an answer that is cut off", raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n" + long)},
		{"chunks that break off", raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + long[:30])},
		{"no HTTP", raw("220 " + garbageMark + " ESMTP\r\n")},
		{"too few predictions", changed(func(m map[string]any) { m["predictions"] = []any{} })},
		{"too many predictions", changed(func(m map[string]any) { m["predictions"] = []any{goodPrediction(), goodPrediction()} })},
	}, nil)
}

func checkPairSkew(t *T) {
	t.each([]odd{
		{"a renamed field", changed(func(m map[string]any) { m["model_version"] = m["modelVersion"]; delete(m, "modelVersion") })},
		{"a removed field", changed(func(m map[string]any) { delete(prediction(m), "scores") })},
		{"a label that is new", changed(func(m map[string]any) { prediction(m)["label"] = garbageMark })},
		{"a number as text", changed(func(m map[string]any) {
			prediction(m)["scores"].([]any)[0].(map[string]any)["probability"] = "0.75"
		})},
		{"a number out of its range", changed(func(m map[string]any) {
			prediction(m)["scores"].([]any)[0].(map[string]any)["probability"] = 75
		})},
		{"null for a list", changed(func(m map[string]any) { m["predictions"] = nil })},
		{"another status", func(w http.ResponseWriter, _ *http.Request) {
			m := goodAnswer([]byte(`{"inputs":[{}]}`))
			m["modelVersion"] = garbageMark
			reply(w, 202, m)
		}},
		{"a 503 that is no problem", func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 503, map[string]any{"error": garbageMark})
		}},
		{"a 422 that is no problem", func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 422, map[string]any{"detail": []any{map[string]any{"loc": []string{"body"}, "msg": garbageMark}}})
		}},
	}, []odd{
		// What is new and not known may be left out, or not be understood.
		{"a field that is new", changed(func(m map[string]any) {
			m["modelVersion"] = "0123456789ab"
			m["explanation"] = garbageMark
		})},
	})
}

// each has the stand-in give each of the answers, with a good one in between:
// the service never takes one for an answer, and predicts well right after it.
// The mild ones may also be understood.
func (t *T) each(list, mild []odd) {
	s := t.standIn()
	in := t.service()
	for i, o := range append(list, mild...) {
		s.set(o.do)
		a := t.ask(in, flowers[0])
		if i >= len(list) && a.status == 201 {
			t.verdicts(a, 1)
			t.ok(!strings.Contains(string(a.body), garbageMark), "%s: the answer passes it on: %s", o.what, clip(string(a.body), 300))
		} else {
			t.useless(a, o.what)
		}
		t.ok(len(s.came()) == 1, "%s: the ML service was asked %d times, want once", o.what, len(s.came()))
		s.set(nil)
		t.recovers(in)
	}
	t.ok(!in.exited(), "the service ended with exit %d", in.exit)
}

func checkPairBusy(t *T) {
	s := t.standIn()
	in := t.service()
	s.set(says(503, map[string]string{"Retry-After": "7"}))
	// However often it says so, it works: no call is kept back.
	for i := range 8 {
		a := t.ask(in, flowers[0])
		t.comeAgain(a)
		t.ok(len(s.came()) == i+1, "%d calls for %d requests that it has no time for", len(s.came()), i+1)
	}
	s.set(nil)
	t.verdicts(t.ask(in, flowers[0]), 1)
}

func checkPairRefused(t *T) {
	s := t.standIn()
	in := t.service()
	s.set(says(422, nil, "errors", []any{map[string]any{"field": "inputs.0.petalLength", "detail": "is not the length of a petal"}}))
	// What the client is to blame for is no failure, however often it comes.
	for range 6 {
		t.problem(t.ask(in, flowers[0]), 422, "inputs.0.petalLength")
	}
	t.ok(len(s.came()) == 6, "%d calls for 6 requests", len(s.came()))
	s.set(nil)
	t.verdicts(t.ask(in, flowers[0]), 1)
}

func checkPairOnce(t *T) {
	s := t.standIn()
	in := t.service()
	s.set(aborts)
	t.comeAgain(t.ask(in, flowers[0]))
	t.ok(len(s.came()) == 1, "a request whose connection broke off was sent %d times, want once", len(s.came()))
	s.set(nil)
	t.recovers(in)
	// Where nobody listens there is a pause, and another try. What a machine that
	// has more to do adds is left out by the shortest of three.
	t.withoutML()
	shortest := hopLimit
	for range 3 {
		a := t.ask(in, flowers[0])
		t.comeAgain(a)
		shortest = min(shortest, a.took)
	}
	t.ok(shortest >= retryPause, "nobody was reached, and the answer is there after %s: there is no other try", shortest.Round(time.Millisecond))
	again := false
	for range 6 {
		t.standIn() // so that the failures are not in a row
		t.withoutML()
		answered := t.together(1, t.oneIn(in))
		time.Sleep(30 * time.Millisecond)
		s, err := listen(t.run.target.both.addr())
		t.must(err == nil, "the port of the ML service cannot be taken: %v", err)
		t.run.target.both.stands = s
		for _, a := range answered() {
			if a.status != 201 {
				t.comeAgain(a)
				t.ok(len(s.came()) == 0, "a call that came to the ML service was answered with %d", a.status)
				continue
			}
			t.verdicts(a, 1)
			t.ok(len(s.came()) == 1, "a request was sent %d times, want once", len(s.came()))
			again = true
		}
		t.recovers(in)
		if again {
			break
		}
	}
	t.ok(again, "where nobody was reached there is no other try")
}

// retryPause is the least time until the other try.
const retryPause = 40 * time.Millisecond

// Of the breaker: failures in a row, and how long it keeps calls back.
const (
	breakAfter = 5
	breakFor   = 3 * time.Second
)

func checkPairBreaker(t *T) {
	s := t.standIn()
	in := t.service()
	s.set(aborts)
	for range breakAfter {
		t.comeAgain(t.ask(in, flowers[0]))
	}
	open := time.Now()
	t.ok(len(s.came()) == breakAfter, "%d calls for %d requests", len(s.came()), breakAfter)
	for range 5 {
		a := t.ask(in, flowers[0])
		t.comeAgain(a)
		t.ok(a.took < soon, "%s: took %s although nobody is asked", a.where(), a.took.Round(time.Millisecond))
	}
	t.ok(len(s.came()) == breakAfter, "after %d failures %d more calls came", breakAfter, len(s.came())-breakAfter)
	t.state(in, mlDown)
	time.Sleep(time.Until(open.Add(breakFor + 200*time.Millisecond)))
	// One tries, and the others wait until it has an answer.
	release := make(chan struct{})
	s.set(waits(release))
	time.AfterFunc(700*time.Millisecond, func() { close(release) })
	good := 0
	for _, a := range t.together(6, t.oneIn(in))() {
		if a.status == 201 {
			good++
			continue
		}
		t.comeAgain(a)
	}
	t.ok(good == 1 && len(s.came()) == 1, "%d of 6 requests were tried with, and %d answered, want one", len(s.came()), good)
	s.set(nil)
	t.verdicts(t.ask(in, flowers[0]), 1)
	t.state(in, mlUp)
}

func checkPairCap(t *T) {
	s := t.standIn()
	in := t.service()
	release := make(chan struct{})
	s.set(waits(release))
	free := sync.OnceFunc(func() { close(release) })
	defer free()
	const more = 8
	var refused atomic.Int64
	send := t.oneIn(in)
	answered := t.together(hopFlight+more, func(i int) (*answer, error) {
		a, err := send(i)
		if err == nil && a.status == 503 {
			refused.Add(1)
		}
		return a, err
	})
	// Those beyond it are refused while the others still wait.
	t.ok(within(hopPatience/2, func() bool { return len(s.came()) == hopFlight && refused.Load() == more }),
		"of %d requests %d were sent on and %d refused meanwhile, want %d and %d", hopFlight+more, len(s.came()), refused.Load(), hopFlight, more)
	t.goesOn(in)
	free()
	good := 0
	for _, a := range answered() {
		if a.status == 201 {
			good++
			t.verdicts(a, 1)
			continue
		}
		t.comeAgain(a)
	}
	t.ok(good == hopFlight, "%d requests were answered, want the %d that were sent on", good, hopFlight)
	s.set(nil)
	t.verdicts(t.ask(in, flowers[0]), 1)
}

func checkPairLeaves(t *T) {
	s := t.standIn()
	in := t.service()
	var gone atomic.Int64
	s.set(hangs(func() { gone.Add(1) }))
	body := predictReq(inputs(flowers[0]), nil).body
	const leaving = 6 // more than the failures after which nobody is asked
	for i := range leaving {
		w := t.dial(in)
		w.head("POST", predictPath, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
		w.conn.Write(body)
		t.ok(within(soon, func() bool { return len(s.came()) == i+1 }), "a request does not come to the ML service")
		w.close()
		t.ok(within(soon, func() bool { return gone.Load() == int64(i+1) }), "the call goes on %s after its client has left", soon)
	}
	s.set(nil)
	// Who leaves says nothing about the service that was asked.
	t.verdicts(t.ask(in, flowers[0]), 1)
}

func checkPairState(t *T) {
	s := t.standIn()
	in := t.service()
	t.state(in, mlUp)
	watch := t.socket(in)
	defer watch.close()
	for _, want := range []string{mlDown, mlUp} {
		if want == mlDown {
			t.withoutML()
		} else {
			s = t.standIn()
		}
		got := ""
		within(recoverLimit, func() bool {
			for m, ok := watch.told.take(0); ok; m, ok = watch.told.take(0) {
				if m.kind == "ml" {
					got, _ = m.m["state"].(string)
					t.ok(len(m.m) == 2, "WebSocket: the state of the ML service is %s", m)
				}
			}
			return got == want
		})
		t.ok(got == want, "WebSocket: the state of the ML service was pushed as %q, want %q", got, want)
	}
	s.set(nil)
}
