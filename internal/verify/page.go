package verify

import (
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// Page is docs/verified.md: the ledger, and what the suite promises.
func Page(l *ledger.Ledger) string {
	var promises []ledger.Promise
	for _, c := range probe.Suite() {
		promises = append(promises, ledger.Promise{ID: c.ID, Name: c.Name, Reason: c.Reason})
	}
	return l.Markdown(promises)
}
