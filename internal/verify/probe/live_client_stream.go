package probe

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// An event is one of server-sent events.
type event struct{ id, name, data string }

// A stream is a client of the events that reads all the time.
type stream struct {
	inbox[event]
	in     *instance
	id     string // of the request
	status int
	header http.Header
	body   string // of a refusal
	cancel context.CancelFunc
}

// stream opens the events; last is the Last-Event-ID, "" for none.
func (t *T) stream(in *instance, last string) *stream {
	s, err := t.open(in, "GET", last, nil)
	t.must(err == nil, "GET %s: no answer: %v", eventsPath, err)
	t.must(s.status == 200, "GET %s with Last-Event-ID %q: status %d, want 200: %s", eventsPath, last, s.status, clip(s.body, 200))
	return s
}

func (t *T) open(in *instance, method, last string, header map[string]string) (*stream, error) {
	ctx, cancel := context.WithCancel(t.ctx)
	r, err := http.NewRequestWithContext(ctx, method, in.base+eventsPath, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &stream{in: in, id: t.run.nextID(), cancel: cancel}
	r.Header.Set("X-Request-Id", s.id)
	r.Header.Set("Accept", "text/event-stream")
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	// A connection of its own, as a browser's tab has.
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true, ResponseHeaderTimeout: requestLimit}).RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	s.status, s.header = res.StatusCode, res.Header
	if res.StatusCode != 200 || method == "HEAD" {
		data, _ := io.ReadAll(res.Body)
		res.Body.Close()
		cancel()
		s.body = string(data)
		return s, nil
	}
	go func() {
		defer res.Body.Close()
		s.end(s.read(res.Body))
	}()
	return s, nil
}

// read reads events to the end.
func (s *stream) read(body io.Reader) error {
	lines := bufio.NewReaderSize(body, 32<<10)
	var e event
	var data []string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if e.data = strings.Join(data, "\n"); len(data) > 0 {
				s.put(e)
			}
			e, data = event{}, nil
		case field == "":
			s.beat()
		case field == "id":
			e.id = value
		case field == "event":
			e.name = value
		case field == "data":
			data = append(data, value)
		}
	}
}

// A change is what an event or a message says about a note.
type change struct {
	ID     int64
	Change string
	noteID int64
	raw    string // the note, written in one way
}

// changeOf reads a change out of the JSON of an event or a message.
func changeOf(data string) (change, error) {
	var in struct {
		ID     int64
		Change string
		Note   json.RawMessage
	}
	if err := json.Unmarshal([]byte(data), &in); err != nil {
		return change{}, err
	}
	c := change{ID: in.ID, Change: in.Change}
	v, err := decode(in.Note)
	if err != nil {
		return c, err
	}
	m, isObject := v.(map[string]any)
	number, isNumber := m["id"].(json.Number)
	if !isObject || !isNumber {
		return c, errors.New("its note is none")
	}
	c.noteID, _ = number.Int64()
	raw, _ := json.Marshal(m)
	c.raw = string(raw)
	return c, nil
}

// ready takes the event that begins a stream and gives its id.
func (t *T) ready(s *stream, name string) int64 {
	e, ok := s.take(liveLimit)
	t.must(ok, "GET %s: nothing came, want %s", eventsPath, name)
	t.must(e.name == name, "GET %s: begins with %s %s, want %s", eventsPath, e.name, clip(e.data, 100), name)
	var data struct{ ID int64 }
	err := json.Unmarshal([]byte(e.data), &data)
	t.must(err == nil && e.id == strconv.FormatInt(data.ID, 10), "%s has id %q and data %s, want one id", name, e.id, clip(e.data, 100))
	t.ok(sameJSON(e.data, fmt.Sprintf(`{"id":%d}`, data.ID)), "%s has data %s, want the id alone", name, clip(e.data, 100))
	return data.ID
}

// streamed takes the next change of a stream.
func (t *T) streamed(s *stream) change {
	e, ok := s.take(liveLimit)
	t.must(ok, "a change was not streamed within %s", liveLimit)
	c, err := changeOf(e.data)
	t.must(err == nil, "an event %s cannot be read: %v: %s", e.name, err, clip(e.data, 200))
	t.ok(e.name == c.Change && e.id == strconv.FormatInt(c.ID, 10), "event %s with id %q says %s", e.name, e.id, clip(e.data, 100))
	v, _ := decode([]byte(e.data))
	m, _ := v.(map[string]any)
	t.ok(strings.Join(keys(m), " ") == "change id note", "an event has %s, want id, change, note", strings.Join(keys(m), ", "))
	return c
}

func sameJSON(a, b string) bool {
	x, err1 := decode([]byte(a))
	y, err2 := decode([]byte(b))
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return err1 == nil && err2 == nil && string(p) == string(q)
}
