//go:build unix

package run

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
)

// Processes see what stands in, a person's own setting counts for more, and
// one line says what is used.
func TestStandInReachesTheProcesses(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	p := littleProject(t, map[string][]record.Step{"generate": {{Bin: "little", Args: []string{"env", "ENGINE"}}}})
	p.Tools = toolchain.Find(context.Background(), nil)
	p.Record.Services[0].StandIns = []record.StandIn{{
		Replaces: "the engine", By: "another build", URL: "http://127.0.0.1:1", Program: "#!/bin/sh\n", Env: map[string]string{"ENGINE": "{program}"},
	}}
	var said []string
	replaced, err := p.StandIn(context.Background(), func(line string) { said = append(said, line) })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(replaced, "|"); got != "the engine: another build" {
		t.Errorf("replaced %q", got)
	}
	if len(said) != 1 || said[0] != "the engine cannot be fetched here; in its place: another build" {
		t.Errorf("said %q", said)
	}
	run := func() string {
		var out bytes.Buffer
		if err := p.Task(context.Background(), &p.Record.Services[0], "generate", nil, &out); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out.String())
	}
	if fi, err := os.Stat(run()); err != nil || !fi.Mode().IsRegular() || filepath.Ext(run()) != ".mjs" {
		t.Errorf("the process sees %q: %v", run(), err)
	}
	t.Setenv("ENGINE", "/my/own")
	if got := run(); got != "/my/own" {
		t.Errorf("the process sees %q", got)
	}
}

// What is installed runs where there is no network at all; an install needs
// what stands in, and says what it cannot have.
func TestStandInForAToolIsForInstalling(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("PATH", t.TempDir()) // without anything that could fetch
	p := littleProject(t, nil)
	p.Tools = toolchain.Find(context.Background(), nil)
	svc := &p.Record.Services[0]
	svc.StandIns = []record.StandIn{{
		Replaces: "an answer", By: "box with a lid", URL: "http://127.0.0.1:1", Unless: []string{"LID"},
		Tool: "box", PyPI: []string{"box==1.2.3", "lid==4.5"}, Env: map[string]string{"LID": "on"},
	}}
	if _, err := p.StandIn(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "an answer cannot be fetched") {
		t.Errorf("before an install: %v", err)
	}
	write(t, filepath.Join(p.Dir, "manifest"), "one\n")
	if _, err := p.EnsureInstalled(context.Background(), svc, nil); err != nil {
		t.Fatal(err)
	}
	if replaced, err := p.StandIn(context.Background(), nil); err != nil || len(replaced) != 0 {
		t.Errorf("after an install: %q, %v", replaced, err)
	}
}
