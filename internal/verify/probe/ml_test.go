//go:build unix

package probe

import (
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/verify/double"
)

// mlTarget is the double with the part that predicts.
func mlTarget(t *testing.T, defect string) *Target {
	t.Helper()
	target := doubleTarget(t, "sqlite", defect)
	target.ML, target.Model = true, t.TempDir()
	if err := double.WriteModel(target.Model); err != nil {
		t.Fatal(err)
	}
	target.Env["PREDICTIONS"], target.Env["MODEL_DIR"] = "1", target.Model
	return target
}

// mlDefects are faults of the part that predicts, each with the checks that fail.
var mlDefects = []struct{ defect, fails string }{
	{"ml-mixes-up", "ml-predict"},
	{"ml-other-version", "ml-model"},
	{"ml-takes-unknown", "ml-inputs"},
	{"ml-no-slots", "ml-busy"},
	{"ml-loses", "ml-busy ml-deadline"},
	{"ml-no-deadline", "ml-deadline"},
	{"ml-loads-first", "ml-loading"},
	{"ml-ready-anyway", "ml-artifact"},
	{"ml-any-file", "ml-artifact"},
	{"ml-crashes", "ml-artifact"},
	{"ml-any-setting", "ml-settings"},
}

// TestEveryModelCheckBites runs the checks of models on the double with one
// defect at a time, and without: what is not named for it passes.
func TestEveryModelCheckBites(t *testing.T) {
	t.Parallel()
	all, _ := SuiteOf(false, true, false)
	checks := slices.DeleteFunc(all, func(c Check) bool {
		return !strings.HasPrefix(c.ID, "ml-") && !slices.Contains(companions, c.ID) && !slices.Contains([]string{"openapi", "fuzz", "contract", "logs", "log-secrets"}, c.ID)
	})
	bitten := map[string]bool{}
	tried := append([]struct{ defect, fails string }{{"", ""}}, mlDefects...)
	t.Run("defects", func(t *testing.T) {
		for _, d := range tried {
			want := strings.Fields(d.fails)
			for _, id := range want {
				bitten[id] = true
			}
			t.Run(d.defect, func(t *testing.T) {
				t.Parallel()
				some := checks
				if d.defect != "" && !wholeSuite {
					some = slices.DeleteFunc(slices.Clone(checks), func(c Check) bool {
						return !slices.Contains(want, c.ID) && c.ID != "ml-model" && c.ID != "health"
					})
				}
				failed, results := failing(t, mlTarget(t, d.defect), some)
				slices.Sort(failed)
				for _, r := range results {
					if r.Result == Failed && !slices.Contains(want, r.ID) || testing.Verbose() {
						t.Logf("%-16s %-15s %4d %6.2fs %s", r.ID, r.Result, r.Count, r.Took.Seconds(), clip(r.Reason, 800))
					}
				}
				if !slices.Equal(failed, want) {
					t.Errorf("failed: %s, want: %s", strings.Join(failed, " "), d.fails)
				}
			})
		}
	})
	for _, c := range mlChecks {
		if !bitten[c.ID] {
			t.Errorf("%s: no defect shows that it bites", c.ID)
		}
	}
}

// TestSuiteOf: the checks of models come before those of the whole run, each
// suite has a digest of its own, and those of other services do not depend on
// the sources of these checks.
func TestSuiteOf(t *testing.T) {
	digests := map[string]bool{}
	for _, live := range []bool{false, true} {
		for _, small := range []bool{false, true} {
			plain, before := SuiteFor(live, small)
			same, digest := SuiteOf(live, false, small)
			if len(same) != len(plain) || digest != before {
				t.Errorf("real-time %v, small %v: another suite without a model", live, small)
			}
			checks, own := SuiteOf(live, true, small)
			digests[digest], digests[own] = true, true
			at := func(id string) int { return slices.IndexFunc(checks, func(c Check) bool { return c.ID == id }) }
			if at("ml-predict") < 0 || at("ml-predict") > at("openapi") || (at("ml-busy") < 0) != small || (at("live-page") >= 0) != live {
				t.Errorf("real-time %v, small %v: the checks are not where they belong", live, small)
			}
		}
	}
	if len(digests) != 8 {
		t.Errorf("%d digests of eight suites", len(digests))
	}
	source := "a\nb // predictions\nc // realtime\n"
	for part, want := range map[string]string{"": "a\n", "live": "a\nc // realtime\n", "ml": "a\nb // predictions\n", "ml live smoke": source} {
		if got := counted(part, "suite.go", []byte(source)); string(got) != want {
			t.Errorf("%q counts %q", part, got)
		}
		if got := counted(part, "ml_busy.go", []byte(source)); (got != nil) != strings.HasPrefix(part, "ml") {
			t.Errorf("%q counts a file of the checks of models as %q", part, got)
		}
	}
}

// TestModelChecksAreWhole keeps the table fit to be printed, and away from
// services that predict nothing.
func TestModelChecksAreWhole(t *testing.T) {
	for _, c := range mlChecks {
		if c.ID == "" || c.Name == "" || c.Reason == "" || c.Run == nil || c.Applies == nil {
			t.Errorf("%q: a check has an id, a name, a reason, where it applies and something to run", c.ID)
		}
		if why := c.Applies(&Target{Notes: true}); why == "" {
			t.Errorf("%s applies to a service that predicts nothing", c.ID)
		}
	}
}
