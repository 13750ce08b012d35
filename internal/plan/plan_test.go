package plan

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
)

func catalog(t *testing.T) *layer.Catalog {
	t.Helper()
	fs := fstest.MapFS{}
	for id, manifest := range map[string]string{
		"base-repo":     "kind = \"base\"\nlabel = \"repository\"",
		"node-fast":     "kind = \"framework\"\nlabel = \"Fast\"\ngives = [\"node\"]\n[tasks]\ntest = [{ bin = \"a\" }]\n[[env]]\nkey = \"PORT\"\ndefault = \"3000\"\n[[tools]]\nname = \"node\"\nrange = \">=22\"",
		"python-quick":  "kind = \"framework\"\nlabel = \"Quick\"\ngives = [\"python\"]",
		"orm-map":       "kind = \"orm\"\nlabel = \"Map\"\nneeds = [\"node\", \"sql\"]\ngives = [\"store\"]\n[tasks]\ntest = [{ bin = \"b\" }]\n[[tools]]\nname = \"node\"\nrange = \"<27\"",
		"orm-none":      "kind = \"orm\"\nlabel = \"none\"\nneeds = [\"sql\"]\ngives = [\"store\"]",
		"db-lite":       "kind = \"database\"\nlabel = \"Lite\"\ngives = [\"sql\"]",
		"pm-n":          "kind = \"pm\"\nlabel = \"n\"\nneeds = [\"node\"]\n[pm]\nmanifest = \"package.json\"\ninstall = [[\"n\", \"lock\"], [\"n\", \"add\", \"all\"]]",
		"pm-p":          "kind = \"pm\"\nlabel = \"p\"\nneeds = [\"python\"]\n[pm]\nmanifest = \"pyproject.toml\"",
		"feature-boxes": "kind = \"feature\"\nlabel = \"Boxes\"\n[[commands]]\nbegins = [\"n\", \"add\"]\nargs = [\"--from\", \"there\"]",
		"feature-again": "kind = \"feature\"\nlabel = \"Again\"",
	} {
		fs[id+"/layer.toml"] = &fstest.MapFile{Data: []byte("format = 1\n" + manifest + "\n")}
	}
	fs["node-fast/with/workload-compute/layer.toml"] = &fstest.MapFile{Data: []byte("[tasks]\ncount = [{ bin = \"c\" }]\n")}
	c, err := layer.Load(fs, "test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decided(shape string, services ...guide.Service) *guide.Decision {
	return &guide.Decision{Recommendation: guide.Recommendation{Shape: shape, Services: services}}
}

func node(features ...string) guide.Service {
	return guide.Service{Name: "app", Language: "node", Framework: "fast", ORM: "map", Database: "lite", PM: "n", Features: features}
}

func TestBuildGathersRowsInLayerOrder(t *testing.T) {
	p, err := Build(catalog(t), guide.Answers{Name: "shop", License: "none"}, decided("single", node("boxes", "again")), "1")
	if err != nil {
		t.Fatal(err)
	}
	s := p.Services[0]
	if p.ID != "node-fast.orm-map.db-lite.pm-n+again+boxes" || s.Port() != 3000 || p.License != "" || s.Dir != "." {
		t.Errorf("id %s, port %d, license %q, dir %s", p.ID, s.Port(), p.License, s.Dir)
	}
	if steps := s.Rows.Tasks["test"]; len(steps) != 2 || steps[0].Bin != "a" || steps[1].Bin != "b" {
		t.Errorf("test runs %+v", steps)
	}
	if len(s.Rows.Tools) != 1 || s.Rows.Tools[0].Range != ">=22 <27" {
		t.Errorf("tools: %+v", s.Rows.Tools)
	}
}

// Another layer's words get into the manager's commands that begin so, and stay
// out of the catalog.
func TestManagerWithMoreWords(t *testing.T) {
	c := catalog(t)
	for _, features := range [][]string{{"boxes"}, nil} {
		p, err := Build(c, guide.Answers{Name: "shop"}, decided("single", node(features...)), "1")
		if err != nil {
			t.Fatal(err)
		}
		want := "n lock|n add all"
		if features != nil {
			want = "n lock|n add --from there all"
		}
		if got := strings.Join(record.Lines(p.Services[0].Manager().Install), "|"); got != want {
			t.Errorf("with %v: %s", features, got)
		}
	}
}

// A layer joins by an answer as by another layer's word; an answer that no layer
// waits for is not a word of the service.
func TestBuildByAnAnswer(t *testing.T) {
	for workload, joins := range map[string]bool{"compute": true, "io": false, "": false} {
		a := guide.Answers{Name: "shop", Workload: workload, Values: []string{"throughput"}}
		p, err := Build(catalog(t), a, decided("single", node()), "1")
		if err != nil {
			t.Fatal(err)
		}
		s := p.Services[0]
		if got := len(s.Rows.Tasks["count"]) == 1; got != joins || s.Gives("workload-compute") != joins || s.Gives("workload-io") || s.Gives("values-throughput") {
			t.Errorf("workload %q: joined is %v; words %q", workload, got, s.Words())
		}
	}
}

func TestBuildSplit(t *testing.T) {
	api, ml := node(), guide.Service{Name: "ml", Language: "python", Framework: "quick", PM: "p"}
	api.Name = "api"
	p, err := Build(catalog(t), guide.Answers{Name: "shop"}, decided("split", api, ml), "1")
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "node-fast.orm-map.db-lite.pm-n~python-quick.pm-p" || p.Services[1].Dir != "services/ml" || p.Services[1].Package != "shop-ml" || !p.Services[1].Gives("split") {
		t.Errorf("id %s, second service %+v", p.ID, p.Services[1])
	}
}

func TestBuildNamesWhatIsMissing(t *testing.T) {
	s := node("boxes", "radio")
	s.ORM = "grand"
	_, err := Build(catalog(t), guide.Answers{}, decided("single", s), "1")
	var missing *MissingError
	if !errors.As(err, &missing) || !slices.Equal(missing.Missing, []Missing{{"app", "orm", "grand"}, {"app", "feature", "radio"}}) {
		t.Fatalf("got %v", err)
	}
	rec, changes := Nearest(catalog(t), decided("single", s))
	if got := rec.Services[0]; got.ORM != "map" || !slices.Equal(got.Features, []string{"boxes"}) || len(changes) != 2 {
		t.Errorf("nearest: %+v, changes %q", got, changes)
	}
	if _, err := Build(catalog(t), guide.Answers{}, &guide.Decision{Recommendation: rec}, "1"); err != nil {
		t.Errorf("the nearest cannot be built: %v", err)
	}
}

// A service that nothing can make is left out, and the other stands alone.
func TestNearestOfASplit(t *testing.T) {
	api, ml := node(), guide.Service{Name: "ml", Language: "python", Framework: "quick", PM: "p", ML: "forest"}
	api.Name = "api"
	rec, changes := Nearest(catalog(t), decided("split", api, ml))
	if rec.Shape != "single" || len(rec.Services) != 1 || rec.Services[0].Name != "app" || len(changes) != 1 {
		t.Errorf("got %+v, %q", rec, changes)
	}
}

func TestSingleListsTheMatrix(t *testing.T) {
	var got []string
	for _, r := range Single(catalog(t), []string{"boxes"}) {
		p, err := Build(catalog(t), guide.Answers{}, &guide.Decision{Recommendation: r}, "1")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.ID)
	}
	if want := []string{"node-fast.orm-map.db-lite.pm-n+boxes", "node-fast.orm-none.db-lite.pm-n+boxes", "python-quick.orm-none.db-lite.pm-p+boxes"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// What decides and composes stays a pure function: it cannot reach a terminal,
// git or the command line.
func TestImports(t *testing.T) {
	const module = "github.com/fingerpost/fingerpost/internal/"
	for _, pkg := range []string{"guide", "plan", "render"} {
		out, err := exec.Command("go", "list", "-deps", module+pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		deps := strings.Fields(string(out))
		if !slices.Contains(deps, module+pkg) {
			t.Fatalf("go list told nothing about %s", pkg)
		}
		for _, bad := range []string{"cli", "ask", "gitrepo", "run", "toolchain", "verify"} {
			if slices.Contains(deps, module+bad) {
				t.Errorf("%s imports %s", pkg, bad)
			}
		}
		for _, bad := range []string{"github.com/AlecAivazis/survey/v2", "github.com/go-git/go-git/v5"} {
			if slices.Contains(deps, bad) {
				t.Errorf("%s imports %s", pkg, bad)
			}
		}
	}
}
