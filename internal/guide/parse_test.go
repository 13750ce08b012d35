package guide

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

func TestParseAnswers(t *testing.T) {
	want := Answers{
		Knows: "both", Building: []string{"realtime", "ml"}, Frontend: "javascript", Framework: "express", Feature: []string{"docker"},
		Services: map[string]ServiceAnswers{"ml": {Framework: "flask", PM: "pip"}}, Name: "shop",
	}
	for name, data := range map[string]string{
		"TOML": `
knows = "both"
building = ["ml", "realtime", "ml"]
frontend = "javascript"
framework = "express"
feature = "docker"
name = "shop"

[services.ml]
framework = "flask"
pm = "pip"
`,
		"TOML in one line": `knows = "both"
building = ["realtime", "ml"]
frontend = "javascript"
framework = "express"
feature = ["docker"]
services = { ml = { framework = "flask", "pm" = "pip" } }
name = 'shop'`,
		"JSON": ` {"knows": "both", "building": ["realtime", "ml"], "frontend": "javascript", "framework": "express",
"feature": "docker", "name": "shop", "goal": null, "services": {"ml": {"framework": "flask", "pm": "pip"}}}`,
		"JSON with a mark of its order of bytes": "\xef\xbb\xbf" + `{"knows": "both", "building": ["realtime", "ml"], "frontend": "javascript", "framework": "express",
"feature": ["docker"], "name": "shop", "services": {"ml": {"framework": "flask", "pm": "pip"}}}`,
	} {
		got, err := ParseAnswers("answers", []byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.at = nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	if a, err := ParseAnswers("empty.toml", nil); err != nil || len(a.Map()) != 0 {
		t.Errorf("an empty file gives %v, %v", a.Map(), err)
	}
}

// A fault in an answers file is told with the file, the line and what was meant.
func TestParseAnswersFaults(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"goal = \"product\"\n\nknow = \"python\"", `a.toml:3: unknown key "know" (did you mean "knows"?)`},
		{"goal = \"product\"\nknows = \"pyton\"", `a.toml:2: unknown knows "pyton" (did you mean "python"?)`},
		{"building = [\n  \"api\",\n  \"rest\",\n]", `a.toml:1: unknown building "rest"`},
		{"knows = python", `a.toml:1: `},
		{"knows = 3", `a.toml:1: knows is a word, not 3`},
		{"\nknows = [\"python\"]", `a.toml:2: knows is one word`},
		{"building = [1]", `a.toml:1: building is a list of words, and 1 is none`},
		{"knows = \"python\"\nknows = \"both\"", `a.toml:2: `},
		{"services = 1", `a.toml:1: services is a table`},
		{"[services.mll]\nframework = \"flask\"", `a.toml:1: unknown service "mll" (did you mean "ml"?)`},
		{"[services.ml]\nframework = \"flask\"\norn = \"none\"", `a.toml:3: unknown key "services.ml.orn" (did you mean "orm"?)`},
		{"services.ml.\"fr\\u0061mwork\" = \"flask\"", `a.toml:1: unknown key "services.ml.framwork" (did you mean "framework"?)`},
		{"[[services]]\nname = 1", `a.toml:1: services is a table`},
		{"{\n  \"goal\": \"product\",\n  \"know\": \"python\"\n}", `a.toml:3: unknown key "know" (did you mean "knows"?)`},
		{"{\n  \"services\": {\"ml\": {\n    \"ml\": true}}}", `a.toml:3: services.ml.ml is a word, not true`},
		{"{\n  \"goal\": \"product\",\n}", `a.toml:3: invalid character`},
		{"{\n  \"knows\": \"python\",\n  \"knows\": \"both\"\n}", `a.toml:3: knows stands here and in line 2`},
		{"{\"goal\": [[{\"a\": 1}]]}", `a.toml:1: goal is a list of words`},
	} {
		_, err := ParseAnswers("a.toml", []byte(c.data))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.data, err, c.want)
		} else if !hint.IsMisuse(err) || hint.Next(err) == "" {
			t.Errorf("%q: %v: no misuse with a next step", c.data, err)
		}
	}
}

// What only the menu can refuse is still told with its line, unless a flag said it.
func TestFaultsOfTheMenuHaveTheirLine(t *testing.T) {
	a, err := ParseAnswers("a.toml", []byte("knows = \"python\"\n\nframework = \"djagno\"\n[services.ml]\npm = \"npm\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decide(a, GuideMenu()); err == nil || err.Error() != `a.toml:3: unknown framework "djagno" (did you mean "django"?)` {
		t.Errorf("got %v", err)
	}
	flags := Answers{Framework: "djngo"}
	if _, err := Decide(a.Merge(flags), GuideMenu()); err == nil || err.Error() != `unknown framework "djngo" (did you mean "django"?)` {
		t.Errorf("a flag is told as if the file said it: %v", err)
	}
	if _, err := Decide(a.Merge(Answers{Framework: "express"}), GuideMenu()); err == nil || err.Error() != `a.toml:5: services.ml.pm npm does not fit this service` {
		t.Errorf("got %v", err)
	}
	if a.Framework != "djagno" {
		t.Error("Merge changed what it was called on")
	}
}

// What Args says gives the same answers again, and Map only what was said.
func TestArgsAndMap(t *testing.T) {
	for _, c := range []struct{ answers, args string }{
		{"", ""},
		{"knows=python building=ml,api name=shop", "--knows python --building ml,api --name shop"},
		{"feature=none", "--feature none"},
		{"services.ml.framework=flask services.api.framework=express", "--shape split --framework express --ml-framework flask"},
		{"shape=split ml=pytorch services.ml.pm=pip services.api.feature=ci", "--shape split --ml pytorch --api-feature ci --ml-pm pip"},
	} {
		a := parse(t, c.answers)
		if got := strings.Join(a.Args(), " "); got != c.args {
			t.Errorf("%s: args %s, want %s", c.answers, got, c.args)
		}
		for key := range a.Map() {
			if !strings.Contains(c.answers, key) {
				t.Errorf("%s: the map has %s", c.answers, key)
			}
		}
	}
	a := Answers{Feature: []string{}, Building: []string{}}
	if got := strings.Join(a.Args(), " "); got != "--feature none" {
		t.Errorf("no features: args %q", got)
	}
}

func FuzzParseAnswers(f *testing.F) {
	f.Add([]byte("knows = \"both\"\n[services.ml]\nframework = \"flask\"\n"))
	f.Add([]byte(`{"services": {"api": {"feature": ["docker"]}}, "building": []}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAnswers("a", data)
		if err != nil {
			if !hint.IsMisuse(err) {
				t.Fatalf("%v is not a misuse", err)
			}
			return
		}
		if _, err := Decide(a, GuideMenu()); err != nil && !hint.IsMisuse(err) {
			t.Fatalf("%v is not a misuse", err)
		}
	})
}
