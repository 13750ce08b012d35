package record

import (
	"reflect"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/hint"
)

func sample() *Record {
	return &Record{
		Format: Format, Tool: "1.2.3", ID: "node-x.db-y", Name: "shop", Shape: "single",
		Answers: map[string]any{"knows": "python", "building": []any{"api", "ml"}, "services": map[string]any{"api": map[string]any{"orm": "none"}}},
		Services: []Service{{
			Name: "app", Dir: ".", Package: "shop", Language: "node", Framework: "x", PM: "npm", Features: []string{}, Words: []string{"node", "x"},
			Tasks: map[string][]Step{
				"test":  {{Bin: "node", Args: []string{"--test", "test/**/*.test.ts"}, Env: map[string]string{"NODE_ENV": "test"}, Proof: map[string]string{"ORDER": "chance"}}},
				"start": {{Bin: "node", Args: []string{"src/server.ts"}}},
			},
			Env:     []Env{{Key: "DATABASE_URL", Default: `sqlite:///a "b"\c.db`, Required: true, Comment: "tab\there"}},
			Backing: []Backing{{Name: "pg", Image: "pg:17", Port: 5432, Health: []string{"CMD", "x"}, Env: map[string]string{"A": "1"}}},
			Tools:   []Tool{{Name: "node", Range: ">=22.18", Version: "24.21.0", NpmOn: map[string]string{"darwin-arm64": "other"}}},
			Manager: Manager{
				Name: "npm", Manifest: "package.json", Lock: []string{"package-lock.json"}, BinDirs: []string{"node_modules/.bin"}, Modules: "node_modules",
				Relock: [][]string{{"npm", "install", "--package-lock-only"}}, Install: [][]string{{"npm", "install"}}, InstallFrozen: [][]string{{"npm", "ci"}}, InstallProd: [][]string{{"npm", "ci"}},
				Run: []string{"npm", "run", "{script}"}, Exec: []string{"npx", "{bin}"}, Aliases: map[string][]string{"test": {"npm", "test"}},
			},
			Next: []string{"Open /docs."},
			StandIns: []StandIn{
				{Replaces: "an engine", By: "a build", URL: "https://x.example/a", Unless: []string{"ENGINE"}, Packages: []string{"a@1"}, Program: "#!/usr/bin/env node\nlet a = `\\n\t\"'${1}`;\n", Env: map[string]string{"ENGINE": "{program}"}},
				{Replaces: "more", By: "b", URL: "https://x.example/b", Program: "three ''' of them\n\r\x01", Env: map[string]string{"B": "1"}},
			},
			Downloads: []Download{{What: "a library", Megabytes: 400, Disk: 1500, On: []string{"linux"}, StandIn: "more"}},
		}},
		Layers: []Layer{{"node-x", "builtin", "sha256:1"}},
		Files:  map[string]string{"src/app.ts": "100644 abc", ".gitignore": "100644 def"},
	}
}

// What is written is read back whole: run, exec and verify read nothing else.
func TestMarshalRoundTrip(t *testing.T) {
	want := sample()
	got, err := Parse(want.Marshal())
	if err != nil {
		t.Fatalf("%v\n%s", err, want.Marshal())
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v\n%s", got, want, want.Marshal())
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a newer format":  "format = 99\n",
		"damage":          "format = \n",
		"half a record":   "format = 1\nname = \"x\"\n",
		"nothing":         "",
		"the wrong types": "format = 1\nservices = 3\n",
	} {
		_, err := Parse([]byte(text))
		if err == nil || hint.Next(err) == "" {
			t.Errorf("%s: got error %v with next step %q", name, err, hint.Next(err))
		}
	}
}

func TestCommands(t *testing.T) {
	s := sample().Services[0]
	if got := s.Script("test"); got != `NODE_ENV=test node --test "test/**/*.test.ts"` {
		t.Errorf("script: %s", got)
	}
	if got := s.Command("test") + "|" + s.Command("start") + "|" + s.Command("lint"); got != "npm test|npm run start|" {
		t.Errorf("commands: %s", got)
	}
	s.Manager.Run, s.Manager.Aliases, s.Manager.Exec = nil, nil, []string{"uv", "run", "{bin}"}
	if got := s.Command("test"); got != `NODE_ENV=test uv run node --test "test/**/*.test.ts"` {
		t.Errorf("without scripts: %s", got)
	}
	if got := Quote("it's"); got != `"it's"` {
		t.Errorf("quote: %s", got)
	}
	if got := Quote(`a"b'c`); got != `'a"b'\''c'` {
		t.Errorf("quote: %s", got)
	}
	if got := strings.Join(s.Scripts(), " "); got != "start test" {
		t.Errorf("scripts: %s", got)
	}
}
