package render

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
	"golang.org/x/tools/txtar"
)

// catalog is a menu in one readable archive; files of a test are laid over it.
const catalog = `
-- base-repo/layer.toml --
format = 1
kind = "base"
label = "repository"
slots = ["readme", "code"]
-- base-repo/repo/README.md.tmpl --
# <% .Project.Title %>

<% slot "readme" %>

Run ` + "`<% command \"test\" %>`" + `.
-- base-repo/service/_gitignore --
*.log
-- node-fast/layer.toml --
format = 1
kind = "framework"
label = "Fast"
gives = ["node"]
exec = ["service/run.sh"]
[tasks]
test = [{ bin = "node", args = ["--test", "test/**/*.ts"] }]
[[env]]
key = "PORT"
default = "3000"
[[env]]
key = "ORIGIN"
default = '<% if eq .Answers.frontend "javascript" %>http://localhost:5173<% end %>'
-- node-fast/service/package.json.tmpl --
{ "name": <% json .Service.Package %>, "scripts": { "test": <% json (script "test") %> }, "dependencies": { "zebra": "^1.0.0" } }
-- node-fast/service/run.sh --
#!/bin/sh
-- node-fast/service/_gitignore --
node_modules/
*.log
-- node-fast/service/src/app.ts.tmpl --
export function app() {
<% if gives "notes" %>
  // {{ not a template }}
<% end %>
  <% slot "code" %>
}
-- node-fast/with/notes/service/src/routes.ts --
export {};
-- node-fast/slots/readme.md.tmpl --
Made with <% .Service.Framework.Label %> on port <% .Service.Port %>.
-- app-notes/layer.toml --
format = 1
kind = "app"
label = "notes"
needs = ["store"]
gives = ["notes"]
-- app-notes/slots/code.ts --
routes();

more();
-- orm-none/layer.toml --
format = 1
kind = "orm"
label = "none"
needs = ["sql"]
gives = ["store"]
-- db-lite/layer.toml --
format = 1
kind = "database"
label = "Lite"
gives = ["sql"]
-- db-lite/service/package.json --
{ "dependencies": { "lite": "^2.0.0" } }
-- pm-n/layer.toml --
format = 1
kind = "pm"
label = "n"
needs = ["node"]
[pm]
manifest = "package.json"
run = ["n", "run", "{script}"]
`

