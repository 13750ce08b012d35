package layer

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// menu is a small catalog in the layer format: two frameworks of two
// languages, an ORM, no ORM, a database and a manager for each language.
func menu() fstest.MapFS {
	fs := fstest.MapFS{}
	add := func(id, manifest string, files ...string) {
		fs[id+"/layer.toml"] = &fstest.MapFile{Data: []byte("format = 1\n" + manifest)}
		for _, f := range files {
			fs[id+"/"+f] = &fstest.MapFile{Data: []byte(f + " of " + id + "\n")}
		}
	}
	add("base-repo", "kind = \"base\"\nlabel = \"repository\"\nslots = [\"readme\"]", "repo/README.txt", "service/_gitignore")
	add("base-js", "kind = \"base\"\nlabel = \"js\"\nneeds = [\"node\"]", "service/package.json")
	add("node-fast", "kind = \"framework\"\nlabel = \"Fast\"\ngives = [\"node\"]", "service/src/app.ts", "with/notes/service/src/routes.ts", "slots/readme.md")
	add("python-quick", "kind = \"framework\"\nlabel = \"Quick\"\ngives = [\"python\"]", "service/app/__init__.py")
	add("app-notes", "kind = \"app\"\nlabel = \"notes\"\nneeds = [\"store\"]\ngives = [\"notes\"]")
	add("orm-map", "kind = \"orm\"\nlabel = \"Map\"\nneeds = [\"node\", \"sql\"]\ngives = [\"store\"]", "service/src/store.ts")
	add("orm-none", "kind = \"orm\"\nlabel = \"none\"\nneeds = [\"sql\"]\ngives = [\"store\"]", "with/node/service/src/store.ts")
	add("db-lite", "kind = \"database\"\nlabel = \"Lite\"\ngives = [\"sql\"]")
	add("pm-n", "kind = \"pm\"\nlabel = \"n\"\nneeds = [\"node\"]\n[pm]\nmanifest = \"package.json\"")
	add("pm-p", "kind = \"pm\"\nlabel = \"p\"\nneeds = [\"python\"]\n[pm]\nmanifest = \"pyproject.toml\"")
	return fs
}

