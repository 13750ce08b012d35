//go:build unix

package probe

import (
	"slices"
	"strings"
	"testing"
)

// liveTarget is the double with its real-time part.
func liveTarget(t *testing.T, kind, defect string) *Target {
	t.Helper()
	target := doubleTarget(t, kind, defect)
	target.Env["LIVE"] = "1"
	target.Live = true
	return target
}

// liveDefects are faults of the real-time part; exactly the one check fails.
var liveDefects = []struct{ defect, kind, fails string }{
	{"live-no-heartbeat", "sqlite", "live-stream"},
	{"live-drops", "sqlite", "live-fanout"},
	{"live-resume-loses", "sqlite", "live-resume"},
	{"live-all-rooms", "sqlite", "live-socket"},
	{"live-no-limit", "sqlite", "live-limits"},
	{"live-any-origin", "sqlite", "live-origin"},
	{"live-waits", "sqlite", "live-slow"},
	{"live-stays", "sqlite", "live-stop"},
	{"live-inline", "sqlite", "live-page"},
	{"live-any-heartbeat", "sqlite", "live-settings"},
	{"live-outage-ends", "postgres", "live-outage"},
	{"live-local", "postgres", "live-processes"},
}

// TestEveryLiveCheckBites runs the real-time checks on the double with one
// defect at a time, and without: what is not named for it passes.
func TestEveryLiveCheckBites(t *testing.T) {
	t.Parallel()
	checks := slices.DeleteFunc(liveSuite(t), func(c Check) bool {
		return !strings.HasPrefix(c.ID, "live-") && !slices.Contains(companions, c.ID) && !slices.Contains([]string{"openapi", "fuzz", "contract", "logs", "log-secrets"}, c.ID)
	})
	bitten := map[string]bool{}
	tried := append([]struct{ defect, kind, fails string }{{"", "sqlite", ""}, {"", "postgres", ""}}, liveDefects...)
	t.Run("defects", func(t *testing.T) {
		for _, d := range tried {
			want := strings.Fields(d.fails)
			for _, id := range want {
				bitten[id] = true
			}
			t.Run(d.defect+"/"+d.kind, func(t *testing.T) {
				t.Parallel()
				some := checks
				if d.defect != "" && !wholeSuite {
					some = slices.DeleteFunc(slices.Clone(checks), func(c Check) bool {
						return !slices.Contains(want, c.ID) && c.ID != "live-page" && c.ID != "live-stream"
					})
				}
				failed, all := failing(t, liveTarget(t, d.kind, d.defect), some)
				for _, r := range all {
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
	for _, c := range liveChecks {
		if !bitten[c.ID] {
			t.Errorf("%s: no defect shows that it bites", c.ID)
		}
	}
}

func liveSuite(t *testing.T) []Check {
	t.Helper()
	all, _ := SuiteFor(true, false)
	return all
}

// TestSuiteFor: the real-time checks come before those of the whole run, each
// suite has a digest of its own, and those without the feature do not depend on
// the sources of these checks.
func TestSuiteFor(t *testing.T) {
	digests := map[string]bool{}
	for _, c := range []struct {
		live, small bool
		has, lacks  string
	}{
		{false, false, "sigint", "live-stream"}, {false, true, "create", "live-stream"},
		{true, false, "live-fanout", ""}, {true, true, "live-stream", "live-fanout"},
	} {
		checks, digest := SuiteFor(c.live, c.small)
		digests[digest] = true
		has := map[string]int{}
		for i, check := range checks {
			has[check.ID] = i + 1
		}
		if len(has) != len(checks) || has[c.has] == 0 || has[c.lacks] > 0 {
			t.Errorf("%+v: %d checks, %s among them: %d, %s: %d", c, len(checks), c.has, has[c.has], c.lacks, has[c.lacks])
		}
		if has["live-page"] > has["openapi"] {
			t.Errorf("%+v: the real-time checks come after what judges the whole run", c)
		}
	}
	if len(digests) != 4 {
		t.Errorf("%d digests of four suites", len(digests))
	}
	source := "a\nb // realtime\nc // realtime and more\n"
	for part, want := range map[string]string{"": "a\nc // realtime and more\n", "smoke": "a\nc // realtime and more\n", "live": source, "live smoke": source} {
		if got := counted(part, "suite.go", []byte(source)); string(got) != want {
			t.Errorf("%q counts %q", part, got)
		}
		if got := counted(part, "live_page.go", []byte(source)); (got != nil) != strings.HasPrefix(part, "live") {
			t.Errorf("%q counts a file of the real-time checks as %q", part, got)
		}
	}
}

// TestLiveChecksAreWhole keeps the table fit to be printed, and away from
// services without the feature.
func TestLiveChecksAreWhole(t *testing.T) {
	for _, c := range liveChecks {
		if c.ID == "" || c.Name == "" || c.Reason == "" || c.Run == nil || c.Applies == nil {
			t.Errorf("%q: a check has an id, a name, a reason, where it applies and something to run", c.ID)
		}
		if why := c.Applies(&Target{Notes: true}); why == "" {
			t.Errorf("%s applies to a service that pushes nothing", c.ID)
		}
	}
}
