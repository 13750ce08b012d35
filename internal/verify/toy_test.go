//go:build unix

package verify

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/verify/double"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
	"golang.org/x/tools/txtar"
)

func TestMain(m *testing.M) {
	if os.Getenv("DOUBLE_KIND") == "hello" {
		hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
		fmt.Fprintln(os.Stderr, http.ListenAndServe(net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")), hello))
		os.Exit(1)
	}
	if os.Getenv("DOUBLE_KIND") != "" {
		os.Exit(double.Main(os.Args[1:]))
	}
	pauses = []time.Duration{time.Millisecond, time.Millisecond}
	// Most of a proof is waiting, so more can run at once than there are cores.
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", "16")
	}
	os.Exit(m.Run())
}

// toyPrograms are what the toy's manager would install; they call the double,
// which is this test binary, and say what the file says.txt tells them to.
var toyPrograms = map[string]string{
	"double":  "#!/bin/sh\nexec '" + os.Args[0] + "' \"$@\"\n",
	"lock":    "#!/bin/sh\necho locked > lock.txt\n",
	"install": "#!/bin/sh\nsed -n 's/^install: //p' says.txt\nsed -n 's/^install! //p' says.txt | sh\n",
	"check":   "#!/bin/sh\nsed -n \"s/^$1: //p\" says.txt\nsed -n \"s/^$1! //p\" says.txt | sh\n",
}

// toyMenu loads the toy's layers with one text in them replaced, as somebody
// breaks a template; no replacement breaks nothing. More are further layers:
// the name of each, and its layer.toml.
func toyMenu(t *testing.T, file, old, new string, more ...string) *layer.Catalog {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "toy.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		text := string(f.Data)
		if f.Name == file {
			if strings.Count(text, old) != 1 {
				t.Fatalf("%s: %q is there %d times, want once", file, old, strings.Count(text, old))
			}
			text = strings.Replace(text, old, new, 1)
		}
		files[f.Name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i := 0; i < len(more); i += 2 {
		files[more[i]+"/layer.toml"] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	// Programs are executable files of the manager's layer.
	var exec []string
	for name, text := range toyPrograms {
		files["pm-toy/service/bin/"+name] = &fstest.MapFile{Data: []byte(text)}
		exec = append(exec, `"service/bin/`+name+`"`)
	}
	slices.Sort(exec)
	pm := files["pm-toy/layer.toml"]
	pm.Data = []byte(strings.Replace(string(pm.Data), "needs = [\"node\"]\n", "needs = [\"node\"]\nexec = ["+strings.Join(exec, ", ")+"]\n", 1))
	c, err := layer.Load(fs.FS(files), "toy")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// proveToy proves the toy's one combination.
func proveToy(t *testing.T, c *layer.Catalog, l *ledger.Ledger, suite []probe.Check) *Outcome {
	t.Helper()
	outcomes, left, err := All(t.Context(), AllOptions{Catalog: c, Ledger: l, Scratch: t.TempDir(), suite: suite})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != 1 || len(left) != 0 {
		t.Fatalf("%d outcomes and %d left, want one and none", len(outcomes), len(left))
	}
	if outcomes[0].Error != "" {
		t.Fatal(outcomes[0].Error)
	}
	return outcomes[0]
}

// TestToyIsProven runs a whole proof, writes its evidence and reads it again:
// the combination is then proven, and a second run finds the same.
func TestToyIsProven(t *testing.T) {
	t.Parallel()
	c := toyMenu(t, "", "", "")
	out := proveToy(t, c, &ledger.Ledger{}, nil)
	if !out.OK() {
		t.Fatalf("%s: %s", out.Result, reasons(out.Evidence))
	}
	dir := t.TempDir()
	if err := out.Evidence.Write(dir); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	e := l.Get(out.ID)
	if s := l.Status(out.ID, e.Digests.Tree, e.Digests.Suite); s.State != ledger.Proven {
		t.Errorf("after the proof the ledger says: %s", s.Line)
	}
	if s := l.Status(out.ID, "sha256:other", e.Digests.Suite); s.State != ledger.Stale {
		t.Errorf("with another tree the ledger says: %s", s.Line)
	}
	for _, c := range []struct {
		rows *ledger.Ledger
		left int
	}{{&ledger.Ledger{}, 1}, {l, 0}} {
		list, _, err := (&AllOptions{Catalog: toyMenu(t, "", "", ""), Ledger: c.rows, Unproven: true}).list()
		if err != nil || len(list) != c.left {
			t.Errorf("with %d rows, %d combinations are unproven, want %d: %v", len(c.rows.Rows()), len(list), c.left, err)
		}
	}
	for _, st := range e.Steps {
		if st.Name == "make-it-yours" && st.Note != "made in a copy, and green: Rename it" {
			t.Errorf("of the changes: %s, %q", st.Result, st.Note)
		}
		want := "4 commands run; in the same words before: test; the port replaced; left to the step image: 1; examples to adapt: 1"
		if st.Name == "readme" && st.Note != want {
			t.Errorf("of the README: %q, want %q", st.Note, want)
		}
	}
	if e.Digests.Lock == "" {
		t.Error("the lock file's digest is missing")
	}
	e.Checks[3].Result, e.Steps[2].Result = ledger.NotApplicable, ledger.Failed
	e.Checks = e.Checks[:8]
	if again := proveToy(t, c, l, probe.Suite()[:8]); len(again.Differs) != 2 || again.OK() {
		t.Errorf("a result that differs from the recorded one in a step and a check: %q", again.Differs)
	}
}

// TestLiveToy: what has the feature realtime is proven with the real-time
// checks, and its proof is one of that suite; it stands in the menu beside the
// toy without it.
func TestLiveToy(t *testing.T) {
	t.Parallel()
	c := toyMenu(t, "", "", "", "feature-realtime", `format = 1
kind = "feature"
label = "Real-time"
hint = "what changes is pushed"
needs = ["notes"]
gives = ["realtime"]
[[env]]
key = "LIVE"
default = "1"
comment = "That it is there."
`)
	all, digest := probe.SuiteFor(true, false)
	some := slices.DeleteFunc(all, func(c probe.Check) bool {
		return !slices.Contains([]string{"create", "live-stream", "live-page"}, c.ID)
	})
	for _, o := range []AllOptions{{Only: []string{"*+realtime"}}, {Features: []string{"realtime"}}} {
		o.Catalog, o.Ledger, o.Scratch, o.suite = c, &ledger.Ledger{}, t.TempDir(), some
		outcomes, _, err := All(t.Context(), o)
		if err != nil || len(outcomes) != 1 || !outcomes[0].OK() {
			t.Fatalf("%v, %+v", err, outcomes)
		}
		e := outcomes[0].Evidence
		for _, check := range e.Checks {
			if check.Result != ledger.Passed {
				t.Errorf("%s is %s: %s", check.ID, check.Result, check.Reason)
			}
		}
		if e.Digests.Suite != digest || len(e.Checks) != len(some) {
			t.Errorf("%d checks of the suite %s, want %d of %s", len(e.Checks), e.Digests.Suite, len(some), digest)
		}
	}
	list, _, err := (&AllOptions{Catalog: c, Ledger: &ledger.Ledger{}}).list()
	if err != nil || len(list) != 2 {
		t.Fatalf("%v: the menu has %v, want the toy with the feature and without", err, ids(list))
	}
	for _, m := range list {
		if m.Live() != slices.Contains(Suites(m.Combination), digest) {
			t.Errorf("%s is proven by the suites %v", m.ID, Suites(m.Combination))
		}
	}
}

// TestRegistryOfManyMinds: where what was just locked is not to be had, the lock
// file is made again and the evidence tells of it.
func TestRegistryOfManyMinds(t *testing.T) {
	t.Parallel()
	c := toyMenu(t, "node-toy/service/says.txt", "0 errors.", `0 errors.
install! echo asked >> ../times
install! test $(grep -c . ../times) -gt 1 || { echo of no use > lock.txt; echo no such version; exit 1; }
install! grep -q locked lock.txt`)
	out := proveToy(t, c, &ledger.Ledger{}, probe.Suite()[:1])
	if !out.OK() {
		t.Fatalf("%s: %s", out.Result, reasons(out.Evidence))
	}
	want := "passed when tried 2 times; first: install failed with exit code 1: "
	for _, st := range out.Evidence.Steps {
		if st.Name == "install" && (!strings.HasPrefix(st.Note, want) || !strings.HasSuffix(st.Note, "no such version")) {
			t.Errorf("the evidence says %q, want %q… no such version", st.Note, want)
		}
	}
}

// TestBrokenTemplate shows that a broken template turns the run red, with the
// step or the check that says why, and that nothing gets into the ledger.
func TestBrokenTemplate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"a route", "node-toy/layer.toml", `start = [{ bin = "double", env = { `, `start = [{ bin = "double", env = { DEFECT = "no-location", `, "create"},
		{"the start", "node-toy/layer.toml", `start = [{ bin = "double",`, `start = [{ bin = "missing",`, "boot"},
		{"the lint", "node-toy/service/says.txt", "lint: Found 0 warnings and 0 errors.", "lint! exit 1", "lint"},
		{"a warning", "node-toy/service/says.txt", "lint: Found 0 warnings and 0 errors.", "lint: warning: unused", "lint"},
		{"a deprecated package", "node-toy/service/says.txt", "lint:", "install: npm warn deprecated left@1\nlint:", "install"},
		{"an installation", "node-toy/service/says.txt", "lint:", "install! exit 1\nlint:", "install"},
		{"no tests", "node-toy/service/says.txt", "12 passed", "0 passed", "test"},
		{"a skipped test", "node-toy/service/says.txt", "12 passed", "12 passed, 1 skipped", "test"},
		{"a formatter that writes", "node-toy/service/says.txt", "lint:", "format! echo more >> manifest.txt\nlint:", "unchanged"},
		{"a lock file that does not fit", "node-toy/service/says.txt", "lint:", "lock! exit 1\nlint:", "lock"},
		{"a lock file that changes", "node-toy/service/says.txt", "lint:", "lock! echo more >> lock.txt\nlint:", "lock"},
		{"a command of the README", "node-toy/service/says.txt", "lint:", "readme! exit 1\nlint:", "readme"},
		{"a server of the README", "node-toy/service/README.md", "app.db ./bin/double\n", "app.db ./bin/missing\n", "readme"},
		{"a block without a kind", "node-toy/service/README.md", "```sh once", "```sh", "readme"},
		{"a change of the README", "node-toy/service/README.md", "mv manifest.txt", "mv missing.txt", "make-it-yours"},
		{"a diff of the README", "node-toy/service/README.md", " lint: Found 0 warnings", " lint: Found 9 warnings", "make-it-yours"},
		{"no type check", "node-toy/layer.toml", `typecheck = [{ bin = "check", args = ["typecheck"] }]`, "", "typecheck"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out := proveToy(t, toyMenu(t, c.file, c.old, c.new), &ledger.Ledger{}, probe.Suite()[:8])
			if out.OK() || out.Result != ledger.Failed {
				t.Fatalf("the run is %s", out.Result)
			}
			if r := reasons(out.Evidence); !strings.Contains(r, c.want+": ") {
				t.Errorf("failed with %s; want %s", r, c.want)
			}
			if err := out.Evidence.Write(t.TempDir()); err == nil {
				t.Error("the ledger takes evidence of a failure")
			}
		})
	}
}

