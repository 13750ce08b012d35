//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/fingerpost/fingerpost/internal/port"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/verify"
)

// The test binary is fingerpost itself when it goes by that name, and the
// program of a little project when it is called little.
func init() {
	switch filepath.Base(os.Args[0]) {
	case "fingerpost":
		os.Exit(Main(os.Args[1:], System()))
	case "little":
		os.Exit(little(os.Args[1:]))
	}
}

func little(args []string) int {
	switch args[0] {
	case "serve":
		child := exec.Command(os.Args[0], "sleep")
		if err := child.Start(); err != nil {
			return 1
		}
		ids := fmt.Sprintf("%d %d", os.Getpid(), child.Process.Pid)
		if err := os.WriteFile("pids", []byte(ids), 0o644); err != nil {
			return 1
		}
		srv := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		go func() { <-stop; srv.Close() }()
		fmt.Println(`{"msg":"listening"}`)
		srv.ListenAndServe()
		return 0
	case "sleep":
		time.Sleep(time.Minute)
		return 0
	case "slowly": // an install that takes its time
		os.WriteFile("pids", []byte(strconv.Itoa(os.Getpid())), 0o644)
		fmt.Println("fetching everything")
		time.Sleep(time.Minute)
		return 0
	case "install":
		os.Mkdir("modules", 0o755)
		return 0
	case "broken":
		for i := range 40 {
			fmt.Println("line", i)
		}
		fmt.Fprintln(os.Stderr, "\x1b[31mthe registry is away\x1b[0m")
		return 5
	case "exit":
		code, _ := strconv.Atoi(args[1])
		return code
	case "show":
		in, _ := io.ReadAll(os.Stdin)
		wd, _ := os.Getwd()
		fmt.Printf("%s|%s|%s", os.Getenv("COLOUR"), in, filepath.Base(wd))
		return 0
	}
	return 64
}

// littleProject writes a project whose programs are this test binary.
func littleProject(t *testing.T, install string) (dir string, number int) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "small")
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(dir, "bin", "little"))
	number, err := port.Free()
	if err != nil {
		t.Fatal(err)
	}
	r := &record.Record{Format: 1, Name: "small", Shape: "single", Services: []record.Service{{
		Name: "app", Dir: ".", Package: "small",
		Tasks: map[string][]record.Step{"dev": {{Bin: "little", Args: []string{"serve"}}}},
		Env:   []record.Env{{Key: "PORT", Default: strconv.Itoa(number)}, {Key: "HOST", Default: "127.0.0.1"}, {Key: "COLOUR", Default: "green"}},
		Manager: record.Manager{Name: "little", Modules: "modules", BinDirs: []string{"bin"}, Run: []string{"little", "run", "{script}"},
			Install: [][]string{{"bin/little", install}}},
	}}}
	if err := os.WriteFile(filepath.Join(dir, record.FileName), r.Marshal(), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, number
}

func link(t *testing.T, path string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, path); err != nil {
		t.Fatal(err)
	}
}

// fingerpostCommand is this test binary as fingerpost.
func fingerpostCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fingerpost")
	link(t, path)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "TERM=xterm", "NO_COLOR=")
	return cmd
}

// A watched is output that a test waits for.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(w.String(), text) {
			return
		}
	}
	t.Fatalf("no %q in\n%s", text, w)
}

// inTerminal starts fingerpost in a terminal of the given width.
func inTerminal(t *testing.T, cols uint16, cmd *exec.Cmd) (*os.File, *watched) {
	t.Helper()
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: cols})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(); cmd.Process.Kill() })
	out := &watched{}
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			out.Write(b[:n])
			// A question asks the terminal where its cursor is.
			for range bytes.Count(b[:n], []byte("\x1b[6n")) {
				f.WriteString("\x1b[1;1R")
			}
			if err != nil {
				return
			}
		}
	}()
	return f, out
}

func exitOf(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	select {
	case <-done:
		return cmd.ProcessState.ExitCode()
	case <-time.After(60 * time.Second):
		cmd.Process.Kill()
		t.Fatal("it does not end")
		return 0
	}
}

// noneLeft fails the test when a process whose id is in dir/pids still runs.
func noneLeft(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil || len(data) == 0 {
		t.Fatalf("no process ids: %v", err)
	}
	for _, word := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		if !ended(pid) {
			t.Errorf("process %d is still there", pid)
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func ended(pid int) bool {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return true // ended, and nobody has collected it
		}
	}
	return false
}

