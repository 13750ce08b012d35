//go:build realtools

package verify

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
)

var (
	onlyBites = flag.String("bites", "", "only the defects for these checks, separated by commas")
	wholeBite = flag.Bool("whole", true, "run the whole suite on every defect, not only the checks named for it and a few quick ones")
	bitProbe  = flag.Bool("probe", true, "run the probe on every defect; without it, only the project's own tests")
	onlyStack = flag.String("framework", "", "only the defects of this framework")
	ownTests  = flag.Bool("own-tests", true, "also run the project's own tests on every defect")
)

// quickChecks give the checks of the whole run something to judge.
var quickChecks = []string{"start", "health", "create", "read", "list", "change", "delete", "not-found", "invalid", "media-type"}

// enough is the part of the defects that the project's own tests have to see.
const enough = 0.8

// TestBites puts one defect at a time into a real service and runs the whole
// suite against it: exactly the checks that are named for it fail. The
// project's own tests have to turn red for most of them; which ones they let
// pass stands in survivors.txt.
func TestBites(t *testing.T) {
	var survivors []string
	for _, name := range bitten {
		if *onlyStack != "" && name != *onlyStack {
			continue
		}
		f := readBites(t, name)
		bases := map[string]string{}
		for _, db := range []string{"sqlite", "postgres"} {
			bases[db] = realBase(t, f, db)
		}
		var mu sync.Mutex
		alive, tried := []string{}, 0
		t.Run(name, func(t *testing.T) {
			for _, b := range f.Bite {
				if *onlyBites != "" && !slices.Contains(strings.Split(*onlyBites, ","), b.Check) {
					continue
				}
				t.Run(b.Check, func(t *testing.T) {
					t.Parallel()
					survives := biteReal(t, bases[b.database()], b)
					mu.Lock()
					defer mu.Unlock()
					tried++
					if survives {
						alive = append(alive, fmt.Sprintf("%s: %s", name, b.Check))
					}
				})
			}
		})
		if !*ownTests || tried == 0 {
			continue
		}
		slices.Sort(alive)
		survivors = append(survivors, alive...)
		if part := 1 - float64(len(alive))/float64(tried); part < enough {
			t.Errorf("%s: the project's own tests see %.0f %% of the defects, want %.0f %%; they let pass: %s", name, part*100, enough*100, strings.Join(alive, ", "))
		}
		t.Logf("%s: the project's own tests let %d of %d defects pass", name, len(alive), tried)
	}
	if *onlyBites != "" || *onlyStack != "" || !*ownTests {
		return
	}
	path := filepath.Join("testdata", "bites", "survivors.txt")
	want := "# Defects of testdata/bites that the probe sees and a project's own tests let pass.\n" + strings.Join(append(survivors, ""), "\n")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("survivors.txt is not what survived; write it with -update:\n%s", want)
	}
}

// realBase is the rendered service, installed once.
func realBase(t *testing.T, f biteFile, database string) string {
	t.Helper()
	m := f.combination(t, database)
	rendered, _, err := m.Render()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "base")
	if err := rendered.Write(dir, tree.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	p := realProject(t, dir)
	svc := &p.Record.Services[0]
	for _, how := range []string{run.Relock, run.InstallFrozen} {
		var out tailBuffer
		if err := p.Install(t.Context(), svc, how, &out); err != nil {
			t.Fatalf("%s: %v: %s", how, err, lastLines(out.String(), 8))
		}
	}
	return dir
}

func realProject(t *testing.T, dir string) *run.Project {
	t.Helper()
	p, err := run.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := toolchain.Find(t.Context(), toolchain.Needed(p.Record, "lock"))
	if err := set.Provide(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	p.Tools = set
	return p
}

// biteReal copies the service, puts the defect in, and tells whether the
// project's own tests stay green.
func biteReal(t *testing.T, base string, b bite) (survives bool) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bitten")
	original := realProject(t, base)
	svc := &original.Record.Services[0]
	copyProject(t, base, dir, svc.Manager.Modules)
	path := filepath.Join(dir, filepath.FromSlash(b.File))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), b.Find, b.Replace, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	p := &proof{Options: Options{Dir: dir, Scratch: t.TempDir()}, project: realProject(t, dir)}
	p.evidence = begin(p.project.Record)
	svc = &p.project.Record.Services[0]
	db, err := p.database(t.Context(), svc)
	if err != nil {
		t.Fatal(err)
	}
	if p.postgres != nil {
		t.Cleanup(func() { p.postgres.Remove() })
	}
	var out tailBuffer
	if err := p.typed(t.Context(), svc, "migrate", db, &out); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	if *bitProbe {
		biteProbe(t, p.target(svc, db), b)
	}
	if !*ownTests {
		return false
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return p.typed(ctx, svc, "test", db, &out) == nil
}

// biteProbe runs the suite: exactly the checks that are named for the defect
// fail.
func biteProbe(t *testing.T, target *probe.Target, b bite) {
	t.Helper()
	var failed []string
	reasons := map[string]string{}
	checks := slices.DeleteFunc(probe.Suite(), func(c probe.Check) bool {
		return !*wholeBite && !slices.Contains(b.fails(), c.ID) && !slices.Contains(quickChecks, c.ID)
	})
	probe.Run(t.Context(), target, checks, func(r probe.Result) {
		if r.Result == probe.Failed {
			failed = append(failed, r.ID)
			reasons[r.ID] = r.Reason
		}
	})
	slices.Sort(failed)
	if !slices.Equal(failed, b.fails()) {
		t.Errorf("failed: %s, want: %s", strings.Join(failed, " "), strings.Join(b.fails(), " "))
		for _, id := range failed {
			if !slices.Contains(b.fails(), id) {
				t.Logf("%s: %.700s", id, reasons[id])
			}
		}
	}
}

// copyProject copies a project's files and links its modules.
func copyProject(t *testing.T, from, to, modules string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() && rel == filepath.FromSlash(modules) {
			if err := os.Symlink(path, filepath.Join(to, rel)); err != nil {
				return err
			}
			return filepath.SkipDir
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		return copyFile(path, filepath.Join(to, rel))
	})
	if err != nil {
		t.Fatal(err)
	}
}
