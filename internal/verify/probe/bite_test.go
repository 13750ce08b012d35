//go:build unix

package probe

import (
	"slices"
	"strings"
	"testing"
)

// defects are faults of the double, each with the checks that have to fail on
// it; every other check has to pass.
var defects = []struct {
	defect string
	kind   string // where it is tried
	fails  string
}{
	{"warns", "sqlite", "start"},
	{"stderr", "sqlite", "logs server-error start"},
	{"prints", "sqlite", "start server-error log-level logs log-secrets"},
	{"health-body", "sqlite", "health"},
	{"root-page", "sqlite", "root"},
	{"docs-cdn", "sqlite", "docs"},
	{"docs-asset", "sqlite", "docs"},
	{"docs-inline", "sqlite", "docs"},
	{"soft-404", "sqlite", "bad-id contract log-level not-found odd-requests"},
	{"loose-slash", "sqlite", "not-found"},
	{"short-allow", "sqlite", "method"},
	{"dies-pathless", "sqlite", "odd-requests"},
	{"no-location", "sqlite", "create"},
	{"reads-trimmed", "sqlite", "read unicode large-body"},
	{"newest-first", "sqlite", "list parallel"},
	{"page-overlaps", "sqlite", "list parallel"},
	{"loose-limit", "sqlite", "fuzz list-parameters"},
	{"loose-query", "sqlite", "list-parameters"},
	{"first-of-two", "sqlite", "list-parameters"},
	{"patch-blanks", "sqlite", "change"},
	{"updated-stays", "sqlite", "change"},
	{"reuses-ids", "sqlite", "delete"},
	{"422-for-malformed", "sqlite", "malformed"},
	{"loose-utf8", "sqlite", "utf8"},
	{"any-type", "sqlite", "media-type"},
	{"any-encoding", "sqlite", "media-type"},
	{"reads-all", "sqlite", "request-id too-large"},
	{"trusts-length", "sqlite", "too-large"},
	{"takes-unknown", "sqlite", "fuzz invalid nul"},
	{"no-field-names", "sqlite", "bad-id big-numbers invalid list-parameters nul"},
	{"null-500", "sqlite", "fuzz invalid"},
	{"nul-500", "sqlite", "fuzz nul"},
	{"number-500", "sqlite", "big-numbers fuzz"},
	{"loose-id", "sqlite", "bad-id big-numbers nul"},
	{"echoes-any-id", "sqlite", "logs request-id"},
	{"no-id", "sqlite", "request-id server-error"},
	{"no-nosniff", "sqlite", "security-headers server-error"},
	{"wide-policy", "sqlite", "security-headers"},
	{"tells-version", "sqlite", "security-headers"},
	{"powered-by", "sqlite", "security-headers"},
	{"open-cors", "sqlite", "cors-allowed cors-none"},
	{"prefix-cors", "sqlite", "cors-allowed"},
	{"mangles-unicode", "sqlite", "unicode"},
	{"cuts-body", "sqlite", "large-body"},
	{"loses-parallel", "sqlite", "parallel"},
	{"forgets", "sqlite", "lock restart seed sigterm"},
	{"migrate-wipes", "sqlite", "migrate-twice"},
	{"seed-doubles", "sqlite", "seed"},
	{"tells-500", "sqlite", "server-error"},
	{"silent-500", "sqlite", "server-error"},
	{"500-without-id", "sqlite", "server-error"},
	{"busy-500", "sqlite", "lock"},
	{"busy-at-once", "sqlite", "lock"},
	{"busy-for-ever", "sqlite", "lock"},
	{"no-retry-after", "sqlite", "lock"},
	{"no-retry-after", "postgres", "outage"},
	{"always-ready", "postgres", "outage"},
	{"health-needs-database", "postgres", "contract outage"},
	{"needs-database", "postgres", "logs outage"},
	{"two-lines", "sqlite", "settings"},
	{"first-setting-only", "sqlite", "settings"},
	{"settings-exit", "sqlite", "settings"},
	{"ignores-level", "sqlite", "log-level"},
	{"all-hosts", "sqlite", "loopback"},
	{"drops-requests", "sqlite", "sigterm"},
	{"drops-requests", "postgres", "sigterm sigterm-lock"},
	{"exit-code", "sqlite", "cors-allowed log-level log-secrets logs loopback restart seed server-error sigint sigterm unread"},
	{"no-sigint", "sqlite", "sigint"},
	{"needs-reader", "sqlite", "unread"},
	{"undescribed-route", "sqlite", "openapi"},
	{"document-too-wide", "sqlite", "fuzz"},
	{"undocumented-field", "sqlite", "change contract invalid large-body list-parameters lock malformed migrate-twice read restart sigterm unicode"},
	{"undocumented-415", "sqlite", "openapi contract"},
	{"plain-problems", "sqlite", "bad-id big-numbers contract delete invalid list-parameters lock log-level malformed media-type method not-found nul odd-requests restart server-error too-large utf8"},
	{"create-200", "sqlite", "big-numbers change contract create delete fuzz invalid large-body list list-parameters lock malformed media-type method migrate-twice not-found nul parallel read restart security-headers sigterm too-large unicode utf8"},
	{"no-request-line", "sqlite", "logs log-secrets"},
	{"wrong-status-logged", "sqlite", "logs"},
	{"no-level", "sqlite", "log-level logs server-error start log-secrets"},
	{"logs-body", "sqlite", "log-secrets server-error"},
	{"logs-query", "sqlite", "log-secrets logs"},
	{"logs-auth", "sqlite", "log-secrets"},
}

// companions are quick checks that give the ones about the whole run something
// to judge.
var companions = []string{"start", "health", "create", "read", "change", "delete", "not-found", "invalid", "media-type"}

// TestEveryCheckBites runs the suite on the double with one defect at a time:
// exactly the checks named for it fail. Here only those and a few quick ones
// run; with the build tag realtools it is the whole suite.
func TestEveryCheckBites(t *testing.T) {
	t.Parallel()
	bitten := map[string]bool{}
	t.Run("defects", func(t *testing.T) {
		for _, d := range defects {
			want := strings.Fields(d.fails)
			for _, id := range want {
				bitten[id] = true
			}
			t.Run(d.defect+"/"+d.kind, func(t *testing.T) {
				t.Parallel()
				checks := slices.DeleteFunc(Suite(), func(c Check) bool {
					return !wholeSuite && !slices.Contains(want, c.ID) && !slices.Contains(companions, c.ID)
				})
				failed, all := failing(t, doubleTarget(t, d.kind, d.defect), checks)
				slices.Sort(want)
				slices.Sort(failed)
				if !slices.Equal(failed, want) {
					t.Errorf("failed: %s, want: %s", strings.Join(failed, " "), strings.Join(want, " "))
					for _, r := range all {
						if r.Result == Failed {
							t.Logf("%s: %s", r.ID, clip(r.Reason, 600))
						}
					}
				}
			})
		}
	})
	for _, c := range Suite() {
		if !bitten[c.ID] {
			t.Errorf("%s: no defect shows that it bites", c.ID)
		}
	}
}
