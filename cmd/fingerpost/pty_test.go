//go:build !windows

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// Keys of a terminal.
const (
	enter = "\r"
	space = " "
	down  = "\x1b[B"
	ctrlC = "\x03"
	ctrlD = "\x04"
)

// A person sits at a terminal in an empty folder and runs fingerpost. The
// emulator is not for looks alone: survey asks it where the cursor is and waits
// for the answer.
type terminal struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	pty  *os.File
	vt   vt10x.Terminal
	read sync.WaitGroup
	mu   sync.Mutex
	all  strings.Builder // everything that was ever printed
}

func sit(t *testing.T, cols, rows int, env []string, args ...string) *terminal {
	t.Helper()
	s := &terminal{t: t, dir: t.TempDir(), cmd: exec.Command("fingerpost", args...)}
	home := t.TempDir()
	s.cmd.Dir = s.dir
	s.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(s.dir)), env...)
	var err error
	if s.pty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		t.Fatal(err)
	}
	s.vt = vt10x.New(vt10x.WithWriter(s.pty), vt10x.WithSize(cols, rows))
	s.read.Add(1)
	go func() {
		defer s.read.Done()
		buf := make([]byte, 4096)
		for {
			n, err := s.pty.Read(buf)
			s.mu.Lock()
			s.all.Write(buf[:n])
			s.mu.Unlock()
			s.vt.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.pty.Close()
	})
	return s
}

