package probe

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// mlCrowd is how many ask at once.
const mlCrowd = 500

// crowd sends mlCrowd requests at once, each with a flower of its own turn, and
// counts those that were told to come again.
func (t *T) crowd(in *instance, count int, header map[string]string) (good, later int) {
	answers := make([]*answer, mlCrowd)
	errs := make([]error, mlCrowd)
	var wg sync.WaitGroup
	for i := range mlCrowd {
		wg.Add(1)
		go func() {
			defer wg.Done()
			one := inputs(slices.Repeat([]flower{flowers[i%len(flowers)]}, count)...)
			answers[i], errs[i] = in.client.try(t.ctx, predictReq(one, header))
		}()
	}
	wg.Wait()
	for i, a := range answers {
		if !t.ok(errs[i] == nil, "request %d of %d: no answer: %v", i, mlCrowd, errs[i]) {
			continue
		}
		if a.status == 503 {
			later++
			t.comeAgain(a)
			continue
		}
		got, _ := t.verdicts(a, count)
		good++
		for _, v := range got {
			t.ok(v.label == mlLabels[i%len(mlLabels)], "request %d: %s, want %s: the answer of another one", i, v.label, mlLabels[i%len(mlLabels)])
		}
	}
	return good, later
}

// comeAgain asserts a 503 that says when to come again.
func (t *T) comeAgain(a *answer) {
	t.problem(a, 503)
	after := a.header.Get("Retry-After")
	t.ok(after != "" && strings.Trim(after, "0123456789") == "", "%s: a 503 with Retry-After %q, want seconds", a.where(), after)
}

func checkModelBusy(t *T) {
	good, _ := t.crowd(t.service(), 1, nil)
	t.ok(good > 0, "not one of %d requests was answered", mlCrowd)
	in := t.launch("the service with one slot", "/readyz", map[string]string{"PREDICTION_SLOTS": "1", "PREDICTION_TIMEOUT_MS": "60000"})
	done := make(chan time.Duration)
	stop := make(chan struct{})
	go func() {
		var longest time.Duration
		for {
			select {
			case <-stop:
				done <- longest
				return
			case <-time.After(20 * time.Millisecond):
				if a, err := in.client.try(t.ctx, req{method: "GET", path: "/healthz", quick: false}); err == nil {
					longest = max(longest, a.took)
				}
			}
		}
	}()
	good, later := t.crowd(in, mostInputs, nil)
	close(stop)
	longest := <-done
	t.ok(good > 0 && later > 0, "with one slot %d of %d requests were answered and %d told to come again; want some of both", good, mlCrowd, later)
	t.ok(longest < 5*time.Second, "GET /healthz took %s while much was predicted", longest.Round(time.Millisecond))
	t.verdicts(t.do(in, predictReq(inputs(flowers[0]), nil)), 1)
	t.end(in)
}

func checkModelDeadline(t *T) {
	in := t.launch("the service with many slots", "/readyz", map[string]string{"PREDICTION_SLOTS": "1000", "PREDICTION_TIMEOUT_MS": "60000"})
	started := time.Now()
	_, later := t.crowd(in, mostInputs, map[string]string{"X-Deadline-Ms": "1"})
	t.ok(later > 0, "of %d requests that wait a millisecond each was answered in time", mlCrowd)
	t.ok(time.Since(started) < 15*time.Second, "%d requests that wait a millisecond took %s", mlCrowd, time.Since(started).Round(time.Millisecond))
	// What was given up has freed its slot.
	good, later := t.crowd(in, 1, map[string]string{"X-Deadline-Ms": "60000"})
	t.ok(good == mlCrowd, "%d of %d requests with much time were answered, and %d told to come again", good, mlCrowd, later)
	t.end(in)

	short := t.launch("the service with a short time", "/readyz", map[string]string{"PREDICTION_SLOTS": "1000", "PREDICTION_TIMEOUT_MS": "1"})
	_, later = t.crowd(short, mostInputs, map[string]string{"X-Deadline-Ms": "60000"})
	t.ok(later > 0, "the client's deadline counts more than the service's own")
	t.end(short)
}

func checkModelLoading(t *T) {
	in := t.spawn("the service while it loads", nil)
	var early *answer
	for limit := time.Now().Add(startLimit); early == nil && time.Now().Before(limit) && !in.exited(); time.Sleep(10 * time.Millisecond) {
		if a, err := in.client.try(t.ctx, req{method: "GET", path: "/healthz", quick: true}); err == nil && a.status == 200 {
			early = t.do(in, req{method: "GET", path: "/readyz"})
		}
	}
	t.must(early != nil, "the service does not answer: %s", firstOf(in.stderr.text(), in.stdout.text()))
	t.ok(modelState(t.problem(early, 503)) == "loading", "GET /readyz while the model loads: %s", clip(string(early.body), 200))
	if a := t.do(in, predictReq(inputs(flowers[0]), nil)); a.status != 201 { // it may be there by now
		t.comeAgain(a)
	}
	t.await(in, "/readyz")
	t.verdicts(t.do(in, predictReq(inputs(flowers[0]), nil)), 1)
	t.end(in)

	cut := t.spawn("the service that is stopped while it loads", nil)
	for limit := time.Now().Add(startLimit); time.Now().Before(limit) && !cut.exited(); time.Sleep(10 * time.Millisecond) {
		if a, err := cut.client.try(t.ctx, req{method: "GET", path: "/healthz", quick: true}); err == nil && a.status == 200 {
			break
		}
	}
	t.end(cut)
}

// modelState is what /readyz says of the model.
func modelState(problem map[string]any) string {
	checks, _ := problem["checks"].(map[string]any)
	return fmt.Sprint(checks["model"])
}
