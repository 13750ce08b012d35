package verify

import (
	"fmt"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
)

// Page is docs/verified.md: the ledger, and what the suite promises.
func Page(c *layer.Catalog, l *ledger.Ledger) (string, error) {
	models, err := Models(c)
	if err != nil {
		return "", err
	}
	only := map[string]string{}
	live, _ := probe.SuiteFor(true, false)
	for _, check := range live {
		only[check.ID] = "the feature realtime"
	}
	for _, check := range probe.Suite() {
		only[check.ID] = ""
	}
	var promises []ledger.Promise
	all, _ := probe.SuiteOf(true, true, false)
	for _, check := range all {
		of, known := only[check.ID]
		if !known {
			of = "predictions"
		}
		promises = append(promises, ledger.Promise{ID: check.ID, Name: check.Name, Reason: check.Reason, Only: of})
	}
	return l.Markdown(promises, models, matrix.Usual), nil
}

// Models are the combinations of the menu with a machine learning library, each
// with a name for people: the labels of the library and of the framework.
func Models(c *layer.Catalog) ([]ledger.Model, error) {
	list, err := matrix.Models(c)
	if err != nil {
		return nil, err
	}
	var out []ledger.Model
	for _, m := range list {
		s := m.Pick.Services[0]
		out = append(out, ledger.Model{ID: m.ID, Name: fmt.Sprintf("%s with %s", label(c, "ml", s.ML, s.Language), label(c, "framework", s.Framework, s.Language))})
	}
	return out, nil
}

func label(c *layer.Catalog, kind, value, language string) string {
	if l := c.Find(kind, value, language); l != nil {
		return l.Label
	}
	return value
}
