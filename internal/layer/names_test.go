package layer_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/templates"
)

// spoken are the Go files that may say names of choices, and why: each of them
// is about that program itself, not about the choice. A folder stands for its files.
var spoken = []struct {
	file, names, reason string
}{
	{"internal/toolchain/", "npm pip", "the clients of the two registries, through which tools are fetched"},
	{"internal/record/record.go", "npm", "the registry in which a tool's row names a package"},
	{"internal/layer/load.go", "npm", "the key of that in a tool's row"},
	{"internal/run/", "postgres postgresql", "how this server is started without Docker, as any other backing is with it"},
	{"internal/verify/", "postgres postgresql sqlite", "a proof makes databases, breaks them and looks into them: it has to know how"},
	{"internal/verify/probe/expect.go", "sqlalchemy", "a word that no answer may leak"},
	{"internal/verify/output.go", "pip uv", "warnings about the machine, in the words of those who print them"},
	{"internal/cli/name.go", "npm pip sqlite", "names that registries and languages keep for themselves"},
	{"internal/cli/new.go", "fastapi postgres", "an example in the help"},
	{"internal/cli/exec.go", "npm postgresql", "an example in the help"},
	{"internal/cli/run.go", "postgres postgresql", "the help says where its data is"},
}

// No Go file outside of tests names a framework, an ORM, a package manager or a
// database: a choice is a folder. Comments may give examples.
func TestGoNamesNoChoice(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	names, used := choices(c), map[int]string{}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("../..", path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || rel == "prove" || rel == "bench") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, f := range named(t, rel, src, names) {
			i := excused(rel, f.name)
			if i >= 0 {
				used[i] += " " + f.name
			} else {
				t.Errorf("%s:%d names %s: %.60s", rel, f.line, f.name, f.text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range spoken {
		for _, name := range strings.Fields(s.names) {
			if !slices.Contains(strings.Fields(used[i]), name) {
				t.Errorf("%s need not be excused for naming %s", s.file, name)
			}
		}
	}
}

func TestGoNamesNoChoiceBites(t *testing.T) {
	names := []string{"fastapi", "uv", "none-such"}
	src := "package x\n\n// fastapi in a comment is an example.\nvar useFastAPI = true\n\nconst tool = \"uv run\"\n\nvar louvre = \"louvre\"\n"
	var got []string
	for _, f := range named(t, "x.go", []byte(src), names) {
		got = append(got, fmt.Sprintf("%d %s", f.line, f.name))
	}
	if want := []string{"4 fastapi", "6 uv"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// excused is the row of spoken that lets file say name, -1 for none.
func excused(file, name string) int {
	return slices.IndexFunc(spoken, func(s struct{ file, names, reason string }) bool {
		return (s.file == file || strings.HasSuffix(s.file, "/") && strings.HasPrefix(file, s.file)) && slices.Contains(strings.Fields(s.names), name)
	})
}

// choices are the names of all choices, as people and programs write them.
func choices(c *layer.Catalog) []string {
	var out []string
	for _, kind := range []string{"framework", "orm", "database", "pm"} {
		for _, l := range c.Choices(kind) {
			for _, name := range []string{l.Value, strings.ToLower(l.Label)} {
				if name != "none" && !strings.Contains(name, " ") && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

type naming struct {
	line       int
	name, text string
}

// named finds the names in the identifiers and the texts of a Go file.
func named(t *testing.T, file string, src []byte, names []string) []naming {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []naming
	look := func(at token.Pos, text string, words []string) {
		for _, name := range names {
			if slices.Contains(words, name) {
				out = append(out, naming{set.Position(at).Line, name, text})
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Ident:
			look(n.Pos(), n.Name, humps(n.Name))
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				look(n.Pos(), n.Value, word.FindAllString(strings.ToLower(n.Value), -1))
			}
		}
		return true
	})
	return out
}

var (
	word = regexp.MustCompile(`[a-z0-9]+`)
	hump = regexp.MustCompile(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)
)

// humps are the words of an identifier, and each run of them: useFastAPI has
// use, fast, api and fastapi.
func humps(name string) []string {
	parts := hump.FindAllString(name, -1)
	var out []string
	for i := range parts {
		for j := i + 1; j <= len(parts); j++ {
			out = append(out, strings.ToLower(strings.Join(parts[i:j], "")))
		}
	}
	return out
}
