//go:build unix

package run

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
)

func TestTask(t *testing.T) {
	tasks := map[string][]record.Step{
		"two":   {{Bin: "little", Args: []string{"say", "one"}}, {Bin: "little", Args: []string{"env", "WORD"}, Env: map[string]string{"WORD": "step"}}},
		"fails": {{Bin: "little", Args: []string{"fail", "3"}}, {Bin: "little", Args: []string{"say", "not reached"}}},
	}
	p := littleProject(t, tasks)
	svc := &p.Record.Services[0]
	var out bytes.Buffer
	if err := p.Task(context.Background(), svc, "two", nil, &out); err != nil || out.String() != "one\nstep\n" {
		t.Errorf("two: %q, %v", out.String(), err)
	}
	out.Reset()
	if err := p.Task(context.Background(), svc, "two", map[string]string{"WORD": "caller"}, &out); err != nil || out.String() != "one\ncaller\n" {
		t.Errorf("a caller's setting counts most: %q, %v", out.String(), err)
	}
	out.Reset()
	err := p.Task(context.Background(), svc, "fails", nil, &out)
	var te *TaskError
	if !errors.As(err, &te) || te.Exit != 3 || err.Error() != "fails failed with exit code 3: little fail 3" {
		t.Errorf("fails: %v", err)
	}
	if out.String() != "it broke\n" {
		t.Errorf("its output: %q", out.String())
	}
	if err := p.Task(context.Background(), svc, "absent", nil, nil); err != nil {
		t.Errorf("a phase without steps: %v", err)
	}
}

// What a step starts in the background must not outlive it: a verification
// runs hundreds of them.
func TestTaskLeavesNothingBehind(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	p := littleProject(t, map[string][]record.Step{"test": step("child", file)})
	if err := p.Task(context.Background(), &p.Record.Services[0], "test", nil, io.Discard); err != nil {
		t.Fatal(err)
	}
	if pid := readPid(t, file); !gone(pid) {
		t.Errorf("process %d is still there", pid)
	}
}

func TestTaskEndsWithItsContext(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	p := littleProject(t, map[string][]record.Step{"test": step("hold", file)})
	ctx, cancel := context.WithCancel(context.Background())
	pid := make(chan int)
	go func() {
		pid <- readPid(t, file)
		cancel()
	}()
	result := make(chan error)
	go func() { result <- p.Task(ctx, &p.Record.Services[0], "test", nil, nil) }()
	child := <-pid
	began := time.Now()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if !gone(child) {
		t.Errorf("process %d is still there", child)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestStartAndStop(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	p := littleProject(t, map[string][]record.Step{"start": step("serve")})
	svc := &p.Record.Services[0]
	var out bytes.Buffer
	proc, err := p.Start(context.Background(), svc, "start", map[string]string{"WITH_CHILD": file}, &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer proc.Kill()
	port, _ := p.Setting(svc, "PORT")
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if err := WaitReady(ctx, "http://127.0.0.1:"+port+"/readyz", proc); err != nil {
		t.Fatal(err)
	}
	child := readPid(t, file)
	code, err := proc.Stop(5 * time.Second)
	if code != 0 || err != nil {
		t.Errorf("it ended with %d, %v", code, err)
	}
	for _, pid := range []int{proc.Pid(), child} {
		if !gone(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
	if !strings.Contains(out.String(), "listening") {
		t.Errorf("its output: %q", out.String())
	}
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	p := littleProject(t, map[string][]record.Step{"start": step("stubborn")})
	r, w := io.Pipe()
	proc, err := p.Start(context.Background(), &p.Record.Services[0], "start", nil, w, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer proc.Kill()
	if _, err := io.ReadFull(r, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	code, err := proc.Stop(300 * time.Millisecond)
	if code != 128+9 || err != nil {
		t.Errorf("it ended with %d, %v", code, err)
	}
	if took := time.Since(began); took < 300*time.Millisecond || took > 15*time.Second {
		t.Errorf("killed after %v, the grace is 300ms", took)
	}
	if !gone(proc.Pid()) {
		t.Error("it is still there")
	}
}

func TestStartRunsTheStepsBefore(t *testing.T) {
	p := littleProject(t, map[string][]record.Step{
		"start":  {{Bin: "little", Args: []string{"say", "first"}}, {Bin: "little", Args: []string{"say", "second"}}},
		"broken": {{Bin: "little", Args: []string{"fail", "1"}}, {Bin: "little", Args: []string{"serve"}}},
	})
	svc := &p.Record.Services[0]
	var out, errOut bytes.Buffer
	proc, err := p.Start(context.Background(), svc, "start", nil, &out, &errOut)
	if err != nil {
		t.Fatal(err)
	}
	if code, err := proc.Wait(); code != 0 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
	if out.String() != "second\n" || errOut.String() != "first\n" {
		t.Errorf("out %q, err %q", out.String(), errOut.String())
	}
	if _, err := p.Start(context.Background(), svc, "broken", nil, nil, io.Discard); err == nil {
		t.Error("started after a step that failed")
	}
	if _, err := p.Start(context.Background(), svc, "absent", nil, nil, nil); err == nil || !strings.Contains(err.Error(), "no step for absent") {
		t.Errorf("a phase without steps: %v", err)
	}
}
