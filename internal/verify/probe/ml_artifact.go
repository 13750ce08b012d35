package probe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mlCard is the description beside a model.
const mlCard = "metadata.json"

// A damage is what can happen to a model on disk, and a word of what has to be
// said about it.
type damage struct {
	what string
	do   func(dir string, card map[string]any) error
	says string
}

// writeCard puts a changed description back.
func writeCard(dir string, card map[string]any) error {
	data, err := json.Marshal(card)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, mlCard), data, 0o644)
}

// editModel changes the bytes of the model file.
func editModel(dir string, card map[string]any, edit func([]byte) []byte) error {
	name, _ := card["file"].(string)
	path := filepath.Join(dir, filepath.Base(name))
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, edit(data), 0o644)
}

var damages = []damage{
	{"no model", func(dir string, _ map[string]any) error { return os.RemoveAll(dir) }, "no trained model"},
	{"a model without its file", func(dir string, card map[string]any) error {
		name, _ := card["file"].(string)
		return os.Remove(filepath.Join(dir, filepath.Base(name)))
	}, "missing"},
	{"a model file that was cut", func(dir string, card map[string]any) error {
		return editModel(dir, card, func(b []byte) []byte { return b[:len(b)/2] })
	}, "not the one that was trained"},
	{"a model file that was changed", func(dir string, card map[string]any) error {
		return editModel(dir, card, func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
	}, "not the one that was trained"},
	{"a model of another version of the library", func(dir string, card map[string]any) error {
		library, _ := card["library"].(map[string]any)
		library["version"] = "0.1.0"
		return writeCard(dir, card)
	}, "0.1.0"},
	{"a model with other labels", func(dir string, card map[string]any) error {
		card["labels"] = []string{"virginica", "versicolor", "setosa"}
		return writeCard(dir, card)
	}, "labels"},
	{"a description that is no JSON", func(dir string, _ map[string]any) error {
		return os.WriteFile(filepath.Join(dir, mlCard), []byte(`{"format": 1,`), 0o644)
	}, "JSON"},
}

func checkModelArtifact(t *T) {
	root, err := os.MkdirTemp("", "probe-model-")
	t.must(err == nil, "%v", err)
	defer os.RemoveAll(root)
	var running []*instance
	for i, d := range damages {
		dir := filepath.Join(root, string(rune('a'+i)))
		t.must(os.CopyFS(dir, os.DirFS(t.run.target.Model)) == nil, "the model in %s cannot be copied", t.run.target.Model)
		data, err := os.ReadFile(filepath.Join(dir, mlCard))
		t.must(err == nil, "the model has no %s: %v", mlCard, err)
		card := map[string]any{}
		t.must(json.Unmarshal(data, &card) == nil, "%s of the model is not JSON", mlCard)
		t.must(d.do(dir, card) == nil, "%s: the model cannot be changed so", d.what)
		in := t.spawn("the service with "+d.what, map[string]string{"MODEL_DIR": dir})
		in.strange = true
		running = append(running, in)
	}
	for i, in := range running {
		t.await(in, "/healthz")
		state := "loading"
		for limit := time.Now().Add(startLimit); strings.HasPrefix(state, "loading") && time.Now().Before(limit) && !in.exited(); time.Sleep(50 * time.Millisecond) {
			if a, err := in.client.try(t.ctx, req{method: "GET", path: "/readyz", quick: true}); err == nil {
				m := map[string]any{}
				_ = json.Unmarshal(a.body, &m)
				state = modelState(m)
			}
		}
		if !t.ok(!in.exited(), "%s: stopped by itself with exit %d: %s", in.label, in.exit, firstOf(in.stderr.text(), in.stdout.last())) {
			continue
		}
		state = modelState(t.problem(t.do(in, req{method: "GET", path: "/readyz"}), 503))
		t.ok(strings.HasPrefix(state, "failed: ") && strings.Contains(state, damages[i].says) && !strings.Contains(state, "\n"),
			"%s: /readyz says %q, want one line with %q", in.label, clip(state, 200), damages[i].says)
		t.status(t.do(in, req{method: "GET", path: "/healthz"}), 200)
		t.comeAgain(t.do(in, predictReq(inputs(flowers[0]), nil)))
		t.end(in)
	}
}
