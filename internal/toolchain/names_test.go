package toolchain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/templates"
)

// Adding a tool is adding a row: the code that finds, fetches and starts tools
// names none of them. npm.go and pip.go are about the two clients that fetch.
func TestNoToolIsNamedInGo(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	tools := map[string]bool{}
	for _, l := range c.Layers() {
		for _, p := range l.Parts {
			for _, tool := range p.Tools {
				tools[tool.Name] = true
				for _, candidate := range tool.Candidates {
					tools[strings.Fields(candidate)[0]] = true
				}
			}
		}
	}
	if !tools["node"] || !tools["python3"] {
		t.Fatalf("the layers' tools: %v", tools)
	}
	var files []string
	for _, pattern := range []string{"*.go", "../run/*.go", "../process/*.go", "../cli/run.go", "../cli/exec.go", "../cli/doctor.go", "../cli/tools.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "npm.go" || file == "pip.go" {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && tools[text] {
				t.Errorf("%s names %s", fset.Position(lit.Pos()), text)
			}
			return true
		})
	}
}
