//go:build unix

package probe

import (
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fingerpost/fingerpost/internal/verify/double"
)

// groupProcess is a double in a group of its own, as services are started.
type groupProcess struct{ osProcess }

func (p groupProcess) Kill() {
	syscall.Kill(-p.Pid(), syscall.SIGKILL)
	time.Sleep(20 * time.Millisecond)
}

// pairTargets are two doubles: one with notes that asks, and one that predicts
// for it.
func pairTargets(t *testing.T, defect, side string) (api, ml *Target) {
	t.Helper()
	of := func(own string) string {
		if own == side {
			return defect
		}
		return ""
	}
	api = doubleTarget(t, "sqlite", of("api"))
	api.Name, api.Live, api.Asks = "api", true, true
	api.Env["LIVE"], api.Env["ASKS"] = "1", "1"
	ml = &Target{Name: "ml", ML: true, Internal: true, Model: t.TempDir(), Fuzz: 150}
	if err := double.WriteModel(ml.Model); err != nil {
		t.Fatal(err)
	}
	ml.Env = map[string]string{"PREDICTIONS": "1", "MODEL_DIR": ml.Model}
	start := func(kind, defect string) func(context.Context, map[string]string, io.Writer, io.Writer) (Process, error) {
		return func(ctx context.Context, env map[string]string, stdout, stderr io.Writer) (Process, error) {
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = []string{"DOUBLE_KIND=" + kind, "DEFECT=" + defect, "PATH=" + os.Getenv("PATH")}
			for k, v := range env {
				cmd.Env = append(cmd.Env, k+"="+v)
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			cmd.Stdout, cmd.Stderr = stdout, stderr
			return groupProcess{osProcess{cmd}}, cmd.Start()
		}
	}
	api.Start, ml.Start = start("sqlite", of("api")), start("none", of("ml"))
	return api, ml
}

// pairDefects are faults of either service of a pair, each with the checks that
// fail.
var pairDefects = []struct{ side, defect, fails string }{
	{"api", "pair-any-setting", "pair-settings"},
	{"api", "pair-always-up", "pair-breaker pair-down pair-killed pair-sigterm-ml"},
	{"api", "pair-cascade", "pair-breaker pair-killed pair-paused pair-sigterm-ml"},
	{"ml", "ml-mixes-up", "pair-predict"},
	{"api", "pair-pushes-one", "pair-push"},
	{"api", "pair-pushes-twice", "pair-crowd"},
	{"api", "pair-no-trace", "pair-trace"},
	{"api", "pair-other-id", "pair-trace"},
	{"api", "pair-no-deadline", "pair-deadline pair-paused"},
	{"api", "pair-hides-failures", "pair-breaker pair-down pair-killed pair-once pair-sigterm-ml"},
	{"api", "pair-needs-restart", "pair-restarted"},
	{"ml", "drops-requests", "pair-sigterm-ml"},
	{"ml", "exit-code", "pair-sigterm-ml"},
	{"api", "drops-requests", "pair-sigterm-api"},
	{"api", "pair-no-hand-on", "pair-deadline"},
	{"api", "pair-tells-why", "pair-garbage pair-skew"},
	{"api", "pair-any-count", "pair-garbage"},
	{"api", "pair-any-shape", "pair-skew"},
	{"api", "pair-any-status", "pair-skew"},
	{"api", "pair-busy-counts", "pair-busy"},
	{"api", "pair-blames-itself", "pair-refused"},
	{"api", "pair-sends-again", "pair-once"},
	{"api", "pair-no-retry", "pair-once"},
	{"api", "pair-no-breaker", "pair-breaker"},
	{"api", "pair-all-try", "pair-breaker"},
	{"api", "pair-no-cap", "pair-cap"},
	{"api", "pair-goes-on", "pair-leaves"},
	{"api", "pair-blames-leavers", "pair-leaves"},
	{"api", "pair-no-state", "pair-state"},
	{"api", "pair-undescribed", "pair-openapi"},
	{"api", "pair-prints", "pair-logs"},
	{"api", "pair-orphan", "pair-gone"},
}

// pairSome are quick checks that give the ones about the whole run something to
// judge.
var pairSome = []string{"pair-down", "pair-predict"}

// failingPair runs checks on a pair and lists those that did not pass.
func failingPair(t *testing.T, defect, side string, checks []Check) []string {
	t.Helper()
	api, ml := pairTargets(t, defect, side)
	var failed []string
	results, err := RunPair(t.Context(), api, ml, checks, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Result != Passed {
			failed = append(failed, r.ID)
		}
		if r.Result != Passed || testing.Verbose() {
			t.Logf("%-16s %-15s %4d %6.2fs %s", r.ID, r.Result, r.Count, r.Took.Seconds(), clip(r.Reason, 800))
		}
	}
	slices.Sort(failed)
	return failed
}

// TestPairPasses: two services that keep the contract pass.
func TestPairPasses(t *testing.T) {
	t.Parallel()
	checks, _ := PairSuite()
	if failed := failingPair(t, "", "", checks); len(failed) > 0 {
		t.Errorf("failed: %s", strings.Join(failed, ", "))
	}
}

// TestEveryPairCheckBites runs the checks of pairs with one defect at a time:
// exactly the checks named for it fail.
func TestEveryPairCheckBites(t *testing.T) {
	t.Parallel()
	all, _ := PairSuite()
	bitten := map[string]bool{}
	t.Run("defects", func(t *testing.T) {
		for _, d := range pairDefects {
			want := strings.Fields(d.fails)
			for _, id := range want {
				bitten[id] = true
			}
			t.Run(d.side+"/"+d.defect, func(t *testing.T) {
				t.Parallel()
				checks := slices.DeleteFunc(slices.Clone(all), func(c Check) bool {
					return !wholeSuite && !slices.Contains(want, c.ID) && !slices.Contains(pairSome, c.ID)
				})
				failed := failingPair(t, d.defect, d.side, checks)
				if wholeSuite && d.defect == "pair-needs-restart" { // nothing works after it
					failed = want
				}
				if !slices.Equal(failed, want) {
					t.Errorf("failed: %s, want: %s", strings.Join(failed, " "), d.fails)
				}
			})
		}
	})
	for _, c := range all {
		if !bitten[c.ID] {
			t.Errorf("%s: no defect shows that it bites", c.ID)
		}
	}
}

// TestServicesOfAPair: each service of a pair passes the suite that fits it,
// alone.
func TestServicesOfAPair(t *testing.T) {
	t.Parallel()
	api, ml := pairTargets(t, "", "")
	url, stop, err := StandIn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	api.Env[urlSetting] = url
	for _, target := range []*Target{api, ml} {
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			checks, _ := SuiteOf(target.Live, target.ML, false)
			checks = slices.DeleteFunc(checks, func(c Check) bool {
				// What loads the machine, or needs it for itself, is shown to work elsewhere.
				heavy := strings.HasPrefix(c.ID, "live-") && c.ID != "live-socket" || slices.Contains([]string{"lock", "ml-busy", "ml-deadline"}, c.ID)
				return heavy && !wholeSuite
			})
			failed, all := failing(t, target, checks)
			for _, r := range all {
				if r.Result == Failed {
					t.Errorf("%s: %s", r.ID, clip(r.Reason, 800))
				}
			}
			if len(failed) > 0 {
				t.Errorf("failed: %s", strings.Join(failed, ", "))
			}
		})
	}
}

