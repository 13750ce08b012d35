package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fingerpost/fingerpost/internal/port"
)

// The routes of the service that predicts for another one, and the settings of
// the one that asks it.
const (
	internalPath  = "/v1/predict"
	urlSetting    = "ML_URL"
	limitSetting  = "ML_TIMEOUT_MS"
	flightSetting = "ML_MAX_IN_FLIGHT"
)

// What the service that asks is started with: the default of the cap, and much
// more time than the default, for this machine may have other things to do. The
// checks of the deadline have a copy with the default of that as well.
const (
	hopLimit    = 2 * time.Second
	hopPatience = 10 * time.Second
	hopFlight   = 32
)

// What /readyz says of the other service.
const mlUp, mlDown = "up", "down"

// A pair is two services that run together: the one of the target, and the one
// that it asks. The other one has a port of its own for the whole run. The real
// service listens there, or a stand-in that does what it is told, or nobody.
type pair struct {
	ml      *Target
	port    int
	running *instance // the real one
	stands  *standIn
	others  map[*instance]bool // the copies of the other service
}

// addr is where the other service is looked for.
func (p *pair) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// PairSuite are the checks of two services that work as one, and the digest of
// the sources of all suites that a pair is proven with: those of each service
// alone, and these.
func PairSuite() ([]Check, string) {
	return slices.Concat(pairChecks, pairFaultChecks, pairEndChecks), digest("pair ml live")
}

// ForPair tells whether the check is one of two services.
func (c Check) ForPair() bool { return strings.HasPrefix(c.ID, "pair-") }

// RunPair runs checks against two services: api is the one that clients talk
// to, ml the one that it asks for predictions.
func RunPair(ctx context.Context, api, ml *Target, checks []Check, report func(Result)) ([]Result, error) {
	number, err := port.Free()
	if err != nil {
		return nil, err
	}
	both := *api
	both.both = &pair{ml: ml, port: number, others: map[*instance]bool{}}
	defer func() {
		if s := both.both.stands; s != nil {
			s.close()
		}
	}()
	both.Env = maps.Clone(api.Env)
	both.Env[urlSetting] = "http://" + both.both.addr()
	both.Env[limitSetting] = millis(hopPatience)
	both.Env[flightSetting] = strconv.Itoa(hopFlight)
	return Run(ctx, &both, checks, report), nil
}

// inward is where a service that predicts for another one has what the public
// ones have at path.
func (t *Target) inward(path string) string {
	if rest, is := strings.CutPrefix(path, predictPath); is && t.Internal {
		return internalPath + rest
	}
	return path
}

// outward is an answer of such a service as a public one would give it: nothing
// is created in it, so that what is 201 there has to be 200 here.
func (t *Target) outward(asked string, a *answer) *answer {
	if !t.Internal || !strings.HasPrefix(asked, predictPath) {
		return a
	}
	out := *a
	out.req.path = asked
	switch a.status {
	case 200:
		out.status = 201
	case 201:
		out.status = 200
	}
	return &out
}

// pairReady asserts what /readyz of a service of a pair says, and tells whether
// the target is one.
func (t *T) pairReady(a *answer) bool {
	switch target := t.run.target; {
	case target.Internal:
		t.exactly(a, `{"status":"ok","checks":{"model":"ok"}}`)
	case target.Asks:
		state := t.mlState(a)
		t.exactly(a, fmt.Sprintf(`{"status":"ok","checks":{"database":"ok"},"ml":%q}`, state))
	default:
		return false
	}
	return true
}

// mlState is what /readyz says of the service that is asked.
func (t *T) mlState(a *answer) string {
	state, _ := t.object(a)["ml"].(string)
	t.ok(state == mlUp || state == mlDown, "%s: ml is %q, want %s or %s", a.where(), state, mlUp, mlDown)
	return state
}

// apart keeps what is pushed without being asked for away from what a client
// waits for.
func (s *socket) apart(m message) bool {
	if m.kind != "prediction" && m.kind != "ml" {
		return false
	}
	s.told.put(m)
	return true
}

