package verify

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
	"github.com/fingerpost/fingerpost/templates"
)

var update = flag.Bool("update", false, "write docs/verified.md, docs/measured.md and its charts")

// TestVerifiedPage keeps docs/verified.md what the ledger and the suite say.
func TestVerifiedPage(t *testing.T) {
	l, err := ledger.Load(ledger.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	c, err := layer.LoadChecked(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Page(c, l)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "verified.md")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("docs/verified.md is not current (%v); write it with: go test ./internal/verify -run VerifiedPage -update", err)
	}
	if len(l.Rows()) > 0 && len(probe.Suite()) == 0 {
		t.Error("there is evidence of a suite without checks")
	}
}

// TestMeasuredPage keeps docs/measured.md and its charts what was measured.
func TestMeasuredPage(t *testing.T) {
	all, err := ledger.LoadMeasured(ledger.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range ledger.MeasuredPages(all) {
		path := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("docs/%s is not current (%v); write it with: go test ./internal/verify -run MeasuredPage -update", name, err)
		}
	}
}
