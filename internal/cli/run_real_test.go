//go:build realtools && unix

// The whole way of a person with a little project, with the real Node.js, npm
// and PostgreSQL. It fails where they cannot be had; it never skips.

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/port"
	"github.com/fingerpost/fingerpost/internal/record"
)

func TestRealRunAndExecBesideIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "little")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "run", "testdata", "node"))); err != nil {
		t.Fatal(err)
	}
	number, err := port.Free()
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join(dir, "dot-env.example"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(example), "PORT=3000", "PORT="+strconv.Itoa(number), 1)
	if err := os.WriteFile(filepath.Join(dir, ".env.example"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}

	command := func(args ...string) *exec.Cmd {
		cmd := fingerpostCommand(t, args...)
		cmd.Env = append(cmd.Env, "HOME="+os.Getenv("HOME")) // its caches, and how its clients are set up
		return cmd
	}
	cmd := command("run", dir, "--yes")
	f, out := inTerminal(t, 80, cmd)
	out.await(t, fmt.Sprintf("ready: http://localhost:%d", number))

	// A second command shares the running server of the project.
	inside := func(args ...string) string {
		t.Helper()
		c := command(append([]string{"exec", dir, "--"}, args...)...)
		got, err := c.Output()
		if err != nil {
			t.Errorf("%s: %v", args, err)
		}
		return strings.TrimSpace(string(got))
	}
	migrated, err := os.ReadFile(filepath.Join(dir, "migrated.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := inside("node", "-p", "process.env.DATABASE_URL"); got != strings.TrimSpace(string(migrated)) {
		t.Errorf("exec has the database %s, run has %s", got, migrated)
	}
	r, err := record.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	version := inside("node", "--version")
	if !strings.HasPrefix(version, "v2") || strings.HasPrefix(version, "v20.") {
		t.Errorf("node is %s, needed is %s", version, r.Services[0].Tools[0].Range)
	}
	if got := inside("npm", "run", "--silent", "which"); got != version {
		t.Errorf("under npm, node is %s, not %s", got, version)
	}
	if got := inside("shout", "hello"); got != "HELLO" {
		t.Errorf("a program of the project says %q", got)
	}

	pids := descendants(t, cmd.Process.Pid)
	if len(pids) < 3 { // node --watch, what it watches, and PostgreSQL
		t.Errorf("only %d processes: %v", len(pids), pids)
	}
	f.Write([]byte{3})
	if code := exitOf(t, cmd); code != 0 {
		t.Errorf("exit code %d\n%s", code, out)
	}
	for _, pid := range pids {
		if !ended(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}

	if runtime.GOOS != "linux" {
		return // only there does the system end a child with its parent
	}
	cmd = command("run", dir, "--yes")
	_, out = inTerminal(t, 80, cmd)
	out.await(t, "ready: ")
	pids = descendants(t, cmd.Process.Pid)
	cmd.Process.Kill()
	exitOf(t, cmd)
	for _, pid := range pids {
		if !ended(pid) {
			t.Errorf("killed, and process %d is still there", pid)
		}
	}
}

// descendants are the processes that root started, and those that they did.
func descendants(t *testing.T, root int) []int {
	t.Helper()
	list, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		var pid, parent int
		if _, err := fmt.Sscan(line, &pid, &parent); err != nil {
			t.Fatal(err)
		}
		children[parent] = append(children[parent], pid)
	}
	var out []int
	for todo := children[root]; len(todo) > 0; todo = todo[1:] {
		out = append(out, todo[0])
		todo = append(todo, children[todo[0]]...)
	}
	return out
}
