//go:build formatters

package doc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The formatters of the ecosystem have nothing to change in what is printed:
// prettier for JSON and YAML, taplo for TOML with four columns of indentation.
// FINGERPOST_FORMATTERS names a node_modules folder with both:
// npm install prettier@3 @taplo/cli
func TestFormattersAgree(t *testing.T) {
	modules := os.Getenv("FINGERPOST_FORMATTERS")
	if modules == "" {
		t.Fatal("FINGERPOST_FORMATTERS is not set: name a node_modules folder with prettier and @taplo/cli")
	}
	dir := t.TempDir()
	n := map[string]int{}
	save := func(i int, file string, source []byte) {
		out, err := Merge(file, nil, []Part{{Layer: "a", Data: source}})
		if err != nil || len(out) == 0 {
			return
		}
		name := filepath.Join(dir, fmt.Sprint(i), file)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, out, 0o644); err != nil {
			t.Fatal(err)
		}
		n[filepath.Ext(file)]++
	}
	cases, _ := filepath.Glob("testdata/merge/*.txtar")
	for i, name := range cases {
		c := readCase(t, name)
		if formatOf(c.file) != nil {
			save(i, c.file, []byte(c.want))
			for j, p := range c.parts {
				save(1000*(j+1)+i, c.file, p.Data)
			}
		}
	}
	samples, _ := filepath.Glob("testdata/format/*")
	for i, name := range samples {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		save(100000+i, filepath.Base(name), data)
	}
	if n[".json"] < 20 || n[".toml"] < 10 || n[".yaml"] < 6 {
		t.Fatalf("too few documents: %v", n)
	}
	run := func(args ...string) {
		c := exec.Command("node", args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(args[1:], " "), err, out)
		}
	}
	run(filepath.Join(modules, "prettier/bin/prettier.cjs"), "--list-different", "--no-config", "**/*.json", "**/*.jsonc", "**/*.yaml", "**/.oxlintrc.json")
	run(filepath.Join(modules, "@taplo/cli/dist/cli.js"), "format", "--check", "--no-auto-config",
		"-o", "indent_string=    ", "-o", "array_auto_collapse=false", "-o", "align_comments=false", "-o", "allowed_blank_lines=1")
}
