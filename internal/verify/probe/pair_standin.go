package probe

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// garbageMark is in what a stand-in says and nobody may pass on.
const garbageMark = "mark-of-garbage-7741"

// A standIn is a server in the place of the ML service that does what it is
// told. What is not about predictions it answers as that one does.
type standIn struct {
	srv   *http.Server
	mu    sync.Mutex
	do    http.HandlerFunc // nil answers well
	calls []call
}

// A call is a request for predictions that has come to a stand-in.
type call struct {
	header http.Header
	body   []byte
}

// listen takes an address, which may have been somebody else's until now.
func listen(addr string) (*standIn, error) {
	var l net.Listener
	var err error
	for start := time.Now(); time.Since(start) < 3*time.Second; time.Sleep(50 * time.Millisecond) {
		if l, err = net.Listen("tcp", addr); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	s := &standIn{}
	s.srv = &http.Server{Handler: s}
	go s.srv.Serve(l)
	return s, nil
}

func (s *standIn) close() { s.srv.Close() }

// set says what it does from now on, and forgets what has come so far.
func (s *standIn) set(do http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.do, s.calls = do, nil
}

// came are the calls since it was told what to do.
func (s *standIn) came() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]call(nil), s.calls...)
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.URL.Path != internalPath {
		reply(w, 200, map[string]any{"status": "ok", "checks": map[string]any{"model": "ok"}})
		return
	}
	s.mu.Lock()
	do := s.do
	s.calls = append(s.calls, call{r.Header.Clone(), body})
	s.mu.Unlock()
	if do == nil {
		reply(w, 200, goodAnswer(body))
		return
	}
	do(w, r)
}

// reply writes v as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	data, _ := json.Marshal(v)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	w.Write(data)
}

// says answers a problem of the ML service.
func says(status int, header map[string]string, more ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		m := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": "the service says so"}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		data, _ := json.Marshal(m)
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		w.Write(data)
	}
}

// hangs never answers, and says when a caller has gone.
func hangs(gone func()) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		gone()
	}
}

// aborts ends the connection instead of an answer.
func aborts(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// writes answers with a text as it is.
func writes(status int, typ, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", typ)
		w.Header().Set("X-Mark", garbageMark)
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

// raw takes the connection and writes bytes into it that may be no HTTP at all,
// or break off.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(buffer, text)
		buffer.Flush()
	}
}

// changed answers well but for one thing.
func changed(change func(m map[string]any)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		m := map[string]any{"modelVersion": garbageMark, "predictions": []any{goodPrediction()}}
		change(m)
		reply(w, 200, m)
	}
}

// StandIn is the other service for one that is proven alone: it listens at an
// address of its own and answers well. The caller closes it.
func StandIn() (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &standIn{}
	s.srv = &http.Server{Handler: s}
	go s.srv.Serve(l)
	return "http://" + l.Addr().String(), s.close, nil
}
