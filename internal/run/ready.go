package run

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/port"
)

// WaitReady asks url until it answers 200. It ends with an error when p ends
// first, or ctx does; p may be nil.
func WaitReady(ctx context.Context, url string, p *Process) error {
	client := &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true}} // never through a proxy: it is this machine
	var done <-chan struct{}
	if p != nil {
		done = p.Done()
	}
	last := "no answer"
	for wait := 20 * time.Millisecond; ; {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			last = fmt.Sprintf("it answers %d", resp.StatusCode)
		}
		select {
		case <-done:
			code, err := p.Wait()
			if err != nil {
				return err
			}
			return fmt.Errorf("the service ended with exit code %d before it was ready", code)
		case <-ctx.Done():
			if ctx.Err() == context.DeadlineExceeded {
				return hint.Errorf("see what the service printed", "%s is not ready in time: %s", url, last)
			}
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(wait*3/2, 300*time.Millisecond)
	}
}

// FreePort is want, or the next port above it on which nothing listens and
// which is not in taken. Zero asks for any.
func FreePort(host string, want int, taken map[int]bool) (int, error) {
	if want == 0 {
		return port.Free()
	}
	for p := want; p < want+100 && p <= 65535; p++ {
		if !taken[p] && portFree(host, p) {
			return p, nil
		}
	}
	return 0, hint.Errorf("stop what listens there, or pass --port with another", "no free port from %d on", want)
}

// portFree tells whether a service could listen on host:port. Listening there
// is not enough: some systems let two programs listen on one port when their
// addresses differ, and a browser's localhost may be either of them.
func portFree(host string, port int) bool {
	p := strconv.Itoa(port)
	for _, addr := range []string{"127.0.0.1", "::1"} {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(addr, p), 300*time.Millisecond); err == nil {
			c.Close()
			return false
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, p))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
