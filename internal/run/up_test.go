//go:build unix

package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// heard collects what Up says and does.
type heard struct {
	mu    sync.Mutex
	lines []string
	out   bytes.Buffer
}

func (h *heard) add(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, line)
}

func (h *heard) options() UpOptions {
	return UpOptions{
		Timeout: 20 * time.Second,
		Say:     h.add,
		Step: func(title string, f func(io.Writer) error) error {
			h.add("step " + title)
			return f(&h.out)
		},
	}
}

func (h *heard) all() string { return strings.Join(h.lines, "\n") }

var served = map[string][]record.Step{"migrate": step("say", "migrated"), "dev": step("serve")}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func listens(port int) bool {
	c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func TestUp(t *testing.T) {
	p := littleProject(t, served)
	var h heard
	up, err := p.Up(context.Background(), h.options())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stop()
	if got := h.all(); got != "step install packages\nstep migrate\nstarting: little run dev" {
		t.Errorf("it said\n%s", got)
	}
	if !strings.Contains(h.out.String(), "migrated") {
		t.Errorf("output of the steps: %q", h.out.String())
	}
	get(t, up.Services[0].URL+"/")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := up.Wait(ctx); err != nil {
		t.Errorf("stopped by a person: %v", err)
	}
	if err := up.Stop(); err != nil {
		t.Error(err)
	}
	if !gone(up.Services[0].Process.Pid()) {
		t.Error("the service is still there")
	}
	// The second time there is nothing to install.
	h = heard{}
	up, err = p.Up(context.Background(), h.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := up.Stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(h.all(), "install") {
		t.Errorf("installed again:\n%s", h.all())
	}
}

// What has to be compiled is, before the migrations that are part of it.
func TestUpBuildsFirst(t *testing.T) {
	p := littleProject(t, map[string][]record.Step{
		"generate": step("say", "generated"), "build": step("say", "built"), "migrate": step("say", "migrated"), "start": step("serve"),
	})
	var h heard
	up, err := p.Up(context.Background(), h.options())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stop()
	if got := h.all(); got != "step install packages\nstep generate\nstep build\nstep migrate\nstarting: little run start" {
		t.Errorf("it said\n%s", got)
	}
}

// In a split, one service's port may be taken; the other has to learn where it went.
func TestUpMovesPorts(t *testing.T) {
	p := littleProject(t, served, "api", "ml")
	api, ml := &p.Record.Services[0], &p.Record.Services[1]
	own := ml.Env[1].Default
	l, err := net.Listen("tcp", "127.0.0.1:"+own)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	api.Env = append(api.Env, record.Env{Key: "OTHER_URL", Default: "http://127.0.0.1:" + own + "/v1"})
	var h heard
	up, err := p.Up(context.Background(), h.options())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stop()
	if !strings.Contains(h.all(), "ml: port "+own+" is taken, using ") {
		t.Errorf("it did not say that the port is taken:\n%s", h.all())
	}
	moved := strings.TrimPrefix(up.Services[1].URL, "http://localhost:")
	if got := get(t, up.Services[0].URL+"/"); !strings.HasPrefix(got, "http://127.0.0.1:"+moved+"/v1 ") {
		t.Errorf("the api calls %q, ml is at %s", got, moved)
	}
	if moved == own {
		t.Errorf("ml is at its own port, which is taken")
	}
}

func TestUpPort(t *testing.T) {
	p := littleProject(t, served)
	var h heard
	o := h.options()
	o.Port = freePort(t)
	up, err := p.Up(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stop()
	if want := fmt.Sprintf("http://localhost:%d", o.Port); up.Services[0].URL != want {
		t.Errorf("at %s, want %s", up.Services[0].URL, want)
	}
	if _, err := p.Up(context.Background(), o); err == nil || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("a chosen port that is taken: %v", err)
	}
}

func TestUpCleansUpAfterFailure(t *testing.T) {
	for _, c := range []struct {
		name  string
		tasks map[string][]record.Step
		env   map[string]string
		want  string
	}{
		{"migrate fails", map[string][]record.Step{"migrate": step("fail", "2"), "dev": step("serve")}, nil, "migrate failed with exit code 2"},
		{"start fails", map[string][]record.Step{"dev": step("fail", "3")}, nil, "small: the service ended with exit code 3 before it was ready"},
		{"never ready", served, map[string]string{"READY_AFTER": "1h"}, "is not ready in time: it answers 503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := littleProject(t, c.tasks)
			svc := &p.Record.Services[0]
			pid := filepath.Join(t.TempDir(), "pid")
			svc.Env = append(svc.Env, record.Env{Key: "WITH_CHILD", Default: pid})
			for k, v := range c.env {
				svc.Env = append(svc.Env, record.Env{Key: k, Default: v})
			}
			var h heard
			o := h.options()
			o.Timeout = time.Second
			_, err := p.Up(context.Background(), o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v", err)
			}
			if c.env != nil && !gone(readPid(t, pid)) {
				t.Error("a child is still there")
			}
			port, _ := strconv.Atoi(svc.Env[1].Default)
			if listens(port) {
				t.Error("something still listens")
			}
		})
	}
}

// The one that ended is named, and not the one that is waited for at the time.
func TestUpNamesTheOtherServiceThatEnded(t *testing.T) {
	p := littleProject(t, served, "api", "ml")
	api, ml := &p.Record.Services[0], &p.Record.Services[1]
	api.Env = append(api.Env, record.Env{Key: "READY_AFTER", Default: "1h"})
	ml.Tasks = map[string][]record.Step{"dev": step("fail", "3")}
	var h heard
	_, err := p.Up(context.Background(), h.options())
	if err == nil || !strings.Contains(err.Error(), "ml: the service ended with exit code 3") {
		t.Fatalf("%v", err)
	}
	if port, _ := strconv.Atoi(api.Env[1].Default); listens(port) {
		t.Error("the other one still listens")
	}
}

func TestUpCancelledWhileStarting(t *testing.T) {
	p := littleProject(t, served)
	svc := &p.Record.Services[0]
	svc.Env = append(svc.Env, record.Env{Key: "READY_AFTER", Default: "1h"})
	ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
	defer cancel()
	var h heard
	if _, err := p.Up(ctx, h.options()); err == nil || ctx.Err() == nil {
		t.Fatalf("%v", err)
	}
	if port, _ := strconv.Atoi(svc.Env[1].Default); listens(port) {
		t.Error("something still listens")
	}
}

func TestWaitNamesTheServiceThatEnded(t *testing.T) {
	p := littleProject(t, served, "api", "ml")
	var h heard
	up, err := p.Up(context.Background(), h.options())
	if err != nil {
		t.Fatal(err)
	}
	defer up.Stop()
	up.Services[1].Process.Kill()
	if err := up.Wait(context.Background()); err == nil || !strings.Contains(err.Error(), "ml ended with exit code 137") {
		t.Errorf("%v", err)
	}
	if err := up.Stop(); err != nil {
		t.Error(err)
	}
	if !gone(up.Services[0].Process.Pid()) {
		t.Error("the other service is still there")
	}
}

func TestBackingIsTheOneThatAPersonNames(t *testing.T) {
	row := record.Backing{Name: "postgres", Image: "postgres:17", Port: 5432}
	const standard = "postgresql://app:app@127.0.0.1:1/app"
	t.Setenv("PATH", t.TempDir()) // no engine, whatever this machine has
	for _, c := range []struct {
		name, env, file string
		chosen          bool
	}{
		{"environment", "postgresql://me@127.0.0.1:1/mine", "", true},
		{".env changed", "", "DATABASE_URL=postgresql://me@127.0.0.1:1/mine\n", true},
		{".env as the example", "", "DATABASE_URL=" + standard + "\n", false},
		{"nothing", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := littleProject(t, nil)
			svc := &p.Record.Services[0]
			svc.Env = append(svc.Env, record.Env{Key: "DATABASE_URL", Default: standard})
			svc.Backing = []record.Backing{row}
			t.Setenv("DATABASE_URL", c.env)
			if c.file != "" {
				write(t, filepath.Join(p.Dir, ".env"), c.file)
			}
			if _, chosen := p.chosen(svc, "DATABASE_URL"); chosen != c.chosen {
				t.Errorf("chosen: %v, want %v", chosen, c.chosen)
			}
			if !c.chosen {
				return
			}
			_, err := p.StartBackings(context.Background(), BackingOptions{}, nil)
			if err == nil || !strings.Contains(err.Error(), "PostgreSQL at 127.0.0.1:1, which DATABASE_URL names, does not answer: ") || !strings.Contains(err.Error(), "refused") {
				t.Errorf("nothing listens there: %v", err)
			}
			if next := hint.Next(err); !strings.Contains(next, "unset DATABASE_URL") {
				t.Errorf("hint %q", next)
			}
		})
	}
}

func TestUnknownBackingNeedsAnEngine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	p := littleProject(t, nil)
	p.Record.Services[0].Backing = []record.Backing{{Name: "queue", Image: "queue:1"}}
	if _, err := p.StartBackings(context.Background(), BackingOptions{}, nil); err == nil || !strings.Contains(err.Error(), "queue is not on this machine") {
		t.Errorf("%v", err)
	}
}