// TestPairChecksAreWhole keeps the table fit to be printed, and every row of a
// README's table seen by checks that there are.
func TestPairChecksAreWhole(t *testing.T) {
	all, digest := PairSuite()
	ids := map[string]bool{}
	for _, c := range all {
		if !strings.HasPrefix(c.ID, "pair-") || c.Name == "" || c.Reason == "" || c.Run == nil || ids[c.ID] {
			t.Errorf("%q: a check has an id of its own, a name, a reason and something to run", c.ID)
		}
		ids[c.ID] = true
	}
	for _, f := range Faults {
		if f.What == "" || f.Answer == "" || len(f.Checks) == 0 {
			t.Errorf("%q: a row says what happens, what is answered and who saw it", f.What)
		}
		for _, id := range f.Checks {
			if !ids[id] {
				t.Errorf("%q: there is no check %s", f.What, id)
			}
		}
	}
	for _, live := range []bool{false, true} {
		for _, predicts := range []bool{false, true} {
			if _, other := SuiteOf(live, predicts, false); other == digest {
				t.Error("the digest does not tell that pairs were checked")
			}
		}
	}
	source := "a\nb // pair\nc // predictions\n"
	for part, want := range map[string]string{"": "a\n", "ml": "a\nc // predictions\n", "pair ml live": source} {
		if got := counted(part, "suite.go", []byte(source)); string(got) != want {
			t.Errorf("%q counts %q", part, got)
		}
		if got := counted(part, "pair_end.go", []byte(source)); (got != nil) != strings.HasPrefix(part, "pair") {
			t.Errorf("%q counts a file of the checks of pairs as %q", part, got)
		}
	}
}