// reasons are the steps and checks that did not pass.
func reasons(e *ledger.Evidence) string {
	var out []string
	for _, s := range e.Steps {
		if s.Result == ledger.Failed || s.Result == ledger.NotProven {
			out = append(out, s.Name+": "+s.Reason)
		}
	}
	for _, c := range e.Checks {
		if c.Result == ledger.Failed {
			out = append(out, c.ID+": "+c.Reason)
		}
	}
	return strings.Join(out, "\n")
}

// TestMeasure measures the toy beside its hello-world, and writes and reads
// what came out.
func TestMeasure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := MeasureAll(t.Context(), AllOptions{Catalog: toyMenu(t, "", "", ""), Ledger: &ledger.Ledger{}, Scratch: t.TempDir()}, 20*time.Millisecond,
		func(m *ledger.Measurement) error { return m.Write(dir) })
	if err != nil {
		t.Fatal(err)
	}
	measured, err := ledger.LoadMeasured(os.DirFS(dir))
	if err != nil || len(measured) != 1 {
		t.Fatalf("%d measurements, %v", len(measured), err)
	}
	m := measured[0]
	for _, what := range []string{"health", "health-logged", "read", "create"} {
		for _, n := range connections {
			r := m.Rate(what, n, 1)
			if r == nil || r.Service.PerSecond <= 0 || r.Service.Faults > 0 || r.Ratio() <= 0 || r.Bare.Faults > 0 {
				t.Errorf("%s over %d connections: %+v", what, n, r)
			}
		}
	}
	for _, what := range []string{"health", "read", "create"} {
		if r := m.Rate(what, busy, runtime.NumCPU()); r == nil || r.Service.PerSecond <= 0 {
			t.Errorf("%s with all processors: %+v", what, r)
		}
	}
	if m.Ready.Service <= 0 || m.Ready.Bare <= 0 || m.Machine.Cores < 1 || m.Tree == "" {
		t.Errorf("ready %+v on %+v, tree %q", m.Ready, m.Machine, m.Tree)
	}
	if runtime.GOOS == "linux" && (m.Idle.Service <= 0 || m.Loaded.Bare <= 0) {
		t.Errorf("memory %+v, %+v", m.Idle, m.Loaded)
	}
	// A framework without a hello-world has nothing to be compared with.
	c := toyMenu(t, "", "", "")
	for _, l := range c.Choices("framework") {
		l.Bare = layer.Bare{}
	}
	err = MeasureAll(t.Context(), AllOptions{Catalog: c, Ledger: &ledger.Ledger{}, Scratch: t.TempDir()}, time.Millisecond, func(*ledger.Measurement) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "no hello-world") {
		t.Errorf("without one: %v", err)
	}
}