// pairCounted is what a source counts with in the digest of a suite, and the
// part without what is said there of pairs: in the suite of pairs all of it, in
// the others neither these files nor the lines marked as theirs.
func pairCounted(part, name string, source []byte) (string, []byte) {
	if rest, is := strings.CutPrefix(part, "pair"); is {
		return strings.TrimPrefix(rest, " "), source
	}
	if strings.HasPrefix(name, "pair") {
		return part, nil
	}
	var out []byte
	for line := range bytes.Lines(source) {
		if !bytes.HasSuffix(line, []byte("// pair\n")) {
			out = append(out, line...)
		}
	}
	return part, out
}

// withML gives the real service, started and ready, at the port of the pair.
func (t *T) withML() *instance {
	p := t.run.target.both
	t.dropStandIn()
	if in := p.running; in != nil && !in.exited() {
		return in
	}
	env := map[string]string{"HOST": "127.0.0.1", "PORT": strconv.Itoa(p.port)}
	maps.Copy(env, p.ml.Env)
	in := &instance{label: "the ML service", addr: p.addr(), stdout: &lines{}, stderr: &lines{}, done: make(chan struct{})}
	in.base = "http://" + in.addr
	in.client = newClient(t.run, in)
	var err error
	in.proc, err = p.ml.Start(t.ctx, env, in.stdout, in.stderr)
	t.must(err == nil, "%s cannot be started: %v", in.label, err)
	t.run.all = append(t.run.all, in)
	p.running, p.others[in] = in, true
	go func() {
		in.exit, _ = in.proc.Wait()
		close(in.done)
	}()
	t.await(in, "/readyz")
	return in
}

// withoutML leaves nobody at the port of the pair.
func (t *T) withoutML() {
	p := t.run.target.both
	t.dropStandIn()
	if in := p.running; in != nil {
		p.running = nil
		if !in.exited() {
			t.end(in)
		}
	}
}

func (t *T) dropStandIn() {
	if p := t.run.target.both; p.stands != nil {
		p.stands.close()
		p.stands = nil
	}
}

