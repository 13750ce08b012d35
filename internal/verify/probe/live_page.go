package probe

import (
	"regexp"
	"strings"
)

var handlerAttr = regexp.MustCompile(`(?is)<[a-z][^>]*\son[a-z]+\s*=`)

func checkLivePage(t *T) {
	a := t.get("/live")
	t.status(a, 200)
	t.ok(mediaType(a) == "text/html", "GET /live: content type %q, want text/html", a.header.Get("Content-Type"))
	p := parsePolicy(a.header.Get("Content-Security-Policy"))
	page := string(a.body)
	for _, directive := range []string{"script-src", "style-src", "connect-src"} {
		sources, limited := p.sources(directive)
		t.ok(limited && len(sources) == 1 && sources[0] == "'self'", "GET /live: the policy has %s %s, want 'self' alone", directive, strings.Join(sources, " "))
	}
	script := ""
	for _, tag := range loadTag.FindAllStringSubmatch(page, -1) {
		m := attrURL.FindStringSubmatch(tag[2])
		if m == nil {
			continue
		}
		link := firstNonEmpty(m[2], m[3], m[4])
		asset := t.asset("/live", link)
		if asset == nil {
			continue
		}
		switch {
		case strings.EqualFold(tag[1], "script"):
			t.ok(strings.HasSuffix(mediaType(asset), "javascript"), "%s: a script of type %q is not run under nosniff", asset.where(), mediaType(asset))
			script += string(asset.body)
		case strings.Contains(strings.ToLower(tag[2]), "stylesheet"):
			t.ok(mediaType(asset) == "text/css", "%s: a style sheet of type %q is not used under nosniff", asset.where(), mediaType(asset))
			for _, u := range cssURL.FindAllStringSubmatch(string(asset.body), -1) {
				t.ok(!foreign(u[1]), "%s: loads %s", asset.where(), clip(u[1], 80))
			}
		}
	}
	t.ok(strings.Contains(script, eventsPath) && strings.Contains(script, socketPath), "GET /live: its script opens no stream and no WebSocket")
	for _, s := range inline.FindAllStringSubmatch(page, -1) {
		t.ok(attrURL.MatchString(s[1]) || strings.TrimSpace(s[2]) == "", "GET /live: an inline script does not run under the page's own policy")
	}
	t.ok(!styleTag.MatchString(page), "GET /live: an inline style does not apply under the page's own policy")
	t.ok(!handlerAttr.MatchString(page), "GET /live: an inline handler does not run under the page's own policy")
	head := t.do(t.service(), req{method: "HEAD", path: "/live"})
	t.ok(head.status == 200 || head.status == 405, "HEAD /live: status %d", head.status)
	for _, path := range []string{"/live/", "/live.txt", "/live.html/..%2f..%2fpackage.json", "/..%2flive.js", "/public/"} {
		got := t.get(path)
		t.ok(got.status >= 400 && got.status < 500, "%s: status %d, want a refusal", got.where(), got.status)
	}
}
