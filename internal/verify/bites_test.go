package verify

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/templates"
	"github.com/pelletier/go-toml/v2"
)

// biteFile is one file under testdata/bites: defects for one real service.
type biteFile struct {
	Framework string `toml:"framework"`
	ORM       string `toml:"orm"`
	PM        string `toml:"pm"`
	Bite      []bite `toml:"bite"`
}

// A bite is one hunk: a text that stands once in a file, and what takes its
// place.
type bite struct {
	Check    string   `toml:"check"`    // that the defect is there for
	Fails    []string `toml:"fails"`    // every check that has to see it; Check alone if empty
	Database string   `toml:"database"` // sqlite if empty
	File     string   `toml:"file"`
	Find     string   `toml:"find"`
	Replace  string   `toml:"replace"`
}

func (b bite) fails() []string {
	if len(b.Fails) == 0 {
		return []string{b.Check}
	}
	out := slices.Clone(b.Fails)
	slices.Sort(out)
	return out
}

func (b bite) database() string {
	if b.Database == "" {
		return "sqlite"
	}
	return b.Database
}

// bitten are the files with defects, by the services that they are put into.
var bitten = []string{"fastify", "fastapi"}

func readBites(t *testing.T, name string) biteFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "bites", name+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	var f biteFile
	d := toml.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// combination is the service that the defects go into, on a database.
func (f biteFile) combination(t *testing.T, database string) *matrix.Combination {
	t.Helper()
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	language := c.Find("framework", f.Framework, "").Language()
	m, err := matrix.Of(c, guide.Recommendation{Shape: "single", Services: []guide.Service{{
		Name: "app", Language: language, Framework: f.Framework, ORM: f.ORM, PM: f.PM, Database: database, Features: []string{"ci", "docker"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestBitesApply keeps the defects applicable as the templates move: every
// hunk still fits once into the rendered service, and every check has one in
// each language. Whether they bite takes the real runtimes: see the tier
// realtools.
func TestBitesApply(t *testing.T) {
	known := map[string]bool{}
	for _, c := range probe.Suite() {
		known[c.ID] = true
	}
	for _, name := range bitten {
		f := readBites(t, name)
		has := map[string]bool{}
		trees := map[string]*tree.Tree{}
		for _, database := range []string{"sqlite", "postgres"} {
			rendered, _, err := f.combination(t, database).Render()
			if err != nil {
				t.Fatal(err)
			}
			trees[database] = rendered
		}
		for _, b := range f.Bite {
			has[b.Check] = true
			for _, id := range append(b.fails(), b.Check) {
				if !known[id] {
					t.Errorf("%s: there is no check %q", name, id)
				}
			}
			if !slices.Contains(b.fails(), b.Check) {
				t.Errorf("%s: the defect for %s does not fail it", name, b.Check)
			}
			file := trees[b.database()].Get(b.File)
			if file == nil {
				t.Errorf("%s, %s: there is no %s", name, b.Check, b.File)
				continue
			}
			if n := strings.Count(string(file.Data), b.Find); n != 1 {
				t.Errorf("%s, %s: %q stands %d times in %s, want once", name, b.Check, b.Find, n, b.File)
			}
		}
		for id := range known {
			if !has[id] {
				t.Errorf("%s: no defect for %s", name, id)
			}
		}
	}
}
