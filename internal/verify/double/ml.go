//go:build unix

package double

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ml is the part of the double that predicts: by the length of the petals. Its
// model is two files, as those of a service.
type ml struct {
	d       *double
	dir     string
	slots   int64
	timeout time.Duration
	taken   atomic.Int64
	line    chan struct{} // one predicts at a time
	state   atomic.Value  // string: "ok", "loading", or what is wrong
	version string
}

const (
	predictPath = "/api/predictions"
	modelPath   = "/v1/model"
	mlFile      = "model.txt"
	mlCard      = "metadata.json"
	mlLibrary   = "1.2.3"
	mlBody      = 64 << 10
	mlInputs    = 64
)

var (
	mlLabels = []string{"setosa", "versicolor", "virginica"}
	mlFields = []string{"sepalLength", "sepalWidth", "petalLength", "petalWidth"}
	mlRoutes = map[string][]string{predictPath: {"POST"}, modelPath: {"GET", "HEAD"}}
)

// WriteModel writes the model that the double serves.
func WriteModel(dir string) error {
	model := []byte(strings.Repeat("petals\n", 10))
	sum := sha256.Sum256(model)
	card, _ := json.Marshal(map[string]any{
		"format": 1, "file": mlFile, "sha256": hex.EncodeToString(sum[:]), "labels": mlLabels,
		"library": map[string]string{"name": "double", "version": mlLibrary},
	})
	if err := os.WriteFile(filepath.Join(dir, mlFile), model, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, mlCard), card, 0o644)
}

// newML reads the settings and names the wrong ones.
func newML(d *double) (*ml, []string) {
	m := &ml{d: d, dir: os.Getenv("MODEL_DIR"), line: make(chan struct{}, 1)}
	m.state.Store("loading")
	var bad []string
	number := func(key string, def, most int) int {
		n, err := strconv.Atoi(os.Getenv(key))
		if os.Getenv(key) == "" {
			return def
		}
		if (err != nil || n < 1 || n > most) && !d.has("ml-any-setting") {
			bad = append(bad, fmt.Sprintf("%s has to be a number from 1 to %d", key, most))
		}
		return n
	}
	m.slots = int64(number("PREDICTION_SLOTS", 32, 1000))
	m.timeout = time.Duration(number("PREDICTION_TIMEOUT_MS", 2000, 60_000)) * time.Millisecond
	return m, bad
}

// load takes its time, as the import of a library does.
func (m *ml) load() {
	time.Sleep(300 * time.Millisecond)
	if err := m.read(); err != nil {
		if m.d.has("ml-crashes") {
			os.Exit(1)
		}
		m.d.log.Error(err.Error())
		m.state.Store("failed: " + err.Error())
		return
	}
	m.state.Store("ok")
}

func (m *ml) read() error {
	data, err := os.ReadFile(filepath.Join(m.dir, mlCard))
	if err != nil {
		return fmt.Errorf("there is no trained model")
	}
	var card struct {
		SHA256  string
		Labels  []string
		Library struct{ Version string }
	}
	if json.Unmarshal(data, &card) != nil {
		return fmt.Errorf("the card is not valid JSON")
	}
	if card.Library.Version != mlLibrary {
		return fmt.Errorf("the model was trained with %s", card.Library.Version)
	}
	if !slices.Equal(card.Labels, mlLabels) {
		return fmt.Errorf("the model knows other labels")
	}
	model, err := os.ReadFile(filepath.Join(m.dir, mlFile))
	if err != nil {
		return fmt.Errorf("the model file is missing")
	}
	sum := sha256.Sum256(model)
	found := hex.EncodeToString(sum[:])
	if found != card.SHA256 && !m.d.has("ml-any-file") {
		return fmt.Errorf("the model file is not the one that was trained")
	}
	m.version = found[:12]
	return nil
}

var errNotReady = fault{status: 503, detail: "the model is not ready"}

