package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
)

// A measured is what verify --measure saw of a decision: of the stacks that it
// recommends, and of what the guide says where a reason cites it. It stands
// beside the reasons and is none of them.
type measured struct {
	Stacks     []measuredStack     `json:"stacks"`
	Statements []measuredStatement `json:"statements"`
}

// A measuredStack is the measurement of a recommended service.
type measuredStack struct {
	Service string `json:"service"`
	Stale   bool   `json:"stale"` // the templates have changed since
	*ledger.Measurement
}

// A measuredStatement is what the measurements say of a statement of the guide.
type measuredStatement struct {
	Claim   string   `json:"claim"`
	Holds   bool     `json:"holds"`
	Figures string   `json:"figures"`
	Rules   []string `json:"rules"` // of the reasons that cite it
}

func unmeasured() *measured {
	return &measured{Stacks: []measuredStack{}, Statements: []measuredStatement{}}
}

// measuredFor gathers what the ledger has for a decision.
func measuredFor(catalog *layer.Catalog, d *guide.Decision) (*measured, error) {
	out := unmeasured()
	all, err := ledger.LoadMeasured(evidence())
	if err != nil {
		return nil, err
	}
	for _, s := range d.Recommendation.Services {
		m := nearestMeasured(all, s)
		if m == nil {
			continue
		}
		out.Stacks = append(out.Stacks, measuredStack{Service: s.Name, Stale: !current(catalog, m), Measurement: m})
	}
	for _, v := range ledger.Verdicts(all) {
		rules := d.Citing(v.Statement)
		if v.Holds == ledger.NotMeasured || len(rules) == 0 {
			continue
		}
		out.Statements = append(out.Statements, measuredStatement{Claim: v.Claim, Holds: v.Holds == ledger.Holds, Figures: v.Figures, Rules: rules})
	}
	return out, nil
}

// nearestMeasured is the measurement of the same sources: the package manager
// changes nothing in them, but its own is the better one.
func nearestMeasured(all []*ledger.Measurement, s guide.Service) *ledger.Measurement {
	var found *ledger.Measurement
	for _, m := range all {
		o := m.Services[0]
		if len(m.Services) != 1 || o.Language != s.Language || o.Framework != s.Framework || o.ORM != s.ORM || o.Database != s.Database || o.ML != s.ML {
			continue
		}
		if found == nil || o.PM == s.PM && found.Services[0].PM != s.PM {
			found = m
		}
	}
	return found
}

// current tells whether what m measured would be written in the same way today.
func current(catalog *layer.Catalog, m *ledger.Measurement) bool {
	c, err := matrix.Of(catalog, guide.Recommendation{Shape: guide.Single, Services: []guide.Service{guide.Service(m.Services[0])}})
	if err != nil {
		return false // the menu has it no longer
	}
	digest, err := c.Digest()
	return err == nil && digest == m.Tree
}

// brief is one line, or none where nothing was measured.
func (m *measured) brief(more string) []string {
	switch {
	case len(m.Stacks) > 0:
		s := m.Stacks[0]
		read := s.Busy("read")
		return []string{fmt.Sprintf("%s%.0f notes read a second in one process (p99 %.1f ms), %.0f MiB under load, on %s%s; %s.",
			s.of(len(m.Stacks)), read.Service.PerSecond, read.Service.P99, s.Loaded.Service, s.Date, s.changed(), more)}
	case len(m.Statements) > 0:
		return []string{m.Statements[0].verdict() + "; " + more + "."}
	}
	return nil
}

// all is every line.
func (m *measured) all() []string {
	var out []string
	for _, s := range m.Stacks {
		read, create := s.Busy("read"), s.Busy("create")
		out = append(out,
			fmt.Sprintf("%s%s on %s, %s with %d processors (%s)%s", s.of(len(m.Stacks)), s.ID, s.Date, s.Machine.System, s.Machine.Cores, s.Machine.Processor, s.changed()),
			fmt.Sprintf("%s%.0f notes read a second (p99 %.1f ms) and %.0f created (p99 %.1f ms), in one process over %d connections", s.of(len(m.Stacks)),
				read.Service.PerSecond, read.Service.P99, create.Service.PerSecond, create.Service.P99, read.Connections),
			fmt.Sprintf("%sbeside a bare hello-world of its framework: %.2f of its health route, %.0f MiB under load (%.0f), ready in %.2f s (%.2f s)", s.of(len(m.Stacks)),
				s.Busy("health").Ratio(), s.Loaded.Service, s.Loaded.Bare, s.Ready.Service, s.Ready.Bare))
	}
	for _, s := range m.Statements {
		out = append(out, fmt.Sprintf("%s: %s [%s]", s.verdict(), s.Figures, strings.Join(s.Rules, ", ")))
	}
	return out
}

// print prints the one line of a project.
func (m *measured) print(w io.Writer, width int) {
	for _, text := range m.brief("fingerpost decide --explain has all of it") {
		for _, line := range ask.Wrap("measured: "+text, width) {
			fmt.Fprintln(w, line)
		}
	}
}

// of names the service where there are several.
func (s measuredStack) of(n int) string {
	if n < 2 {
		return ""
	}
	return s.Service + ": "
}

func (s measuredStack) changed() string {
	if s.Stale {
		return "; its templates have changed since"
	}
	return ""
}

func (s measuredStatement) verdict() string {
	holds := ledger.HoldsNot
	if s.Holds {
		holds = ledger.Holds
	}
	return fmt.Sprintf("%q %s for these starters", s.Claim, holds)
}
