//go:build unix

package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// TestImage: what the program for images says becomes the step image, and a
// project without an image has none to try.
func TestImage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, compose, script, result, reason string }{
		{"sound", "services: {}", "test -e \"$1/compose.yaml\" && echo replaced: a base image && echo image size: 123.4 MiB", ledger.Passed, ""},
		{"broken", "services: {}", "echo FAILED: runs as root; exit 1", ledger.Failed, "runs as root"},
		{"no engine", "services: {}", "echo there is no engine; exit 3", ledger.NotProven, "there is no engine"},
		{"no size", "services: {}", "echo fine", ledger.Failed, "how large"},
		{"nothing to build", "", "exit 1", ledger.NotApplicable, "no image"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "image")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+c.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			w := &prover{dir: t.TempDir(), shared: newShared(t.TempDir()), o: AllOptions{Catalog: toyMenu(t, "", "", ""), Ledger: &ledger.Ledger{}, Image: program, suite: probe.Suite()[:8]}}
			defer w.close()
			list, _, err := w.o.list()
			if err != nil {
				t.Fatal(err)
			}
			linked := false
			options, remove, err := w.ready(&list[0], &linked)
			defer remove()
			if err != nil {
				t.Fatal(err)
			}
			if c.compose != "" {
				if err := os.WriteFile(filepath.Join(options.Dir, "compose.yaml"), []byte(c.compose), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			e, err := Run(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			st := e.Steps[len(e.Steps)-1]
			if st.Name != ledger.ImageStep || st.Result != c.result || !strings.Contains(st.Reason, c.reason) {
				t.Errorf("the last step is %+v, want %s %q", st, c.result, c.reason)
			}
			if sound := c.result == ledger.Passed; sound != (e.Image == 123.4) || sound != (len(e.Replaced) == 1) {
				t.Errorf("the evidence has %v MiB and replaced %q", e.Image, e.Replaced)
			}
		})
	}
}
