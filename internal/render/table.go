package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// table is a Markdown table as prettier writes it: columns padded to their
// widest cell. The first row is the head; rows are lists of cells.
func table(rows []any) (string, error) {
	var cells [][]string
	var widths []int
	for i, r := range rows {
		row, ok := r.([]any)
		if !ok || i > 0 && len(row) != len(widths) {
			return "", fmt.Errorf("table: row %d is not a list of %d cells", i, len(widths))
		}
		line := make([]string, len(row))
		for j, c := range row {
			line[j] = strings.ReplaceAll(strings.TrimSpace(fmt.Sprint(c)), "|", `\|`)
			if i == 0 {
				widths = append(widths, 3)
			}
			widths[j] = max(widths[j], utf8.RuneCountInString(line[j]))
		}
		cells = append(cells, line)
	}
	var out strings.Builder
	for i, line := range cells {
		for j, c := range line {
			out.WriteString("| " + c + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(c)) + " ")
		}
		out.WriteString("|\n")
		if i == 0 {
			for _, w := range widths {
				out.WriteString("| " + strings.Repeat("-", w) + " ")
			}
			out.WriteString("|\n")
		}
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// argv is a command as a list of JSON strings on one line, as Dockerfiles and
// compose files write it. args is a list of strings as rows have it, or as
// sprig's functions make it.
func argv(bin string, args any) (string, error) {
	words := []any{bin}
	switch args := args.(type) {
	case []string:
		for _, a := range args {
			words = append(words, a)
		}
	case []any:
		words = append(words, args...)
	default:
		return "", fmt.Errorf("argv: %T is not a list of strings", args)
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		q, err := jsonValue(w)
		if err != nil {
			return "", err
		}
		quoted[i] = q
	}
	return "[" + strings.Join(quoted, ", ") + "]", nil
}

// yamlScalar is a string as YAML reads it back: plain where that is safe,
// quoted where it would be a number, a truth value or no scalar at all.
func yamlScalar(s string) (string, error) {
	if strings.Contains(s, "\n") {
		return "", fmt.Errorf("yaml: %q has more than one line", s)
	}
	b, err := yaml.Marshal(s)
	return strings.TrimSuffix(string(b), "\n"), err
}
