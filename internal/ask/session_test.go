package ask

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
)

// A script answers questions by their keys, one answer after the other, and
// keeps what was asked. A question without an answer left is a cancellation.
type script struct {
	t       *testing.T
	answers map[string][]string // by key; several values of one answer are joined by +
	asked   []Question
}

func (s *script) next(q Question) (string, error) {
	s.t.Helper()
	s.asked = append(s.asked, q)
	if len(s.asked) > 50 {
		s.t.Fatalf("asked without end: %s", q.Key)
	}
	left := s.answers[q.Key]
	if len(left) == 0 {
		return "", ErrCancelled
	}
	s.answers[q.Key] = left[1:]
	return left[0], nil
}

func (s *script) offered(q Question, value string) {
	s.t.Helper()
	if !slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == value }) {
		s.t.Fatalf("%s: %q is not offered, only %v", q.Key, value, q.Options)
	}
}

func (s *script) Select(q Question) (string, error) {
	v, err := s.next(q)
	if err == nil {
		s.offered(q, v)
	}
	return v, err
}

func (s *script) MultiSelect(q Question) ([]string, error) {
	v, err := s.next(q)
	if err != nil || v == "" {
		return []string{}, err
	}
	for _, one := range strings.Split(v, "+") {
		s.offered(q, one)
	}
	return strings.Split(v, "+"), nil
}

func (s *script) Input(q Question, check func(string) error) (string, error) {
	for {
		v, err := s.next(q)
		if err != nil || check(v) == nil {
			return v, err
		}
	}
}

func (s *script) Confirm(q Question, _ bool) (bool, error) {
	v, err := s.next(q)
	return v == "yes", err
}

func (s *script) keys() string {
	var out []string
	for _, q := range s.asked {
		out = append(out, q.Key)
	}
	return strings.Join(out, " ")
}

// options lists the values that the last question with key offered.
func (s *script) options(key string) string {
	var out []string
	for _, q := range s.asked {
		if q.Key == key {
			out = nil
			for _, o := range q.Options {
				out = append(out, o.Value)
			}
		}
	}
	return strings.Join(out, " ")
}

var menu = guide.Menu{Choices: []guide.Choice{
	{Kind: "framework", Value: "fastify", Label: "Fastify", Language: "node", Available: true},
	{Kind: "framework", Value: "nestjs", Label: "NestJS", Language: "node"},
	{Kind: "framework", Value: "fastapi", Label: "FastAPI", Language: "python", Available: true},
	{Kind: "orm", Value: "typeorm", Label: "TypeORM", Language: "node", Available: true},
	{Kind: "orm", Value: "sqlalchemy", Label: "SQLAlchemy", Language: "python", Available: true},
	{Kind: "orm", Value: "none", Label: "No ORM", Available: true},
	{Kind: "feature", Value: "docker", Label: "Docker", Available: true},
	{Kind: "feature", Value: "ci", Label: "CI", Available: true},
}}

// decide is a small guide: the language follows what is known, a framework or
// an ORM of the other language is a contradiction. An ORM alone turns it.
func decide(a guide.Answers) (*guide.Decision, error) {
	s := guide.Service{Name: "app", Language: "node", Framework: "fastify", ORM: "typeorm", Features: []string{"docker", "ci"}}
	if a.Knows == "python" {
		s.Language = "python"
	}
	if a.Language != "" {
		s.Language = a.Language
	}
	for _, c := range menu.Choices {
		if c.Kind == "framework" && c.Value == a.Framework {
			if a.Language != "" && a.Language != c.Language {
				return nil, hint.Misusef("drop one of them", "language %s and framework %s do not fit", a.Language, a.Framework)
			}
			s.Language = c.Language
		}
	}
	if a.ORM == "sqlalchemy" && a.Language+a.Framework == "" {
		s.Language = "python"
	}
	if s.Language == "python" {
		s.Framework, s.ORM = "fastapi", "sqlalchemy"
	}
	if slices.Contains(a.Values, "structure") && s.Language == "node" {
		s.Framework = "nestjs" // has no layer
	}
	if a.Framework != "" {
		s.Framework = a.Framework
	}
	if a.ORM != "" {
		s.ORM = a.ORM
	}
	for _, c := range menu.Choices {
		if c.Kind == "orm" && c.Value == s.ORM && c.Language != "" && c.Language != s.Language {
			return nil, hint.Misusef("take the other ORM", "ORM %s is not for %s", s.ORM, s.Language)
		}
	}
	if a.Feature != nil {
		s.Features = a.Feature
	}
	return &guide.Decision{
		Recommendation: guide.Recommendation{Shape: guide.Single, Services: []guide.Service{s}},
		Confidence:     guide.Clear,
		Reasons:        []guide.Reason{{Because: "Because of " + s.Language + ".", Weight: 3}},
	}, nil
}

