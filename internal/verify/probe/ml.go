package probe

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// mlLoad is what the import of a library and the load of a model may take of a
// start, in processor time, before it counts.
const mlLoad = 20 * time.Second

// mlReady is what /readyz answers once the model is there.
const mlReady = `{"status":"ok","checks":{"database":"ok","model":"ok"}}`

// mlChecks are those of services that predict.
var mlChecks = []Check{
	{ID: "ml-predict", Name: "predicts the species of flowers, one or many, with a probability for each label", Applies: withModel,
		Reason: "a prediction that belongs to another input is worse than none",
		Run:    checkPredict},
	{ID: "ml-model", Name: "says which model answers, what it takes and how good it is", Applies: withModel,
		Reason: "a wrong answer can only be looked into by who knows what has given it",
		Run:    checkModel},
	{ID: "ml-inputs", Name: "refuses numbers, shapes, sizes and deadlines that do not fit, by name", Applies: withModel,
		Reason: "a model answers anything that it is asked; only the service can say that it makes no sense",
		Run:    checkModelInputs},
	{ID: "ml-busy", Name: "answers 500 requests at once or tells them to come again: none lost, none mixed up", Applies: withModel,
		Reason: "a queue without an end is an outage that takes an hour to begin",
		Run:    checkModelBusy},
	{ID: "ml-deadline", Name: "keeps the deadline of the client", Applies: withModel,
		Reason: "an answer that nobody waits for any more still keeps the next one waiting",
		Run:    checkModelDeadline},
	{ID: "ml-loading", Name: "listens while the model loads, and says that it is not ready", Applies: withModel,
		Reason: "an orchestrator that hears nothing starts it again, before it is ready, for ever",
		Run:    checkModelLoading},
	{ID: "ml-artifact", Name: "stays up and says in one line what is wrong with the model", Applies: withModelFiles,
		Reason: "a file that was cut on its way must not become a crash loop",
		Run:    checkModelArtifact},
	{ID: "ml-settings", Name: "refuses settings of the model that are none", Applies: withModel,
		Reason: "no slots at all is a service that answers nobody",
		Run: func(t *T) {
			var running []*instance
			bad := []map[string]string{{"PREDICTION_SLOTS": "0"}, {"PREDICTION_TIMEOUT_MS": "soon"}}
			for _, each := range bad {
				in := t.spawn("the service with a wrong setting of the model", each)
				in.strange = true
				running = append(running, in)
			}
			for i, in := range running {
				t.refused(in, wrongSetting{names: sortedKeys(bad[i])})
			}
		}},
}

// mlSmoke are those of the smaller set.
var mlSmoke = []string{"ml-predict", "ml-model", "ml-loading"}

func withModel(t *Target) string {
	if !t.ML {
		return "nothing is predicted"
	}
	return ""
}

func withModelFiles(t *Target) string {
	if why := withModel(t); why != "" {
		return why
	}
	if t.Model == "" {
		return "the model's files are not known"
	}
	return ""
}

// SuiteOf is SuiteFor, for services that predict as well.
func SuiteOf(live, predicts, small bool) ([]Check, string) {
	all, plain := SuiteFor(live, small)
	if !predicts {
		return all, plain
	}
	var own []Check
	for _, c := range mlChecks {
		if !small || slices.Contains(mlSmoke, c.ID) {
			own = append(own, c)
		}
	}
	// What judges all that was said and logged comes last.
	first := slices.IndexFunc(all, func(c Check) bool { return c.ID == wholeChecks[0].ID })
	part := "ml"
	if live {
		part += " live"
	}
	if small {
		part += " smoke"
	}
	return slices.Insert(all, first, own...), digest(part)
}

// mlCounted is what a source counts with in the digest of a suite, and the part
// without what is said there of models: in the suites of services that predict
// all of it, in the others neither these files nor the lines marked as theirs.
func mlCounted(part, name string, source []byte) (string, []byte) {
	if rest, ml := strings.CutPrefix(part, "ml"); ml {
		return strings.TrimPrefix(rest, " "), source
	}
	if strings.HasPrefix(name, "ml") {
		return part, nil
	}
	var out []byte
	for line := range bytes.Lines(source) {
		if !bytes.HasSuffix(line, []byte("// predictions\n")) {
			out = append(out, line...)
		}
	}
	return part, out
}