func TestRunUntilCtrlC(t *testing.T) {
	dir, port := littleProject(t, "install")
	cmd := fingerpostCommand(t, "run", dir)
	f, out := inTerminal(t, 80, cmd)
	out.await(t, fmt.Sprintf("ready: http://localhost:%d", port))
	if resp, err := http.Get(fmt.Sprintf("http://localhost:%d/", port)); err != nil || resp.StatusCode != 200 {
		t.Errorf("it does not answer: %v", err)
	}
	f.Write([]byte{3})
	if code := exitOf(t, cmd); code != 0 {
		t.Errorf("exit code %d, but a person who stops a server has not failed\n%s", code, out)
	}
	out.await(t, "stopped")
	noneLeft(t, dir)
}

// Nothing may outlive fingerpost, however it ends.
func TestRunLeavesNothingBehind(t *testing.T) {
	for _, c := range []struct {
		name string
		sig  syscall.Signal
		code int
		only string
	}{
		{"terminated", syscall.SIGTERM, 0, ""},
		{"terminal closed", syscall.SIGHUP, 0, ""},
		{"killed", syscall.SIGKILL, -1, "linux"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.only != "" && runtime.GOOS != c.only {
				t.Skip("only " + c.only + " ends a child with its parent")
			}
			dir, _ := littleProject(t, "install")
			cmd := fingerpostCommand(t, "run", dir)
			out := &watched{}
			cmd.Stdout, cmd.Stderr = out, out
			cmd.WaitDelay = time.Second
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			out.await(t, "ready: ")
			cmd.Process.Signal(c.sig)
			if code := exitOf(t, cmd); code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, out)
			}
			if c.sig == syscall.SIGKILL {
				// The head of the group ends; what it started is its own to end.
				data, _ := os.ReadFile(filepath.Join(dir, "pids"))
				var head, child int
				fmt.Sscan(string(data), &head, &child)
				if !ended(head) {
					t.Errorf("process %d is still there", head)
				}
				syscall.Kill(child, syscall.SIGKILL)
				return
			}
			noneLeft(t, dir)
		})
	}
}

func TestRunCancelledDuringInstall(t *testing.T) {
	dir, _ := littleProject(t, "slowly")
	cmd := fingerpostCommand(t, "run", dir)
	f, out := inTerminal(t, 60, cmd)
	out.await(t, "fetching everything") // the newest line of the output, beside the step's name
	f.Write([]byte{3})
	if code := exitOf(t, cmd); code != exitCancelled {
		t.Errorf("exit code %d\n%s", code, out)
	}
	out.await(t, "fingerpost: cancelled")
	noneLeft(t, dir)
}

func TestRunTakesTheNextPort(t *testing.T) {
	dir, port := littleProject(t, "install")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := fingerpostCommand(t, "run", dir)
	out := &watched{}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.await(t, "ready: ")
	cmd.Process.Signal(syscall.SIGTERM)
	exitOf(t, cmd)
	if !strings.Contains(out.String(), fmt.Sprintf("port %d is taken, using ", port)) {
		t.Errorf("it did not say so:\n%s", out)
	}
	noneLeft(t, dir)

	cmd = fingerpostCommand(t, "run", dir, "--port", strconv.Itoa(port))
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(text), fmt.Sprintf("port %d is taken", port)) {
		t.Errorf("a chosen port that is taken: %v\n%s", err, text)
	}
}

func TestRunShowsWhyAStepFailed(t *testing.T) {
	dir, _ := littleProject(t, "broken")
	cmd := fingerpostCommand(t, "run", dir)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	log := filepath.Join(dir, ".fingerpost", "logs", "install-packages.log")
	for _, want := range []string{"failed install packages", "  line 39\n  the registry is away\n", "  all of it: " + log, "fingerpost: install failed with exit code 5: little broken"} {
		if !strings.Contains(errOut.String(), want) {
			t.Errorf("no %q in\n%s", want, &errOut)
		}
	}
	if strings.Contains(errOut.String(), "line 3\n") || strings.Contains(errOut.String(), "\x1b") {
		t.Errorf("more than the last lines, or control characters:\n%s", &errOut)
	}
	if data, err := os.ReadFile(log); err != nil || !strings.HasPrefix(string(data), "line 0\n") {
		t.Errorf("the log: %v %q", err, data)
	}
	if out.Len() != 0 {
		t.Errorf("on the output stream: %q", &out)
	}
}

