package port

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

func TestFreeGivesNoPortTwice(t *testing.T) {
	var (
		seen sync.Map
		wait sync.WaitGroup
	)
	for range 8 {
		wait.Go(func() {
			for range 50 {
				p, err := Free()
				if err != nil {
					t.Error(err)
					return
				}
				if p < first || p > last {
					t.Errorf("port %d is where the system picks its own", p)
				}
				if _, twice := seen.LoadOrStore(p, true); twice {
					t.Errorf("port %d was given twice", p)
				}
			}
		})
	}
	wait.Wait()
}

func TestOpenSeesAListener(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1", "0.0.0.0"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Logf("%s: %v", host, err)
			continue
		}
		p := l.Addr().(*net.TCPAddr).Port
		if open(p) {
			t.Errorf("port %s is taken on %s", strconv.Itoa(p), host)
		}
		l.Close()
	}
}
