//go:build unix

package run

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
)

func TestWaitReadyTellsWhy(t *testing.T) {
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer away.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := WaitReady(ctx, away.URL, nil); err == nil || !strings.Contains(err.Error(), "it answers 503") {
		t.Errorf("503: %v", err)
	}
	p := littleProject(t, map[string][]record.Step{"start": step("fail", "5")})
	proc, err := p.Start(context.Background(), &p.Record.Services[0], "start", nil, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err = WaitReady(context.Background(), "http://127.0.0.1:1/readyz", proc)
	if err == nil || !strings.Contains(err.Error(), "exit code 5") {
		t.Errorf("a service that ended: %v", err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("noticed after %v", took)
	}
}

func TestFreePort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	got, err := FreePort("127.0.0.1", taken, map[int]bool{taken + 1: true})
	if err != nil {
		t.Fatal(err)
	}
	if got <= taken+1 {
		t.Errorf("port %d, but %d is taken and %d promised", got, taken, taken+1)
	}
}

func TestPortTakenOnTheOtherLocalhost(t *testing.T) {
	six, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on this machine")
	}
	defer six.Close()
	if port := six.Addr().(*net.TCPAddr).Port; portFree("127.0.0.1", port) {
		t.Errorf("port %d is taken on ::1, where localhost may point", port)
	}
}
