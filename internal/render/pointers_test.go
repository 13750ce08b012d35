package render_test

import (
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/templates"
)

// What a decision says to watch out for names the file that deals with it: on
// every framework, and for every answer that brings a warning, that file is there.
func TestWarningsNameWhatIsThere(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	var workloads, buildings []string
	for _, k := range guide.Keys() {
		switch k.Name {
		case "workload":
			workloads = k.Values
		case "building":
			buildings = k.Values
		}
	}
	for _, fw := range c.Choices("framework") {
		t.Run(fw.ID, func(t *testing.T) {
			named, wrong := 0, map[string]bool{}
			for _, workload := range workloads {
				for _, building := range buildings {
					a := guide.Answers{Name: "app", Shape: guide.Single, Language: fw.Language(), Framework: fw.Value, Workload: workload, Building: []string{building}, Frontend: "javascript", Values: []string{"throughput"}}
					d, err := guide.Decide(a, guide.GuideMenu().With(plan.MenuOf(c)))
					if err != nil {
						continue // what is built rules this language out
					}
					d.Recommendation, _ = plan.Nearest(c, d)
					p, err := plan.Build(c, a, d, "test")
					if err != nil {
						t.Fatal(err)
					}
					files, _, err := render.Render(p)
					if err != nil {
						t.Fatal(err)
					}
					for _, w := range d.WatchOut {
						if w.File == "" {
							continue
						}
						named++
						if !there(files, w.File) && !wrong[w.What] {
							wrong[w.What] = true
							t.Errorf("with %s and %s: %q is dealt with in %s, which is not there", workload, building, w.What, w.File)
						}
					}
				}
			}
			if named == 0 {
				t.Error("no warning names a file")
			}
		})
	}
}
