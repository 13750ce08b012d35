package cli

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// What the flags say reaches run, and nothing else does.
func TestNewFlags(t *testing.T) {
	for _, c := range []struct {
		args  string
		check func(*newOptions, guide.Answers) bool
	}{
		{"shop", func(o *newOptions, a guide.Answers) bool { return o.Path == "shop" && !o.Yes && a.Knows == "" }},
		{"", func(o *newOptions, a guide.Answers) bool { return o.Path == "" }},
		{"-y --knows both --building api,ml --building data", func(o *newOptions, a guide.Answers) bool {
			return o.Yes && a.Knows == "both" && slices.Equal(a.Building, []string{"api", "ml", "data"})
		}},
		{"--run --port 8080", func(o *newOptions, a guide.Answers) bool { return o.Run && o.Port == 8080 }},
		{"--into --no-git --no-install --json --dry-run", func(o *newOptions, a guide.Answers) bool {
			return o.Into && o.NoGit && o.NoInstall && o.JSON && o.DryRun
		}},
		{"--resume shop", func(o *newOptions, a guide.Answers) bool { return o.Resume && o.Path == "shop" }},
		{"--feature none --ml-framework flask", func(o *newOptions, a guide.Answers) bool {
			return slices.Equal(a.Feature, []string{"none"}) && a.Services["ml"].Framework == "flask"
		}},
	} {
		ran := false
		cmd := newCmdNew(Streams{}, func(o *newOptions) error {
			ran = true
			a, err := o.Answers(guide.Answers{})
			if err != nil {
				return err
			}
			if !c.check(o, a) {
				t.Errorf("%q: got %+v and %+v", c.args, o, a)
			}
			return nil
		})
		cmd.SetArgs(strings.Fields(c.args))
		if err := cmd.Execute(); err != nil || !ran {
			t.Errorf("%q: ran %v, %v", c.args, ran, err)
		}
	}
	for _, args := range []string{"a b", "--port 80", "--run --port 70000", "--run --json", "--run --dry-run", "--run --no-install", "--resume --into", "--resume --dry-run", "--resume --no-install", "--resume --answers x"} {
		cmd := newCmdNew(Streams{}, func(*newOptions) error { t.Errorf("%q: ran", args); return nil })
		cmd.SetArgs(strings.Fields(args))
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		if err := cmd.Execute(); !hint.IsMisuse(err) || hint.Next(err) == "" {
			t.Errorf("%q: %v is no misuse with a next step", args, err)
		}
	}
}

func TestPlaceAt(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	os.MkdirAll("full/sub", 0o755)
	os.Mkdir("empty", 0o755)
	os.WriteFile("file", nil, 0o644)
	os.Symlink("nowhere", "dangling")
	os.Symlink("full", "link")
	os.Symlink("empty", "link-to-empty")
	for _, c := range []struct {
		path  string
		into  bool
		fault string // "" where it can be
	}{
		{"shop", false, ""},
		{"a/b/shop", false, ""},
		{"empty", false, ""},
		{"empty/", false, ""},
		{"full", false, "not empty"},
		{"full/", false, "not empty"},
		{"link", false, "not empty"},
		{"full", true, ""},
		{"link", true, ""},
		{"link-to-empty", false, "is a symbolic link"},
		{"link-to-empty/", false, "is a symbolic link"},
		{"link-to-empty", true, ""},
		{"empty", true, ""},
		{"shop", true, "does not exist"},
		{".", false, "not empty"},
		{"file", false, "not a folder"},
		{"file/shop", false, "not a folder"},
		{"file/a/b", true, "not a folder"},
		{"dangling", false, "a link to nothing"},
		{"aux", false, "device"},
		{"a/aux/b", false, "device"},
		{"shop/..", false, "not empty"},
		{strings.Repeat("a", 300), false, "longer than 255"},
		{strings.Repeat("a", 300), false, "longer than 255"},
	} {
		p, err := placeAt(c.path, c.into)
		if c.fault == "" {
			if err != nil {
				t.Errorf("%s (into %v): %v", c.path, c.into, err)
			} else if want, _ := filepath.Abs(c.path); p.path != want || p.name() != filepath.Base(want) {
				t.Errorf("%s: got %s", c.path, p.path)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.fault) || !hint.IsMisuse(err) || hint.Next(err) == "" {
			t.Errorf("%s (into %v): got %v, want %q with a next step", c.path, c.into, err, c.fault)
		}
	}
	for _, name := range []string{"shop", "a"} {
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("looking has made %s", name)
		}
	}
}

