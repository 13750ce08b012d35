package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/templates"
)

func TestShellBlocks(t *testing.T) {
	text := "```sh once\none \\\n  --more\n# a remark\n\ntwo |\n  three\n```\n\n- item\n\n  ````sh server\n  four\n    ````\n\n```ts\nsh once\n```\n\n```sh example\nfive\n```\n"
	blocks, err := shellBlocks(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blocks {
		got = append(got, b.kind+": "+strings.Join(b.commands, "; "))
	}
	want := []string{"once: one \\\n  --more; two |\n  three", "server: four", "example: five"}
	if !slices.Equal(got, want) || blocks[1].line != 12 {
		t.Errorf("got %q (the second at line %d), want %q", got, blocks[1].line, want)
	}
	for _, wrong := range []string{"```sh\none\n```\n", "```sh twice\none\n```\n", "```sh once\n```\n", "```sh once\none \\\n```\n", "```sh once\none\n"} {
		if _, err := shellBlocks(wrong); err == nil {
			t.Errorf("%q is no error", wrong)
		}
	}
}

// The README of every combination can be run: each block says its kind, one of
// them starts the service, and others follow.
func TestReadmesCanBeRun(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := matrix.All(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		files, _, err := m.Render()
		if err != nil {
			t.Fatal(err)
		}
		blocks, err := shellBlocks(string(files.Get("README.md").Data))
		if err != nil {
			t.Errorf("%s: %v", m.ID, err)
			continue
		}
		kinds := ""
		for _, b := range blocks {
			kinds += b.kind + " "
		}
		if !strings.HasPrefix(kinds, serverBlock) || !strings.Contains(kinds, onceBlock) {
			t.Errorf("%s: the blocks are %s", m.ID, kinds)
		}
	}
}
