package render_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/templates"
)

// A rendered is one project of the menu.
type rendered struct {
	plan  *plan.Plan
	files *tree.Tree
	err   error
}

// everyProject renders every combination of the real menu, and some of them with
// each ML library, with all features and with none, for a person who said much
// and for one who said nothing: once for all tests, which leave each tree as it
// was.
var everyProject = sync.OnceValues(func() ([]rendered, error) {
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		return nil, err
	}
	menu := guide.GuideMenu().With(plan.MenuOf(c))
	var features []string
	for _, l := range c.Choices("feature") {
		features = append(features, l.Value)
	}
	var out []rendered
	menus := c.Menus(nil)
	for i, chosen := range c.Menus(nil) {
		for j, ml := range c.Choices("ml") {
			with := append(slices.Clone(chosen), ml)
			if _, err := c.Resolve(with); err == nil && i%5 == j {
				menus = append(menus, with)
			}
		}
	}
	for _, chosen := range menus {
		for _, said := range []guide.Answers{
			{Name: "corner-shop", License: "MIT", Goal: "learning", Knows: "both", Building: []string{"api"}, Workload: "io", Frontend: "javascript", Values: []string{"structure"}, Feature: features},
			{Name: "corner-shop", Feature: []string{"none"}},
		} {
			said.Shape = guide.Single
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
				case "ml":
					said.ML = l.Value
				}
			}
			d, err := guide.Decide(said, menu)
			if err != nil {
				return nil, err
			}
			p, err := plan.Build(c, said, d, "test")
			if err != nil {
				return nil, err
			}
			files, _, err := render.Render(p)
			out = append(out, rendered{p, files, err})
		}
	}
	return out, nil
})

// projects calls each for every project.
func projects(t *testing.T, each func(t *testing.T, p *plan.Plan, files *tree.Tree)) {
	t.Helper()
	all, err := everyProject()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("the menu is empty")
	}
	for _, r := range all {
		t.Run(r.plan.ID, func(t *testing.T) {
			if r.err != nil {
				t.Fatal(r.err)
			}
			each(t, r.plan, r.files)
		})
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ .*\n+(#+ .*)?`)
	fence    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	fileName = regexp.MustCompile("`([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?)`")
)

// Documents that a person reads name only what is there: every link leads to a
// file, every heading has text under it, and every path of the layout exists.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		checkDocuments(t, files)
		for _, w := range p.Decision.WatchOut {
			if w.File != "" && !there(files, w.File) {
				t.Errorf("the decision (%s) names %s, which is not there", w.Rule, w.File)
			}
		}
	})
}

func checkDocuments(t *testing.T, files *tree.Tree) {
	t.Helper()
	for _, f := range files.Files() {
		if path.Ext(f.Path) != ".md" {
			continue
		}
		text := fence.ReplaceAllString(string(f.Data), "(code)")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path.Join(path.Dir(f.Path), m[1])
			if !there(files, target) {
				t.Errorf("%s links to %s, which is not there", f.Path, target)
			}
		}
		for _, m := range heading.FindAllStringSubmatch(text, -1) {
			if m[1] != "" && strings.Count(strings.Fields(m[0])[0], "#") >= strings.Count(strings.Fields(m[1])[0], "#") {
				t.Errorf("%s has nothing between %q", f.Path, m[0])
			}
		}
		if strings.Contains(text, "\n\n\n") {
			t.Errorf("%s has two blank lines in a row", f.Path)
		}
		for _, left := range []string{"<%", "%>", "<no value>", "TODO"} {
			if strings.Contains(string(f.Data), left) {
				t.Errorf("%s holds %q", f.Path, left)
			}
		}
		for _, line := range section(text, "## Layout") {
			if !strings.HasPrefix(line, "- ") {
				continue
			}
			names, _, _ := strings.Cut(line, ":")
			found := fileName.FindAllStringSubmatch(names, -1)
			if len(found) == 0 {
				t.Errorf("%s: no path in the layout's %q", f.Path, line)
			}
			for _, m := range found {
				if !there(files, path.Join(path.Dir(f.Path), m[1])) {
					t.Errorf("%s: the layout names %s, which is not there", f.Path, m[1])
				}
			}
		}
	}
}

// What was not chosen is not mentioned: not by name in what a person reads on
// the first day, not as an empty piece of configuration.
func TestNothingOfChoicesNotMade(t *testing.T) {
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		s := p.Services[0]
		words := map[string][]string{
			"docker": {"docker", "Dockerfile", "compose"}, "ci": {"GitHub Actions", "ci.yml", "## CI", "Dependabot"},
			"postgres": {"ostgre", "max_connections", "POOL_SIZE"}, "sqlite": {"SQLite", "sqlite", "app.db"},
			"node": {"Node.js", "npm", "package.json"}, "python": {"Python", "python", ".venv", "pyproject"},
		}
		for _, name := range []string{"README.md", "AGENTS.md", ".env.example", ".gitignore", ".dockerignore"} {
			f := files.Get(name)
			if f == nil {
				continue
			}
			for word, names := range words {
				if s.Gives(word) {
					continue
				}
				for _, n := range names {
					if strings.Contains(string(f.Data), n) {
						t.Errorf("%s names %s, though %s was not chosen", name, n, word)
					}
				}
			}
		}
		for _, gone := range []struct {
			word  string
			files []string
		}{{"docker", []string{"Dockerfile", "compose.yaml", ".dockerignore"}}, {"ci", []string{".github"}}} {
			for _, name := range gone.files {
				if there(files, name) != s.Gives(gone.word) {
					t.Errorf("%s is there: %v, %s was chosen: %v", name, there(files, name), gone.word, s.Gives(gone.word))
				}
			}
		}
		if got, want := there(files, "LICENSE"), p.License != ""; got != want {
			t.Errorf("LICENSE is there: %v, a license was chosen: %v", got, want)
		}
		if got, want := there(files, "docs/tour.md"), p.Answers.Goal == "learning"; got != want {
			t.Errorf("docs/tour.md is there: %v, learning is the goal: %v", got, want)
		}
	})
}

// Every setting stands in .env.example with its value for development, and in
// README's table.
func TestSettingsAreDocumented(t *testing.T) {
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		example, readme := string(files.Get(".env.example").Data), string(files.Get("README.md").Data)
		for _, e := range p.Services[0].Rows.Env {
			if !regexp.MustCompile(`(?m)^` + e.Key + `=`).MatchString(example) {
				t.Errorf(".env.example has no %s", e.Key)
			}
			if !strings.Contains(readme, "| `"+e.Key+"`") {
				t.Errorf("README.md has no row for %s", e.Key)
			}
			if e.Comment == "" {
				t.Errorf("the setting %s has no comment", e.Key)
			}
		}
	})
}

// there tells whether a path is a file of the tree or a folder in it.
func there(files *tree.Tree, name string) bool {
	if files.Get(name) != nil {
		return true
	}
	for _, f := range files.Files() {
		if strings.HasPrefix(f.Path, name+"/") {
			return true
		}
	}
	return false
}

// section gives the lines below a heading, up to the next.
func section(text, title string) []string {
	_, after, ok := strings.Cut(text, title+"\n")
	if !ok {
		return nil
	}
	body, _, _ := strings.Cut(after, "\n#")
	return strings.Split(body, "\n")
}
