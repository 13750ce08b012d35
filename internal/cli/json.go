package cli

import (
	"bufio"
	"encoding/json"
	"io"
)

// printJSON prints v for machines: indented, and with < and & as they are.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// list is s, and not null where it is empty.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// printText prints what print writes, and fails where the reader of the output
// would miss a part of it.
func printText(w io.Writer, print func(io.Writer)) error {
	b := bufio.NewWriter(w)
	print(b)
	return b.Flush()
}
