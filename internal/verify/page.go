package verify

import (
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// Page is docs/verified.md: the ledger, and what the suite promises.
func Page(l *ledger.Ledger) string {
	always := map[string]bool{}
	for _, c := range probe.Suite() {
		always[c.ID] = true
	}
	var promises []ledger.Promise
	all, _ := probe.SuiteFor(true, false)
	for _, c := range all {
		promises = append(promises, ledger.Promise{ID: c.ID, Name: c.Name, Reason: c.Reason, Live: !always[c.ID]})
	}
	return l.Markdown(promises, matrix.Usual)
}
