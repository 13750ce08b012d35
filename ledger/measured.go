package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// MeasuredFormat is the version of the layout of a measurement file.
const MeasuredFormat = 1

// measuredDir is where measurements are, beside the evidence.
const measuredDir = "measured"

// A Measurement is what one run of verify --measure saw of one combination,
// beside a hello-world of the same framework that took turns with it.
type Measurement struct {
	Format   int               `json:"format"`
	ID       string            `json:"id"`
	Services []Service         `json:"services"`
	Tree     string            `json:"tree"` // digest of the rendered tree
	Date     string            `json:"date"` // day of the run in UTC
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Rates    []Rate            `json:"rates"`
	Ready    Pair              `json:"ready"`           // seconds from start to the first right answer
	Idle     Pair              `json:"idle"`            // MiB of memory, after start
	Loaded   Pair              `json:"loaded"`          // MiB of memory, at the end of the load
	Install  float64           `json:"install"`         // MiB of packages that production needs
	Image    float64           `json:"image,omitempty"` // MiB, where an engine was there
	Replaced []string          `json:"replaced"`
}

// A Machine is where a measurement was made.
type Machine struct {
	System    string  `json:"system"`    // linux/amd64
	Processor string  `json:"processor"` // as the system names it
	Cores     int     `json:"cores"`
	Memory    float64 `json:"memory"` // GiB
}

// A Pair is a figure of the service and of the hello-world.
type Pair struct {
	Service float64 `json:"service"`
	Bare    float64 `json:"bare"`
}

// A Rate is what one kind of request was answered with.
type Rate struct {
	What        string `json:"what"` // health, health-logged, read, create
	Connections int    `json:"connections"`
	Processes   int    `json:"processes"`
	Service     Speed  `json:"service"`
	Bare        *Speed `json:"bare,omitempty"` // the hello-world under the same number of connections
}

// Ratio is the service's rate as a part of the hello-world's, 0 without one.
func (r Rate) Ratio() float64 {
	if r.Bare == nil || r.Bare.PerSecond == 0 {
		return 0
	}
	return r.Service.PerSecond / r.Bare.PerSecond
}

// A Speed is the median of the rounds.
type Speed struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Faults    int     `json:"faults"` // answers that were not the right one, in all rounds
}

// Rate returns the measurement of one kind of request, or nil.
func (m *Measurement) Rate(what string, connections, processes int) *Rate {
	for i, r := range m.Rates {
		if r.What == what && r.Connections == connections && r.Processes == processes {
			return &m.Rates[i]
		}
	}
	return nil
}

// Write puts the measurement into the folder of a ledger.
func (m *Measurement) Write(dir string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return err
	}
	dir = filepath.Join(dir, measuredDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, m.ID+".json"), b.Bytes(), 0o644)
}

// LoadMeasured reads every measurement of a ledger, in order of their ids.
func LoadMeasured(fsys fs.FS) ([]*Measurement, error) {
	names, err := fs.Glob(fsys, path.Join(measuredDir, "*.json"))
	if err != nil {
		return nil, err
	}
	var out []*Measurement
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		m := &Measurement{}
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(m); err != nil {
			return nil, fmt.Errorf("ledger/%s: %w", name, err)
		}
		if m.Format != MeasuredFormat || m.ID != strings.TrimSuffix(path.Base(name), ".json") {
			return nil, fmt.Errorf("ledger/%s: is format %d of %s", name, m.Format, m.ID)
		}
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out, nil
}