// standIn puts a stand-in at the port of the pair, which answers well, and waits
// until the API has had a prediction from it.
func (t *T) standIn() *standIn {
	t.withoutML()
	s, err := listen(t.run.target.both.addr())
	t.must(err == nil, "the port of the ML service cannot be taken: %v", err)
	t.run.target.both.stands = s
	t.recovers(t.service())
	return s
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// hasty is a copy with a short deadline in the place of the shared one, for no
// other one serves beside it; the check ends it.
func (t *T) hasty() *instance {
	t.stopService()
	in := t.launch("the service with a short deadline", "/readyz", map[string]string{limitSetting: millis(hopLimit)})
	t.recovers(in)
	return in
}

// ask sends one flower for a prediction under a request id.
func (t *T) ask(in *instance, f flower) *answer {
	return t.do(in, predictReq(inputs(f), nil))
}

// recovers asks until there is a prediction; until then it has to be told to
// come again.
func (t *T) recovers(in *instance) *answer {
	start := time.Now()
	for {
		a := t.ask(in, flowers[0])
		if a.status == 201 {
			t.verdicts(a, 1)
			return a
		}
		if time.Since(start) > recoverLimit {
			t.must(false, "no prediction %s after the ML service is there again: %d %s", recoverLimit, a.status, clip(string(a.body), 200))
		}
		t.notNow(a)
		time.Sleep(100 * time.Millisecond)
	}
}

// notNow asserts an answer without a prediction that is nobody's fault: to come
// again, or on a machine that has too much to do, that its time is over.
func (t *T) notNow(a *answer) {
	if a.status == 504 && a.took > hopPatience-200*time.Millisecond {
		t.problem(a, 504)
		return
	}
	t.comeAgain(a)
}

// recoverLimit is how long the API may take until it asks a service again that
// has failed.
var recoverLimit = 15 * time.Second

// hopSlack is how much later than its deadline an answer may come on a machine
// that has more to do.
var hopSlack = 2 * time.Second

// soon is how long an answer may take for which nobody is asked.
var soon = time.Second

// state waits until /readyz reports the ML service so; it is 200 all the while.
func (t *T) state(in *instance, want string) {
	got := ""
	within(recoverLimit, func() bool {
		a := t.do(in, req{method: "GET", path: "/readyz"})
		got = t.mlState(a)
		return !t.status(a, 200) || got == want
	})
	t.ok(got == want, "GET /readyz: ml is %q, want %q", got, want)
}

// goesOn asserts that what does not need the ML service works.
func (t *T) goesOn(in *instance) {
	for _, path := range []string{"/healthz", "/readyz", "/api/notes"} {
		a := t.do(in, req{method: "GET", path: path})
		t.status(a, 200)
		t.ok(a.took < soon, "%s took %s while the ML service is away", a.where(), a.took.Round(time.Millisecond))
	}
	n := t.post(in, "without the ML service", "")
	t.status(t.do(in, req{method: "GET", path: notePath(n.ID)}), 200)
}

// late asserts a 504 that comes when the deadline is over, and no later.
func (t *T) late(a *answer) {
	t.problem(a, 504)
	t.ok(a.took > hopLimit-200*time.Millisecond && a.took < hopLimit+hopSlack, "%s: answered after %s, want the deadline of %s", a.where(), a.took.Round(time.Millisecond), hopLimit)
}

// useless asserts a 502 in which nothing is of the answer that the ML service
// gave.
func (t *T) useless(a *answer, what string) {
	if t.ok(a.status == 502 || a.status == 503, "%s: %s: status %d, want 502 or 503: %s", what, a.where(), a.status, clip(string(a.body), 200)) {
		t.problem(a, a.status)
	}
	t.ok(!strings.Contains(string(a.body)+fmt.Sprint(a.header), garbageMark), "%s: the answer passes it on: %s", what, clip(string(a.body), 300))
}

// together sends many at once. What it gives waits for the answers, in order,
// and asserts that each has come; one that has not is left out.
func (t *T) together(n int, send func(i int) (*answer, error)) (wait func() []*answer) {
	answers := make([]*answer, n)
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			answers[i], errs[i] = send(i)
		}()
	}
	return func() []*answer {
		all.Wait()
		for i, err := range errs {
			t.ok(err == nil, "request %d of %d: no answer: %v", i, n, err)
		}
		return slices.DeleteFunc(answers, func(a *answer) bool { return a == nil })
	}
}

// oneIn is what sends a flower for a prediction, for together.
func (t *T) oneIn(in *instance) func(int) (*answer, error) {
	return func(int) (*answer, error) { return in.client.try(t.ctx, predictReq(inputs(flowers[0]), nil)) }
}

// predictions takes what was pushed to a client: how often under each request id.
func (s *socket) predictions() map[string]int {
	seen := map[string]int{}
	for {
		m, ok := s.told.take(0)
		if !ok {
			return seen
		}
		if m.kind == "prediction" {
			id, _ := m.m["requestId"].(string)
			seen[id]++
		}
	}
}

// withPush is for checks of what is pushed.
func withPush(t *Target) string {
	if !t.Live {
		return "nothing is pushed"
	}
	return ""
}

// goodAnswer is what the contract promises for a request, with everything of the
// kind that comes first.
func goodAnswer(body []byte) map[string]any {
	var asked struct{ Inputs []json.RawMessage }
	_ = json.Unmarshal(body, &asked)
	predictions := []any{}
	for range asked.Inputs {
		predictions = append(predictions, goodPrediction())
	}
	return map[string]any{"modelVersion": "0123456789ab", "predictions": predictions}
}

func goodPrediction() map[string]any {
	scores := []any{}
	for i, label := range mlLabels {
		scores = append(scores, map[string]any{"label": label, "probability": []float64{0.75, 0.125, 0.125}[i]})
	}
	return map[string]any{"label": mlLabels[0], "scores": scores}
}
