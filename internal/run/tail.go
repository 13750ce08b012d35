package run

import (
	"os"
	"strings"
)

// A tail keeps the last few kilobytes of what is written to it.
type tail struct{ data []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.data = append(t.data, b...)
	if over := len(t.data) - 8192; over > 0 {
		t.data = append([]byte(nil), t.data[over:]...)
	}
	return len(b), nil
}

// last is the last line that is not empty.
func (t *tail) last() string {
	lines := strings.Split(strings.TrimSpace(string(t.data)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// lastLine is the last line of a file, or why it cannot be read.
func lastLine(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	var t tail
	t.Write(data)
	return t.last()
}