func TestCheckDependencies(t *testing.T) {
	node := `{"dependencies": {"zod": "^4"}, "devDependencies": {"@types/node": "^24", "oxlint": "*"}}`
	python := "[project]\ndependencies = [\"psycopg[binary]>=3.2\", \"SQLAlchemy ~= 2.1; python_version > '3'\"]\n[dependency-groups]\ndev = [\"pytest-cov\", {include-group = \"x\"}]\n"
	for _, c := range []struct {
		manifest, data, name string
		clash                bool
	}{
		{"package.json", node, "shop", false},
		{"package.json", node, "zod", true},
		{"package.json", node, "oxlint", true},
		{"package.json", node, "node", false},
		{"pyproject.toml", python, "shop", false},
		{"pyproject.toml", python, "psycopg", true},
		{"pyproject.toml", python, "sqlalchemy", true},
		{"pyproject.toml", python, "pytest_cov", true},
		{"pyproject.toml", python, "pytest", false},
		{"go.mod", "module zod", "zod", false},
	} {
		tr := &tree.Tree{}
		tr.Put(&tree.File{Path: "services/api/" + c.manifest, Data: []byte(c.data)})
		r := &record.Record{Name: c.name, Services: []record.Service{{Dir: "services/api", Package: c.name, Manager: record.Manager{Manifest: c.manifest}}}}
		if err := checkDependencies(tr, r); (err != nil) != c.clash {
			t.Errorf("%s in %s: %v", c.name, c.manifest, err)
		}
	}
}

// Where a choice has no layer, the nearest stands in its place and the reasons
// tell so; where all have layers nothing changes.
func TestNearestTo(t *testing.T) {
	catalog, menu, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	d, err := guide.Decide(guide.Answers{Language: "python", Framework: "fastapi", ORM: "sqlalchemy", PM: "uv", Database: "sqlite", Feature: []string{"ci"}}, menu)
	if err != nil {
		t.Fatal(err)
	}
	same, changes, err := nearestTo(catalog, menu, guide.Answers{}, d)
	if err != nil || same != d || changes != nil {
		t.Errorf("all is there, but got %v, %v, %v", same, changes, err)
	}

	far := *d
	far.Recommendation.Services = slices.Clone(d.Recommendation.Services)
	s := &far.Recommendation.Services[0]
	s.Framework, s.Features = "starlight", []string{"ci", "teleport"}
	far.Reasons = []guide.Reason{{Rule: "shines", Kind: "framework", Favours: "starlight", Because: "It shines.", Weight: 2}, {Rule: "reads", Kind: "language", Favours: "python", Because: "It reads well.", Weight: 2}}
	near, changes, err := nearestTo(catalog, menu, guide.Answers{}, &far)
	if err != nil {
		t.Fatal(err)
	}
	got := near.Recommendation.Services[0]
	if catalog.Find("framework", got.Framework, "python") == nil || !slices.Equal(got.Features, []string{"ci"}) {
		t.Errorf("got %+v", got)
	}
	if len(changes) != 2 || !strings.Contains(changes[0].line, "instead of starlight, which has no layer yet") || !strings.Contains(changes[1].line, "teleport is left out") {
		t.Errorf("changes: %q", lines(changes))
	}
	for i, a := range []guide.Answers{{Framework: "starlight"}, {Feature: []string{"ci", "teleport"}}, {Services: map[string]guide.ServiceAnswers{"api": {Framework: "starlight"}}}, {Framework: "fastapi", ORM: "starlight"}, {}} {
		if got := changes[0].saidIn(a) || changes[1].saidIn(a); got != (i < 3) {
			t.Errorf("%+v: chosen by the person: %v", a, got)
		}
	}
	if len(near.Reasons) != 1 || near.Reasons[0].Rule != "reads" {
		t.Errorf("reasons: %+v", near.Reasons)
	}
	if len(near.Against) < 3 || near.Against[2].Rule != "shines" || near.Against[0].Because != changes[0].line {
		t.Errorf("against: %+v", near.Against)
	}
	if far.Recommendation.Services[0].Framework != "starlight" || len(far.Reasons) != 2 {
		t.Errorf("the decision itself was changed: %+v", far.Recommendation)
	}
	if _, err := plan.Build(catalog, guide.Answers{}, near, Version); err != nil {
		t.Errorf("the nearest cannot be built: %v", err)
	}

	// Every combination of the questions that turn the decision leads somewhere.
	for _, knows := range []string{"", "javascript", "python", "both", "neither"} {
		for _, building := range []string{"", "api", "realtime", "content", "ml", "data"} {
			a := guide.Answers{Name: "app", Knows: knows}
			if building != "" {
				a.Building = []string{building, "realtime"}
			}
			d, err := guide.Decide(a, menu)
			if err != nil {
				t.Errorf("%s, %s: %v", knows, building, err)
				continue
			}
			if _, _, err := nearestTo(catalog, menu, a, d); err != nil {
				t.Errorf("%s, %s: %v", knows, building, err)
			}
		}
	}
}

