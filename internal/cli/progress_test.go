//go:build unix

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestProgressInPlainLines(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(Streams{Err: &out}, "")
	p.Say("hello")
	if err := p.Step("install packages", func(w io.Writer) error { fmt.Fprintln(w, "noise"); return nil }); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := p.Step("migrate", func(w io.Writer) error { fmt.Fprintln(w, "no table"); return broken }); err != broken {
		t.Errorf("%v", err)
	}
	want := "hello\ninstall packages ...\ndone install packages (0.0s)\nmigrate ...\nfailed migrate (0.0s)\n  no table\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", &out, want)
	}
}

// terminalOutput is what a progress writes to a terminal of that width.
func terminalOutput(t *testing.T, cols uint16, f func(p *progress)) string {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: cols}); err != nil {
		t.Fatal(err)
	}
	out := &watched{}
	done := make(chan struct{})
	go func() { io.Copy(out, master); close(done) }()
	f(newProgress(Streams{Err: slave, ErrFile: slave}, ""))
	slave.Close()
	<-done
	return out.String()
}

func TestProgressOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	long := strings.Repeat("a long line of output ", 10)
	draw := func(p *progress) {
		p.Step("install packages of a service with a long name", func(w io.Writer) error {
			fmt.Fprintln(w, long)
			time.Sleep(250 * time.Millisecond)
			p.Say("news")
			return nil
		})
	}
	for _, c := range []struct {
		cols    uint16
		noColor string
		colour  bool
	}{{80, "", true}, {80, "1", false}, {20, "", true}, {20, "1", false}, {3, "1", false}} {
		t.Setenv("NO_COLOR", c.noColor)
		out := terminalOutput(t, c.cols, draw)
		if got := strings.Contains(out, "\x1b[32m"); got != c.colour {
			t.Errorf("%d columns, NO_COLOR=%q: colour %v\n%q", c.cols, c.noColor, got, out)
		}
		if !strings.Contains(out, "news\r\n") || !strings.Contains(out, "done") {
			t.Errorf("%d columns: %q", c.cols, out)
		}
		// A living line must fit: one that wraps cannot be taken away again.
		lines := strings.Split(out, "\r\x1b[K")
		for _, l := range lines[:len(lines)-1] {
			l = l[strings.LastIndex(l, "\n")+1:]
			if n := len([]rune(plain(l))); n >= int(c.cols) {
				t.Errorf("%d columns: a living line of %d: %q", c.cols, n, l)
			}
		}
		if len(lines) < 3 {
			t.Errorf("%d columns: nothing was drawn again: %q", c.cols, out)
		}
	}
}

func TestLastLines(t *testing.T) {
	in := "one\r\n\x1b[1;31mtwo\x1b[0m\n\n  \nold\rnew\n\tthree\x07\n"
	if got := strings.Join(lastLines([]byte(in), 3), "|"); got != "two|new|  three" {
		t.Errorf("%q", got)
	}
	if got := lastLines(nil, 3); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0.0s", 400 * time.Millisecond: "0.4s", 12400 * time.Millisecond: "12s", 65 * time.Second: "1m05s"} {
		if got := elapsed(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestStepLogOnlyWhenThereIsOutput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	p := newProgress(Streams{Err: io.Discard}, dir)
	p.Step("quiet", func(io.Writer) error { return nil })
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder for nothing")
	}
	p.Step("api: say something", func(w io.Writer) error { fmt.Fprintln(w, "x"); return nil })
	if data, err := os.ReadFile(filepath.Join(dir, "api-say-something.log")); err != nil || string(data) != "x\n" {
		t.Errorf("%v %q", err, data)
	}
}
