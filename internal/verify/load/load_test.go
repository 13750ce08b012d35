package load

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestRun counts what a server was sent, over how many connections, and tells
// right answers from wrong ones.
func TestRun(t *testing.T) {
	var served, wrong atomic.Int64
	var clients sync.Map
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clients.Store(r.RemoteAddr, true)
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.Path != "/api/notes" || string(body) != `{"title":"a"}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s %s %q", r.Method, r.URL, body)
		}
		if served.Add(1)%5 == 0 {
			wrong.Add(1)
			w.WriteHeader(503)
			return
		}
		w.WriteHeader(201)
	}))
	defer s.Close()
	r, err := Run(t.Context(), Job{
		Addrs: []string{strings.TrimPrefix(s.URL, "http://")}, Connections: 4, For: 100 * time.Millisecond, Status: 201,
		Request: Request{Method: "POST", Path: "/api/notes", Body: `{"title":"a"}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if int64(r.Answers+r.Faults) != served.Load() || int64(r.Faults) != wrong.Load() || r.Answers == 0 {
		t.Errorf("%d right and %d wrong of %d and %d", r.Answers, r.Faults, served.Load(), wrong.Load())
	}
	n := 0
	clients.Range(func(any, any) bool { n++; return true })
	if n != 4 {
		t.Errorf("%d connections, want 4", n)
	}
	if r.P50 <= 0 || r.P99 < r.P50 || r.PerSecond() <= 0 {
		t.Errorf("p50 %v, p99 %v, %.0f a second", r.P50, r.P99, r.PerSecond())
	}
}

// A service that closes each connection is still measured, one that is away is
// an error, and one that only breaks does not go on for ever.
func TestRunOnPoorServices(t *testing.T) {
	closing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close") }))
	addr := strings.TrimPrefix(closing.URL, "http://")
	job := Job{Addrs: []string{addr}, Connections: 2, For: 50 * time.Millisecond, Status: 200, Request: Request{Method: "GET", Path: "/"}}
	if r, err := Run(t.Context(), job); err != nil || r.Answers == 0 || r.Faults != 0 {
		t.Errorf("a service that closes: %+v, %v", r, err)
	}
	closing.Close()
	if _, err := Run(t.Context(), job); err == nil {
		t.Error("a service that is away gives a result")
	}
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer breaking.Close()
	job.Addrs, job.For = []string{strings.TrimPrefix(breaking.URL, "http://")}, time.Minute
	if r, err := Run(t.Context(), job); err != nil || r.Answers != 0 || r.Faults < maxFaults {
		t.Errorf("a service that breaks: %+v, %v", r, err)
	}
}

func TestQuantile(t *testing.T) {
	var times []time.Duration
	for i := range 100 {
		times = append(times, time.Duration(i+1))
	}
	if p50, p99 := quantile(times, 0.5), quantile(times, 0.99); p50 != 51 || p99 != 100 {
		t.Errorf("p50 %d, p99 %d", p50, p99)
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("nothing has a quantile")
	}
}
