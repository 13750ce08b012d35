package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/fingerpost/fingerpost/internal/verify"
	"github.com/fingerpost/fingerpost/ledger"
)

// measure is verify --measure.
func (o *verifyOptions) measure(all verify.AllOptions) error {
	measured := []*ledger.Measurement{}
	err := verify.MeasureAll(o.Context, all, o.Turn, func(m *ledger.Measurement) error {
		measured = append(measured, m)
		if o.Ledger == "" {
			return nil
		}
		return m.Write(o.Ledger)
	})
	if err != nil {
		return err
	}
	if o.JSON {
		return printJSON(o.Out, measured)
	}
	printMeasured(o.Out, measured)
	return nil
}

func printMeasured(w io.Writer, measured []*ledger.Measurement) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range measured {
		fmt.Fprintf(t, "%s\n", m.ID)
		fmt.Fprintln(t, "  REQUEST\tCONNECTIONS\tPROCESSES\tPER SECOND\tP50\tP99\tOF BARE\tFAULTS")
		for _, r := range m.Rates {
			of := "-"
			if r.Bare != nil {
				of = fmt.Sprintf("%.2f", r.Ratio())
			}
			fmt.Fprintf(t, "  %s\t%d\t%d\t%.0f\t%.2f ms\t%.2f ms\t%s\t%d\n",
				r.What, r.Connections, r.Processes, r.Service.PerSecond, r.Service.P50, r.Service.P99, of, r.Service.Faults)
		}
		t.Flush()
		fmt.Fprintf(w, "  ready in %.2f s (bare %.2f), memory %.0f MiB idle (bare %.0f), %.0f under load (bare %.0f), packages %.0f MiB\n",
			m.Ready.Service, m.Ready.Bare, m.Idle.Service, m.Idle.Bare, m.Loaded.Service, m.Loaded.Bare, m.Install)
	}
}
