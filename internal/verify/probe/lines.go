package probe

import (
	"bytes"
	"strings"
	"sync"
)

// lines is a writer that keeps what a process prints, line by line.
type lines struct {
	mu   sync.Mutex
	done []string
	tail []byte // a line that has not ended yet
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, p...)
	for {
		i := bytes.IndexByte(l.tail, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.done = append(l.done, string(l.tail[:i]))
		l.tail = l.tail[i+1:]
	}
}

// all gives the lines so far, an unfinished one included.
func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]string(nil), l.done...)
	if len(l.tail) > 0 {
		out = append(out, string(l.tail))
	}
	return out
}

func (l *lines) text() string { return strings.Join(l.all(), "\n") }

func (l *lines) last() string {
	all := l.all()
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}
