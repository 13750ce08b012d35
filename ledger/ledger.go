// Package ledger keeps the evidence that combinations of the menu work: one
// file a combination, written by `fingerpost verify` and by nothing else, and
// carried in the binary so that `new` can say what is known of a choice.
// It runs nothing and renders nothing; internal/verify does.
package ledger

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

//go:embed *
var embedded embed.FS

// Embedded is the evidence that this binary carries.
func Embedded() fs.FS { return embedded }

// Format is the version of the layout of an evidence file.
const Format = 1

// Results of a step and of a check. NotProven says that something could not be
// run on this machine; it is never counted as passed.
const (
	Passed        = "passed"
	Failed        = "failed"
	NotApplicable = "not-applicable"
	NotProven     = "not-proven"
)

// ImageStep is the one step that a run makes only where it is asked to.
const ImageStep = "image"

// Evidence is what one run of verify saw of one combination.
type Evidence struct {
	Format   int               `json:"format"`
	ID       string            `json:"id"`
	Shape    string            `json:"shape"`
	Services []Service         `json:"services"`
	Digests  Digests           `json:"digests"`
	Versions map[string]string `json:"versions"` // of runtimes and tools, by name
	Date     string            `json:"date"`     // day of the run in UTC, 2026-11-24
	Steps    []Step            `json:"steps"`
	Checks   []Check           `json:"checks"`
	Replaced []string          `json:"replaced"`            // what was put in another's place for the proof
	Image    float64           `json:"image_mib,omitempty"` // size of the image, where the step image built one
}

// A Service is what was chosen for one service of the combination.
type Service struct {
	Name      string   `json:"name"`
	Language  string   `json:"language"`
	Framework string   `json:"framework"`
	ORM       string   `json:"orm"`
	PM        string   `json:"pm"`
	Database  string   `json:"database"`
	ML        string   `json:"ml"`
	Features  []string `json:"features"`
}

// Digests say what exactly was proven. Each is "sha256:" and hexadecimal digits.
type Digests struct {
	Tree  string `json:"tree"`  // the rendered tree
	Suite string `json:"suite"` // the sources of the probe
	Lock  string `json:"lock"`  // the lock files that were installed from
}

// A Step is one step of the proof, as lint.
type Step struct {
	Name    string  `json:"name"`
	Service string  `json:"service,omitempty"` // empty in a single project
	Result  string  `json:"result"`
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"reason,omitempty"` // why it failed, does not apply or could not be run
	Note    string  `json:"note,omitempty"`   // what it did, and what it left out or put in another's place
}

// A Check is one check of the probe.
type Check struct {
	ID      string  `json:"id"`
	Service string  `json:"service,omitempty"`
	Result  string  `json:"result"`
	Count   int     `json:"count"` // assertions made
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"reason,omitempty"`
}

// Result is the worst result among the steps and the checks.
func (e *Evidence) Result() string {
	worst := Passed
	if len(e.Steps) == 0 || len(e.Checks) == 0 {
		worst = NotProven
	}
	see := func(r string) {
		if r == Failed || (r == NotProven && worst == Passed) {
			worst = r
		}
	}
	for _, s := range e.Steps {
		see(s.Result)
	}
	for _, c := range e.Checks {
		see(c.Result)
		if c.Result == Passed && c.Count == 0 {
			worst = Failed
		}
	}
	return worst
}

// Encode gives the evidence as it stands in its file.
func (e *Evidence) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(e)
	return b.Bytes(), err
}

// Write puts the evidence into dir. Only a whole proof goes in: a run that
// failed or left something out says nothing about the combination that a
// reader could rely on.
func (e *Evidence) Write(dir string) error {
	if r := e.Result(); r != Passed {
		return fmt.Errorf("%s is %s and does not go into the ledger", e.ID, r)
	}
	data, err := e.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, e.ID+".json"), data, 0o644)
}

// A Ledger is all evidence, by id.
type Ledger struct {
	rows []*Evidence
}

// Load reads every evidence file of fsys.
func Load(fsys fs.FS) (*Ledger, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	l := &Ledger{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		e := &Evidence{}
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(e); err != nil {
			return nil, fmt.Errorf("ledger/%s: %w", name, err)
		}
		if e.Format != Format {
			return nil, fmt.Errorf("ledger/%s: format %d is not the format %d that this fingerpost reads", name, e.Format, Format)
		}
		if e.ID != strings.TrimSuffix(name, ".json") {
			return nil, fmt.Errorf("ledger/%s: is evidence for %s", name, e.ID)
		}
		l.rows = append(l.rows, e)
	}
	sort.Slice(l.rows, func(i, j int) bool { return l.rows[i].ID < l.rows[j].ID })
	return l, nil
}

// Rows are all evidence files in order of their ids.
func (l *Ledger) Rows() []*Evidence { return l.rows }

// Get is the evidence for id, or nil.
func (l *Ledger) Get(id string) *Evidence {
	for _, e := range l.rows {
		if e.ID == id {
			return e
		}
	}
	return nil
}
