//go:build unix

package double

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// asks is the part of the double that predicts by asking another service.
type asks struct {
	d       *double
	url     string
	timeout time.Duration
	most    int
	client  *http.Client

	mu       sync.Mutex
	inFlight int
	failures int
	open     time.Time // until then nobody is asked
	trying   bool
	ready    bool
	told     string // the state that was pushed last
	answered bool   // ever
	gone     bool   // for the defect that never asks again
}

const internalPath = "/v1/predict"

// noStore is where there are no notes.
type noStore struct{ store }

func (noStore) ping() error { return nil }

// internal tells whether the double predicts for another service.
func (d *double) internal() bool { _, is := d.store.(noStore); return is }

func (d *double) predictPath() string {
	if d.internal() {
		return internalPath
	}
	return predictPath
}

// checks adds the one of the database, where there is one.
func (d *double) checks(m map[string]any) map[string]any {
	if !d.internal() {
		m["database"] = "ok"
	}
	return m
}

// newAsks reads the settings and names the wrong ones.
func newAsks(d *double) (*asks, []string) {
	a := &asks{d: d, url: os.Getenv("ML_URL"), told: "down",
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: nil}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	var bad []string
	number := func(key string, def, most int) int {
		n, err := strconv.Atoi(os.Getenv(key))
		if os.Getenv(key) == "" {
			return def
		}
		if (err != nil || n < 1 || n > most) && !d.has("pair-any-setting") {
			bad = append(bad, fmt.Sprintf("%s has to be a number from 1 to %d", key, most))
		}
		return n
	}
	a.timeout = time.Duration(number("ML_TIMEOUT_MS", 2000, 60_000)) * time.Millisecond
	a.most = number("ML_MAX_IN_FLIGHT", 32, 1000)
	if u, err := url.Parse(a.url); (err != nil || u.Scheme != "http" || u.Host == "") && !d.has("pair-any-setting") {
		bad = append(bad, "ML_URL has to be an origin")
	}
	return a, bad
}

// look asks all the time whether the other service is ready.
func (a *asks) look() {
	for ; ; time.Sleep(150 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		r, _ := http.NewRequestWithContext(ctx, "GET", a.url+"/readyz", nil)
		res, err := a.client.Do(r)
		if err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		cancel()
		a.mu.Lock()
		a.ready = err == nil && res.StatusCode == 200
		a.mu.Unlock()
		a.tell()
	}
}

func (a *asks) state() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ready && time.Now().After(a.open) {
		return "up"
	}
	return "down"
}

func (a *asks) everAnswered() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.answered
}

// tell pushes the state when it has changed.
func (a *asks) tell() {
	state := a.state()
	a.mu.Lock()
	defer a.mu.Unlock()
	if state != a.told && a.d.live != nil && !a.d.has("pair-no-state") {
		a.d.live.tell(jsonOf("ml", "state", state))
	}
	a.told = state
}

// tell sends to all clients.
func (l *live) tell(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.clients {
		select {
		case c.out <- lout{data: data}:
		default:
		}
		if l.d.has("pair-pushes-one") {
			return
		}
	}
}

func again(detail string) error { return fault{status: 503, detail: detail} }

func (a *asks) predict(w http.ResponseWriter, r *http.Request) error {
	typ, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if typ != "application/json" {
		return fault{status: 415, detail: "JSON is wanted"}
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil {
		return fault{status: 400, detail: "the body broke off"}
	}
	if len(data) > bodyLimit {
		return fault{status: 413, detail: "the body is too large"}
	}
	for k := range r.URL.Query() {
		return fault{422, "a parameter does not fit", [][2]string{{k, "is not known"}}}
	}
	inputs, err := (&ml{d: a.d}).inputs(data)
	if err != nil {
		return err
	}
	if err := a.enter(); err != nil {
		return err
	}
	answer, err := a.call(w, r, data, len(inputs))
	a.leave(err, r.Context().Err() != nil)
	a.tell()
	if err != nil {
		if a.d.has("pair-prints") {
			fmt.Println("no prediction:", err)
		}
		return err
	}
	if a.d.live != nil {
		a.push(w.Header().Get("X-Request-Id"), answer)
	}
	return a.d.json(w, 201, answer)
}

func (a *asks) push(id string, answer obj) {
	var short []obj
	list, _ := answer["predictions"].([]any)
	for _, each := range list {
		p, _ := each.(map[string]any)
		short = append(short, obj{"label": p["label"], "probability": 0.75})
	}
	data := jsonOf("prediction", "requestId", id, "modelVersion", answer["modelVersion"], "predictions", short, "at", now())
	a.d.live.tell(data)
	a.mu.Lock()
	busy := a.inFlight > 10
	a.mu.Unlock()
	if a.d.has("pair-pushes-twice") && busy {
		a.d.live.tell(data)
	}
}

// enter lets a call through, or says why not.
func (a *asks) enter() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inFlight >= a.most && !a.d.has("pair-no-cap") {
		return again("too many calls")
	}
	if a.failures >= 5 && !a.d.has("pair-no-breaker") {
		if a.trying && !a.d.has("pair-all-try") || time.Now().Before(a.open) {
			return again("it is tried again soon")
		}
		a.trying = true
	}
	a.inFlight++
	return nil
}

