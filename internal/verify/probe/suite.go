package probe

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
)

//go:embed *.go
var sources embed.FS

// Digest is "sha256:..." over the suite's own sources, tests left out: a proof
// is worth what was checked.
func Digest() string { return digest("") }

// SmokeDigest is the Digest of what Smoke checks.
func SmokeDigest() string { return digest("smoke") }

func digest(part string) string {
	entries, _ := sources.ReadDir(".")
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	h := sha256.New()
	if part != "" {
		fmt.Fprintln(h, part)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		data, _ := sources.ReadFile(e.Name())
		if data = counted(part, e.Name(), data); data == nil { // realtime
			continue // realtime
		} // realtime
		fmt.Fprintf(h, "%s %d\n", e.Name(), len(data))
		h.Write(data)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Suite lists the checks in the order in which they run: what needs one quiet
// copy first, then what stops and starves it, then what judges all that was
// said and logged.
func Suite() []Check {
	var all []Check
	for _, group := range [][]Check{
		startChecks, routeChecks, noteChecks, inputChecks, headerChecks, loadChecks,
		databaseChecks, settingChecks, stopChecks, wholeChecks,
	} {
		all = append(all, group...)
	}
	return all
}

// smoke are the checks that a different package manager could break although
// it changes no source: that the service starts, has its packages and files,
// works, logs, keeps its data and ends.
var smoke = []string{
	"start", "health", "root", "docs", "not-found", "create", "read", "list", "change", "delete", "invalid",
	"restart", "seed", "settings", "sigterm", "openapi", "logs",
}

// Smoke is the part of the suite for a combination whose sources are those of
// another one, on which the whole suite runs.
func Smoke() []Check {
	var out []Check
	for _, c := range Suite() {
		if slices.Contains(smoke, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// withNotes is for checks of the notes.
func withNotes(t *Target) string {
	if !t.Notes {
		return "the service keeps no notes"
	}
	return ""
}

func onSQLite(t *Target) string {
	if why := withNotes(t); why != "" {
		return why
	}
	if t.Database == nil || t.Database.Kind() != "sqlite" {
		return "the database is not SQLite"
	}
	return ""
}

func onPostgres(t *Target) string {
	if why := withNotes(t); why != "" {
		return why
	}
	if t.Database == nil || t.Database.Kind() != "postgres" {
		return "the database is a file, not a server"
	}
	return ""
}
