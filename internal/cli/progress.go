package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/fingerpost/fingerpost/internal/run"
	"golang.org/x/term"
)

// A progress tells a person how far a command is, on the error stream: one
// line that lives while a step runs on a terminal, plain lines elsewhere. The
// output of each step goes to a file; of a failed one the last lines are shown.
type progress struct {
	out    io.Writer
	file   *os.File // the terminal, nil where there is none
	colour bool
	dir    string // folder of the logs; "" keeps none

	mu   sync.Mutex
	live *step // the step whose line is being drawn
}

// shownLines are how many lines of a failed step's output are shown.
const shownLines = 20

// newProgress reports to the error stream of s. Logs of steps go to dir, which
// is made when the first of them begins.
func newProgress(s Streams, dir string) *progress {
	p := &progress{out: s.Err, dir: dir}
	if s.ErrIsTerminal() && os.Getenv("TERM") != "dumb" {
		p.file = s.ErrFile
		p.colour = os.Getenv("NO_COLOR") == ""
	}
	return p
}

// Say prints a line of its own.
func (p *progress) Say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.out, line)
	p.draw()
}

// Step runs f under a title and reports how it ended. What f writes is the
// step's output.
func (p *progress) Step(title string, f func(w io.Writer) error) error {
	s := p.begin(title)
	err := f(s)
	s.end(err)
	return err
}

// A step is one long thing that a command does.
type step struct {
	p     *progress
	title string
	began time.Time
	stop  chan struct{}
	done  chan struct{}

	mu   sync.Mutex
	log  *os.File
	tail []byte
}

func (p *progress) begin(title string) *step {
	s := &step{p: p, title: title, began: time.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	if p.file == nil {
		p.Say(title + " ...")
		close(s.done)
		return s
	}
	p.mu.Lock()
	p.live = s
	p.draw()
	p.mu.Unlock()
	go s.tick()
	return s
}

// tick draws the step's line until it ends.
func (s *step) tick() {
	defer close(s.done)
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-t.C:
			s.p.mu.Lock()
			s.p.clear()
			s.p.draw()
			s.p.mu.Unlock()
		}
	}
}

func (s *step) end(err error) {
	close(s.stop)
	<-s.done
	took := elapsed(time.Since(s.began))
	p := s.p
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.live = nil
	log := ""
	if s.log != nil {
		log = s.log.Name()
		s.log.Close()
	}
	if err == nil {
		fmt.Fprintf(p.out, "%s %s (%s)\n", p.paint("32", "done"), s.title, took)
		return
	}
	fmt.Fprintf(p.out, "%s %s (%s)\n", p.paint("31", "failed"), s.title, took)
	for _, line := range lastLines(s.tail, shownLines) {
		fmt.Fprintf(p.out, "  %s\n", line)
	}
	if log != "" && len(s.tail) > 0 {
		fmt.Fprintf(p.out, "  all of it: %s\n", log)
	}
}

// Write takes the step's output.
func (s *step) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil && len(s.tail) == 0 && s.p.dir != "" && run.MakeState(s.p.dir) == nil {
		s.log, _ = os.Create(filepath.Join(s.p.dir, logName(s.title)))
	}
	if s.log != nil {
		s.log.Write(b)
	}
	s.tail = append(s.tail, b...)
	if over := len(s.tail) - 16384; over > 0 {
		s.tail = append([]byte(nil), s.tail[over:]...)
	}
	return len(b), nil
}

// last is the newest line of the output, for the living line.
func (s *step) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := lastLines(s.tail, 1)
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

var spinner = []string{"|", "/", "-", `\`}

// draw prints the living line; the caller holds mu.
func (p *progress) draw() {
	if p.live == nil || p.file == nil {
		return
	}
	since := time.Since(p.live.began)
	width := 80
	if w, _, err := term.GetSize(int(p.file.Fd())); err == nil && w > 0 {
		width = w
	}
	head := fmt.Sprintf("%s %s %s", spinner[int(since/(100*time.Millisecond))%len(spinner)], p.live.title, elapsed(since))
	text := fit(head, width-1)
	if room := width - 1 - len([]rune(head)) - 2; room > 10 {
		if last := p.live.last(); last != "" {
			text += "  " + p.paint("2", fit(last, room))
		}
	}
	fmt.Fprint(p.out, text)
}

// clear takes the living line away; the caller holds mu.
func (p *progress) clear() {
	if p.live != nil && p.file != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func (p *progress) paint(code, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// fit cuts text to at most width characters.
func fit(text string, width int) string {
	r := []rune(text)
	if len(r) <= width {
		return text
	}
	if width < 4 {
		return string(r[:max(width, 0)])
	}
	return string(r[:width-3]) + "..."
}

// lastLines are the last n lines of output that hold something, without
// control characters: colours and redrawn lines of another program.
func lastLines(data []byte, n int) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n") {
		if i := strings.LastIndexByte(line, '\r'); i >= 0 {
			line = line[i+1:]
		}
		if line = plain(line); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out[max(0, len(out)-n):]
}

// plain is line without escape sequences and control characters.
func plain(line string) string {
	var b strings.Builder
	escape := false
	for _, r := range line {
		switch {
		case r == 0x1b:
			escape = true
		case escape:
			// A sequence ends with a letter: ESC [ 31 m.
			escape = !unicode.IsLetter(r)
		case r == '\t':
			b.WriteString("  ")
		case !unicode.IsControl(r):
			b.WriteRune(r)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// elapsed writes a duration as a person would: 0.4s, 12s, 1m05s.
func elapsed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// logName is a file name for a step: "app: install packages" is
// app-install-packages.log.
func logName(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-") + ".log"
}
