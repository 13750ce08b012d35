package probe

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// pairChecks are those of a pair whose services are both the real ones.
var pairChecks = []Check{
	{ID: "pair-settings", Name: "refuses an address, a deadline and a cap of the ML service that are none",
		Reason: "a service that asks nobody, for no time, answers nobody",
		Run:    checkPairSettings},
	{ID: "pair-down", Name: "starts without the ML service, says that it is down, and does everything else",
		Reason: "two services that need each other to start never start after a power cut",
		Run:    checkPairDown},
	{ID: "pair-predict", Name: "predicts through both services, one or many, and refuses what does not fit by name",
		Reason: "what is the same in two places is so only as long as somebody looks",
		Run:    checkPairPredict},
	{ID: "pair-push", Name: "pushes each prediction once to 50 clients of the WebSocket", Applies: withPush,
		Reason: "who watches wants to see what happens, not what happened to one of them",
		Run:    checkPairPush},
	{ID: "pair-crowd", Name: "answers 500 requests at once or tells them to come again: none lost, none answered twice, none mixed up",
		Reason: "ids that get mixed up under load are somebody else's result",
		Run:    checkPairCrowd},
	{ID: "pair-trace", Name: "logs one request id and one trace in both services",
		Reason: "a request that cannot be followed from one log into the other is looked for by its time",
		Run:    checkPairTrace},
	{ID: "pair-paused", Name: "answers at the deadline when the ML service is stopped in the middle, and goes on with it",
		Reason: "a machine that swaps takes connections and says nothing: no error ever comes",
		Run:    checkPairPaused},
	{ID: "pair-killed", Name: "answers every request when the ML service is killed under load",
		Reason: "the kernel kills the process with the most memory, and that is the one with the model",
		Run:    checkPairKilled},
	{ID: "pair-restarted", Name: "predicts again once the ML service is back, without being started again",
		Reason: "a failure that needs two restarts wakes somebody up",
		Run:    checkPairRestarted},
	{ID: "pair-sigterm-ml", Name: "has its calls answered when the ML service is told to end, which exits 0",
		Reason: "every new version of the model is such an end",
		Run:    checkPairStopML},
	{ID: "pair-sigterm-api", Name: "answers a prediction in flight on SIGTERM and exits 0",
		Reason: "a deployment of the one must not be an error of the other",
		Run:    checkPairStopAPI},
}

func checkPairSettings(t *T) {
	var running []*instance
	bad := []map[string]string{
		{urlSetting: "ml:8000"}, {limitSetting: "0", flightSetting: "0"}, {limitSetting: "soon"},
	}
	for _, each := range bad {
		in := t.spawn("the service with "+settingText(each), each)
		in.strange = true
		running = append(running, in)
	}
	for i, in := range running {
		t.refused(in, wrongSetting{names: sortedKeys(bad[i])})
	}
}

func checkPairDown(t *T) {
	t.withoutML()
	in := t.service()
	t.state(in, mlDown)
	for range 2 {
		t.comeAgain(t.ask(in, flowers[0]))
	}
	t.goesOn(in)
	t.withML()
	t.recovers(in)
	t.state(in, mlUp)
}

func checkPairPredict(t *T) {
	t.withML()
	in := t.service()
	t.recovers(in)
	for i, f := range flowers {
		got, version := t.verdicts(t.ask(in, f), 1)
		t.ok(len(got) == 1 && got[0].label == mlLabels[i], "%v is %v, want %s", f, got, mlLabels[i])
		t.ok(shortDigest.MatchString(version), "the model's version is %q", version)
	}
	var many []flower
	for i := range mostInputs {
		many = append(many, flowers[(i*i+i/3)%len(flowers)])
	}
	got, _ := t.verdicts(t.do(in, predictReq(inputs(many...), nil)), mostInputs)
	for i, v := range got {
		want := mlLabels[(i*i+i/3)%len(flowers)]
		t.ok(v.label == want, "input %d of many is %s, want %s", i, v.label, want)
	}
	good := flowers[0]
	lacking := flower{"sepalLength": 5.1, "sepalWidth": 3.5, "petalLength": 1.4}
	t.problem(t.ask(in, good.with("petalWidth", "3.5")), 422, "inputs.0.petalWidth")
	t.problem(t.ask(in, good.with("petalWidth", 10.01)), 422, "inputs.0.petalWidth")
	t.problem(t.ask(in, good.with("colour", "red")), 422, "inputs.0.colour")
	t.problem(t.do(in, predictReq(inputs(good, lacking), nil)), 422, "inputs.1.petalWidth")
	t.problem(t.do(in, predictReq(map[string]any{"inputs": []flower{}}, nil)), 422, "inputs")
	t.problem(t.do(in, predictReq(inputs(slices.Repeat([]flower{good}, mostInputs+1)...), nil)), 422, "inputs")
	t.problem(t.do(in, req{method: "POST", path: predictPath, body: []byte("{")}), 400)
	t.problem(t.do(in, req{method: "POST", path: predictPath, body: []byte("{}"), typ: "text/plain"}), 415)
	t.problem(t.do(in, req{method: "GET", path: predictPath}), 405)
	t.state(in, mlUp)
}