func mustLoad(t *testing.T, fs fstest.MapFS) *Catalog {
	t.Helper()
	c, err := Load(fs, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoadOrdersByKindThenID(t *testing.T) {
	c := mustLoad(t, menu())
	if got, want := ids(c.Layers()), "base-js, base-repo, node-fast, python-quick, app-notes, orm-map, orm-none, db-lite, pm-n, pm-p"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	l := c.Find("framework", "fast", "")
	if l.Language() != "node" || !slices.Contains(l.Gives, "fast") || !strings.HasPrefix(l.Digest, "sha256:") {
		t.Errorf("fast: language %q, gives %v, digest %q", l.Language(), l.Gives, l.Digest)
	}
	if l := c.Find("pm", "n", "python"); l != nil {
		t.Errorf("a manager of another language was found: %s", l.ID)
	}
	for _, l := range c.Layers() {
		for _, p := range l.Parts {
			for _, f := range p.Files {
				if strings.HasPrefix(f.Path, "_g") || f.Path == "app/..init__.py" {
					t.Errorf("%s is written as %s", f.Source, f.Path)
				}
			}
		}
	}
}

func TestDigestFollowsEveryFile(t *testing.T) {
	before := mustLoad(t, menu()).ByID("node-fast").Digest
	fs := menu()
	fs["node-fast/with/notes/service/src/routes.ts"].Data = []byte("changed\n")
	if mustLoad(t, fs).ByID("node-fast").Digest == before {
		t.Error("a change in a with/ folder left the digest as it was")
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"an unknown key, by line and with the one that was meant", "orm-map/layer.toml", "format = 1\nkind = \"orm\"\nlabel = \"x\"\nneed = [\"node\"]\n", `orm-map/layer.toml:4: unknown key "need" (did you mean "needs"?)`},
		{"broken TOML, by line", "orm-map/layer.toml", "format = 1\nkind =\n", "orm-map/layer.toml:2:"},
		{"an unknown kind", "orm-map/layer.toml", "format = 1\nkind = \"form\"\nlabel = \"x\"\n", `unknown kind "form" (did you mean "orm"?)`},
		{"a newer format", "orm-map/layer.toml", "format = 2\nkind = \"orm\"\nlabel = \"x\"\n", "format is 2"},
		{"a need that nobody gives", "orm-map/layer.toml", "format = 1\nkind = \"orm\"\nlabel = \"x\"\nneeds = [\"nodd\"]\n", `needs "nodd", which no layer gives (did you mean "node"?)`},
		{"a slot that nobody has", "node-fast/slots/raedme.md", "x", `no layer has a slot "raedme" (did you mean "readme"?)`},
		{"a with/ word that nobody gives", "node-fast/with/noets/service/x.ts", "x", `no layer and no answer gives "noets" (did you mean "notes"?)`},
		{"a with/ word that no answer says", "node-fast/with/workload-computer/service/x.ts", "x", `gives "workload-computer" (did you mean "workload-compute"?)`},
		{"a file outside the places", "node-fast/src/app.ts", "x", "node-fast/src/app.ts: not a place for a file"},
		{"two owners of one text file", "base-js/service/src/app.ts", "x", "both write src/app.ts"},
		{"a framework of no language", "node-fast/layer.toml", "format = 1\nkind = \"framework\"\nlabel = \"x\"\n", "a framework gives exactly one of node, python"},
		{"a manager without its table", "pm-n/layer.toml", "format = 1\nkind = \"pm\"\nlabel = \"x\"\n", "a [pm] table belongs"},
		{"an executable that is not there", "node-fast/layer.toml", "format = 1\nkind = \"framework\"\nlabel = \"x\"\ngives = [\"node\"]\nexec = [\"service/run.sh\"]\n", `exec names "service/run.sh"`},
		{"a step that runs nothing", "node-fast/layer.toml", "format = 1\nkind = \"framework\"\nlabel = \"x\"\ngives = [\"node\"]\n[tasks]\ntest = [{ args = [\"x\"] }]\n", "tasks.test: a step without bin"},
		{"a folder without layer.toml", "odd-one/service/x.ts", "x", "odd-one: no layer.toml"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fs := menu()
			fs[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			_, err := Load(fs, "test")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// The same path in layers that can never meet is no collision.
func TestLoadAllowsPathsThatNeverMeet(t *testing.T) {
	fs := menu()
	fs["python-quick/service/src/app.ts"] = &fstest.MapFile{Data: []byte("x")}
	mustLoad(t, fs)
}

func TestReplacesIsSaidOpenly(t *testing.T) {
	fs := menu()
	fs["db-lite/service/src/app.ts"] = &fstest.MapFile{Data: []byte("x")}
	if _, err := Load(fs, "test"); err == nil {
		t.Fatal("taking over a file without saying so was allowed")
	}
	fs["db-lite/layer.toml"].Data = append(fs["db-lite/layer.toml"].Data, "\n[[replaces]]\nlayer = \"node-fast\"\npath = \"service/src/app.ts\"\n"...)
	mustLoad(t, fs)
}

func TestResolveJoinsAndChecks(t *testing.T) {
	c := mustLoad(t, menu())
	pick := func(names ...string) (out []*Layer) {
		for _, n := range names {
			out = append(out, c.ByID(n))
		}
		return out
	}
	s, err := c.Resolve(pick("node-fast", "orm-none", "db-lite", "pm-n"), "single")
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(s.Layers); got != "base-js, base-repo, node-fast, app-notes, orm-none, db-lite, pm-n" {
		t.Errorf("layers: %s", got)
	}
	if !s.Gives("notes") || !s.Gives("single") || s.Gives("python") {
		t.Errorf("words: %v", s.Words())
	}
	for _, tt := range []struct {
		want   string
		chosen []*Layer
	}{
		{"Map needs node", pick("python-quick", "orm-map", "db-lite", "pm-p")},
		{"none needs sql", pick("node-fast", "orm-none", "pm-n")},
		{"a service has one framework", pick("node-fast", "python-quick")},
	} {
		if _, err := c.Resolve(tt.chosen); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	var menus []string
	for _, m := range c.Menus(nil) {
		menus = append(menus, ids(m))
	}
	if got := strings.Join(menus, "; "); got != "node-fast, orm-map, db-lite, pm-n; node-fast, orm-none, db-lite, pm-n; python-quick, orm-none, db-lite, pm-p" {
		t.Errorf("menus: %s", got)
	}
}

// TestBare: a framework's hello-world is files and the step that starts them,
// and no part of a project.
func TestBare(t *testing.T) {
	manifest := "format = 1\nkind = \"framework\"\nlabel = \"Fast\"\ngives = [\"node\"]\n"
	step := "[bare]\nbin = \"node\"\nargs = [\"bare/hello.js\"]\n"
	hello := &fstest.MapFile{Data: []byte("// hello\n")}
	c, err := Load(fstest.MapFS{"node-fast/layer.toml": {Data: []byte(manifest + step)}, "node-fast/bare/hello.js": hello}, "test")
	if err != nil {
		t.Fatal(err)
	}
	l := c.ByID("node-fast")
	if len(l.Bare.Files) != 1 || l.Bare.Files[0].Path != "hello.js" || l.Bare.Run.Bin != "node" || len(l.Parts[0].Files) != 0 {
		t.Errorf("%+v, and %d files of the project", l.Bare, len(l.Parts[0].Files))
	}
	for name, files := range map[string]fstest.MapFS{
		"a step without files": {"node-fast/layer.toml": {Data: []byte(manifest + step)}},
		"files without a step": {"node-fast/layer.toml": {Data: []byte(manifest)}, "node-fast/bare/hello.js": hello},
	} {
		if _, err := Load(files, "test"); err == nil || !strings.Contains(err.Error(), "both or neither") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
