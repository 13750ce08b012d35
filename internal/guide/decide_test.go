package guide

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// stackOf is a recommendation in a line, as "api node fastify typeorm sqlite npm - docker+ci".
func stackOf(r Recommendation) string {
	var out []string
	for _, s := range r.Services {
		parts := []string{s.Name, s.Language, s.Framework, s.ORM, s.Database, s.PM, s.ML, strings.Join(s.Features, "+")}
		for i := range parts {
			if parts[i] == "" {
				parts[i] = "-"
			}
		}
		out = append(out, strings.Join(parts, " "))
	}
	return strings.Join(out, " ~ ")
}

// parse reads answers written in a line: "knows=python building=ml,api".
func parse(t *testing.T, line string) Answers {
	t.Helper()
	var a Answers
	for _, field := range strings.Fields(line) {
		key, value, _ := strings.Cut(field, "=")
		words := strings.Split(value, ",")
		if service, rest, ok := strings.Cut(strings.TrimPrefix(key, "services."), "."); ok {
			a.SetFor(service, rest, words)
		} else {
			a.Set(key, words)
		}
	}
	return a
}

func decide(t *testing.T, line string) *Decision {
	t.Helper()
	d, err := Decide(parse(t, line), GuideMenu())
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return d
}

// The examples that the product promises, and what a person would expect of
// answers near them.
func TestExamples(t *testing.T) {
	for _, c := range []struct{ name, answers, stack, confidence string }{
		{"a JavaScript team, live updates", "knows=javascript building=realtime workload=io",
			"app node fastify typeorm sqlite npm - docker+ci+realtime", Clear},
		{"a Python team, a model behind an API", "knows=python building=ml,api",
			"app python fastapi sqlalchemy sqlite uv sklearn docker+ci", Clear},
		{"a content site in Python", "knows=python building=content",
			"app python django django sqlite uv - docker+ci", Clear},
		{"both known, a model and live updates for a JavaScript front end", "knows=both building=ml,realtime frontend=javascript",
			"api node fastify typeorm sqlite npm - docker+ci+realtime ~ ml python fastapi - - uv sklearn docker+ci", Clear},
		{"nothing known", "",
			"app python fastapi sqlalchemy sqlite uv - docker+ci", TossUp},

		{"a content site, whoever writes it", "building=content",
			"app python django django sqlite uv - docker+ci", Leaning},
		{"structure for a JavaScript team", "knows=javascript values=structure building=api",
			"app node nestjs typeorm sqlite npm - docker+ci", Leaning},
		{"little weight in JavaScript", "knows=javascript values=lightweight",
			"app node express typeorm sqlite npm - docker+ci", Leaning},
		{"little weight in Python", "knows=python values=lightweight",
			"app python flask sqlalchemy sqlite uv - docker+ci", Leaning},
		{"a career from JavaScript", "goal=learning knows=javascript",
			"app node express typeorm sqlite npm - docker+ci", Leaning},
		{"a career from nothing", "goal=learning knows=neither",
			"app python fastapi sqlalchemy sqlite uv - docker+ci", Leaning},
		{"data beside many connections", "building=data workload=io",
			"api node fastify typeorm sqlite npm - docker+ci+realtime ~ ml python fastapi - - uv sklearn docker+ci", Leaning},
		{"a model in one service for a JavaScript team", "knows=javascript building=ml,realtime shape=single",
			"app python fastapi sqlalchemy sqlite uv sklearn docker+ci+realtime", Leaning},
		{"the person's framework decides the language", "knows=javascript framework=flask",
			"app python flask sqlalchemy sqlite uv - docker+ci", TossUp},
		{"the person's manager decides the language", "pm=pnpm",
			"app node fastify typeorm sqlite pnpm - docker+ci", TossUp},
		{"an ORM that comes with one framework", "orm=django",
			"app python django django sqlite uv - docker+ci", TossUp},
		{"no feature", "feature=none building=realtime",
			"app node fastify typeorm sqlite npm - -", Leaning},
		{"a split with the person's choices", "shape=split framework=express services.ml.framework=flask ml=pytorch",
			"api node express typeorm sqlite npm - docker+ci+realtime ~ ml python flask - - uv pytorch docker+ci", TossUp},
		{"naming a service of a split asks for one", "services.ml.pm=pip",
			"api node fastify typeorm sqlite npm - docker+ci+realtime ~ ml python fastapi - - pip sklearn docker+ci", TossUp},
	} {
		d := decide(t, c.answers)
		if got := stackOf(d.Recommendation); got != c.stack || d.Confidence != c.confidence {
			t.Errorf("%s (%s):\n got %s, %s\nwant %s, %s", c.name, c.answers, got, d.Confidence, c.stack, c.confidence)
		}
	}
}