func (m *ml) route(w http.ResponseWriter, r *http.Request, path string) (done bool, err error) {
	switch path {
	case m.d.predictPath():
		return true, m.predict(w, r)
	case modelPath:
		for k := range r.URL.Query() {
			return true, fault{422, "a parameter does not fit", [][2]string{{k, "is not known"}}}
		}
		if m.state.Load() != "ok" {
			return true, errNotReady
		}
		var features []obj
		for _, name := range mlFields {
			features = append(features, obj{"name": name, "unit": "cm", "minimum": 0.1, "maximum": 10})
		}
		version := m.version
		if m.d.has("ml-other-version") {
			version = strings.Repeat("0", 12)
		}
		return true, m.d.json(w, 200, obj{
			"name": "petals", "version": version, "library": "double", "libraryVersion": mlLibrary, "dataSha256": strings.Repeat("a", 64),
			"rows": 150, "accuracy": 0.95, "labels": mlLabels, "features": features,
		})
	}
	return false, nil
}

func (m *ml) predict(w http.ResponseWriter, r *http.Request) error {
	typ, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if typ != "application/json" {
		return fault{status: 415, detail: "JSON is wanted"}
	}
	for k := range r.URL.Query() {
		return fault{422, "a parameter does not fit", [][2]string{{k, "is not known"}}}
	}
	wait := m.timeout
	if text := r.Header.Get("X-Deadline-Ms"); text != "" {
		n, wrong := integer(text, 1, 60_000)
		if wrong {
			return fault{422, "the deadline does not fit", [][2]string{{"X-Deadline-Ms", "has to be from 1 to 60000"}}}
		}
		wait = min(wait, time.Duration(n)*time.Millisecond)
	}
	if m.d.has("ml-no-deadline") {
		wait = time.Minute
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, mlBody+1))
	if err != nil {
		return fault{status: 400, detail: "the body broke off"}
	}
	if len(data) > mlBody {
		return fault{status: 413, detail: "the body is over 64 KiB"}
	}
	petals, err := m.inputs(data)
	if err != nil {
		return err
	}
	if m.state.Load() != "ok" {
		return errNotReady
	}
	if m.taken.Add(1) > m.slots && !m.d.has("ml-no-slots") {
		m.taken.Add(-1)
		return fault{status: 503, detail: "too much waits already"}
	}
	defer m.taken.Add(-1)
	late := time.After(wait)
	select {
	case m.line <- struct{}{}:
	case <-late:
		return fault{status: 503, detail: "it took too long"}
	}
	time.Sleep(2 * time.Millisecond)
	<-m.line
	var predictions []obj
	for _, petal := range petals {
		predictions = append(predictions, m.one(petal))
	}
	if m.d.has("ml-mixes-up") && len(predictions) > 1 {
		slices.Reverse(predictions)
	}
	if m.d.has("ml-loses") && m.taken.Load() > 20 {
		panic(http.ErrAbortHandler)
	}
	status := 201
	if m.d.internal() {
		status = 200
	}
	return m.d.json(w, status, obj{"modelVersion": m.version, "predictions": predictions})
}

func (m *ml) one(petal float64) obj {
	best := 0
	if petal > 2.5 {
		best = 1
	}
	if petal > 5 {
		best = 2
	}
	var scores []obj
	for i, label := range mlLabels {
		p := 0.1
		if i == best {
			p = 0.8
		}
		scores = append(scores, obj{"label": label, "probability": p})
	}
	return obj{"label": mlLabels[best], "scores": scores}
}

// inputs gives the length of the petals of each flower.
func (m *ml) inputs(data []byte) ([]float64, error) {
	if !json.Valid(data) {
		return nil, fault{status: 400, detail: "the body is not JSON"}
	}
	refuse := func(field string) error {
		return fault{422, "a value does not fit", [][2]string{{field, "does not fit"}}}
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(data, &body) != nil || body == nil {
		return nil, refuse("body")
	}
	for k := range body {
		if k != "inputs" {
			return nil, refuse(k)
		}
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(body["inputs"], &list); err != nil || len(list) < 1 || len(list) > mlInputs {
		return nil, refuse("inputs")
	}
	var out []float64
	for i, one := range list {
		for k := range one {
			if !slices.Contains(mlFields, k) && !m.d.has("ml-takes-unknown") {
				return nil, refuse(fmt.Sprintf("inputs.%d.%s", i, k))
			}
		}
		for _, k := range mlFields {
			n, err := strconv.ParseFloat(string(one[k]), 64)
			if err != nil || math.IsInf(n, 0) || n < 0.1 || n > 10 {
				return nil, refuse(fmt.Sprintf("inputs.%d.%s", i, k))
			}
			if k == "petalLength" {
				out = append(out, n)
			}
		}
	}
	return out, nil
}
