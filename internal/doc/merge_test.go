package doc

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what comes out into the cases")

// mergeCase is one file of testdata/merge: why it exists, then the document's
// path, the declared keys, the parts as layer/path, and what comes out.
type mergeCase struct {
	archive     *txtar.Archive
	file        string
	keys        map[string]string
	parts       []Part
	want, error string
}

func readCase(t testing.TB, name string) *mergeCase {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &mergeCase{archive: a, keys: map[string]string{}}
	for _, f := range a.Files {
		switch f.Name {
		case "file":
			c.file = strings.TrimSpace(string(f.Data))
		case "keys":
			for line := range strings.Lines(string(f.Data)) {
				list, key, _ := strings.Cut(strings.TrimSpace(line), " = ")
				c.keys[list] = key
			}
		case "want":
			c.want = string(f.Data)
		case "error":
			c.error = strings.TrimSpace(string(f.Data))
		default:
			layer, path, _ := strings.Cut(f.Name, "/")
			c.parts = append(c.parts, Part{Layer: layer, Name: path, Data: f.Data})
		}
	}
	if len(strings.TrimSpace(string(a.Comment))) == 0 || c.file == "" || len(c.parts) == 0 {
		t.Fatalf("%s: a case has a line that says why, a file and a part", name)
	}
	return c
}

func TestMerge(t *testing.T) {
	names, _ := filepath.Glob("testdata/merge/*.txtar")
	if len(names) < 20 {
		t.Fatalf("only %d cases found", len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			c := readCase(t, name)
			out, err := Merge(c.file, c.keys, c.parts)
			if *update {
				files := c.archive.Files[:0]
				for _, f := range c.archive.Files {
					if f.Name != "want" && f.Name != "error" {
						files = append(files, f)
					}
				}
				if err != nil {
					files = append(files, txtar.File{Name: "error", Data: []byte(err.Error() + "\n")})
				} else {
					files = append(files, txtar.File{Name: "want", Data: out})
				}
				c.archive.Files = files
				if err := os.WriteFile(name, txtar.Format(c.archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.error {
				t.Fatalf("error %q, want %q", got, c.error)
			}
			if string(out) != c.want {
				t.Errorf("got\n%s\nwant\n%s", out, c.want)
			}
			if err == nil {
				checkPrint(t, c.file, out)
			}
		})
	}
}

func BenchmarkMerge(b *testing.B) {
	for _, name := range []string{"json_package_order", "toml_pyproject", "yaml_merge"} {
		b.Run(name, func(b *testing.B) {
			c := readCase(b, "testdata/merge/"+name+".txtar")
			for b.Loop() {
				if _, err := Merge(c.file, c.keys, c.parts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