// TestShards shows that the parts of a list are the whole list, once.
func TestShards(t *testing.T) {
	c := toyMenu(t, "", "", "")
	seen := 0
	for i := 1; i <= 3; i++ {
		o := AllOptions{Catalog: c, Ledger: &ledger.Ledger{}, Shard: i, Shards: 3}
		list, _, err := o.list()
		if err != nil {
			t.Fatal(err)
		}
		seen += len(list)
	}
	if seen != 1 {
		t.Errorf("three shards of a menu of one prove %d", seen)
	}
	o := AllOptions{Catalog: c, Ledger: &ledger.Ledger{}, Only: []string{"nothing-*"}}
	if _, _, err := o.list(); err == nil {
		t.Error("a pattern that matches nothing is no error")
	}
}

// TestSmoke shows that a project whose sources another one has proven is still
// installed, tested, started and probed, and what it is spared.
func TestSmoke(t *testing.T) {
	t.Parallel()
	w := &prover{dir: t.TempDir(), shared: newShared(t.TempDir()), o: AllOptions{Catalog: toyMenu(t, "", "", ""), Ledger: &ledger.Ledger{}}}
	defer w.close()
	list, _, err := w.o.list()
	if err != nil {
		t.Fatal(err)
	}
	list[0].Smoke = true
	out := w.prove(t.Context(), &list[0])
	if !out.OK() {
		t.Fatalf("%s: %s", out.Result, reasons(out.Evidence))
	}
	want := map[string]string{"install": ledger.Passed, "test": ledger.Passed, "test-again": ledger.NotApplicable, "boot": ledger.Passed, "probe": ledger.Passed,
		"readme": ledger.Passed, "make-it-yours": ledger.NotApplicable}
	for _, st := range out.Evidence.Steps {
		if result, ok := want[st.Name]; ok && st.Result != result {
			t.Errorf("%s is %s (%s), want %s", st.Name, st.Result, st.Reason, result)
		}
		delete(want, st.Name)
	}
	if len(want) > 0 {
		t.Errorf("no step %v", want)
	}
	if some, all := len(out.Evidence.Checks), len(probe.Suite()); some == 0 || some >= all {
		t.Errorf("%d checks, want some of %d", some, all)
	}
}
