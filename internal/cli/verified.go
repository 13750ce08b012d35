package cli

import (
	"fmt"

	"github.com/fingerpost/fingerpost/ledger"
)

// listVerified prints what the ledger holds.
func listVerified(s Streams, asJSON bool) error {
	l, err := ledger.Load(ledger.Embedded())
	if err != nil {
		return err
	}
	if asJSON {
		rows := l.Rows()
		if rows == nil {
			rows = []*ledger.Evidence{}
		}
		return printJSON(s.Out, rows)
	}
	if len(l.Rows()) == 0 {
		fmt.Fprintln(s.Out, "nothing is proven yet")
	}
	for _, e := range l.Rows() {
		fmt.Fprintf(s.Out, "%s  %s  %s\n", e.Date, e.Result(), e.ID)
	}
	return nil
}