// With nothing known the person is told so, told that speed will not matter, and
// given the language that is easier to read and write.
func TestTossUpSaysSo(t *testing.T) {
	d := decide(t, "")
	text := d.Say(GuideMenu(), 80, false)
	for _, want := range []string{"toss-up", "performance difference will not matter", "easier to read and write", "Python"} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q:\n%s", want, text)
		}
	}
}

// A goal that is not said is a product.
func TestDefaultGoal(t *testing.T) {
	for _, line := range []string{"", "knows=javascript building=api", "building=ml,realtime frontend=javascript values=readability"} {
		a, b := decide(t, line), decide(t, line+" goal=product")
		if x, y := text(t, a), text(t, b); x != y {
			t.Errorf("%s: goal=product changes\n%s\nto\n%s", line, x, y)
		}
	}
}

func text(t *testing.T, d *Decision) string {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What contradicts itself is a misuse that names both sides and what would fit.
func TestContradictions(t *testing.T) {
	for _, c := range []struct{ answers, err, hint string }{
		{"language=node framework=django", "language node and framework django do not go together",
			"language node goes with framework express, fastify or nestjs; framework django goes with language python"},
		{"framework=fastapi orm=django", "framework fastapi and orm django do not go together",
			"framework fastapi goes with orm sqlalchemy or none; orm django goes with framework django"},
		{"framework=django orm=sqlalchemy", "framework django and orm sqlalchemy do not go together",
			"framework django goes with orm django; orm sqlalchemy goes with framework flask or fastapi"},
		{"framework=django orm=none", "framework django and orm none do not go together",
			"framework django goes with orm django; orm none goes with framework express, fastify, nestjs, flask or fastapi"},
		{"framework=express pm=uv", "framework express and pm uv do not go together",
			"framework express goes with pm npm, yarn or pnpm; pm uv goes with framework django, flask or fastapi"},
		{"orm=typeorm pm=poetry", "orm typeorm and pm poetry do not go together",
			"orm typeorm goes with pm npm, yarn or pnpm; pm poetry goes with orm sqlalchemy, django or none"},
		{"language=node building=ml", "building ml needs a service in Python, and language node makes a single one in Node.js",
			"pass --shape split for an API in Node.js beside a service in Python, or language python"},
		{"framework=express ml=pytorch", "ml pytorch needs a service in Python, and framework express makes a single one in Node.js",
			"pass --shape split for an API in Node.js beside a service in Python, or framework django, flask or fastapi"},
		{"framework=express building=ml shape=single", "building ml needs a service in Python, and framework express makes a single one in Node.js",
			"pass --shape split for an API in Node.js beside a service in Python, or framework django, flask or fastapi"},
		{"feature=none,docker", "feature none stands alone, and there is docker too", "leave out none, or everything else"},
		{"framework=fastpi", `unknown framework "fastpi" (did you mean "fastapi"?)`, "framework is one of express, fastify, nestjs, django, flask or fastapi"},
		{"knows=JavaScript", `unknown knows "JavaScript" (did you mean "javascript"?)`, "knows is one of javascript, python, both or neither"},
		{"building=realtme", `unknown building "realtme" (did you mean "realtime"?)`, "building are any of api, realtime, content, ml or data"},
		{"feature=dokcer", `unknown feature "dokcer" (did you mean "docker"?)`, "feature is one of docker, ci, realtime or none"},
		{"shape=single services.ml.pm=pip", "shape single and services.ml.pm: only a split has a service ml", "leave out services.ml.pm, or pass --shape split"},
		{"shape=split language=python", "the service api of a split is in Node.js, and language python is not", "leave out language python, or pass --shape single"},
		{"shape=split framework=django", "the service api of a split is in Node.js, and framework django is not", "leave out framework django, or pass --shape single"},
		{"services.ml.database=postgres", "the service ml of a split has no database", "leave out services.ml.database"},
		{"services.ml.framework=express", "services.ml.framework express does not fit this service", "services.ml.framework can be django, flask or fastapi"},
		{"framework=fastify services.api.framework=express", "framework fastify and services.api.framework express: which one?", "in a split framework means the service api: keep one of the two"},
		{"ml=pytorch services.ml.ml=sklearn", "ml pytorch and services.ml.ml sklearn: which one?", "in a split ml means the service ml: keep one of the two"},
		{"services.web.framework=express", `unknown service "web"`, "the services of a split are api and ml"},
		{"services.ml.feature=realtime", "feature realtime does not fit the service ml", "leave out feature realtime"},
	} {
		_, err := Decide(parse(t, c.answers), GuideMenu())
		switch {
		case err == nil:
			t.Errorf("%s: no error", c.answers)
		case err.Error() != c.err || c.hint != "" && hint.Next(err) != c.hint || !hint.IsMisuse(err):
			t.Errorf("%s:\n got %v\nhint %s\nwant %s\nhint %s", c.answers, err, hint.Next(err), c.err, c.hint)
		}
	}
}

// Whatever two choices a person sets, the answer is a stack that has both, or an
// error that names both; what is wrong for a split by itself needs no other.
func TestEveryPairOfChoices(t *testing.T) {
	m := GuideMenu()
	type choice struct{ key, value string }
	var all []choice
	for _, k := range Keys() {
		values := k.Values
		if k.Menu {
			values = m.Values(k.Name)
		}
		if k.Menu && k.Name != "feature" || k.Name == "language" {
			for _, v := range values {
				all = append(all, choice{k.Name, v})
			}
		}
	}
	for _, x := range all {
		for _, y := range all {
			for _, shape := range []string{"", "shape=single ", "shape=split "} {
				if x.key == y.key {
					continue
				}
				line := fmt.Sprintf("%s%s=%s %s=%s", shape, x.key, x.value, y.key, y.value)
				d, err := Decide(parse(t, line), m)
				if err != nil {
					for _, c := range []choice{x, y} {
						// It takes one of them to be wrong for a split, and that one is named.
						alone := shape == "shape=split " && (strings.HasSuffix(err.Error(), fmt.Sprintf("is in Node.js, and %s %s is not", x.key, x.value)) ||
							strings.HasSuffix(err.Error(), fmt.Sprintf("is in Node.js, and %s %s is not", y.key, y.value)))
						if !strings.Contains(err.Error(), c.key+" "+c.value) && !alone {
							t.Errorf("%s: %v: does not name %s %s", line, err, c.key, c.value)
						}
					}
					if !hint.IsMisuse(err) || hint.Next(err) == "" {
						t.Errorf("%s: %v: no misuse with a next step", line, err)
					}
					continue
				}
				for _, c := range []choice{x, y} {
					if !slices.ContainsFunc(d.Recommendation.Services, func(s Service) bool { return value(c.key, s) == c.value }) {
						t.Errorf("%s: %s overruled: %s", line, c.key, stackOf(d.Recommendation))
					}
				}
				for _, s := range d.Recommendation.Services {
					if s.ORM == "" && s.Database == "" && s.ML == "" {
						t.Errorf("%s: %s has nothing to do", line, s.Name)
					} else if err := canBeBuilt(s, m); err != nil {
						t.Errorf("%s: %v", line, err)
					}
				}
			}
		}
	}
}

// What the person set against the rules is listed with what they would have chosen.
func TestOverrides(t *testing.T) {
	for _, c := range []struct{ answers, want string }{
		{"knows=javascript", ""},
		{"knows=javascript language=node framework=fastify", ""},
		{"knows=javascript language=python", "language=python (node)"},
		{"knows=javascript framework=flask", "framework=flask (fastify)"},
		{"knows=javascript language=python framework=flask", "language=python (node) framework=flask (fastapi)"},
		{"framework=express orm=prisma database=postgres", "framework=express (fastapi) orm=prisma (typeorm) database=postgres (sqlite)"},
		{"shape=split", "shape=split (single)"},
		{"building=ml,realtime shape=single", "shape=single (split)"},
		{"feature=none", "feature=none (docker, ci)"},
		{"feature=ci,docker", ""},
		{"building=ml ml=pytorch", "ml=pytorch (sklearn)"},
		{"services.ml.pm=pip", "shape=split (single) ml.pm=pip (uv)"},
		{"building=ml,realtime framework=fastapi", "shape=single (split)"},
	} {
		var got []string
		for _, o := range decide(t, c.answers).Overrides {
			key := o.Key
			if o.Service != "" {
				key = o.Service + "." + key
			}
			got = append(got, fmt.Sprintf("%s=%s (%s)", key, o.Value, o.Instead))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: overrides %q, want %q", c.answers, s, c.want)
		}
	}
}

// What a flip says also holds beside choices that the person set: with its
// changes the same choices lead where it says.
func TestFlipsBesideChoices(t *testing.T) {
	s, m := newSpace(), GuideMenu()
	random := rand.New(rand.NewPCG(7, 8))
	checked := 0
	for range 6000 {
		n := random.IntN(s.size)
		a := s.answers(n)
		choices := Answers{}
		for _, key := range []string{"language", "framework", "orm", "pm", "database", "ml"} {
			if values := append(m.Values(key), "node", "python"); random.IntN(4) == 0 {
				choices.Set(key, []string{values[random.IntN(len(values))]})
			}
		}
		d, err := Decide(a.Merge(choices), m)
		if err != nil {
			if !hint.IsMisuse(err) {
				t.Fatal(err)
			}
			continue
		}
		for _, f := range d.Flips {
			b := s.answers(s.apply(n, f.Changes)).Merge(choices)
			after, err := Decide(b, m)
			if err != nil {
				t.Fatalf("%s: flip %v leads to %v", describe(a.Merge(choices)), f.Changes, err)
			}
			var languages []string
			for _, sv := range after.Recommendation.Services {
				languages = append(languages, sv.Language)
			}
			if after.Recommendation.Shape != f.To.Shape || !slices.Equal(languages, f.To.Languages) {
				t.Fatalf("%s: flip %v leads to %v, not to %v", describe(a.Merge(choices)), f.Changes, after.Recommendation, f.To)
			}
			checked++
		}
	}
	if checked < 1000 {
		t.Errorf("only %d flips were tried", checked)
	}
}

// A framework that only the catalog has is a legal answer, with what fits it.
func TestFrameworkOfTheCatalog(t *testing.T) {
	m := GuideMenu().With(Menu{Choices: []Choice{
		{Kind: "framework", Value: "toy", Label: "Toy", Language: "node", Needs: []string{"from-a-base"}, Gives: []string{"node", "toy"}},
		{Kind: "orm", Value: "typeorm", Label: "TypeORM of the catalog", Language: "node", Needs: []string{"node", "sql"}, Gives: []string{"store", "typeorm"}},
	}})
	d, err := Decide(Answers{Framework: "toy"}, m)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := stackOf(d.Recommendation), "app node toy typeorm sqlite npm - docker+ci"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := Decide(Answers{Framework: "toy", ORM: "sqlalchemy"}, m); err == nil {
		t.Error("toy goes with an ORM of the other language")
	}
	if _, err := Decide(Answers{Framework: "toy"}, GuideMenu()); err == nil {
		t.Error("the guide alone knows toy")
	}
	c := m.Find("orm", "typeorm", "node")
	if !c.Available || c.Label != "TypeORM of the catalog" || !slices.Contains(c.Gives, "typeorm") {
		t.Errorf("the union lost what the catalog says: %+v", c)
	}
	if m.Find("framework", "nestjs", "").Available || GuideMenu().Find("orm", "typeorm", "").Available {
		t.Error("available without a layer")
	}
	if alone, err := Decide(Answers{Framework: "toy"}, Menu{Choices: m.Choices}); err != nil || stackOf(alone.Recommendation) != stackOf(d.Recommendation) {
		t.Errorf("a menu made by hand decides otherwise: %v, %v", alone, err)
	}
}

func TestFitting(t *testing.T) {
	fastapi := Service{Name: "app", Language: "python", Framework: "fastapi", ORM: "sqlalchemy", PM: "uv", Database: "sqlite"}
	for _, c := range []struct {
		kind    string
		service Service
		want    string
	}{
		{"framework", fastapi, "flask fastapi"},
		{"orm", fastapi, "sqlalchemy none"},
		{"orm", Service{Language: "python", Framework: "django", Database: "sqlite", PM: "uv"}, "django"},
		{"database", fastapi, "sqlite postgres"},
		{"pm", fastapi, "pip poetry uv"},
		{"ml", fastapi, "sklearn pytorch tensorflow"},
		{"feature", fastapi, "docker ci realtime"},
		{"feature", Service{Language: "python", Framework: "fastapi", PM: "uv", ML: "sklearn"}, "docker ci"},
		{"framework", Service{Language: "node", ORM: "prisma", Database: "postgres", PM: "yarn"}, "express fastify nestjs"},
	} {
		var got []string
		for _, o := range GuideMenu().Fitting(c.kind, c.service) {
			got = append(got, o.Value)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s beside %+v: %s, want %s", c.kind, c.service, s, c.want)
		}
	}
}

// The order of rows and of answers changes nothing.
func TestOrderDoesNotMatter(t *testing.T) {
	s := newSpace()
	random := rand.New(rand.NewPCG(1, 2))
	var sample []Answers
	for range 300 {
		sample = append(sample, s.answers(random.IntN(s.size)))
	}
	for range 5 {
		table, err := readTable(rulesTOML)
		if err != nil {
			t.Fatal(err)
		}
		random.Shuffle(len(table.Rules), func(i, j int) { table.Rules[i], table.Rules[j] = table.Rules[j], table.Rules[i] })
		r, err := compile(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range sample {
			want, err := Decide(a, GuideMenu())
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.decide(a, r.menu.compiled)
			if err != nil {
				t.Fatal(err)
			}
			if text(t, got) != text(t, want) {
				t.Fatalf("%s: shuffled rules decide otherwise:\n%s\n%s", describe(a), text(t, got), text(t, want))
			}
		}
	}
	// Every set of items, forwards and backwards and twice.
	for n := range 1 << 10 {
		var a Answers
		for i, v := range builtin().Answers[2].Values {
			if n&(1<<i) != 0 {
				a.Building = append(a.Building, v)
			}
		}
		for i, v := range builtin().Answers[5].Values {
			if n&(1<<(5+i)) != 0 {
				a.Values = append(a.Values, v)
			}
		}
		b := a
		b.Building, b.Values = slices.Clone(a.Building), slices.Clone(a.Values)
		slices.Reverse(b.Building)
		slices.Reverse(b.Values)
		b.Building = append(b.Building, a.Building...)
		x, err := Decide(a, GuideMenu())
		if err != nil {
			t.Fatal(err)
		}
		y, err := Decide(b, GuideMenu())
		if err != nil || text(t, x) != text(t, y) {
			t.Fatalf("%v %v: another order decides otherwise (%v)", a.Building, a.Values, err)
		}
	}
}

// The compiled conditions hold where the lines of the file say so, read in the
// plainest way.
func TestConditionsMeanWhatTheySay(t *testing.T) {
	s, r := newSpace(), builtin()
	random := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		a := s.answers(random.IntN(s.size))
		said := a.Map()
		if said["goal"] == nil {
			said["goal"] = "product"
		}
		facts := r.facts(&a)
		for _, c := range r.rules {
			if slices.ContainsFunc(c.When, func(w string) bool { return strings.HasPrefix(w, "language:") || strings.HasPrefix(w, "shape:") }) {
				continue
			}
			want := true
			for _, line := range c.When {
				key, rest, _ := strings.Cut(line, ": ")
				rest, not := strings.CutPrefix(rest, "not ")
				hit := false
				for _, v := range strings.Split(rest, " | ") {
					switch x := said[key].(type) {
					case nil:
						hit = hit || v == unset
					case string:
						hit = hit || v == x
					case []string:
						hit = hit || slices.Contains(x, v)
					}
				}
				want = want && hit != not
			}
			if got := c.holds(facts); got != want {
				t.Fatalf("%s: rule %s %q: holds is %v", describe(a), c.ID, c.When, got)
			}
		}
	}
}

// The human form fits a screen of 80 by 24 with the two lines that decide adds,
// for answers as people give them, and never breaks the width.
func TestSayFitsTheScreen(t *testing.T) {
	s := newSpace()
	random := rand.New(rand.NewPCG(5, 6))
	long := 0
	for range 4000 {
		a := s.answers(random.IntN(s.size))
		d, err := Decide(a, GuideMenu())
		if err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{80, 50} {
			for _, explain := range []bool{false, true} {
				for _, line := range strings.Split(d.Say(GuideMenu(), width, explain), "\n") {
					if n := len([]rune(line)); n > width && strings.Contains(strings.TrimSpace(line), " ") {
						t.Fatalf("%s: %d columns of %d: %q", describe(a), n, width, line)
					}
				}
			}
		}
		if n := strings.Count(d.Say(GuideMenu(), 80, false), "\n"); n > screen {
			long++
			t.Logf("%s: %d lines", describe(a), n)
		}
	}
	if long > 0 {
		t.Errorf("%d of 4000 are longer than a screen", long)
	}
}

// A reason is one sentence that takes at most two lines.
func TestReasonsAreSentences(t *testing.T) {
	for _, r := range builtin().Rules {
		if n := len([]rune(r.Because)); n > 112 || !strings.HasSuffix(r.Because, ".") || strings.Contains(r.Because, "  ") {
			t.Errorf("rule %s: %d characters: %q", r.ID, n, r.Because)
		}
	}
}

// What the winner is weak in always has a file that deals with it.
func TestEveryWatchHasAFile(t *testing.T) {
	r := builtin()
	for _, c := range r.rules {
		if c.Kind != kindWatch {
			continue
		}
		for _, f := range r.menu.Choices {
			if f.Kind != "framework" || !c.holds(^bits(0)&^c.never) {
				continue
			}
			if slices.ContainsFunc(c.When, func(w string) bool { return strings.HasPrefix(w, "language: ") && w != "language: "+f.Language }) {
				continue
			}
			if r.path(c.Topic, Service{Language: f.Language, Framework: f.Value}, false) == "" {
				t.Errorf("rule %s, %s: no file for topic %s", c.ID, f.Value, c.Topic)
			}
		}
	}
}

// Frameworks, ORMs, package managers, databases and languages are named in
// rules.toml and nowhere else in this package.
func TestNoNameInTheProgram(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	names := map[string]bool{}
	for _, c := range GuideMenu().Choices {
		switch c.Kind {
		case "framework", "orm", "pm", "database", "ml":
			names[c.Value] = true
		}
	}
	for _, l := range builtin().Languages {
		names[l.ID] = true
	}
	delete(names, none)
	words := slices.Sorted(maps.Keys(names))
	name := regexp.MustCompile(`(?i)"(` + strings.Join(words, "|") + `)"`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if m := name.FindString(line); m != "" {
				t.Errorf("%s:%d: names %s", f, i+1, m)
			}
		}
	}
}

// What is said of one language, and of both, is said only where there is one,
// and where there are both.
func TestWhatIsSaidFitsTheShape(t *testing.T) {
	for _, c := range []struct {
		rule string
		a    Answers
		told bool
	}{
		{"hiring", Answers{Frontend: "javascript", Knows: "javascript"}, true},
		{"hiring", Answers{Frontend: "javascript", Building: []string{"ml", "realtime"}}, false},
		{"split-common", Answers{Frontend: "javascript", Building: []string{"ml", "realtime"}}, true},
		{"split-common", Answers{Shape: Single, Language: "python"}, false},
	} {
		d, err := Decide(c.a, GuideMenu())
		if err != nil {
			t.Fatal(err)
		}
		if told := slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Rule == c.rule }); told != c.told {
			t.Errorf("%s: told %v of %+v", c.rule, told, d.Recommendation)
		}
	}
}

// Several features are called by their labels, as one is.
func TestOverriddenFeaturesHaveLabels(t *testing.T) {
	d, err := Decide(Answers{Feature: []string{"docker"}}, GuideMenu())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Say(GuideMenu(), 100, false), "You chose feature Docker; the rules would have taken Docker, CI."; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