// pushClients is how many clients watch.
const pushClients = 50

func checkPairPush(t *T) {
	t.withML()
	in := t.service()
	t.recovers(in)
	var sockets []*socket
	for range pushClients {
		s := t.socket(in)
		defer s.close()
		sockets = append(sockets, s)
	}
	want := map[string]string{}
	for i, f := range flowers {
		id := fmt.Sprintf("pair-push-%d", i)
		a := t.do(in, predictReq(inputs(f), map[string]string{"X-Request-Id": id}))
		t.verdicts(a, 1)
		want[id] = mlLabels[i]
	}
	for i, s := range sockets {
		for range want {
			m, ok := s.told.take(liveLimit)
			for ok && m.kind != "prediction" { // the state may be told in between
				m, ok = s.told.take(liveLimit)
			}
			if !t.ok(ok, "client %d of %d: a prediction was not pushed within %s", i, pushClients, liveLimit) {
				panic(stopped{})
			}
			t.ok(strings.Join(keys(m.m), " ") == "at modelVersion predictions requestId type", "client %d: a prediction has %s", i, strings.Join(keys(m.m), ", "))
			id, _ := m.m["requestId"].(string)
			list, _ := m.m["predictions"].([]any)
			label := ""
			if len(list) == 1 {
				one, _ := list[0].(map[string]any)
				label, _ = one["label"].(string)
			}
			t.ok(want[id] != "" && label == want[id], "client %d: under %q came %s, want %q", i, id, m, want[id])
		}
	}
	for i, s := range sockets {
		s.quiet("after the predictions")
		more := s.predictions()
		t.ok(len(more) == 0, "client %d: pushed again: %v", i, more)
	}
}

func checkPairCrowd(t *T) {
	t.withML()
	t.stopService()
	in := t.launch("the service asked by many", "/readyz", map[string]string{limitSetting: "20000"})
	t.recovers(in)
	var watch *socket
	if t.run.target.Live {
		watch = t.socket(in)
		defer watch.close()
	}
	var later atomic.Int64
	limit := time.Now().Add(crowdLimit)
	answers := t.together(mlCrowd, func(i int) (*answer, error) {
		header := map[string]string{"X-Request-Id": crowdID(i)}
		for {
			a, err := in.client.try(t.ctx, predictReq(inputs(flowers[i%len(flowers)]), header))
			if err != nil || a.status != 503 || time.Now().After(limit) {
				return a, err
			}
			later.Add(1)
			if a.header.Get("Retry-After") == "" {
				return a, nil
			}
			time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		}
	})()
	if !t.ok(len(answers) == mlCrowd, "%d requests at once, and %d answers", mlCrowd, len(answers)) {
		return
	}
	t.ok(later.Load() > 0, "%d requests at once, and none was told to come again: there is no cap", mlCrowd)
	for i, a := range answers {
		got, _ := t.verdicts(a, 1)
		t.ok(a.header.Get("X-Request-Id") == crowdID(i), "request %d: answered with the id %s", i, a.header.Get("X-Request-Id"))
		for _, v := range got {
			t.ok(v.label == mlLabels[i%len(mlLabels)], "request %d: %s, want %s: the answer of another one", i, v.label, mlLabels[i%len(mlLabels)])
		}
	}
	if watch != nil {
		seen := map[string]int{}
		within(liveLimit, func() bool {
			for id, n := range watch.predictions() {
				seen[id] += n
			}
			return len(seen) >= mlCrowd
		})
		watch.quiet("after many predictions")
		for id, n := range watch.predictions() {
			seen[id] += n
		}
		for i := range mlCrowd {
			t.ok(seen[crowdID(i)] == 1, "the prediction of request %d was pushed %d times, want once", i, seen[crowdID(i)])
		}
	}
	t.end(in)
}

// crowdLimit is how long those that are told to come again do so.
var crowdLimit = 90 * time.Second

func crowdID(i int) string { return fmt.Sprintf("pair-crowd-%d", i) }

func checkPairTrace(t *T) {
	ml, in := t.withML(), t.service()
	t.recovers(in)
	for i := range 3 {
		trace := fmt.Sprintf("0af7651916cd43dd8448eb211c80319%x", i+1)
		id := fmt.Sprintf("pair-trace-%d", i)
		header := map[string]string{"X-Request-Id": id, "Traceparent": "00-" + trace + "-b7ad6b7169203331-01"}
		t.verdicts(t.do(in, predictReq(inputs(flowers[i]), header)), 1)
		for _, each := range []*instance{in, ml} {
			var found []logLine
			within(2*time.Second, func() bool {
				found = nil
				for _, text := range each.stdout.all() {
					if l, err := parseLine(text); err == nil && l.request && l.id == id {
						found = append(found, l)
					}
				}
				return len(found) > 0
			})
			if !t.ok(len(found) == 1, "%s: %d lines in the log for the request %s, want one", each.label, len(found), id) {
				continue
			}
			got := found[0].fields["traceId"]
			t.ok(got == trace, "%s: the line of the request has traceId %v, want %s", each.label, got, trace)
		}
	}
}

