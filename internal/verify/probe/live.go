package probe

import (
	"bytes"
	"slices"
	"strings"
)

// liveChecks are those of the feature realtime, docs/realtime.md of a project.
var liveChecks = []Check{
	{ID: "live-stream", Name: "streams every change of a note, as it is read, with headers, heartbeats and refusals", Applies: withLive,
		Reason: "a page that shows something else than a reload does is worse than one that shows nothing",
		Run:    checkLiveStream},
	{ID: "live-fanout", Name: "hands 1,000 changes to 200 subscribers: none lost, none twice, all in order", Applies: withLive,
		Reason: "one event that is missing under load is never missed until a customer does",
		Run:    checkLiveFanout},
	{ID: "live-resume", Name: "goes on where each client was after it was killed and started again", Applies: withLive,
		Reason: "a process that dies takes its memory with it, not what its clients have not seen",
		Run:    checkLiveResume},
	{ID: "live-socket", Name: "speaks its protocol on the WebSocket: changes, rooms, notifications, signs of life", Applies: withLive,
		Reason: "who speaks in one room must not be heard in the next",
		Run:    checkLiveSocket},
	{ID: "live-limits", Name: "answers or closes on what no client should send, and lives on", Applies: withLive,
		Reason: "one client's message must end nothing but its own connection",
		Run:    checkLiveLimits},
	{ID: "live-origin", Name: "accepts WebSockets from its own origin and the allowed ones alone", Applies: withLive,
		Reason: "browsers do not keep other people's pages from opening a WebSocket; only the service can",
		Run:    checkLiveOrigin},
	{ID: "live-slow", Name: "lets go of clients that do not read, and keeps what it holds for them small", Applies: withLive,
		Reason: "one telephone in a tunnel must not fill the memory of a server",
		Run:    checkLiveSlow},
	{ID: "live-stop", Name: "ends all streams and WebSockets at once on SIGTERM and exits 0", Applies: withLive,
		Reason: "a deployment that waits for streams waits for ever",
		Run:    checkLiveStop},
	{ID: "live-page", Name: "serves a page that shows it, under its own policy", Applies: withLive,
		Reason: "two browser windows say more than a document",
		Run:    checkLivePage},
	{ID: "live-settings", Name: "refuses a heartbeat that is none", Applies: withLive,
		Reason: "a heartbeat of zero seconds is a loop",
		Run: func(t *T) {
			var running []*instance
			for _, bad := range []string{"0", "301", "often"} {
				in := t.spawn("the service with HEARTBEAT_SECONDS="+bad, map[string]string{"HEARTBEAT_SECONDS": bad})
				in.strange = true
				running = append(running, in)
			}
			for _, in := range running {
				t.refused(in, wrongSetting{names: []string{"HEARTBEAT_SECONDS"}})
			}
		}},
	{ID: "live-outage", Name: "keeps streams and WebSockets open while the database is away, and goes on", Applies: liveOnPostgres,
		Reason: "ten thousand clients that connect anew at once are the second outage",
		Run:    checkLiveOutage},
	{ID: "live-processes", Name: "is one service in two processes: changes, rooms and notifications reach the other", Applies: liveOnPostgres,
		Reason: "the second replica is where most real-time code stops to work",
		Run:    checkLiveProcesses},
}

// liveSmoke are the real-time checks of the smaller set.
var liveSmoke = []string{"live-stream", "live-socket", "live-page", "live-stop"}

func withLive(t *Target) string {
	if !t.Live {
		return "nothing is pushed"
	}
	return withNotes(t)
}

func liveOnPostgres(t *Target) string {
	if why := withLive(t); why != "" {
		return why
	}
	return onPostgres(t)
}

// SuiteFor gives the checks for a combination and the digest of their sources:
// live says that a service of it has the feature realtime, small that the
// smaller set will do.
func SuiteFor(live, small bool) ([]Check, string) {
	switch {
	case !live && small:
		return Smoke(), SmokeDigest()
	case !live:
		return Suite(), Digest()
	}
	// What judges all that was said and logged comes last.
	first := slices.IndexFunc(Suite(), func(c Check) bool { return c.ID == wholeChecks[0].ID })
	all := slices.Insert(Suite(), first, liveChecks...)
	if !small {
		return all, digest("live")
	}
	return slices.DeleteFunc(all, func(c Check) bool {
		return !slices.Contains(smoke, c.ID) && !slices.Contains(liveSmoke, c.ID)
	}), digest("live smoke")
}

// counted is what a source counts with in a digest: in those of live suites all
// of it, in the others neither the files of the real-time checks nor the lines
// that are marked as theirs. So a proof without the feature stays one when
// these checks change; what is marked must do nothing without the feature.
func counted(part, name string, source []byte) []byte {
	part, source = pairCounted(part, name, source) // pair
	if source == nil {                             // pair
		return nil // pair
	} // pair
	// pair
	part, source = mlCounted(part, name, source) // predictions
	if source == nil {                           // predictions
		return nil // predictions
	} // predictions
	if strings.HasPrefix(part, "live") {
		return source
	}
	if strings.HasPrefix(name, "live") {
		return nil
	}
	var out []byte
	for line := range bytes.Lines(source) {
		if !bytes.HasSuffix(line, []byte("// realtime\n")) {
			out = append(out, line...)
		}
	}
	return out
}