func nearest(_ guide.Answers, d *guide.Decision) (*guide.Decision, []string, error) {
	if d.Recommendation.Services[0].Framework != "nestjs" {
		return d, nil, nil
	}
	near := *d
	near.Recommendation.Services = slices.Clone(d.Recommendation.Services)
	near.Recommendation.Services[0].Framework = "fastify"
	return &near, []string{"fastify instead of nestjs (framework)"}, nil
}

func session(s *script) (*Session, *strings.Builder) {
	out := &strings.Builder{}
	return &Session{Prompter: s, Out: out, Width: 80, Menu: menu, Decide: decide, Nearest: nearest,
		CheckName: func(n string) error {
			if n != strings.ToLower(n) {
				return errors.New("capitals")
			}
			return nil
		}}, out
}

// whole answers every question; more is added to it by a test.
func whole(more map[string][]string) map[string][]string {
	m := map[string][]string{"name": {"shop"}, "building": {"api+realtime"}, "knows": {"javascript"}, "workload": {"io"}, "frontend": {"none"}, "values": {""}, "next": {accept}}
	for k, v := range more {
		m[k] = v
	}
	return m
}

func TestRunAsksInOrder(t *testing.T) {
	p := &script{t: t, answers: whole(map[string][]string{"name": {"Shop", "shop"}})}
	s, out := session(p)
	a, d, err := s.Run(guide.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.keys(), "name name building knows workload frontend values next"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	want := guide.Answers{Name: "shop", Building: []string{"api", "realtime"}, Knows: "javascript", Workload: "io", Frontend: "none", Values: []string{}}
	if fmt.Sprintf("%#v", a) != fmt.Sprintf("%#v", want) {
		t.Errorf("got %#v\nwant %#v", a, want)
	}
	if d.Recommendation.Services[0].Framework != "fastify" {
		t.Errorf("recommended %v", d.Recommendation)
	}
	for _, w := range []string{"Node.js: Fastify, TypeORM, Docker, CI", "point here clearly", "Because of node."} {
		if !strings.Contains(out.String(), w) {
			t.Errorf("the screen lacks %q:\n%s", w, out)
		}
	}
	if n := len(p.asked) - 1; n > 7 { // one name was refused
		t.Errorf("%d questions; seven are the most that anybody answers", n)
	}
	if got, want := strings.Join(Missing(guide.Answers{Knows: "both", Values: []string{}}), " "), "building workload frontend"; got != want {
		t.Errorf("missing %q, want %q", got, want)
	}
}

func TestRunSkipsWhatIsAnswered(t *testing.T) {
	p := &script{t: t, answers: map[string][]string{"frontend": {"mobile"}, "next": {accept}}}
	s, _ := session(p)
	_, _, err := s.Run(guide.Answers{Name: "shop", Building: []string{"api"}, Knows: "both", Workload: "io", Values: []string{}})
	if err != nil || p.keys() != "frontend next" {
		t.Errorf("asked %q, %v", p.keys(), err)
	}
}

func TestRunCancelledAnywhere(t *testing.T) {
	for _, key := range []string{"name", "building", "knows", "workload", "frontend", "values", "next"} {
		answers := whole(nil)
		delete(answers, key)
		p := &script{t: t, answers: answers}
		s, _ := session(p)
		if _, d, err := s.Run(guide.Answers{}); !errors.Is(err, ErrCancelled) || d != nil {
			t.Errorf("left at %s: %v, %v", key, d, err)
		}
		if last := p.asked[len(p.asked)-1].Key; last != key {
			t.Errorf("left at %s, but %s was asked last", key, last)
		}
	}
	for _, step := range []string{leave, change, override} { // and on the screens behind
		p := &script{t: t, answers: whole(map[string][]string{"next": {step}})}
		s, _ := session(p)
		if _, _, err := s.Run(guide.Answers{}); !errors.Is(err, ErrCancelled) {
			t.Errorf("left after %s: %v", step, err)
		}
	}
}

func TestChangeAnAnswer(t *testing.T) {
	p := &script{t: t, answers: whole(map[string][]string{
		"next": {change, change, change, change, accept}, "change": {"knows", "license", "name", back},
		"knows": {"javascript", "python"}, "license": {"MIT"}, "name": {"shop", "store"},
	})}
	s, out := session(p)
	a, d, err := s.Run(guide.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != "store" || a.Knows != "python" || a.License != "MIT" || d.Recommendation.Services[0].Framework != "fastapi" {
		t.Errorf("got %+v, %+v", a, d.Recommendation)
	}
	if !strings.Contains(out.String(), "Because of node.") || !strings.Contains(out.String(), "Because of python.") {
		t.Errorf("the recommendation was not shown again:\n%s", out)
	}
	for _, q := range p.asked {
		if q.Key == "knows" && len(q.Default) > 0 && q.Default[0] != "javascript" {
			t.Errorf("the second time the default is %q, not what was said", q.Default)
		}
	}
	var listed []string
	for _, q := range p.asked {
		if q.Key == "change" {
			listed = nil
			for _, o := range q.Options {
				listed = append(listed, o.Value+"="+o.Hint)
			}
		}
	}
	if got, want := strings.Join(listed, "; "), "name=store; building=An API, Real-time features; knows=Python; workload=Waiting; frontend=Nothing; values=nothing; goal=A product; license=MIT; back="; got != want {
		t.Errorf("the review lists\n%s\nwant\n%s", got, want)
	}
}

func TestOverrideOffersWhatFits(t *testing.T) {
	for _, c := range []struct {
		name, part, pick, offered string
		check                     func(guide.Answers) bool
	}{
		{"an ORM of the other language is not shown", ".orm", "none", "typeorm none " + asRecommended, func(a guide.Answers) bool { return a.ORM == "none" }},
		{"a framework without a layer is not shown", ".framework", "fastapi", "fastify fastapi " + asRecommended, func(a guide.Answers) bool { return a.Framework == "fastapi" }},
		{"the recommendation can be had back", ".framework", asRecommended, "fastify fastapi " + asRecommended, func(a guide.Answers) bool { return a.Framework == "" }},
		{"a language", ".language", "python", "node python " + asRecommended, func(a guide.Answers) bool { return a.Language == "python" }},
		{"features are an exact set", ".feature", "ci", "docker ci", func(a guide.Answers) bool { return slices.Equal(a.Feature, []string{"ci"}) }},
		{"no feature", ".feature", "", "docker ci", func(a guide.Answers) bool { return slices.Equal(a.Feature, []string{"none"}) }},
	} {
		kind := strings.TrimPrefix(c.part, ".")
		p := &script{t: t, answers: whole(map[string][]string{"next": {override, accept}, "override": {c.part}, kind: {c.pick}})}
		s, _ := session(p)
		a, _, err := s.Run(guide.Answers{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := p.options(kind); got != c.offered {
			t.Errorf("%s: offered %q, want %q", c.name, got, c.offered)
		}
		if !c.check(a) {
			t.Errorf("%s: got %+v", c.name, a)
		}
	}
}

// A choice that was made before must not hide the others for good.
func TestOverrideTakesBackWhatIsInTheWay(t *testing.T) {
	p := &script{t: t, answers: whole(map[string][]string{"next": {override, override, accept}, "override": {".orm", ".framework"}, "orm": {"typeorm"}, "framework": {"fastapi"}})}
	s, _ := session(p)
	a, d, err := s.Run(guide.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if a.ORM != "" || a.Framework != "fastapi" || d.Recommendation.Services[0].ORM != "sqlalchemy" {
		t.Errorf("got %+v, %+v", a, d.Recommendation)
	}
}

func TestNearestIsOffered(t *testing.T) {
	p := &script{t: t, answers: whole(map[string][]string{"values": {"structure"}})}
	s, out := session(p)
	a, d, err := s.Run(guide.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Framework != "" || d.Recommendation.Services[0].Framework != "fastify" {
		t.Errorf("got %+v, %+v", a, d.Recommendation)
	}
	for _, w := range []string{"NestJS", "fastify instead of nestjs"} {
		if !strings.Contains(out.String(), w) {
			t.Errorf("the screen lacks %q:\n%s", w, out)
		}
	}
}

func TestContradictionCanBeMended(t *testing.T) {
	p := &script{t: t, answers: whole(map[string][]string{"next": {override, accept}})}
	s, out := session(p)
	a, _, err := s.Run(guide.Answers{Language: "python", Framework: "fastify"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Language != "" || a.Framework != "" {
		t.Errorf("got %+v", a)
	}
	if !strings.Contains(out.String(), "language python and framework fastify do not fit") || !strings.Contains(out.String(), "drop one of them") {
		t.Errorf("the screen does not say what is wrong:\n%s", out)
	}
}

func TestScreensFitNarrowTerminals(t *testing.T) {
	for _, width := range []int{40, 60, 80} {
		p := &script{t: t, answers: whole(map[string][]string{"next": {explain, accept}, "values": {"structure"}})}
		s, out := session(p)
		s.Width = width
		if _, _, err := s.Run(guide.Answers{}); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if n := len([]rune(line)); n > width {
				t.Errorf("%d columns: a line of %d: %s", width, n, line)
			}
		}
	}
}

// The first screen and the long one, as a person sees them.
func TestScreens(t *testing.T) {
	d := &guide.Decision{
		Recommendation: guide.Recommendation{Shape: guide.Split, Services: []guide.Service{
			{Name: "api", Language: "node", Framework: "fastify", ORM: "typeorm", Features: []string{"docker", "ci"}},
			{Name: "ml", Language: "python", Framework: "fastapi", ML: "sklearn"},
		}},
		Confidence: guide.Leaning,
		Reasons: []guide.Reason{
			{Because: "Models are made in Python.", Weight: 5}, {Because: "Live updates are many open connections, which Node.js holds cheaply.", Weight: 4},
			{Because: "Both are used at scale.", Weight: 0}, {Because: "You work in both.", Weight: 2}, {Because: "The front end is JavaScript.", Weight: 1},
		},
		Against:   []guide.Reason{{Because: "Two programs are more than one."}},
		WatchOut:  []guide.WatchOut{{What: "Errors need discipline: one place turns each into an answer."}},
		RunnerUp:  &guide.RunnerUp{Recommendation: guide.Recommendation{Shape: guide.Single, Services: []guide.Service{{Language: "python", Framework: "fastapi", ORM: "sqlalchemy"}}}},
		Flips:     []guide.Flip{{Changes: []guide.Change{{Key: "knows", Op: "set", Value: "python"}, {Key: "building", Op: "remove", Value: "realtime"}}, To: guide.Outcome{Shape: guide.Single, Languages: []string{"python"}}}},
		Overrides: []guide.Override{{Key: "orm", Value: "typeorm", Instead: "none"}},
	}
	for _, c := range []struct {
		name          string
		width, height int
		screen        func(*Session) string
		want          string
	}{
		{"summary", 80, 24, func(s *Session) string { return s.summary(d) }, `  Recommended
    api, Node.js: Fastify, TypeORM, Docker, CI
    ml, Python: FastAPI, sklearn
  The answers lean this way.

  Because
  - Models are made in Python.
  - Live updates are many open connections, which Node.js holds cheaply.
  - You work in both.

  Watch out
  - Errors need discipline: one place turns each into an answer.

  Your choice: orm TypeORM; the rules say No ORM.

`},
		{"short and narrow", 40, 15, func(s *Session) string { return s.summary(d) }, `  Because
  - Models are made in Python.

  Your choice: orm TypeORM; the rules
  say No ORM.

  Recommended
    api, Node.js: Fastify, TypeORM,
    Docker, CI
    ml, Python: FastAPI, sklearn
  The answers lean this way.

`},
		{"all reasons", 60, 24, func(s *Session) string { return s.reasons(d) }, `  For it
  - Models are made in Python.
  - Live updates are many open connections, which Node.js
    holds cheaply.
  - Both are used at scale.
  - You work in both.
  - The front end is JavaScript.

  Against it
  - Two programs are more than one.

  Next in line
  - Python: FastAPI, SQLAlchemy

  What would change it
  - if knows were "Python" and building had no "Real-time
    features": Python

`},
	} {
		s := &Session{Width: c.width, Height: c.height, Menu: menu}
		if got := c.screen(s); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestPlain(t *testing.T) {
	var out strings.Builder
	p := Plain(t.Context(), strings.NewReader("Shop\nshop\n9\n1,2\n\n\n3\n\n"), &out)
	s, screen := session(nil)
	s.Prompter = p
	a, _, err := s.Run(guide.Answers{Values: []string{}})
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &out, screen)
	}
	want := guide.Answers{Name: "shop", Building: []string{"api", "realtime"}, Knows: "javascript", Workload: "ordinary", Frontend: "other", Values: []string{}}
	if fmt.Sprintf("%#v", a) != fmt.Sprintf("%#v", want) {
		t.Errorf("got %#v\nwant %#v\n%s", a, want, &out)
	}
	for _, w := range []string{"capitals", "give a number from 1 to 5", "1. An API (for web pages"} {
		if !strings.Contains(out.String(), w) {
			t.Errorf("lacks %q:\n%s", w, &out)
		}
	}
	if _, _, err := s.Run(guide.Answers{}); !errors.Is(err, ErrCancelled) {
		t.Errorf("the end of the input gives %v", err)
	}
}