func checkPairPaused(t *T) {
	ml, in := t.withML(), t.hasty()
	t.can(stopGroup(ml.proc.Pid()), "the ML service cannot be stopped")
	resume := sync.OnceFunc(func() { _ = goOnGroup(ml.proc.Pid()) })
	defer resume()
	t.late(t.ask(in, flowers[0]))
	t.goesOn(in)
	resume()
	t.recovers(in)
	t.state(in, mlUp)
	t.ok(!ml.exited(), "the ML service ended with exit %d", ml.exit)
	t.end(in)
}

func checkPairKilled(t *T) {
	ml, in := t.withML(), t.service()
	t.recovers(in)
	stop := make(chan struct{})
	time.AfterFunc(500*time.Millisecond, func() {
		ml.strange = true // what it would have logged is lost with it
		ml.proc.Kill()
	})
	time.AfterFunc(1500*time.Millisecond, func() { close(stop) })
	good, bad := t.loaded(in, stop)
	<-ml.done
	t.ok(good > 0 && bad > 0, "%d requests were answered before it was killed and %d told to come again after it, want some of both", good, bad)
	t.ok(!in.exited(), "the service ended with exit %d when the ML service was killed", in.exit)
	t.state(in, mlDown)
	t.goesOn(in)
}

// loaded asks all the time until stop is closed, on eight connections, and
// counts the predictions and those that were told to come again. Nothing else
// may come.
func (t *T) loaded(in *instance, stop chan struct{}) (good, later int) {
	var mu sync.Mutex
	var answers []*answer
	wait := t.together(8, func(i int) (last *answer, err error) {
		for n := i; ; n++ {
			select {
			case <-stop:
				return last, nil
			default:
			}
			if last, err = in.client.try(t.ctx, predictReq(inputs(flowers[n%len(flowers)]), nil)); err != nil {
				return nil, err
			}
			last.req.header = map[string]string{"turn": fmt.Sprint(n)}
			mu.Lock()
			answers = append(answers, last)
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
		}
	})
	wait()
	for _, a := range answers {
		switch a.status {
		case 201:
			good++
			var n int
			fmt.Sscan(a.req.header["turn"], &n)
			got, _ := t.verdicts(a, 1)
			for _, v := range got {
				t.ok(v.label == mlLabels[n%len(mlLabels)], "%s, want %s: the answer of another one", v.label, mlLabels[n%len(mlLabels)])
			}
		case 502: // it was killed, or ended, in the middle of an answer
			t.problem(a, 502)
		default:
			later++
			t.notNow(a)
		}
	}
	return good, later
}

func checkPairRestarted(t *T) {
	in := t.service()
	t.withoutML()
	t.comeAgain(t.ask(in, flowers[0]))
	pid := in.proc.Pid()
	t.withML()
	t.recovers(in)
	t.state(in, mlUp)
	t.ok(t.service().proc.Pid() == pid && !in.exited(), "the service was started again")
}

// checkPairStopML has one request in flight at the ML service itself, half of
// whose body is with the client until the signal has been sent, and others
// that come through the API.
func checkPairStopML(t *T) {
	ml, in := t.withML(), t.service()
	t.recovers(in)
	body, err := json.Marshal(inputs(flowers[1]))
	t.must(err == nil, "%v", err)
	w := t.dial(ml)
	defer w.close()
	w.head("POST", internalPath, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	w.conn.Write(body[:20])
	stop := make(chan struct{})
	time.AfterFunc(400*time.Millisecond, func() { _ = ml.proc.Signal(syscall.SIGTERM) })
	time.AfterFunc(900*time.Millisecond, func() {
		w.conn.Write(body[20:])
		close(stop)
	})
	ml.client.close()
	start := time.Now()
	good, _ := t.loaded(in, stop)
	t.ok(good > 0, "no request was answered before it was told to end")
	a, err := w.answer(stopLimit)
	if t.ok(err == nil, "the request in flight was not answered after SIGTERM: %v", err) {
		t.status(a, 200)
	}
	t.gone(ml, start)
	t.run.target.both.running = nil
	t.state(in, mlDown)
}

func checkPairStopAPI(t *T) {
	s := t.standIn()
	t.stopService()
	in := t.launch("the service stopped with a prediction in flight", "/readyz", nil)
	t.recovers(in)
	release := make(chan struct{})
	s.set(waits(release))
	answered := t.together(1, t.oneIn(in))
	t.ok(within(soon, func() bool { return len(s.came()) == 1 }), "the prediction in flight does not come to the ML service")
	start := time.Now()
	t.must(in.proc.Signal(syscall.SIGTERM) == nil, "SIGTERM cannot be sent")
	time.Sleep(400 * time.Millisecond)
	t.ok(!in.exited(), "exit %d with a prediction in flight", in.exit)
	close(release)
	for _, a := range answered() {
		t.verdicts(a, 1)
	}
	in.client.close()
	t.gone(in, start)
	_, err := net.DialTimeout("tcp", in.addr, time.Second)
	t.ok(err != nil, "its port still takes connections after its end")
}
