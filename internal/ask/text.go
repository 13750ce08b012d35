package ask

import (
	"errors"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// Wrap breaks text at spaces into lines of at most width characters; a word
// that is longer stands on a line of its own.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

func indent(lines []string, by string) string {
	if len(lines) == 0 {
		return ""
	}
	return by + strings.Join(lines, "\n"+by)
}

// bullet is text behind a dash, wrapped with a hanging indent.
func bullet(text string, width int) string {
	lines := Wrap(text, width-4)
	if len(lines) == 0 {
		return ""
	}
	return "  - " + strings.Join(lines, "\n    ") + "\n"
}

// cut shortens text to width characters; what is too short to read is dropped.
func cut(text string, width int) string {
	r := []rune(text)
	switch {
	case len(r) <= width:
		return text
	case width < 8:
		return ""
	}
	return strings.TrimRight(string(r[:width-1]), " ,") + "…"
}

// said is err with its next step in the same line, for a place with one line.
func said(err error) error {
	if next := hint.Next(err); next != "" {
		return errors.New(err.Error() + "; " + next)
	}
	return err
}