func (a *asks) leave(err error, left bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inFlight--
	a.trying = false
	if left && !a.d.has("pair-blames-leavers") {
		return
	}
	var f fault
	errors.As(err, &f)
	answered := err == nil || f.status == 422 || f.detail == mlSays && !a.d.has("pair-busy-counts")
	if answered {
		a.failures, a.ready, a.answered = 0, true, true
		a.open = time.Time{}
		return
	}
	a.failures++
	if a.failures >= 5 && !a.d.has("pair-no-breaker") {
		a.open = time.Now().Add(3 * time.Second)
	}
}

// mlSays is the detail of what the other service has no time for.
const mlSays = "the other service says: not now"

// call asks the other service, once more where nobody was reached.
func (a *asks) call(w http.ResponseWriter, r *http.Request, data []byte, count int) (obj, error) {
	end := time.Now().Add(a.timeout)
	if a.d.has("pair-no-deadline") {
		end = end.Add(10 * time.Second)
	}
	from := r.Context()
	if a.d.has("pair-goes-on") {
		from = context.Background()
	}
	ctx, cancel := context.WithDeadline(from, end)
	defer cancel()
	broken := func(err error) error {
		switch {
		case ctx.Err() != nil:
			return fault{status: 504, detail: "it takes too long"}
		case a.d.has("pair-hides-failures"):
			return fault{status: 500, detail: "a fault"}
		}
		return again("it cannot be asked")
	}
	a.mu.Lock()
	gone := a.gone
	a.mu.Unlock()
	if gone {
		return nil, again("it is gone")
	}
	res, err := a.post(ctx, w, r, data, end)
	if errors.Is(err, syscall.ECONNREFUSED) && a.d.has("pair-needs-restart") {
		a.mu.Lock()
		a.gone = a.answered
		a.mu.Unlock()
	}
	if err != nil && (errors.Is(err, syscall.ECONNREFUSED) && !a.d.has("pair-no-retry") || ctx.Err() == nil && a.d.has("pair-sends-again")) {
		time.Sleep(time.Duration(50+rand.IntN(100)) * time.Millisecond)
		res, err = a.post(ctx, w, r, data, end)
	}
	if err != nil {
		if strings.Contains(err.Error(), "malformed HTTP") {
			return nil, fault{status: 502, detail: "the answer cannot be used"}
		}
		return nil, broken(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil && ctx.Err() != nil {
		return nil, broken(err)
	}
	return a.read(res, body, err, count)
}

func (a *asks) post(ctx context.Context, w http.ResponseWriter, r *http.Request, data []byte, end time.Time) (*http.Response, error) {
	hr, err := http.NewRequestWithContext(ctx, "POST", a.url+internalPath, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("Content-Type", "application/json")
	hr.Header.Set("X-Request-Id", w.Header().Get("X-Request-Id"))
	if !a.d.has("pair-no-hand-on") {
		hr.Header.Set("X-Deadline-Ms", strconv.FormatInt(max(1, time.Until(end).Milliseconds()), 10))
	}
	if trace := r.Header.Get("Traceparent"); trace != "" && !a.d.has("pair-no-trace") {
		hr.Header.Set("Traceparent", trace)
	}
	if a.d.has("pair-other-id") {
		hr.Header.Del("X-Request-Id")
	}
	return a.client.Do(hr)
}

// read gives what an answer holds, where it is one.
func (a *asks) read(res *http.Response, body []byte, cut error, count int) (obj, error) {
	useless := fault{status: 502, detail: "the answer cannot be used"}
	if a.d.has("pair-tells-why") {
		useless.detail = "the answer cannot be used: " + string(body)
	}
	var m map[string]any
	if cut != nil || json.Unmarshal(body, &m) != nil {
		return nil, useless
	}
	_, isProblem := m["status"].(float64)
	switch {
	case res.StatusCode == 200:
	case a.d.has("pair-any-status") && res.StatusCode < 300:
	case res.StatusCode == 503 && isProblem:
		return nil, again(mlSays)
	case res.StatusCode == 422 && isProblem && !a.d.has("pair-blames-itself"):
		f := fault{status: 422, detail: "a value does not fit"}
		list, _ := m["errors"].([]any)
		for _, each := range list {
			e, _ := each.(map[string]any)
			f.fields = append(f.fields, [2]string{fmt.Sprint(e["field"]), fmt.Sprint(e["detail"])})
		}
		return nil, f
	default:
		return nil, useless
	}
	list, _ := m["predictions"].([]any)
	if len(list) != count && !a.d.has("pair-any-count") {
		return nil, useless
	}
	if a.d.has("pair-any-shape") && m["predictions"] != nil {
		return m, nil
	}
	out := obj{"modelVersion": m["modelVersion"], "predictions": list}
	if _, is := m["modelVersion"].(string); !is || len(list) == 0 && !a.d.has("pair-any-count") {
		return nil, useless
	}
	for _, each := range list {
		p, _ := each.(map[string]any)
		scores, _ := p["scores"].([]any)
		label, _ := p["label"].(string)
		if !slices.Contains(mlLabels, label) || len(scores) != len(mlLabels) {
			return nil, useless
		}
		for _, each := range scores {
			s, _ := each.(map[string]any)
			if n, is := s["probability"].(float64); !is || n < 0 || n > 1 {
				return nil, useless
			}
		}
	}
	return out, nil
}
