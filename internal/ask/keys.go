package ask

import "os"

// Keys that survey knows, as bytes.
const (
	ctrlC  = 0x03
	ctrlD  = 0x04
	escape = 0x1b
)

// keys reads a terminal for survey, one key at a time, and gives it only what
// it understands. One at a time, because survey reads ahead and forgets what it
// has read when a question ends, and a person may type faster than questions
// come. Ctrl-D reads as Ctrl-C, because survey would take it for "accept what
// is there"; Alt and function keys vanish, because survey ends with an error on
// the first and types the tail of the others into the answer.
type keys struct {
	*os.File
	raw []byte // read and not given yet
}

func (k *keys) Read(p []byte) (int, error) {
	for {
		key, used := nextKey(k.raw)
		k.raw = k.raw[used:]
		if len(key) > 0 {
			return copy(p, key), nil
		}
		if used > 0 {
			continue
		}
		buf := make([]byte, 256)
		n, err := k.File.Read(buf)
		if err != nil {
			return 0, err
		}
		k.raw = append(k.raw, buf[:n]...)
	}
}

// nextKey is the first key of in as survey may see it, none for one that it
// would not understand, and how many bytes it took: 0 when it is not whole yet.
func nextKey(in []byte) (key []byte, used int) {
	switch {
	case len(in) == 0:
		return nil, 0
	case in[0] == ctrlD:
		return []byte{ctrlC}, 1
	case in[0] != escape || len(in) == 1: // a byte, or the key Esc itself
		return in[:1], 1
	case in[1] == ctrlC || in[1] == ctrlD:
		return nil, 1 // Esc, then a wish to leave
	case in[1] != '[' && in[1] != 'O': // Alt and a key
		return nil, 2
	}
	end := 2
	for end < len(in) && (in[end] < 0x40 || in[end] > 0x7e) {
		if in[end] == ctrlC || in[end] == ctrlD {
			return nil, end
		}
		end++
	}
	if end == len(in) {
		return nil, 0
	}
	seq := in[:end+1]
	if !plainKey(seq) {
		return nil, len(seq)
	}
	return seq, len(seq)
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
