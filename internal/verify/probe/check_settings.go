package probe

import (
	"fmt"
	"net"
	"strings"
	"time"
)

var settingChecks = []Check{
	{ID: "settings", Name: "refuses missing and wrong settings: exit 1 and one line that names them",
		Reason: "a service that starts with half its settings fails later, at night, somewhere else",
		Run:    checkSettings},
	{ID: "log-level", Name: "logs no less and no more than LOG_LEVEL says",
		Reason: "a level that does nothing is found when the disk is full",
		Run: func(t *T) {
			in := t.launch("the service with LOG_LEVEL=error", "/readyz", map[string]string{"LOG_LEVEL": "error"})
			in.strange = true
			t.status(t.do(in, req{method: "GET", path: "/openapi.json"}), 200)
			t.problem(t.do(in, req{method: "GET", path: "/nothing"}), 404)
			t.end(in)
			t.ok(len(in.stdout.all()) == 0, "LOG_LEVEL=error still logs: %s", clip(in.stdout.text(), 200))
		}},
	{ID: "loopback", Name: "listens on 127.0.0.1 alone unless told otherwise",
		Reason: "a laptop in a café is a server for everyone at the next table",
		Run: func(t *T) {
			in := t.launch("the service without HOST", "/healthz", map[string]string{"HOST": Unset})
			_, port, _ := net.SplitHostPort(in.addr)
			conn, err := net.DialTimeout("tcp", "127.0.0.2:"+port, time.Second)
			if err == nil {
				conn.Close()
			}
			t.ok(err != nil, "without HOST the service also listens on other addresses than 127.0.0.1")
			t.end(in)
		}},
}

// A wrongSetting is a start that has to be refused.
type wrongSetting struct {
	env   map[string]string
	names []string
}

// secret is a password that must not come back in an error.
const secret = "hunter2-in-the-url"

func checkSettings(t *T) {
	// Each start costs seconds, so a case has more than one fault where that
	// says more: all of them have to be named.
	cases := []wrongSetting{
		{map[string]string{"PORT": "0"}, []string{"PORT"}},
		{map[string]string{"LOG_LEVEL": "loud", "PORT": "65536"}, []string{"LOG_LEVEL", "PORT"}},
	}
	if t.run.target.Notes {
		other := "postgresql://app:" + secret + "@127.0.0.1:5432/app"
		if t.run.target.Database.Kind() == "postgres" {
			other = "sqlite:///data/app.db"
			cases = append(cases,
				wrongSetting{map[string]string{"DATABASE_POOL_SIZE": "0"}, []string{"DATABASE_POOL_SIZE"}},
				wrongSetting{map[string]string{"DATABASE_POOL_SIZE": "many", "PORT": "-1"}, []string{"DATABASE_POOL_SIZE", "PORT"}})
		}
		cases = append(cases,
			wrongSetting{map[string]string{"DATABASE_URL": Unset}, []string{"DATABASE_URL"}},
			wrongSetting{map[string]string{"DATABASE_URL": "mysql://app:" + secret + "@127.0.0.1/app"}, []string{"DATABASE_URL"}},
			wrongSetting{map[string]string{"DATABASE_URL": other}, []string{"DATABASE_URL"}},
			wrongSetting{map[string]string{"DATABASE_URL": "", "PORT": "abc", "LOG_LEVEL": "loud"}, []string{"DATABASE_URL", "PORT", "LOG_LEVEL"}})
	}
	// Two at a time: more would measure the machine, not the service.
	for i := 0; i < len(cases); i += 2 {
		pair := cases[i:min(i+2, len(cases))]
		var running []*instance
		for _, c := range pair {
			in := t.spawn(fmt.Sprintf("the service with %s", settingText(c.env)), c.env)
			in.strange = true
			running = append(running, in)
		}
		for j, in := range running {
			t.refused(in, pair[j])
		}
	}
}

func settingText(env map[string]string) string {
	var out []string
	for _, k := range sortedKeys(env) {
		if env[k] == Unset {
			out = append(out, "no "+k)
		} else {
			out = append(out, fmt.Sprintf("%s=%q", k, env[k]))
		}
	}
	return strings.Join(out, " and ")
}

func (t *T) refused(in *instance, c wrongSetting) {
	code, ended := t.wait(in, startLimit)
	if !t.ok(ended, "%s: starts all the same", in.label) {
		in.proc.Kill()
		<-in.done
		return
	}
	t.ok(code == 1, "%s: exit %d, want 1", in.label, code)
	said := in.stderr.all()
	if !t.ok(len(said) == 1, "%s: %d lines on stderr, want one: %s", in.label, len(said), clip(in.stderr.text(), 300)) {
		return
	}
	for _, name := range c.names {
		t.ok(strings.Contains(said[0], name), "%s: the line does not name %s: %s", in.label, name, clip(said[0], 200))
	}
	t.ok(!strings.Contains(said[0], secret), "%s: the line shows the password", in.label)
	for _, line := range in.stdout.all() {
		_, err := parseLine(line)
		t.ok(err == nil, "%s: prints to stdout: %s", in.label, clip(line, 200))
	}
}