func (s *terminal) screen() string {
	var lines []string
	for _, l := range strings.Split(s.vt.String(), "\n") {
		lines = append(lines, strings.TrimRight(l, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// see waits until the screen has text.
func (s *terminal) see(text string) {
	s.t.Helper()
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(s.screen(), text) {
			return
		}
	}
	s.t.Fatalf("the screen never showed %q; it shows\n%s", text, s.screen())
}

// answer waits for a question and presses keys.
func (s *terminal) answer(question string, keys ...string) {
	s.t.Helper()
	s.see(question)
	for _, k := range keys {
		io.WriteString(s.pty, k)
	}
}

// insist presses a key until the program ends. Once may be lost: the screen has
// the question a moment before the terminal is told to pass Ctrl-D on.
func (s *terminal) insist(key string) {
	go func() {
		for range 50 {
			if _, err := io.WriteString(s.pty, key); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
}

// leave waits for the end of the program.
func (s *terminal) leave(code int) string {
	s.t.Helper()
	exit := make(chan error, 1)
	go func() { exit <- s.cmd.Wait() }()
	select {
	case <-exit:
	case <-time.After(90 * time.Second):
		s.t.Fatalf("it does not end; the screen shows\n%s", s.screen())
	}
	s.read.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("exit code %d, want %d; the screen shows\n%s", got, code, s.screen())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// untouched fails when anything is in the folder.
func (s *terminal) untouched() {
	s.t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		s.t.Errorf("%s was written", e.Name())
	}
}

// A question and how one person answers it.
type turn struct {
	question string
	keys     []string
}

var turns = []turn{
	{"What is it called?", []string{"shop", enter}},
	{"What are you building?", []string{space, enter}},
	{"What do you work in today?", []string{down, enter}},
	{"What will it spend its time on?", []string{enter}},
	{"What stands in front of it?", []string{down, down, down, enter}},
	{"What counts most for you?", []string{space, enter}},
	{"Write ", nil},
}

func TestNewAsksAndWrites(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{80, 24}, {40, 15}} {
		s := sit(t, size.cols, size.rows, nil, "new", "--no-install")
		for _, q := range turns[:6] {
			s.answer(q.question, q.keys...)
		}
		s.see("Python: FastAPI")
		s.answer("Write ", enter)
		out := s.leave(0)
		for _, want := range []string{"shop: ", "cd shop", "fingerpost new shop", "--knows python"} {
			if !strings.Contains(out, want) {
				t.Errorf("%dx%d: the end lacks %q:\n%s", size.cols, size.rows, want, out)
			}
		}
		if n := strings.Count(out, "Recommended"); n != 1 {
			t.Errorf("%dx%d: the recommendation is shown %d times:\n%s", size.cols, size.rows, n, out)
		}
		if _, err := os.Stat(filepath.Join(s.dir, "shop", "pyproject.toml")); err != nil {
			t.Error(err)
		}
	}
}

// The review screen changes one answer, and the recommendation follows it.
func TestNewReviewChangesAnAnswer(t *testing.T) {
	s := sit(t, 80, 40, nil, "new", "shop", "--no-install")
	for _, q := range turns[1:6] {
		s.answer(q.question, q.keys...)
	}
	s.see("Python: FastAPI")
	s.answer("Write ", down, enter)
	s.answer("Which answer?", down, down, enter)
	s.see("JavaScript or TypeScript")
	s.answer("What do you work in today?", down, down, down, enter) // from Python, which is where the cursor stands, around to JavaScript
	s.see("Node.js: ")
	s.answer("Write ", enter)
	s.leave(0)
	if _, err := os.Stat(filepath.Join(s.dir, "shop", "package.json")); err != nil {
		t.Error(err)
	}
}

// A folder whose name no package can have is asked about, with a name that can be.
func TestNewSuggestsAName(t *testing.T) {
	s := sit(t, 80, 40, nil, "new", "My Shop", "--no-install")
	s.answer("(my-shop)", enter)
	for _, q := range turns[1:6] {
		s.answer(q.question, q.keys...)
	}
	s.answer("Write ", enter)
	if out := s.leave(0); !strings.Contains(out, `fingerpost new "My Shop"`) || !strings.Contains(out, "--name my-shop") {
		t.Errorf("the command lacks the name:\n%s", out)
	}
}

// A choice of one's own is made from what fits.
func TestNewOverridesAChoice(t *testing.T) {
	s := sit(t, 80, 40, nil, "new", "shop", "--no-install")
	for _, q := range turns[1:6] {
		s.answer(q.question, q.keys...)
	}
	s.answer("Write ", down, down, enter)
	s.answer("Which part?", down, down, down, enter)
	s.see("SQLAlchemy")
	screen := s.screen()
	if strings.Contains(screen, "TypeORM") {
		t.Errorf("an ORM for Node.js is offered to Python:\n%s", screen)
	}
	s.answer("ORM?", down, enter)
	s.see("no ORM")
	s.answer("Write ", enter)
	if out := s.leave(0); !strings.Contains(out, "--orm none") {
		t.Errorf("the command lacks --orm none:\n%s", out)
	}
}

// Whoever leaves at a question, by whichever key, leaves an untouched disk. The
// screens behind the recommendation are questions too.
func TestNewLeftAtEachQuestion(t *testing.T) {
	toReview := append(slices.Clone(turns[:6]), turn{"Write ", []string{down, enter}})
	toParts := append(slices.Clone(turns[:6]), turn{"Write ", []string{down, down, enter}})
	ways := [][]turn{
		append(toReview, turn{"Which answer?", nil}),
		append(slices.Clone(toReview), turn{"Which answer?", []string{enter}}, turn{"(shop)", nil}),
		append(toParts, turn{"Which part?", nil}),
		append(slices.Clone(toParts), turn{"Which part?", []string{down, down, enter}}, turn{"Framework?", nil}),
	}
	for i := range turns {
		ways = append(ways, turns[:i+1])
	}
	for _, way := range ways {
		last := way[len(way)-1].question
		for name, key := range map[string]string{"Ctrl-C": ctrlC, "Ctrl-D": ctrlD} {
			t.Run(last+" "+name, func(t *testing.T) {
				t.Parallel()
				s := sit(t, 80, 24, nil, "new", "--no-install")
				for _, q := range way[:len(way)-1] {
					s.answer(q.question, q.keys...)
				}
				s.see(last)
				s.insist(key)
				if out := s.leave(130); !strings.Contains(out, "fingerpost: cancelled; nothing was written") {
					t.Errorf("it does not say what became of the disk:\n%s", out)
				}
				s.untouched()
			})
		}
	}
}

// Nothing is fetched against a person's will, and then nothing is written either.
func TestNewAsksBeforeFetching(t *testing.T) {
	bin := t.TempDir()
	for name, version := range map[string]string{"node": "v20.20.2", "npm": "11.19.1"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n[ \"$1\" = --version ] && echo "+version+" || { echo unexpected >&2; exit 1; }\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, key, says string
		code            int
	}{
		{"no", "n" + enter, "nothing was fetched; nothing was written", 1},
		{"Ctrl-C", ctrlC, "fingerpost: cancelled; nothing was written", 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sit(t, 80, 40, []string{"PATH=" + bin + ":" + os.Getenv("PATH")}, "new", "shop", "--language", "node",
				"--building", "api", "--knows", "javascript", "--workload", "ordinary", "--frontend", "none", "--values", "lightweight")
			s.answer("Write ", enter)
			s.answer("Fetch node ", c.key)
			if out := s.leave(c.code); !strings.Contains(out, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, out)
			}
			s.untouched()
		})
	}
}

// A terminal that is told to stop gets its cursor and its echo back.
func TestNewTerminated(t *testing.T) {
	for _, i := range []int{0, 2} {
		s := sit(t, 80, 24, nil, "new", "--no-install")
		for _, q := range turns[:i] {
			s.answer(q.question, q.keys...)
		}
		s.answer(turns[i].question)
		s.cmd.Process.Signal(syscall.SIGTERM)
		out := s.leave(130)
		if !strings.Contains(out[strings.LastIndex(out, "\x1b[?25l")+1:], "\x1b[?25h") {
			t.Errorf("the cursor stays hidden")
		}
		s.untouched()
	}
}

func TestNewWithoutColour(t *testing.T) {
	s := sit(t, 80, 24, []string{"NO_COLOR=1"}, "new", "--no-install")
	for _, q := range turns[:6] {
		s.answer(q.question, q.keys...)
	}
	s.answer("Write ", ctrlC)
	out := s.leave(130)
	for _, code := range strings.Split(out, "\x1b[")[1:] {
		if end := strings.IndexAny(code, "ABCDEFGHJKSTfhlmnsu"); end >= 0 && code[end] == 'm' {
			t.Fatalf("a colour was printed: ESC[%s", code[:end+1])
		}
	}
}

// A terminal that cannot move its cursor is asked line by line.
func TestNewOnADumbTerminal(t *testing.T) {
	s := sit(t, 80, 60, []string{"TERM=dumb"}, "new", "--no-install")
	for _, q := range []turn{
		{"What is it called?", []string{"shop", enter}}, {"What are you building?", []string{"1,2", enter}}, {"What do you work in today?", []string{"2", enter}},
		{"What will it spend its time on?", []string{enter}}, {"What stands in front of it?", []string{"4", enter}}, {"What counts most", []string{enter}}, {"Write ", []string{enter}},
	} {
		s.answer(q.question, q.keys...)
	}
	if out := s.leave(0); strings.Contains(out, "\x1b[") {
		t.Errorf("escape sequences on a dumb terminal: %q", out)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "shop", "README.md")); err != nil {
		t.Error(err)
	}
}
