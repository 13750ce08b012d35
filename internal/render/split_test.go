package render_test

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/templates"
)

// splits renders a pair for each two frameworks of the guide's two services, with
// the other choices varied.
func splits(t *testing.T) map[string]rendered {
	t.Helper()
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	menu := guide.GuideMenu().With(plan.MenuOf(c))
	of := func(kind, language string) []string {
		var out []string
		for _, l := range c.Choices(kind) {
			if l.Language() == language || l.Language() == "" {
				out = append(out, l.Value)
			}
		}
		return out
	}
	first, second := of("framework", "node"), of("framework", "python")
	pick := func(values []string, i int) string { return values[i%len(values)] }
	out := map[string]rendered{}
	n := 0
	for _, api := range first {
		for _, model := range second {
			a := guide.Answers{
				Name: "corner-shop", License: "MIT", Shape: guide.Split, Framework: api,
				Database: pick(of("database", ""), n), PM: pick(of("pm", "node"), n), ML: pick(of("ml", "python"), n),
				Services: map[string]guide.ServiceAnswers{"ml": {Framework: model, PM: pick(of("pm", "python"), n)}},
			}
			if n%2 == 1 {
				a.Feature = []string{"none"}
			}
			if n%4 == 0 {
				a.Goal = "learning"
				a.Feature = of("feature", "")
			}
			n++
			d, err := guide.Decide(a, menu)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Build(c, a, d, "test")
			if err != nil {
				t.Fatal(err)
			}
			files, _, err := render.Render(p)
			out[p.ID] = rendered{p, files, err}
		}
	}
	return out
}

// What the service with a model must not know of: those are the other one's.
var others = regexp.MustCompile(`(?i)DATABASE_URL|sqlite|postgres|/api/(notes|predictions)|\bnotes?\b`)

func TestSplits(t *testing.T) {
	contracts := map[string]string{}
	for id, r := range splits(t) {
		t.Run(id, func(t *testing.T) {
			if r.err != nil {
				t.Fatal(r.err)
			}
			checkDocuments(t, r.files)
			for _, f := range r.files.Files() {
				if strings.HasPrefix(f.Path, "services/ml/") && !strings.HasSuffix(f.Path, ".lock") {
					if found := others.FindString(string(f.Data)); found != "" {
						t.Errorf("%s holds %q", f.Path, found)
					}
				}
				if strings.HasPrefix(f.Path, "contracts/") {
					contracts[f.Path+"\n"+string(f.Data)] = id
				}
				if slices.Contains([]string{".py", ".ts", ".js", ".mjs"}, path.Ext(f.Path)) && strings.Contains(string(f.Data), "<%") {
					t.Errorf("%s holds a directive", f.Path)
				}
			}
			var services []struct {
				Name, Dir string
				Port      int
				Path      []string
				Install   [][]string
				Tasks     map[string][]struct{ Run []string }
			}
			if err := json.Unmarshal(r.files.Get("scripts/services.json").Data, &services); err != nil {
				t.Fatal(err)
			}
			for i, s := range services {
				if want := r.plan.Services[i]; s.Name != want.Name || s.Dir != want.Dir || s.Port != want.Port() || len(s.Install) == 0 {
					t.Errorf("scripts/services.json: %+v", s)
				}
				for _, task := range []string{"dev", "start", "test", "lint", "typecheck", "format-check"} {
					if len(s.Tasks[task]) == 0 {
						t.Errorf("scripts/services.json: %s has no %s", s.Name, task)
					}
				}
				// Only the last step of these may serve.
				for _, task := range []string{"dev", "start"} {
					if len(s.Tasks[task]) > 1 {
						t.Errorf("scripts/services.json: %s of %s has several steps", task, s.Name)
					}
				}
			}
		})
	}
	seen := map[string]bool{}
	for key := range contracts {
		name, _, _ := strings.Cut(key, "\n")
		if seen[name] {
			t.Errorf("%s is not the same in all pairs", name)
		}
		seen[name] = true
	}
	if !seen["contracts/ml.openapi.json"] {
		t.Error("there is no contract")
	}
}
