package render_test

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/templates"
	"github.com/pelletier/go-toml/v2"
)

// A trace is something by which a choice would be known in a project that did
// not make it. All of them come from the layers' own manifests and fragments.
type trace struct {
	kind string // package, dependency, file, command, setting, name
	text string
}

// What is excused, where, and why. One that is not needed is an error.
var excused = []struct {
	path, text, reason string
	used               bool
}{
	{path: ".github/workflows/ci.yml", text: "npm", reason: "comes with Node.js, and installs the other managers there"},
	{path: "Dockerfile", text: "npm", reason: "comes with Node.js, and installs the other managers there"},
	{path: ".github/dependabot.yml", text: "npm", reason: "is Dependabot's name for every registry client of Node.js"},
	{path: ".github/workflows/ci.yml", text: "pip", reason: "comes with Python, and installs the other managers there"},
	{path: "Dockerfile", text: "pip", reason: "comes with Python, and installs the other managers there"},
	{path: "test*/live.*", text: "ws", reason: "is the path of the WebSocket"},
	{path: "src/realtime/*.ts", text: "ws", reason: "is the path of the WebSocket"},
	{path: "config/urls.py", text: "ws", reason: "is the path of the WebSocket"},
	{path: ".github/dependabot.yml", text: "pip", reason: "is Dependabot's name for Poetry too"},
}

// excuse tells whether a trace may stand in a file.
func excuse(name string, tr trace) bool {
	for i := range excused {
		e := &excused[i]
		if ok, _ := path.Match(e.path, name); ok && e.text == tr.text {
			e.used = true
			return true
		}
	}
	return false
}

// Nothing of a choice that was not made is left in any file: no package, no
// file, no command, no setting and no mention.
func TestNoLeftovers(t *testing.T) {
	s := newSearch(t)
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		for _, l := range s.leftovers(p, files) {
			t.Error(l)
		}
	})
	for _, e := range excused {
		if !e.used {
			t.Errorf("%q need not be excused in %s", e.text, e.path)
		}
	}
}

// Each kind of leftover is found, wherever it stands.
func TestLeftoversAreFound(t *testing.T) {
	s := newSearch(t)
	var p *plan.Plan
	var files *tree.Tree
	projects(t, func(_ *testing.T, q *plan.Plan, f *tree.Tree) {
		if p == nil && q.Services[0].Language() == "node" && q.Services[0].Gives("sqlite") {
			p, files = q, f
		}
	})
	if p == nil {
		t.Fatal("no project to plant into")
	}
	if l := s.leftovers(p, files); len(l) > 0 {
		t.Fatalf("found before anything is planted: %v", l)
	}
	manifest := string(files.Get("package.json").Data)
	for _, plant := range []struct{ what, name, data, found string }{
		{"a package", "package.json", strings.Replace(manifest, `"pino"`, `"pg": "^8.0.0", "pino"`, 1), "pg"},
		{"an import", "src/x.py", "import psycopg\n", "psycopg"},
		{"a file", "poetry.toml", "[virtualenvs]\n", "poetry.toml"},
		{"the name of a file", "README.md", "See `pnpm-workspace.yaml`.\n", "pnpm-workspace.yaml"},
		{"a command", "README.md", "Run `uv run pytest`.\n", "uv"},
		{"a setting", ".env.example", "DATABASE_POOL_SIZE=10\n", "DATABASE_POOL_SIZE"},
		{"a mention in a comment", "src/app.ts", "// PostgreSQL orders differently.\n", "PostgreSQL"},
		{"a server", "compose.yaml", "services:\n  postgres:\n", "postgres"},
	} {
		t.Run(plant.what, func(t *testing.T) {
			old := files.Get(plant.name)
			files.Put(&tree.File{Path: plant.name, Data: []byte(plant.data)})
			found := s.leftovers(p, files)
			if !slices.ContainsFunc(found, func(l string) bool {
				return strings.HasPrefix(l, plant.name+":") && strings.Contains(l, `"`+plant.found+`"`)
			}) {
				t.Errorf("not found; found %q", found)
			}
			files.Delete(plant.name)
			if old != nil {
				files.Put(old)
			}
		})
	}
}

// A search knows the traces of every part of every layer, and remembers which
// of them a text holds: most files are the same in many projects.
type search struct {
	catalog *layer.Catalog
	traces  map[*layer.Part][]trace
	all     []trace
	seen    map[string][]trace
}

func newSearch(t *testing.T) *search {
	t.Helper()
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	s := &search{catalog: c, traces: map[*layer.Part][]trace{}, seen: map[string][]trace{}}
	known := map[trace]bool{}
	for _, l := range c.Layers() {
		for _, pt := range l.Parts {
			s.traces[pt] = traces(t, l, pt)
			for _, tr := range s.traces[pt] {
				if !known[tr] {
					known[tr] = true
					s.all = append(s.all, tr)
				}
			}
		}
	}
	return s
}

