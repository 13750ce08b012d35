//go:build unix

package double

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A change is one line of a store.
type change struct {
	Note *dnote `json:",omitempty"`
	Gone int64  `json:",omitempty"`
}

type store interface {
	migrate(wipe bool) error
	ping() error
	length() (int64, error)
	append(change) error
	all() ([]change, error)
	from(offset int64) ([]byte, error)
}

// fileStore stands for SQLite: one file, and the lock that SQLite's writers
// take in WAL mode.
type fileStore struct {
	path string
	d    *double
	mu   sync.Mutex
}

func (s *fileStore) migrate(wipe bool) error {
	os.MkdirAll(filepath.Dir(s.path), 0o755)
	flags := os.O_CREATE | os.O_WRONLY
	if wipe {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(s.path, flags, 0o644)
	if err != nil {
		return err
	}
	f.Close()
	return os.WriteFile(s.path+"-shm", make([]byte, 32<<10), 0o644)
}

func (s *fileStore) ping() error {
	if _, err := os.Stat(s.path); err != nil {
		return errSchema
	}
	return nil
}

func (s *fileStore) length() (int64, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, errSchema
	}
	return info.Size(), nil
}

func (s *fileStore) append(c change) error {
	if err := s.ping(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := os.OpenFile(s.path+"-shm", os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	wait := 500 * time.Millisecond
	switch s.d.defect {
	case "busy-at-once":
		wait = 0
	case "busy-for-ever":
		wait = 3500 * time.Millisecond
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 120, Len: 1}
		if syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock) == nil {
			break
		}
		if time.Since(start) > wait {
			if s.d.has("busy-500") {
				return errors.New("database is locked")
			}
			return fault{status: 503, detail: "the database is locked"}
		}
	}
	data, _ := json.Marshal(c)
	out, err := os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = out.Write(append(data, '\n'))
	return err
}

func (s *fileStore) all() ([]change, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, errSchema
	}
	defer f.Close()
	return readChanges(f)
}

func (s *fileStore) from(offset int64) ([]byte, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, errSchema
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

func readChanges(r io.Reader) ([]change, error) {
	var out []change
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return out, nil
		}
		var c change
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}

// serverStore stands for PostgreSQL: a server elsewhere that can be locked and
// taken away.
type serverStore struct{ base, name string }

func (s *serverStore) call(method, what string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequest(method, s.base+"/"+s.name+"/"+what, body)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, errAway
	}
	if res.StatusCode != 200 {
		res.Body.Close()
		return nil, errSchema
	}
	return res, nil
}

func (s *serverStore) migrate(wipe bool) error {
	what := "migrate"
	if wipe {
		what = "wipe"
	}
	_, err := s.call("POST", what, nil)
	return err
}

func (s *serverStore) ping() error {
	res, err := s.call("GET", "ping", nil)
	if err == nil {
		res.Body.Close()
	}
	return err
}

func (s *serverStore) length() (int64, error) {
	res, err := s.call("GET", "length", nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var n int64
	_, err = fmt.Fscan(res.Body, &n)
	return n, err
}

func (s *serverStore) append(c change) error {
	data, _ := json.Marshal(c)
	res, err := s.call("POST", "append", strings.NewReader(string(data)+"\n"))
	if err == nil {
		res.Body.Close()
	}
	return err
}

func (s *serverStore) all() ([]change, error) {
	res, err := s.call("GET", "all", nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return readChanges(res.Body)
}

func (s *serverStore) from(offset int64) ([]byte, error) {
	res, err := s.call("GET", fmt.Sprintf("all?from=%d", offset), nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// publish and messages carry what is said between the processes.
func (s *serverStore) publish(m lmessage) {
	data, _ := json.Marshal(m)
	if res, err := s.call("POST", "publish", bytes.NewReader(data)); err == nil {
		res.Body.Close()
	}
}

func (s *serverStore) messages(after int) (out []lmessage) {
	res, err := s.call("GET", fmt.Sprintf("messages?from=%d", after), nil)
	if err == nil {
		_ = json.NewDecoder(res.Body).Decode(&out)
		res.Body.Close()
	}
	return out
}
