// Package load sends one service as many requests as a number of connections
// can, and says how many it answered and how long they took.
// It starts no service, and compares nothing.
package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A Job is what is sent, and how.
type Job struct {
	Addrs       []string // host:port; connections are spread over them
	Connections int
	For         time.Duration
	Request     Request
	Status      int // that every answer has to have
}

// A Request is sent again and again.
type Request struct {
	Method, Path string
	Body         string // JSON; empty: none
}

// A Result is what came back.
type Result struct {
	Answers int           // with the status that was asked for
	Faults  int           // other answers, and connections that broke
	Took    time.Duration // from the first request to the last answer
	P50     time.Duration // of the time from request to the whole answer
	P99     time.Duration
}

// PerSecond is the rate of right answers.
func (r Result) PerSecond() float64 {
	if r.Took <= 0 {
		return 0
	}
	return float64(r.Answers) / r.Took.Seconds()
}

// bytes is the request as it goes over the wire. It is written once: what the
// measuring side does is taken from the same processors.
func (r Request) bytes(host string) []byte {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n", r.Method, r.Path, host)
	if r.Body != "" {
		head += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.Body))
	}
	return []byte(head + "\r\n" + r.Body)
}

// maxFaults ends a connection's work: a service that answers nothing right has
// no rate worth waiting for.
const maxFaults = 100

// Run keeps every connection busy with one request at a time until the job's
// time is over. The error is for a service that cannot be reached at all, or
// for ctx; what it answers wrong is in the result.
func Run(ctx context.Context, j Job) (Result, error) {
	if len(j.Addrs) == 0 || j.Connections < 1 {
		return Result{}, errors.New("load: no address or no connection")
	}
	workers := make([]*worker, j.Connections)
	for i := range workers {
		workers[i] = &worker{job: j, addr: j.Addrs[i%len(j.Addrs)]}
		workers[i].request = j.Request.bytes(workers[i].addr)
		if err := workers[i].dial(ctx); err != nil {
			for _, w := range workers[:i] {
				w.conn.Close()
			}
			return Result{}, err
		}
	}
	start := time.Now()
	var wait sync.WaitGroup
	for _, w := range workers {
		wait.Go(func() { w.work(ctx, start.Add(j.For)) })
	}
	wait.Wait()
	r := Result{Took: time.Since(start)}
	var took []time.Duration
	for _, w := range workers {
		r.Faults += w.faults
		took = append(took, w.took...)
	}
	r.Answers = len(took)
	slices.Sort(took)
	r.P50, r.P99 = quantile(took, 0.50), quantile(took, 0.99)
	return r, ctx.Err()
}

// quantile of sorted times, by the nearest rank.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// A worker is one connection.
type worker struct {
	job     Job
	addr    string
	request []byte
	conn    net.Conn
	read    *bufio.Reader
	took    []time.Duration
	faults  int
}

func (w *worker) dial(ctx context.Context) error {
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", w.addr)
	if err != nil {
		return err
	}
	w.conn, w.read = conn, bufio.NewReaderSize(conn, 4096)
	return nil
}

func (w *worker) work(ctx context.Context, until time.Time) {
	defer func() { w.conn.Close() }()
	for ctx.Err() == nil && w.faults < maxFaults {
		began := time.Now()
		if !began.Before(until) {
			return
		}
		status, last, err := w.once()
		switch {
		case err == nil && status == w.job.Status:
			w.took = append(w.took, time.Since(began))
		default:
			w.faults++
		}
		if err != nil || last {
			w.conn.Close()
			if w.dial(ctx) != nil {
				w.faults++
				return
			}
		}
	}
}

// once sends the request and reads the whole answer; last says that the
// service will close the connection.
func (w *worker) once() (status int, last bool, err error) {
	if err := w.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, true, err
	}
	if _, err := w.conn.Write(w.request); err != nil {
		return 0, true, err
	}
	a, err := http.ReadResponse(w.read, nil)
	if err != nil {
		return 0, true, err
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		return 0, true, err
	}
	return a.StatusCode, a.Close, nil
}
