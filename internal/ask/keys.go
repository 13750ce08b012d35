package ask

import "os"

// Keys that survey knows, as bytes.
const (
	ctrlC  = 0x03
	ctrlD  = 0x04
	escape = 0x1b
)

// keys reads a terminal for survey and gives it only what it understands.
// Ctrl-D reads as Ctrl-C, because survey would take it for "accept what is
// there"; Alt and function keys vanish, because survey ends with an error on
// the first and types the tail of the others into the answer.
type keys struct {
	*os.File
	pending []byte // an escape sequence that is not whole yet
}

func (k *keys) Read(p []byte) (int, error) {
	for {
		n, err := k.File.Read(p[:max(1, len(p)-len(k.pending))])
		if n == 0 || err != nil {
			return 0, err
		}
		in := append(k.pending, p[:n]...)
		k.pending = nil
		var out []byte
		out, k.pending = understood(in)
		if len(out) > 0 {
			return copy(p, out), nil
		}
	}
}

// understood splits in into what survey may see and an unfinished sequence.
func understood(in []byte) (out, rest []byte) {
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case c == ctrlD:
			out = append(out, ctrlC)
		case c != escape:
			out = append(out, c)
		case i+1 == len(in): // the key Esc itself
			out = append(out, c)
		case in[i+1] != '[' && in[i+1] != 'O': // Alt and a key
			i++
		default:
			end := i + 2
			for end < len(in) && (in[end] < 0x40 || in[end] > 0x7e) {
				end++
			}
			if end == len(in) {
				return out, append([]byte(nil), in[i:]...)
			}
			seq := in[i : end+1]
			if plainKey(seq) {
				out = append(out, seq...)
			}
			i = end
		}
	}
	return out, nil
}

// plainKey tells whether survey knows the sequence: an arrow, Home, End,
// Delete, or the terminal's answer to where the cursor is.
func plainKey(seq []byte) bool {
	final, params := seq[len(seq)-1], string(seq[2:len(seq)-1])
	switch final {
	case 'A', 'B', 'C', 'D', 'F', 'H':
		return params == ""
	case '~':
		return params == "3"
	case 'R':
		return params != ""
	}
	return false
}
