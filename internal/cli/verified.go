package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// evidence is the ledger that the binary carries; a test puts its own there.
var evidence = func() (*ledger.Ledger, error) { return ledger.Load(ledger.Embedded()) }

// standing is what the ledger says today of the combination of rec. Only a
// combination with evidence is rendered again to compare digests.
func standing(l *ledger.Ledger, catalog *layer.Catalog, rec guide.Recommendation, id string) (ledger.Status, error) {
	if l.Get(id) == nil {
		return l.Status(id, "", ""), nil
	}
	m, err := matrix.Of(catalog, rec)
	if err != nil {
		return ledger.Status{}, err
	}
	digest, err := m.Digest()
	if err != nil {
		return ledger.Status{}, err
	}
	return l.Status(id, digest, probe.Digest()), nil
}

// listVerified prints what the ledger holds.
func listVerified(s Streams, asJSON bool) error {
	catalog, _, err := loadMenu()
	if err != nil {
		return err
	}
	l, err := evidence()
	if err != nil {
		return err
	}
	rows := []ledger.Row{}
	for _, e := range l.Rows() {
		r := e.Row()
		rec := guide.Recommendation{Shape: e.Shape}
		for _, svc := range e.Services {
			rec.Services = append(rec.Services, guide.Service(svc))
		}
		// A combination that can no longer be made is no longer what was proven.
		r.State, r.Replaced = ledger.Stale, list(r.Replaced)
		if st, err := standing(l, catalog, rec, e.ID); err == nil {
			r.State = st.State
		}
		rows = append(rows, r)
	}
	if asJSON {
		return printJSON(s.Out, rows)
	}
	return printText(s.Out, func(w io.Writer) { printProofs(w, s.Width(), rows) })
}

func printProofs(w io.Writer, width int, rows []ledger.Row) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "nothing is proven yet; fingerpost verify proves a project on this machine")
	}
	for _, p := range rows {
		checks := 0
		for _, c := range p.Checks {
			if c.Result == ledger.Passed {
				checks++
			}
		}
		line := fmt.Sprintf("%s on %s: %d steps, %d checks", ledger.Proven, p.Date, len(p.Steps), checks)
		if p.State != ledger.Proven {
			line = fmt.Sprintf("%s, for templates or checks have changed; %s", p.State, line)
		}
		if len(p.Replaced) > 0 {
			line += "; replaced: " + strings.Join(p.Replaced, ", ")
		}
		fmt.Fprintln(w, p.ID)
		fmt.Fprintln(w, "  "+strings.Join(ask.Wrap(line, width-2), "\n  "))
	}
}
