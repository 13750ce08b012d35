package render_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/templates"
	"golang.org/x/tools/txtar"
)

// toys are three new choices, each a folder.
const toys = `
-- node-toy/layer.toml --
format = 1
kind = "framework"
label = "Toy"
hint = "a framework of one file"
gives = ["node", "http"]
slots = ["toy-routes"]
packages = ["toy"]

[tasks]
dev = [{ bin = "toy", args = ["--watch"] }]
start = [{ bin = "toy" }]
test = [{ bin = "toy", args = ["--test"] }]
-- node-toy/service/package.json --
{ "dependencies": { "toy": "^1.0.0" } }
-- node-toy/service/src/server.ts.tmpl --
import { toy } from 'toy';

toy(process.env, (route) => {
  <% slot "toy-routes" %>
});
-- node-toy/with/notes/slots/toy-routes --
route('/api/notes', notes);
-- orm-blocks/layer.toml --
format = 1
kind = "orm"
label = "Blocks"
hint = "an ORM of one file"
needs = ["node", "sql"]
gives = ["store"]
packages = ["blocks"]

[tasks]
migrate = [{ bin = "blocks", args = ["up"] }]
-- orm-blocks/with/toy/service/package.json --
{ "dependencies": { "blocks": "^2.0.0" } }
-- orm-blocks/with/toy/service/src/db/blocks.ts --
export const blocks = [];
-- pm-box/layer.toml --
format = 1
kind = "pm"
label = "Box"
hint = "a manager of one file"
needs = ["node"]

[pm]
manifest = "package.json"
lock = ["box.lock"]
bin_dirs = ["node_modules/.bin"]
modules = "node_modules"
relock = [["box", "lock"]]
install = [["box", "fill"]]
install_frozen = [["box", "fill", "--as-locked"]]
install_prod = [["box", "fill", "--as-locked", "--small"]]
run = ["box", "play", "{script}"]
exec = ["box", "with", "{bin}"]
cache = "~/.box"

[[tools]]
name = "box"
range = ">=1"
version = "1.2.3"
npm = "box"
bin = "bin/box.js"
`

// A framework, an ORM and a package manager that nobody has heard of are on the
// menu, stand together with the real choices and make a project, because their
// folders are there: no Go says their names.
func TestToyChoices(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, templates.FS); err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(toys)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := layer.Load(os.DirFS(dir), "toys")
	if err != nil {
		t.Fatal(err)
	}
	menu := guide.GuideMenu().With(plan.MenuOf(c))
	said := guide.Answers{Name: "shop", Shape: guide.Single, Language: "node", Framework: "toy", ORM: "blocks", Database: "sqlite", PM: "box", Feature: []string{"docker", "ci"}}
	d, err := guide.Decide(said, menu)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(c, said, d, "test")
	if err != nil {
		t.Fatal(err)
	}
	files, rec, err := render.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := "node-toy.orm-blocks.db-sqlite.pm-box+ci+docker"; rec.ID != want {
		t.Errorf("the id is %s, want %s", rec.ID, want)
	}
	for name, wants := range map[string][]string{
		"src/server.ts":            {"route('/api/notes', notes);"},
		"src/db/blocks.ts":         {"blocks"},
		"package.json":             {`"toy": "^1.0.0"`, `"blocks": "^2.0.0"`, `"migrate": "blocks up"`},
		"README.md":                {"notes API on Toy, with SQLite and Blocks", "box fill", "box play migrate", "- box 1 or newer"},
		"Dockerfile":               {"npm install --global box@1.2.3", "COPY package.json box.lock ./", "target=/root/.box box fill --as-locked --small"},
		".github/workflows/ci.yml": {"path: ~/.box", "run: box fill --as-locked", "run: box play test"},
		".fingerpost.toml":         {"node-toy", "orm-blocks", "pm-box"},
	} {
		f := files.Get(name)
		if f == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(string(f.Data), want) {
				t.Errorf("%s has no %q:\n%s", name, want, f.Data)
			}
		}
	}
	// The new choices also stand with the old ones, wherever these fit.
	for _, id := range []string{"node-toy", "orm-blocks", "pm-box"} {
		n := 0
		for _, chosen := range c.Menus(nil) {
			if slices.ContainsFunc(chosen, func(l *layer.Layer) bool { return l.ID == id }) {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%s stands in %d combinations", id, n)
		}
	}
}