// In a terminal, nothing is fetched without a yes; elsewhere it is said and done.
func TestRunAsksBeforeItFetches(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		terminal   bool
		code       int
		says       string
		fetches    bool
	}{
		{"no", "n\r", true, exitFailed, "hint: install tool 2", false},
		{"Ctrl-C", "\x03", true, exitCancelled, "fingerpost: cancelled", false},
		{"yes", "y\r", true, exitFailed, "could not be reached", true},
		{"without a terminal", "", false, exitFailed, "could not be reached", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := littleProject(t, "install")
			r, err := record.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			r.Services[0].Tools = []record.Tool{{Name: "tool", Range: ">=2", Version: "2.0.0", Npm: "tool", Bin: "bin/tool", Hint: "install tool 2"}}
			if err := os.WriteFile(filepath.Join(dir, record.FileName), r.Marshal(), 0o644); err != nil {
				t.Fatal(err)
			}
			bin := t.TempDir()
			asked := filepath.Join(bin, "asked")
			npm := "#!/bin/sh\n[ \"$1\" = --version ] && echo 11.0.0 && exit\necho \"$@\" >> " + asked + "\necho 'npm error code ENOTFOUND' >&2\nexit 1\n"
			for name, text := range map[string]string{"npm": npm, "tool": "#!/bin/sh\necho 1.0.0\n"} {
				if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := fingerpostCommand(t, "run", dir)
			cmd.Env = append(cmd.Env, "PATH="+bin)
			out := &watched{}
			if c.terminal {
				var f *os.File
				f, out = inTerminal(t, 100, cmd)
				out.await(t, "Fetch tool 2.0.0 into ")
				f.WriteString(c.keys)
			} else {
				cmd.Stdout, cmd.Stderr = out, out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
			}
			if code := exitOf(t, cmd); code != c.code {
				t.Errorf("exit code %d, want %d\n%s", code, c.code, out)
			}
			out.await(t, c.says)
			if _, err := os.Stat(asked); (err == nil) != c.fetches {
				t.Errorf("npm was asked: %v, want %v", err == nil, c.fetches)
			}
		})
	}
}

func TestExec(t *testing.T) {
	dir, _ := littleProject(t, "install")
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"settings, input, folder", []string{"exec", dir, "--", "little", "show"}, 0, "green|typed|small"},
		{"below the project", []string{"exec", filepath.Join(dir, "src"), "--", "little", "show"}, 0, "green|typed|src"},
		{"exit code, and what may be the reason", []string{"exec", dir, "--", "little", "exit", "42"}, 42, "hint: the project's packages are not installed as they are locked; fingerpost run does it\n"},
		{"flags of the command", []string{"exec", dir, "--", "little", "show", "--yes", "--help"}, 0, "green|typed|small"},
		{"not found", []string{"exec", dir, "--", "no-such-program"}, exitFailed, "fingerpost: no-such-program is not found"},
		{"no command", []string{"exec", dir, "--"}, exitMisused, "hint: as in fingerpost exec -- npm test"},
		{"no dashes", []string{"exec", dir, "little"}, exitMisused, "no command after --"},
		{"no project", []string{"exec", t.TempDir(), "--", "little"}, exitFailed, "no .fingerpost.toml in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := fingerpostCommand(t, c.args...)
			cmd.Stdin = strings.NewReader("typed")
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(string(out), c.want) {
				t.Errorf("printed %q, want %q", out, c.want)
			}
		})
	}
}

