package render_test

import (
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
}
