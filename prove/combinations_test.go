package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/templates"
)

// What fingerpost generates has no finding, whatever is chosen.
func TestEveryCombinationIsSound(t *testing.T) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	menu := guide.GuideMenu().With(plan.MenuOf(c))
	for _, chosen := range c.Menus(nil) {
		for _, features := range [][]string{{"docker", "ci"}, {"docker"}, {"ci"}} {
			said := guide.Answers{Name: "corner-shop", Shape: guide.Single, Frontend: "javascript", Feature: features}
			for _, l := range chosen {
				switch l.Kind {
				case "framework":
					said.Language, said.Framework = l.Language(), l.Value
				case "orm":
					said.ORM = l.Value
				case "database":
					said.Database = l.Value
				case "pm":
					said.PM = l.Value
				}
			}
			d, err := guide.Decide(said, menu)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Build(c, said, d, "test")
			if err != nil {
				t.Fatal(err)
			}
			t.Run(p.ID, func(t *testing.T) {
				files, _, err := render.Render(p)
				if err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				for _, f := range files.Files() {
					path := filepath.Join(dir, filepath.FromSlash(f.Path))
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, f.Data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				found, checked, err := prove(dir)
				if err != nil {
					t.Fatal(err)
				}
				if want := 2 * len(features); checked != want {
					t.Errorf("%d files were checked, not %d", checked, want)
				}
				for _, f := range found {
					t.Error(f)
				}
			})
		}
	}
}
