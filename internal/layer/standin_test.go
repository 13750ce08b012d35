package layer

import (
	"strings"
	"testing"
	"testing/fstest"
)

const standIn = "\n[[stand_ins]]\nreplaces = \"an engine\"\nby = \"a build\"\nurl = \"https://x.example\"\nprogram = \"engine.mjs\"\nenv = { ENGINE = \"{program}\" }\n"

// A stand-in holds the text of its program; a name without a file, and a file
// without a row, are mistakes.
func TestStandIns(t *testing.T) {
	with := func(row string, files ...string) fstest.MapFS {
		fs := menu()
		fs["orm-map/layer.toml"].Data = append(fs["orm-map/layer.toml"].Data, row...)
		for _, f := range files {
			fs["orm-map/programs/"+f] = &fstest.MapFile{Data: []byte("text of " + f)}
		}
		return fs
	}
	l := mustLoad(t, with(standIn, "engine.mjs")).ByID("orm-map")
	if got := l.Parts[0].StandIns[0].Program; got != "text of engine.mjs" {
		t.Errorf("program is %q", got)
	}
	for name, c := range map[string]struct {
		fs   fstest.MapFS
		want string
	}{
		"a missing file":      {with(standIn), `"engine.mjs" is not in programs/`},
		"a spare file":        {with(standIn, "engine.mjs", "other.mjs"), "programs/other.mjs: no row"},
		"no url":              {with(strings.Replace(standIn, "https", "ftp", 1), "engine.mjs"), "https://"},
		"no version":          {with(standIn+"packages = [\"a\"]\n", "engine.mjs"), `"a" names no version`},
		"a scope, no version": {with(standIn+"packages = [\"@a/b\"]\n", "engine.mjs"), `"@a/b" names no version`},
	} {
		if _, err := Load(c.fs, "test"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