// leftovers are the places where a file of the project holds a trace of a part
// that did not join, and that no part that joined has as well.
func (s *search) leftovers(p *plan.Plan, files *tree.Tree) []string {
	own := map[string]bool{}
	joined := map[string]bool{} // by layer and part: the plan has a catalog of its own
	for _, svc := range p.Services {
		for _, l := range svc.Layers {
			for _, pt := range svc.Parts(l) {
				joined[l.ID+"/"+pt.Name] = true
			}
		}
	}
	for _, l := range s.catalog.Layers() {
		for _, pt := range l.Parts {
			if joined[l.ID+"/"+pt.Name] {
				for _, tr := range s.traces[pt] {
					own[tr.text] = true
				}
			}
		}
	}
	by := map[trace]string{}
	for _, l := range s.catalog.Layers() {
		for _, pt := range l.Parts {
			if joined[l.ID+"/"+pt.Name] {
				continue
			}
			for _, tr := range s.traces[pt] {
				if !own[tr.text] {
					by[tr] = strings.TrimSuffix(l.ID+"/"+pt.Name, "/")
				}
			}
		}
	}
	var out []string
	for _, f := range files.Files() {
		if f.Path == record.FileName || strings.HasPrefix(f.Path, "docs/decisions/") {
			continue // they tell of the choice, and so of what was not chosen
		}
		for tr, from := range by {
			if tr.kind == "file" && (tr.text == f.Path || tr.text == path.Base(f.Path)) {
				out = append(out, fmt.Sprintf("%s: the file %q is of %s", f.Path, tr.text, from))
			}
		}
		for _, tr := range s.in(string(f.Data)) {
			if from, other := by[tr]; other && !excuse(f.Path, tr) {
				out = append(out, fmt.Sprintf("%s: the %s %q is of %s", f.Path, tr.kind, tr.text, from))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// in lists the traces that a text holds.
func (s *search) in(text string) []trace {
	if found, ok := s.seen[text]; ok {
		return found
	}
	found := []trace{}
	for _, tr := range s.all {
		if tr.in(text) {
			found = append(found, tr)
		}
	}
	s.seen[text] = found
	return found
}

// in tells whether a text holds the trace as a word of its own.
func (tr trace) in(text string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], tr.text)
		if i < 0 {
			return false
		}
		i += at
		at = i + 1
		before, after := around(text, i-1), around(text, i+len(tr.text))
		if wordByte(before) || wordByte(after) {
			continue
		}
		switch tr.kind {
		case "package": // not a part of another package's name
			if strings.ContainsRune("@/-.", rune(before)) || strings.ContainsRune("/-", rune(after)) {
				continue
			}
		case "dependency": // many are ordinary words: as it stands in a manifest or an import
			if !strings.ContainsRune("\"'`", rune(before)) || strings.ContainsRune("/-. ", rune(after)) {
				continue
			}
		}
		return true
	}
}

func around(text string, i int) byte {
	if i < 0 || i >= len(text) {
		return 0
	}
	return text[i]
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// requirement is a package's name at the start of a Python requirement.
var requirement = regexp.MustCompile(`^[A-Za-z0-9._-]+`)

// traces are those of one part.
func traces(t *testing.T, l *layer.Layer, pt *layer.Part) []trace {
	var out []trace
	add := func(kind string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				out = append(out, trace{kind, text})
			}
		}
	}
	add("package", pt.Packages...)
	for _, f := range pt.Files {
		switch {
		case f.Path == "package.json" && !f.Template:
			var m struct {
				Dependencies    map[string]string
				DevDependencies map[string]string
			}
			if err := json.Unmarshal(f.Data, &m); err != nil {
				t.Fatalf("%s: %v", f.Source, err)
			}
			for _, deps := range []map[string]string{m.Dependencies, m.DevDependencies} {
				for name := range deps {
					add("dependency", name)
				}
			}
		case f.Path == "pyproject.toml" && !f.Template:
			var m struct {
				Project struct{ Dependencies []string }
				Groups  map[string][]string `toml:"dependency-groups"`
			}
			if err := toml.Unmarshal(f.Data, &m); err != nil {
				t.Fatalf("%s: %v", f.Source, err)
			}
			for _, list := range append([][]string{m.Project.Dependencies}, m.Groups["dev"]) {
				for _, r := range list {
					add("dependency", requirement.FindString(r))
				}
			}
		}
		// A file at the root is configuration; one deeper is code, whose names
		// layers share.
		if path.Dir(f.Path) == "." {
			add("file", f.Path)
		}
	}
	for _, steps := range pt.Tasks {
		for _, st := range steps {
			add("command", st.Bin)
		}
	}
	for _, tool := range pt.Tools {
		add("command", tool.Name)
	}
	for _, e := range pt.Env {
		add("setting", e.Key)
	}
	for _, b := range pt.Backing {
		add("name", b.Name, b.Image)
	}
	if pt.Name != "" {
		return out
	}
	if m := l.Manager; m != nil {
		add("file", m.Manifest)
		add("file", m.Lock...)
		add("command", l.Value)
		for _, argv := range append([][]string{m.Exec, m.Run}, m.Install...) {
			if len(argv) > 0 && !strings.Contains(argv[0], "/") {
				add("command", argv[0])
			}
		}
	}
	// Names of one word; those of several, and none, are not looked for.
	switch l.Kind {
	case "base":
		if l.Language() != "" {
			add("name", l.Label)
		}
	case "framework", "orm", "database", "pm", "ml":
		if l.Value != "none" {
			add("name", l.Value)
		}
		if !strings.Contains(l.Label, " ") {
			add("name", l.Label)
		}
	}
	return out
}
