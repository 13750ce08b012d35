package cli

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// evidence is where the evidence is; a test puts its own there.
var evidence = ledger.Embedded

// alone shows one file of a ledger, so that a word on one combination does not
// cost the reading of all.
type alone struct {
	fs.FS
	name string
}

// Glob is how a ledger is listed.
func (a alone) Glob(string) ([]string, error) {
	if _, err := fs.Stat(a.FS, a.name); err != nil {
		return nil, nil // no evidence is no error
	}
	return []string{a.name}, nil
}

// standing is what the ledger says today of the combination of rec. Only a
// combination with evidence is rendered again to compare digests.
func standing(l *ledger.Ledger, catalog *layer.Catalog, rec guide.Recommendation, id string) (ledger.Status, error) {
	if l.Get(id) == nil {
		return l.Status(id, ""), nil
	}
	m, err := matrix.Of(catalog, rec)
	if err != nil {
		return ledger.Status{}, err
	}
	digest, err := m.Digest()
	if err != nil {
		return ledger.Status{}, err
	}
	return l.Status(id, digest, verify.Suites(m)...), nil
}

// A proof is one combination of the ledger as list verified prints it. The
// choices of a split are those of its API, with the library of the other
// service; services has both whole.
type proof struct {
	ID        string           `json:"id"`
	State     ledger.State     `json:"state"` // proven, or stale when templates or probe have changed since
	Date      string           `json:"date"`
	Shape     string           `json:"shape"`
	Language  string           `json:"language"`
	Framework string           `json:"framework"`
	ORM       string           `json:"orm"`
	PM        string           `json:"pm"`
	Database  string           `json:"database"`
	ML        string           `json:"ml"`
	Features  []string         `json:"features"`
	Services  []ledger.Service `json:"services"`
	Steps     []ledger.Step    `json:"steps"`
	Checks    []ledger.Check   `json:"checks"`
	Replaced  []string         `json:"replaced"`
}

// listVerified prints what the ledger holds.
func listVerified(s Streams, asJSON bool) error {
	catalog, _, err := loadMenu()
	if err != nil {
		return err
	}
	l, err := ledger.Load(evidence())
	if err != nil {
		return err
	}
	proofs := []proof{}
	for _, e := range l.Rows() {
		p := proof{ID: e.ID, State: ledger.Stale, Date: e.Date, Shape: e.Shape, Services: e.Services, Steps: e.Steps, Checks: e.Checks, Replaced: list(e.Replaced), Features: []string{}}
		rec := guide.Recommendation{Shape: e.Shape}
		for i, svc := range e.Services {
			if i == 0 {
				p.Language, p.Framework, p.ORM, p.PM, p.Database, p.Features = svc.Language, svc.Framework, svc.ORM, svc.PM, svc.Database, list(svc.Features)
			}
			if svc.ML != "" {
				p.ML = svc.ML
			}
			rec.Services = append(rec.Services, guide.Service(svc))
		}
		// A combination that can no longer be made is no longer what was proven.
		if st, err := standing(l, catalog, rec, e.ID); err == nil {
			p.State = st.State
		}
		proofs = append(proofs, p)
	}
	if asJSON {
		return printJSON(s.Out, proofs)
	}
	models, err := verify.Models(catalog)
	if err != nil {
		return err
	}
	return printText(s.Out, func(w io.Writer) {
		printProofs(w, s.Width(), slices.DeleteFunc(slices.Clone(proofs), func(p proof) bool { return isModel(models, p.ID) }), len(proofs) == 0)
		printModels(w, s.Width(), models, proofs)
	})
}

func isModel(models []ledger.Model, id string) bool {
	return slices.ContainsFunc(models, func(m ledger.Model) bool { return m.ID == id })
}

// printModels prints what has a machine learning library: each by name, proven
// or not.
func printModels(w io.Writer, width int, models []ledger.Model, proofs []proof) {
	if len(models) > 0 {
		fmt.Fprintln(w, "With a machine learning library:")
	}
	for _, m := range models {
		line := "not proven yet"
		if i := slices.IndexFunc(proofs, func(p proof) bool { return p.ID == m.ID }); i >= 0 {
			line = proofs[i].line()
		}
		printProof(w, width, m.ID, m.Name+": "+line)
	}
}

func printProofs(w io.Writer, width int, proofs []proof, nothing bool) {
	if nothing {
		fmt.Fprintln(w, "nothing is proven yet; fingerpost verify proves a project on this machine")
	}
	// What has other features than the usual ones comes after all that has them.
	apart := func(p proof) bool { return !matrix.Usual(p.Features) }
	sort.SliceStable(proofs, func(i, j int) bool { return !apart(proofs[i]) && apart(proofs[j]) })
	for i, p := range proofs {
		if apart(p) && (i == 0 || !apart(proofs[i-1])) {
			fmt.Fprintln(w, "With other features:")
		}
		printProof(w, width, p.ID, p.line())
	}
}

func printProof(w io.Writer, width int, id, line string) {
	fmt.Fprintln(w, id)
	fmt.Fprintln(w, "  "+strings.Join(ask.Wrap(line, width-2), "\n  "))
}

// line says what was seen, and whether it still counts.
func (p *proof) line() string {
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
	return line
}
