package layer

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

const standIn = "\n[[stand_ins]]\nreplaces = \"an engine\"\nby = \"a build\"\nurl = \"https://x.example\"\nprogram = \"engine.mjs\"\nenv = { ENGINE = \"{program}\" }\n"

func download(megabytes, disk int, standIn string) string {
	return fmt.Sprintf("\n[[downloads]]\nwhat = \"an engine\"\nmegabytes = %d\ndisk = %d\non = [\"linux\"]\nstand_in = %q\n", megabytes, disk, standIn)
}

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
	// Settings alone may stand in, and what is then fetched may be large.
	alone := strings.Replace(standIn, "program = \"engine.mjs\"\n", "", 1)
	rows := mustLoad(t, with(alone+download(1, 2, "an engine")+"\n[[commands]]\nbegins = [\"a\"]\nargs = [\"b\"]\n")).ByID("orm-map").Parts[0].Rows
	if len(rows.StandIns) != 1 || len(rows.Downloads) != 1 || len(rows.Commands) != 1 {
		t.Errorf("rows are %+v", rows)
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
		"packages for no one": {with(strings.Replace(standIn, "program = \"engine.mjs\"\n", "packages = [\"a@1\"]\n", 1)), "packages are for a program"},
		"a size too small":    {with(download(2, 1, "an engine")+standIn, "engine.mjs"), "not less"},
		"what is not there":   {with(download(1, 2, "a motor")+standIn, "engine.mjs"), `no row of stand_ins replaces "a motor"`},
		"words for nothing":   {with("\n[[commands]]\nargs = [\"x\"]\n"), "needs begins and args"},
	} {
		if _, err := Load(c.fs, "test"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