func TestAgain(t *testing.T) {
	o := &newOptions{Into: true, NoGit: true}
	got := o.again(guide.Answers{Name: "shop", Knows: "both", Building: []string{"api", "ml"}, Feature: []string{"none"}, License: "MIT"}, &place{given: "My $hop", path: "/x/My $hop"})
	want := `fingerpost new 'My $hop' --knows both --building api,ml --feature none --name shop --license MIT --into --no-git --yes`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPrintTree(t *testing.T) {
	rows := []tree.Row{
		{Path: ".fingerpost.toml", Size: 12, Mode: "100644"},
		{Path: "a/b/c.txt", Size: 1500, Mode: "100644", From: []string{"base-repo"}},
		{Path: "a/b/run.sh", Size: 3, Mode: "100755", From: []string{"base-repo", "base-node", "base-repo"}},
		{Path: "a/d.txt", Size: 0, Mode: "100644", From: []string{"base-node"}},
		{Path: "e/d.txt", Size: 1, Mode: "100644", From: []string{"base-repository", "base-node", "feature-docker"}},
	}
	for width, want := range map[int]string{50: `  .fingerpost.toml    12 B  the record
  a/
    b/
      c.txt         1.5 kB  base-repo
      run.sh*          3 B  base-repo, base-node
    d.txt              0 B  base-node
  e/
    d.txt              1 B  base-repository,
                            base-node,
                            feature-docker
`, 24: `  .fingerpost.toml    12 B
    the record
  a/
    b/
      c.txt         1.5 kB
        base-repo
      run.sh*          3 B
        base-repo,
        base-node
    d.txt              0 B
      base-node
  e/
    d.txt              1 B
      base-repository,
      base-node,
      feature-docker
`} {
		var b strings.Builder
		printTree(&b, width, rows)
		if b.String() != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", width, &b, want)
		}
	}
}

func TestSpelledLicense(t *testing.T) {
	for said, want := range map[string]string{"": "", "mit": "MIT", "MIT": "MIT", "apache-2.0": "Apache-2.0", "NONE": "none"} {
		if got, err := spelledLicense(said); err != nil || got != want {
			t.Errorf("%q: %q, %v", said, got, err)
		}
	}
	if _, err := spelledLicense("MTI"); !hint.IsMisuse(err) || !strings.Contains(err.Error(), `did you mean "MIT"?`) {
		t.Errorf("MTI: %v", err)
	}
}

// Whatever was answered, the flags say it again.
func TestFlagsSayEveryAnswer(t *testing.T) {
	_, menu, err := loadMenu()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var a guide.Answers
		for _, k := range guide.Keys() {
			values := k.Values
			switch {
			case k.Menu:
				values = append(menu.Values(k.Name), values...)
			case k.Name == "license":
				values = licenses()
			case k.Name == "name":
				values = []string{"shop", "my-shop"}
			}
			if len(values) == 0 {
				t.Fatalf("%s has no values", k.Name)
			}
			var picked []string
			for _, v := range values {
				if rng.IntN(2) == 0 && (k.Many || len(picked) == 0) {
					picked = append(picked, v)
				}
			}
			if len(picked) > 0 && rng.IntN(3) > 0 {
				a.Set(k.Name, picked)
			}
			if k.Menu && !k.Many && rng.IntN(4) == 0 {
				a.SetFor("ml", k.Name, values[:1])
			}
		}
		once, err := settled(a)
		if err != nil {
			t.Fatalf("%q: %v", a.Args(), err)
		}
		var got guide.Answers
		cmd := newCmdNew(Streams{}, func(o *newOptions) (err error) {
			got, err = o.Answers(guide.Answers{})
			return err
		})
		cmd.SetArgs(once.Args())
		if err := cmd.Execute(); err != nil {
			t.Fatalf("%q: %v", once.Args(), err)
		}
		if want := once.Map(); !reflect.DeepEqual(got.Map(), want) {
			t.Fatalf("%q:\ngot  %v\nwant %v", once.Args(), got.Map(), want)
		}
		if len(a.Services) == 0 && !reflect.DeepEqual(once.Map(), a.Map()) {
			t.Fatalf("settling changes %v into %v", a.Map(), once.Map())
		}
	}
}
