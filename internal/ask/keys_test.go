package ask

import (
	"io"
	"os"
	"slices"
	"testing"
)

func TestNextKey(t *testing.T) {
	for _, c := range []struct {
		name, in string
		keys     []string
		rest     string
	}{
		{"text", "ab\r", []string{"a", "b", "\r"}, ""},
		{"unicode", "é", []string{"\xc3", "\xa9"}, ""},
		{"Ctrl-C", "\x03", []string{"\x03"}, ""},
		{"Ctrl-D is Ctrl-C", "\x04", []string{"\x03"}, ""},
		{"arrows", "\x1b[A\x1b[B\x1bOC", []string{"\x1b[A", "\x1b[B", "\x1bOC"}, ""},
		{"delete", "\x1b[3~", []string{"\x1b[3~"}, ""},
		{"where the cursor is", "a\x1b[24;80Rb", []string{"a", "\x1b[24;80R", "b"}, ""},
		{"Esc", "\x1b", []string{"\x1b"}, ""},
		{"Esc and Ctrl-C", "\x1b\x03", []string{"\x03"}, ""},
		{"half a sequence and Ctrl-C", "\x1b[\x03", []string{"\x03"}, ""},
		{"Alt-x", "a\x1bxb", []string{"a", "b"}, ""},
		{"Ctrl-right", "a\x1b[1;5Cb", []string{"a", "b"}, ""},
		{"F5", "\x1b[15~", nil, ""},
		{"F1", "\x1bOP", nil, ""},
		{"pasted in brackets", "\x1b[200~ok\x1b[201~", []string{"o", "k"}, ""},
		{"cut in two", "a\x1b[1", []string{"a"}, "\x1b[1"},
	} {
		in := []byte(c.in)
		var got []string
		for {
			key, used := nextKey(in)
			if used == 0 {
				break
			}
			in = in[used:]
			if len(key) > 0 {
				got = append(got, string(key))
			}
		}
		if !slices.Equal(got, c.keys) || string(in) != c.rest {
			t.Errorf("%s: %q gives %q and leaves %q, want %q and %q", c.name, c.in, got, in, c.keys, c.rest)
		}
	}
}

// A sequence that arrives in two reads is one key all the same.
func TestKeysReadAcrossChunks(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	k := &keys{File: r}
	got := make(chan string)
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := k.Read(buf)
			if err == io.EOF {
				close(got)
				return
			}
			got <- string(buf[:n])
		}
	}()
	io.WriteString(w, "a\x1b[1;")
	if s := <-got; s != "a" {
		t.Fatalf("first read gives %q", s)
	}
	io.WriteString(w, "5Cb")
	if s := <-got; s != "b" {
		t.Fatalf("second read gives %q, want the key after the dropped sequence", s)
	}
	w.Close()
	if s, open := <-got; open {
		t.Fatalf("after the end: %q", s)
	}
}
