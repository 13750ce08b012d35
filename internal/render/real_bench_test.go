package render_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/templates"
)

// BenchmarkProject is the road from the embedded layers to a whole project in
// memory, by step.
func BenchmarkProject(b *testing.B) {
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := layer.Load(templates.FS, "builtin"); err != nil {
				b.Fatal(err)
			}
		}
	})
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		b.Fatal(err)
	}
	d, err := guide.Decide(guide.Answers{Language: "node"}, guide.GuideMenu().With(plan.MenuOf(c)))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("render", func(b *testing.B) {
		for b.Loop() {
			p, err := plan.Build(c, guide.Answers{Name: "shop"}, d, "1")
			if err != nil {
				b.Fatal(err)
			}
			if _, _, err := render.Render(p); err != nil {
				b.Fatal(err)
			}
		}
	})
	// Every combination of the menu with every set of features.
	b.Run("menu", func(b *testing.B) {
		var features []string
		for _, l := range c.Choices("feature") {
			features = append(features, l.Value)
		}
		var all []guide.Recommendation
		for set := range 1 << len(features) {
			var chosen []string
			for i, f := range features {
				if set>>i&1 == 1 {
					chosen = append(chosen, f)
				}
			}
			all = append(all, plan.Single(c, chosen)...)
		}
		for b.Loop() {
			var wg sync.WaitGroup
			for worker := range runtime.NumCPU() {
				wg.Go(func() {
					for i := worker; i < len(all); i += runtime.NumCPU() {
						one := *d
						one.Recommendation = all[i]
						p, err := plan.Build(c, guide.Answers{Name: "shop"}, &one, "1")
						if err == nil {
							_, _, err = render.Render(p)
						}
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		}
		b.ReportMetric(float64(len(all)), "projects")
	})
}
