//go:build unix

package verify

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
	"golang.org/x/tools/txtar"
)

// toyContract is what the two doubles have agreed on.
const toyContract = `{
  "components": {
    "schemas": {
      "Features": {
        "properties": {
          "petalLength": {
            "type": "number"
          }
        },
        "required": [
          "petalLength"
        ]
      },
      "PredictionResponse": {
        "properties": {
          "modelVersion": {
            "type": "string"
          },
          "predictions": {
            "items": {
              "enum": [
                "setosa",
                "versicolor"
              ]
            }
          }
        },
        "required": [
          "modelVersion",
          "predictions"
        ]
      }
    }
  },
  "paths": {
    "/v1/predict": {
      "post": {
        "responses": {
          "200": {}
        }
      }
    }
  }
}
`

// pairMenu loads the layers of the toy split with one text in them replaced.
func pairMenu(t *testing.T, file, old, new string) *layer.Catalog {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "pair.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var exec []string
	for name := range toyPrograms {
		exec = append(exec, `"service/bin/`+name+`"`)
	}
	slices.Sort(exec)
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		text := string(f.Data)
		if f.Name == file {
			if strings.Count(text, old) != 1 {
				t.Fatalf("%s: %q is there %d times, want once", file, old, strings.Count(text, old))
			}
			text = strings.Replace(text, old, new, 1)
		}
		text = strings.Replace(text, "CONTRACT\n", toyContract, 1)
		text = strings.Replace(text, "EXEC\n", "exec = ["+strings.Join(exec, ", ")+"]\n", 1)
		files[f.Name] = &fstest.MapFile{Data: []byte(text)}
		if folder, is := strings.CutSuffix(f.Name, "/service/manifest.txt"); is {
			for name, text := range toyPrograms {
				files[folder+"/service/bin/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
		}
	}
	c, err := layer.Load(fs.FS(files), "toy")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// provePair proves the toy's one split with some of the checks.
func provePair(t *testing.T, c *layer.Catalog, l *ledger.Ledger, checks ...string) *Outcome {
	t.Helper()
	services, _ := probe.SuiteOf(true, true, false)
	both, _ := probe.PairSuite()
	some := slices.DeleteFunc(slices.Concat(services, both), func(c probe.Check) bool { return !slices.Contains(checks, c.ID) })
	outcomes, _, err := All(t.Context(), AllOptions{Catalog: c, Ledger: l, Scratch: t.TempDir(), Only: []string{"*~*"}, suite: some})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != 1 || outcomes[0].Error != "" {
		t.Fatalf("%+v", outcomes)
	}
	return outcomes[0]
}

// TestPairIsProven: each service of a split is proven by its own steps and the
// suite that fits it, then the contract and the two together; the evidence says
// so, and a second run finds the same.
func TestPairIsProven(t *testing.T) {
	t.Parallel()
	c := pairMenu(t, "", "", "")
	checks := []string{"health", "create", "ml-predict", "pair-down", "pair-predict"}
	out := provePair(t, c, &ledger.Ledger{}, checks...)
	if !out.OK() {
		t.Fatalf("%s: %s", out.Result, reasons(out.Evidence))
	}
	e := out.Evidence
	var got []string
	for _, check := range e.Checks {
		got = append(got, check.Service+" "+check.ID+" "+check.Result)
	}
	want := []string{
		"api health passed", "api create passed", "api ml-predict not-applicable",
		"ml health passed", "ml create not-applicable", "ml ml-predict passed",
		" pair-down passed", " pair-predict passed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("checks are\n%q, want\n%q", got, want)
	}
	steps := map[string]ledger.Step{}
	for _, s := range e.Steps {
		steps[s.Service+" "+s.Name] = s
	}
	for _, name := range []string{"api install", "api test", "api migrate", "api probe", "ml install", "ml train", "ml probe", " contract", " pair"} {
		if steps[name].Result != ledger.Passed {
			t.Errorf("the step %q is %q: %s", name, steps[name].Result, steps[name].Reason)
		}
	}
	if note := steps[" contract"].Note; note != "refused by both: a renamed field, a removed field, a new required field, a changed enum, a changed status" {
		t.Errorf("of the contract: %q", note)
	}
	if _, digest := probe.PairSuite(); e.Digests.Suite != digest || e.Shape != "split" || len(e.Services) != 2 || e.Services[1].ML == "" || e.Services[0].ORM == "" {
		t.Errorf("the evidence is of %s: %+v by %s", e.Shape, e.Services, e.Digests.Suite)
	}
	dir := t.TempDir()
	if err := e.Write(dir); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := (&AllOptions{Catalog: c, Ledger: l, Only: []string{"*~*"}}).list()
	if err != nil || len(list) != 1 || list[0].status.State != ledger.Proven {
		t.Errorf("after the proof the ledger says %+v, %v", list, err)
	}
	// What is missing in a second run is told with the service that it is of.
	e.Checks[5].Result = ledger.Failed
	e.Checks[7].Count *= 3
	if differs := ledger.Compare(e, mustLoad(t, dir).Get(out.ID)); len(differs) != 2 {
		t.Errorf("a result and a count that differ: %q", differs)
	}
}

func mustLoad(t *testing.T, dir string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestBrokenPair: what is wrong between two services turns the run red, with the
// step or the check that says so.
func TestBrokenPair(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"a contract that one side does not look at", "node-toy/service/says.txt", "contract! cmp", "contract: cmp", "contract: api: the contract has a renamed field"},
		{"a contract that is another one", "python-snake/service/says.txt", "contract! cmp", "contract! ! cmp", "contract: ml: "},
		{"no check of the contract", "app-ml-client/layer.toml", `"contract:check" = [{ bin = "check", args = ["contract"] }]`, "", "contract: api: the project does not say how"},
		{"a client that knows no cap", "node-toy/layer.toml", `ASKS = "1"`, `ASKS = "1", DEFECT = "pair-blames-itself"`, "pair-refused: "},
		{"a service that does not answer before it ends", "python-snake/layer.toml", `PREDICTIONS = "1" } }]`, `PREDICTIONS = "1", DEFECT = "exit-code" } }]`, "pair-sigterm-ml: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := provePair(t, pairMenu(t, c.file, c.old, c.new), &ledger.Ledger{}, "health", "pair-refused", "pair-sigterm-ml")
			if out.OK() || out.Result != ledger.Failed {
				t.Fatalf("the run is %s", out.Result)
			}
			if r := reasons(out.Evidence); !strings.Contains(r, c.want) {
				t.Errorf("failed with %s; want %s", r, c.want)
			}
		})
	}
}
