//go:build unix

package double

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A Server stands for a PostgreSQL server. The zero value is ready to start.
type Server struct {
	mu   sync.Mutex
	data map[string][]byte
	said map[string][]json.RawMessage
	lock sync.RWMutex
	Addr string // where it listens, from the first Start on
	srv  *http.Server
}

// Start listens, at the same address each time.
func (f *Server) Start() error {
	addr := f.Addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	if f.data == nil {
		f.data, f.said = map[string][]byte{}, map[string][]json.RawMessage{}
	}
	f.Addr = l.Addr().String()
	f.srv = &http.Server{Handler: f}
	go f.srv.Serve(l)
	return nil
}

// Stop takes the server away; what it holds stays.
func (f *Server) Stop() error { return f.srv.Close() }

// Lock makes every write wait until release is called.
func (f *Server) Lock() (release func()) {
	f.lock.Lock()
	return f.lock.Unlock
}

func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	body, _ := io.ReadAll(r.Body)
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	if what == "append" {
		f.lock.RLock()
		defer f.lock.RUnlock()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if what == "wipe" || (what == "migrate" && f.data[name] == nil) {
		f.data[name] = []byte{}
	}
	data, there := f.data[name]
	switch {
	case !there:
		w.WriteHeader(404)
	case what == "length":
		fmt.Fprint(w, len(data))
	case what == "all":
		w.Write(data[min(from, len(data)):])
	case what == "publish":
		f.said[name] = append(f.said[name], body)
	case what == "messages":
		data, _ := json.Marshal(f.said[name][min(from, len(f.said[name])):])
		w.Write(data)
	case what == "append":
		f.data[name] = append(data, body...)
	}
}
