package probe

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// pairEndChecks judge all that was said and logged, and what is left of it.
var pairEndChecks = []Check{
	{ID: "pair-openapi", Name: "describes predictions, and answers in the form that it describes, in this whole run",
		Reason: "a client has to know the answers of the bad days as well",
		Run:    checkPairDocument},
	{ID: "pair-logs", Name: "logs one line of JSON for everything in both services, whatever fails",
		Reason: "the log is read on the day on which something fails",
		Run:    checkPairLogs},
	{ID: "pair-gone", Name: "leaves no process and no port behind",
		Reason: "an orphan answers the next test, with yesterday's code",
		Run:    checkPairGone},
}

// mostJudged is how many answers of a kind are compared with the document.
const mostJudged = 20

func checkPairDocument(t *T) {
	d := t.document()
	_, op := d.find("POST", predictPath)
	t.must(op != nil, "GET /openapi.json: POST %s is not described", predictPath)
	t.describes("POST "+predictPath, op)
	for _, status := range []int{201, 400, 415, 422, 502, 503, 504} {
		t.ok(op.Responses.Status(status) != nil, "GET /openapi.json: POST %s does not promise %d", predictPath, status)
	}
	judgedOf := map[string]int{}
	seen := map[int]bool{}
	for _, e := range t.run.exchanges() {
		if t.run.target.both.others[e.in] {
			continue
		}
		// A schema takes its time, and the thousandth answer of a kind says no more.
		about := fmt.Sprintf("%s %s %d", e.method, e.path, e.answer.status)
		if judgedOf[about] == mostJudged {
			continue
		}
		judged, err := d.judge(t.ctx, e)
		if !judged {
			continue
		}
		judgedOf[about]++
		if e.path == predictPath {
			seen[e.answer.status] = true
		}
		t.count++
		if err != nil {
			judgedOf[about] = mostJudged
			t.fail("%s: %s", about, clip(strings.ReplaceAll(err.Error(), "\n", " "), 300))
		}
	}
	for _, status := range []int{201, 503} {
		t.ok(seen[status], "no %d of POST %s was seen in the whole run", status, predictPath)
	}
}

func checkPairLogs(t *T) {
	t.stopService()
	t.withoutML()
	checkLogs(t)
}

func checkPairGone(t *T) {
	t.stopService()
	t.withoutML()
	for _, in := range t.run.all {
		if !t.ok(in.exited(), "%s: still running at the end", in.label) {
			continue
		}
		pid := in.proc.Pid()
		t.ok(within(2*time.Second, func() bool { return !groupLives(pid) }), "%s: it has left a process behind", in.label)
		conn, err := net.DialTimeout("tcp", in.addr, time.Second)
		if err == nil {
			conn.Close()
		}
		t.ok(err != nil, "%s: its port still takes connections", in.label)
	}
}