func files(archives ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for _, a := range archives {
		for _, f := range txtar.Parse([]byte(a)).Files {
			fs[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return fs
}

func single() guide.Service {
	return guide.Service{Name: "app", Language: "node", Framework: "fast", ORM: "none", Database: "lite", PM: "n"}
}

func generate(t *testing.T, a guide.Answers, s guide.Service, archives ...string) (*tree.Tree, *record.Record, error) {
	t.Helper()
	c, err := layer.Load(files(append([]string{catalog}, archives...)...), "test")
	if err != nil {
		return nil, nil, err
	}
	a.Name = "my-shop"
	p, err := plan.Build(c, a, &guide.Decision{Recommendation: guide.Recommendation{Shape: "single", Services: []guide.Service{s}}}, "1.0.0")
	if err != nil {
		return nil, nil, err
	}
	return Render(p)
}

func TestRender(t *testing.T) {
	tr, rec, err := generate(t, guide.Answers{Frontend: "javascript"}, single())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"README.md":     "# My Shop\n\nMade with Fast on port 3000.\n\nRun `n run test`.\n",
		"src/app.ts":    "export function app() {\n  // {{ not a template }}\n  routes();\n\n  more();\n}\n",
		"src/routes.ts": "export {};\n",
		"run.sh":        "#!/bin/sh\n",
		".gitignore":    "*.log\nnode_modules/\n",
	} {
		f := tr.Get(name)
		if f == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if got := string(f.Data); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
		if f.Exec != (name == "run.sh") {
			t.Errorf("%s: executable is %v", name, f.Exec)
		}
		if got := rec.Files[name]; !strings.HasSuffix(got, tree.BlobID(f.Data)) || strings.HasPrefix(got, "100755") != f.Exec {
			t.Errorf("%s is recorded as %q", name, got)
		}
	}
	manifest := string(tr.Get("package.json").Data)
	for _, want := range []string{`"name": "my-shop"`, `"test": "node --test \"test/**/*.ts\""`, `"lite": "^2.0.0"`} {
		if !strings.Contains(manifest, want) {
			t.Errorf("package.json has no %s:\n%s", want, manifest)
		}
	}
	if rec.ID != "node-fast.orm-none.db-lite.pm-n" || rec.Services[0].Env[1].Default != "http://localhost:5173" {
		t.Errorf("record: id %s, env %+v", rec.ID, rec.Services[0].Env)
	}
	back, err := record.Parse(tr.Get(record.FileName).Data)
	if err != nil || back.Services[0].Tasks["test"][0].Bin != "node" || len(back.Layers) != 6 {
		t.Errorf("the record in the tree does not read back: %v, %+v", err, back)
	}
	again, _, err := generate(t, guide.Answers{Frontend: "javascript"}, single())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tr.Files() {
		if g := again.Get(f.Path); g == nil || !bytes.Equal(f.Data, g.Data) {
			t.Errorf("%s differs from one rendering to the next", f.Path)
		}
	}
}

// A choice is a folder: what a layer brings is there with it and gone without
// it, and no Go names any of them.
func TestToyLayer(t *testing.T) {
	toy := `
-- node-toy/layer.toml --
format = 1
kind = "framework"
label = "Toy"
gives = ["node"]
-- node-toy/service/toy.ts --
toy
-- node-toy/service/_gitignore --
toys/
`
	s := single()
	s.Framework = "toy"
	tr, rec, err := generate(t, guide.Answers{}, s, toy)
	if err != nil {
		t.Fatal(err)
	}
	if tr.Get("toy.ts") == nil || tr.Get("src/app.ts") != nil || !strings.HasPrefix(rec.ID, "node-toy.") {
		t.Errorf("the toy framework made %d files, id %s", tr.Len(), rec.ID)
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"a key that is not there, by file and line", "node-fast/service/x.txt.tmpl", "one\n<% if true %>\n<% end %>\n<% .Projekt %>\n", "node-fast/service/x.txt.tmpl:4:"},
		{"an unknown function, by file and line", "node-fast/service/x.txt.tmpl", "one\n\n<% now %>\n", `node-fast/service/x.txt.tmpl:3: function "now" not defined`},
		{"a slot that the plan does not have", "node-fast/service/x.txt.tmpl", "<% slot \"nope\" %>\n", `no layer of the plan has a slot "nope"`},
		{"output without bound", "node-fast/service/x.txt.tmpl", "<% range until 9999 %><% repeat 1000 \"x\" %><% end %>", "renders to more than"},
		{"a loop without bound", "node-fast/service/x.txt.tmpl", "<% range until 100000 %>x<% end %>", "more than 10000 steps"},
		{"two scalars for one key, naming both layers", "db-lite/service/package.json", `{ "dependencies": { "zebra": "^2.0.0" } }`, "zebra"},
		{"a fault in a piece, by its own file and line", "node-fast/slots/readme.md.tmpl", "one\n<% .Nope %>\n", "node-fast/slots/readme.md.tmpl:2:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := generate(t, guide.Answers{}, single(), "-- "+tt.file+" --\n"+tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// Nothing of the machine, the clock or chance can reach a rendered file.
func TestFunctionsAreHermetic(t *testing.T) {
	for _, name := range []string{"env", "expandenv", "now", "date", "randAlpha", "uuidv4", "getHostByName", "genPrivateKey", "bcrypt", "shuffle", "osBase"} {
		if _, ok := baseFuncs[name]; ok {
			t.Errorf("templates can call %s", name)
		}
	}
}

func TestVanish(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a condition's lines go", "a\n<% if true %>\nb\n<% end %>\nc\n", "a\nb\nc\n"},
		{"what is not chosen goes with its lines", "a\n  <% if false %>\n  b\n  <% else %>\n  d\n  <% end %>\nc\n", "a\n  d\nc\n"},
		{"several directives on a line", "a\n<% if true %><% if true %>\nb\n<% end %><% end %>\n", "a\nb\n"},
		{"a comment", "a\n<%/* why */%>\nb\n", "a\nb\n"},
		{"a value keeps its line", "a\n<% .Project.Name %>\nb\n", "a\nmy-shop\nb\n"},
		{"text keeps its line", "a <% if true %>b<% end %>\n", "a b\n"},
		{"a variable", "<% $x := .Project.Name %>\n<% $x %>!\n", "my-shop!\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &scope{view: &View{Project: Project{Name: "my-shop"}}, service: &ServiceView{}}
			got, err := s.execute("t", []byte(tt.in))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func TestTidy(t *testing.T) {
	for _, tt := range []struct{ name, file, in, want string }{
		{"blanks at line ends and at both ends of the file", "a.py", "\n\na  \n\t\nb\n\n\n", "a\n\nb\n"},
		{"two blank lines stay in code", "a.py", "a\n\n\n\n\nb", "a\n\n\nb\n"},
		{"one in Markdown, but not inside a fence", "a.md", "a\n\n\nb\n```\nx\n\n\ny\n```\n", "a\n\nb\n```\nx\n\n\ny\n```\n"},
	} {
		if got := string(tidy(tt.file, []byte(tt.in))); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
