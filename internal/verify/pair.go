package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
)

// The steps of two services that work as one, after those of each alone.
const (
	contractStep = "contract"
	pairStep     = "pair"
	checkPhase   = "contract:check"
)

// contractFile is what the two have agreed on.
const contractFile = "contracts/ml.openapi.json"

// besideSetting is where a service looks for the one that it asks.
const besideSetting = "ML_URL"

// pair are the two services of a project that work as one: the one that asks,
// and the one that is asked; nil for any other project.
func (p *proof) pair() (api, ml *record.Service) {
	services := p.project.Record.Services
	from, to := slices.IndexFunc(services, asks), slices.IndexFunc(services, internal)
	if from < 0 || to < 0 {
		return nil, nil
	}
	return &services[from], &services[to]
}

// together runs the steps of the pair.
func (p *proof) together(ctx context.Context) error {
	api, ml := p.pair()
	if api == nil {
		return nil
	}
	steps := []struct {
		name string
		run  func(io.Writer) error
	}{
		{contractStep, func(w io.Writer) error { return p.contract(ctx, []*record.Service{api, ml}, w) }},
		{pairStep, func(w io.Writer) error { return p.both(ctx, api, ml, w) }},
	}
	for _, s := range steps {
		err := p.step(ctx, "", s.name, func(w io.Writer) error {
			if p.unfit {
				return notProven{"an earlier step failed"}
			}
			return s.run(w)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// both runs the suite against the two services together.
func (p *proof) both(ctx context.Context, api, ml *record.Service, w io.Writer) error {
	db, err := p.database(ctx, api)
	if err != nil {
		return notProven{err.Error()}
	}
	p.besides = nil
	target, asked := p.target(api, db), p.target(ml, nil)
	if db != nil {
		defer db.close()
		if out, err := target.Task(ctx, "migrate", target.Env); err != nil {
			return fmt.Errorf("migrate: %w: %s", err, lastLines(out, 6))
		}
	}
	checks := p.suite
	if checks == nil {
		checks, _ = probe.PairSuite()
	}
	checks = slices.DeleteFunc(slices.Clone(checks), func(c probe.Check) bool { return !c.ForPair() })
	var v verdict
	if _, err := probe.RunPair(ctx, target, asked, checks, func(r probe.Result) { v.see(p, "", pairStep, r, w) }); err != nil {
		return err
	}
	return v.error()
}

// contract asserts that each service says that it keeps the contract, and that
// both say so no more once it is another one.
func (p *proof) contract(ctx context.Context, services []*record.Service, w io.Writer) error {
	check := func(svc *record.Service) error { return p.typed(ctx, svc, checkPhase, nil, w) }
	for _, svc := range services {
		if len(svc.Tasks[checkPhase]) == 0 {
			return fmt.Errorf("%s: the project does not say how to %s", svc.Name, checkPhase)
		}
		if err := check(svc); err != nil {
			return fmt.Errorf("%s: %w", svc.Name, err)
		}
	}
	if !p.Own {
		return nil // somebody's contract is not ours to change
	}
	path := filepath.Join(p.project.Dir, filepath.FromSlash(contractFile))
	kept, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	defer os.WriteFile(path, kept, 0o644)
	var made []string
	for _, d := range drifts {
		text, err := d.apply(kept)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", contractFile, d.what, err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
		for _, svc := range services {
			fmt.Fprintf(w, "%s, with %s:\n", svc.Name, d.what)
			if err := check(svc); err == nil {
				return fmt.Errorf("%s: the contract has %s, and %s passes", svc.Name, d.what, checkPhase)
			} else if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		made = append(made, d.what)
	}
	if err := os.WriteFile(path, kept, 0o644); err != nil {
		return err
	}
	for _, svc := range services {
		if err := check(svc); err != nil {
			return fmt.Errorf("%s, with the contract as it was: %w", svc.Name, err)
		}
	}
	return passed{"refused by both: " + strings.Join(made, ", ")}
}

// A drift is a change of the contract that the other side has not made.
type drift struct {
	what string
	do   func(doc map[string]any) error
}

// The schema that an answer is, and the one of each input.
const (
	answerSchema  = "PredictionResponse"
	featureSchema = "Features"
)

var drifts = []drift{
	{"a renamed field", func(doc map[string]any) error {
		s, err := schema(doc, answerSchema)
		if err != nil {
			return err
		}
		return rename(s, "modelVersion", "version")
	}},
	{"a removed field", func(doc map[string]any) error {
		s, err := schema(doc, answerSchema)
		if err != nil {
			return err
		}
		return rename(s, "modelVersion", "")
	}},
	{"a new required field", func(doc map[string]any) error {
		s, err := schema(doc, featureSchema)
		if err != nil {
			return err
		}
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		properties["stemLength"], s["required"] = map[string]any{"type": "number"}, append(required, "stemLength")
		return nil
	}},
	{"a changed enum", func(doc map[string]any) error {
		if n := enums(doc); n == 0 {
			return errors.New("it has no enum")
		}
		return nil
	}},
	{"a changed status", func(doc map[string]any) error {
		paths, _ := doc["paths"].(map[string]any)
		item, _ := paths["/v1/predict"].(map[string]any)
		post, _ := item["post"].(map[string]any)
		responses, _ := post["responses"].(map[string]any)
		if responses["200"] == nil {
			return errors.New("it has no 200")
		}
		responses["201"] = responses["200"]
		delete(responses, "200")
		return nil
	}},
}

// apply makes the change in the text of a contract.
func (d drift) apply(text []byte) ([]byte, error) {
	doc := map[string]any{}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if err := d.do(doc); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return out.Bytes(), err
}

// schema is a named schema of the contract.
func schema(doc map[string]any, name string) (map[string]any, error) {
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	s, _ := schemas[name].(map[string]any)
	if s == nil {
		return nil, fmt.Errorf("it has no schema %s", name)
	}
	return s, nil
}

// rename gives a property of a schema another name, or takes it away for "".
func rename(s map[string]any, from, to string) error {
	properties, _ := s["properties"].(map[string]any)
	value, there := properties[from]
	if !there {
		return fmt.Errorf("it has no property %s", from)
	}
	delete(properties, from)
	required, _ := s["required"].([]any)
	required = slices.DeleteFunc(slices.Clone(required), func(v any) bool { return v == from })
	if to != "" {
		properties[to] = value
		required = append(required, to)
	}
	s["required"] = required
	return nil
}

// enums adds a value to each enum of text and says how many there are.
func enums(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		if values, is := v["enum"].([]any); is && len(values) > 0 {
			if _, text := values[0].(string); text {
				v["enum"] = append(slices.Clone(values), "another-one")
				n++
			}
		}
		for _, each := range v {
			n += enums(each)
		}
	case []any:
		for _, each := range v {
			n += enums(each)
		}
	}
	return n
}
