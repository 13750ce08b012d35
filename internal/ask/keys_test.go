package ask

import (
	"io"
	"os"
	"testing"
)

func TestUnderstood(t *testing.T) {
	for _, c := range []struct{ name, in, out, rest string }{
		{"text", "shop\r", "shop\r", ""},
		{"unicode", "é", "é", ""},
		{"Ctrl-C", "\x03", "\x03", ""},
		{"Ctrl-D is Ctrl-C", "\x04", "\x03", ""},
		{"arrows", "\x1b[A\x1b[B\x1bOC", "\x1b[A\x1b[B\x1bOC", ""},
		{"delete", "\x1b[3~", "\x1b[3~", ""},
		{"where the cursor is", "a\x1b[24;80R", "a\x1b[24;80R", ""},
		{"Esc", "\x1b", "\x1b", ""},
		{"Alt-x", "a\x1bxb", "ab", ""},
		{"Ctrl-right", "a\x1b[1;5Cb", "ab", ""},
		{"F5", "\x1b[15~", "", ""},
		{"F1", "\x1bOP", "", ""},
		{"pasted in brackets", "\x1b[200~shop\x1b[201~", "shop", ""},
		{"cut in two", "a\x1b[1", "a", "\x1b[1"},
	} {
		out, rest := understood([]byte(c.in))
		if string(out) != c.out || string(rest) != c.rest {
			t.Errorf("%s: %q gives %q and %q, want %q and %q", c.name, c.in, out, rest, c.out, c.rest)
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
