package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/verify"
	"github.com/fingerpost/fingerpost/ledger"
)

// TestVerifyFlags shows what the flags become, and which do not go together.
func TestVerifyFlags(t *testing.T) {
	for _, c := range []struct {
		args string
		want verifyOptions
		err  string
	}{
		{args: "", want: verifyOptions{Path: ".", Parallel: 1}},
		{args: "shop --json", want: verifyOptions{Path: "shop", JSON: true, Parallel: 1}},
		{args: "--all --only node-* --only python-* --shard 2/4", want: verifyOptions{Path: ".", All: true, Only: []string{"node-*", "python-*"}, Shard: "2/4", Parallel: 1}},
		{args: "--ci --budget 45m --ledger ledger", want: verifyOptions{Path: ".", CI: true, Budget: 45 * time.Minute, Ledger: "ledger", Parallel: 1}},
		{args: "--all shop", err: "not shop"},
		{args: "--only node-*", err: "about the whole menu"},
		{args: "--budget 3m shop", err: "about the whole menu"},
		{args: "--all --unproven --ledger rows", want: verifyOptions{Path: ".", All: true, Unproven: true, Ledger: "rows", Parallel: 1}},
		{args: "--unproven", err: "--unproven"},
		{args: "--all --shard 5/4", err: "--shard"},
		{args: "--all --shard x", err: "--shard"},
		{args: "a b", err: "b"},
	} {
		var got *verifyOptions
		cmd := newCmdVerify(Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}, func(o *verifyOptions) error { got = o; return nil })
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(strings.Fields(c.args))
		err := cmd.Execute()
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || !hint.IsMisuse(err) {
				t.Errorf("%q: %v, want a misuse about %q", c.args, err, c.err)
			}
			continue
		}
		if err != nil || got == nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		w := c.want
		if got.Path != w.Path || got.JSON != w.JSON || got.All != w.All || got.CI != w.CI || got.Unproven != w.Unproven || strings.Join(got.Only, " ") != strings.Join(w.Only, " ") ||
			got.Shard != w.Shard || got.Budget != w.Budget || got.Ledger != w.Ledger || got.Parallel != w.Parallel {
			t.Errorf("%q: %+v, want %+v", c.args, *got, w)
		}
	}
}

// TestVerifyTables shows that a table says what passed, what does not apply
// and what was wrong, a line each.
func TestVerifyTables(t *testing.T) {
	e := &ledger.Evidence{ID: "node-x.orm-y", Steps: []ledger.Step{
		{Name: "lint", Result: ledger.Passed, Seconds: 1.25}, {Name: "build", Result: ledger.NotApplicable, Reason: "there is nothing to build"},
		{Name: "probe", Result: ledger.Failed, Reason: "1 of 2 checks failed:\ncreate"}},
		Checks: []ledger.Check{{ID: "create", Result: ledger.Failed, Count: 3, Reason: "no Location"}, {ID: "read", Result: ledger.Passed, Count: 4}}}
	var out bytes.Buffer
	printEvidence(&out, e)
	for _, want := range []string{"lint ", "n/a ", "1 of 2 checks failed: create", "no Location", "reads a note as it was created", "node-x.orm-y: failed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	printOutcomes(&out, []*verify.Outcome{
		{ID: "a", Result: ledger.Passed, Evidence: &ledger.Evidence{Checks: e.Checks[1:]}},
		{ID: "b", Result: ledger.Failed, Evidence: e},
		{ID: "c", Result: ledger.Passed, Evidence: e, Differs: []string{"check read is missing"}},
		{ID: "d", Result: ledger.Failed, Error: "no space left"},
	}, []string{"e"})
	for _, want := range []string{"a            passed", "b            failed", "probe: 1 of 2", "differs", "check read is missing", "no space left", "evidence to compare with: e"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table does not say %q:\n%s", want, out.String())
		}
	}
}