// The command has the terminal to itself: it can read from it, and Ctrl-C is its own.
func TestExecInATerminal(t *testing.T) {
	dir, _ := littleProject(t, "install")
	cmd := fingerpostCommand(t, "exec", dir, "--", "sh", "-c", "echo ready; read x; echo got $x; exec sleep 60")
	f, out := inTerminal(t, 80, cmd)
	out.await(t, "ready")
	f.WriteString("word\n")
	out.await(t, "got word")
	f.Write([]byte{3})
	if code := exitOf(t, cmd); code != 128+2 {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if strings.Contains(out.String(), "fingerpost:") {
		t.Errorf("it speaks where the command has spoken:\n%s", out)
	}
}

func TestExecKilledByASignal(t *testing.T) {
	dir, _ := littleProject(t, "install")
	cmd := fingerpostCommand(t, "exec", dir, "--", "sh", "-c", "kill -TERM $$")
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 128+15 {
		t.Errorf("exit code %d", code)
	}
}

func TestCancelledWhileLookingForTools(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := Streams{Out: io.Discard, Err: io.Discard}
	tools := []record.Tool{{Name: "little-tool", Range: ">=1"}}
	if err := provideTools(ctx, findTools(ctx, s, true, tools), newProgress(s, "")); !errors.Is(err, ErrCancelled) {
		t.Errorf("provide: %v", err)
	}
	t.Chdir(t.TempDir())
	all := func() ([]record.Tool, []record.Backing, error) { return tools, nil, nil }
	if err := runDoctor(&doctorOptions{Streams: s, Context: ctx, All: all}); !errors.Is(err, ErrCancelled) {
		t.Errorf("doctor: %v", err)
	}
}

func TestDoctorOfAProject(t *testing.T) {
	dir, _ := littleProject(t, "install")
	r, err := record.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for name, says := range map[string]string{"lang": "Lang 3.12.1", "old": "v1.2.3"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho '"+says+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	doctor := func(tools []record.Tool, args ...string) (string, int) {
		t.Helper()
		r.Services[0].Tools = tools
		if err := os.WriteFile(filepath.Join(dir, record.FileName), r.Marshal(), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := fingerpostCommand(t, append([]string{"doctor", dir}, args...)...)
		cmd.Env = append(cmd.Env, "PATH="+bin)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	fits := record.Tool{Name: "lang", Range: ">=3.11", Hint: "install lang"}
	old := record.Tool{Name: "old", Range: ">=2", Hint: "install old 2"}
	locker := record.Tool{Name: "locker", Range: ">=1", Hint: "install locker", For: "lock"}

	out, code := doctor([]record.Tool{fits})
	if code != exitDone || !strings.Contains(out, "3.12.1") || !strings.Contains(out, "ok") {
		t.Errorf("all there: %d\n%s", code, out)
	}
	out, code = doctor([]record.Tool{fits, locker})
	if code != exitDone || !strings.Contains(out, "locker: install locker") {
		t.Errorf("what is not for running: %d\n%s", code, out)
	}
	out, code = doctor([]record.Tool{fits, old})
	if code != exitFailed || !strings.Contains(out, "1.2.3 does not fit, needs >=2") || !strings.Contains(out, "old: install old 2") || strings.Contains(out, "fingerpost:") {
		t.Errorf("too old: %d\n%s", code, out)
	}
	out, code = doctor([]record.Tool{fits, old}, "--json")
	var rows []finding
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != exitFailed {
		t.Fatalf("%v, exit code %d\n%s", err, code, out)
	}
	if len(rows) != 3 || rows[2].Name != "git" || rows[2].OK || !rows[0].OK || rows[1].OK || rows[1].Version != "1.2.3" || rows[1].Fix != "install old 2" || rows[0].Path != filepath.Join(bin, "lang") {
		t.Errorf("%+v", rows)
	}
}

// Whoever is about to fetch something large is told before, and by doctor at any
// time.
func TestLargeDownloadsAreTold(t *testing.T) {
	dir, _ := littleProject(t, "install")
	r, err := record.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Services[0].Downloads = []record.Download{{What: "A library", Megabytes: 2400, Disk: 4000, On: []string{runtime.GOOS}}}
	if err := os.WriteFile(filepath.Join(dir, record.FileName), r.Marshal(), 0o644); err != nil {
		t.Fatal(err)
	}
	const line = "A library is large: up to 2.4 GB to download and 4.0 GB on the disk, which takes about 4 minutes at 100 Mbit/s"
	for _, args := range [][]string{{"doctor", dir}, {"exec", dir, "--", "true"}} {
		if out, _ := fingerpostCommand(t, args...).CombinedOutput(); !strings.Contains(string(out), line) {
			t.Errorf("%s says\n%s", args[0], out)
		}
	}
	var told bytes.Buffer
	(&verifyProgress{Streams: Streams{Err: &told}}).tell(verify.Event{Step: "install", Note: line})
	if told.String() != "note       install: "+line+"\n" {
		t.Errorf("verify says %q", told.String())
	}
}

// Outside of a project, doctor is about everything that can be generated.
func TestDoctorOfTheCatalog(t *testing.T) {
	cmd := fingerpostCommand(t, "doctor", "--json")
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Env, "PATH="+t.TempDir())
	out, err := cmd.Output()
	var rows []finding
	if jerr := json.Unmarshal(out, &rows); jerr != nil {
		t.Fatalf("%v %v\n%s", err, jerr, out)
	}
	tools, backings, err := catalogTools()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, tool := range tools {
		names[tool.Name] = true
	}
	if len(tools) == 0 || len(rows) != len(names)+len(backings)+1 {
		t.Errorf("%d rows for %d tools, %d servers and git", len(rows), len(names), len(backings))
	}
	if cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("exit code %d with an empty PATH", cmd.ProcessState.ExitCode())
	}
}
