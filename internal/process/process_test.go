//go:build unix

package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script starts a shell script and returns the line that it prints first.
func script(t *testing.T, text string) (*Process, string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("sh", "-c", text)
	cmd.Stdout = w
	p, err := Start(cmd)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return p, strings.TrimSpace(line)
}

// gone tells whether a process has ended, collected or not.
func gone(pid int) bool {
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ") {
			return true
		}
	}
	return false
}

func TestExitCodes(t *testing.T) {
	for text, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 128 + 15, "kill -KILL $$": 128 + 9} {
		p, _ := script(t, text)
		if code, err := p.Wait(); code != want || err != nil {
			t.Errorf("%s: %d, %v", text, code, err)
		}
	}
	if _, err := Start(exec.Command("/no/such/program")); err == nil {
		t.Error("a program that is not there was started")
	}
}

func TestOwnGroup(t *testing.T) {
	p, _ := script(t, "echo here; sleep 60")
	pgid, err := syscall.Getpgid(p.Pid())
	if err != nil || pgid != p.Pid() || pgid == syscall.Getpgrp() {
		t.Errorf("group %d, process %d, ours %d, %v", pgid, p.Pid(), syscall.Getpgrp(), err)
	}
}

func TestStopReachesTheWholeGroup(t *testing.T) {
	for name, text := range map[string]string{
		"both end":                  "sleep 60 & echo $!; wait",
		"the head ignores it":       "trap '' TERM; sleep 60 & echo $!; while :; do sleep 1; done",
		"what it started does":      "sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $!; wait",
		"the head has ended before": "sleep 60 & echo $!",
	} {
		t.Run(name, func(t *testing.T) {
			p, line := script(t, text)
			child, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // until the traps are set
			began := time.Now()
			if _, err := p.Stop(500 * time.Millisecond); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("took %v", took)
			}
			for _, pid := range []int{p.Pid(), child} {
				if !gone(pid) {
					t.Errorf("process %d is still there", pid)
				}
			}
		})
	}
}

// A watcher's server is asked to end like the watcher, not just killed with it.
func TestStopAsksWhatItStarted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "asked")
	p, _ := script(t, "(trap 'echo yes > "+file+"; exit' TERM; echo here; while :; do sleep 0.1; done) & trap 'wait; exit' TERM; wait")
	if _, err := p.Stop(10 * time.Second); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "yes\n" {
		t.Errorf("%q, %v", data, err)
	}
}

// A server that is closing gets the time that it was given.
func TestStopWaitsForWhatIsInHand(t *testing.T) {
	p, _ := script(t, "trap 'sleep 0.5; exit 3' TERM; echo here; while :; do sleep 0.1; done")
	if code, err := p.Stop(10 * time.Second); code != 3 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
}

// A program that leaves a child with its output open must not hold the waiter.
func TestWaitDoesNotHangOnAnOpenPipe(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 60 & exit 4")
	var out strings.Builder
	cmd.Stdout = &out
	p, err := Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	select {
	case <-p.Done():
	case <-time.After(60 * time.Second):
		t.Fatal("it hangs")
	}
	if code, err := p.Wait(); code != 4 || err != nil {
		t.Errorf("%d, %v", code, err)
	}
}

func TestGroupEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "sleep 60 & echo $!; wait")
	Group(cmd)
	out, err := cmd.Output()
	if err == nil {
		t.Fatal("it ended by itself")
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	if !gone(child) {
		t.Errorf("process %d is still there", child)
	}
}
