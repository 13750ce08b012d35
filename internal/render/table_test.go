package render

import "testing"

func TestTable(t *testing.T) {
	row := func(cells ...any) any { return cells }
	tests := []struct {
		name string
		rows []any
		want string
	}{
		{"columns are as wide as their widest cell", []any{row("Key", "Meaning"), row("`PORT`", "where it listens")},
			"| Key    | Meaning          |\n| ------ | ---------------- |\n| `PORT` | where it listens |"},
		{"three dashes at least", []any{row("a", "b"), row("c", "d")}, "| a   | b   |\n| --- | --- |\n| c   | d   |"},
		{"a bar is escaped, and counted", []any{row("a"), row("x|y")}, "| a    |\n| ---- |\n| x\\|y |"},
		{"letters are counted, not bytes", []any{row("näm"), row("abcd")}, "| näm  |\n| ---- |\n| abcd |"},
		{"an empty cell", []any{row("a", "b"), row("", "d")}, "| a   | b   |\n| --- | --- |\n|     | d   |"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := table(tt.rows)
			if err != nil || got != tt.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, tt.want)
			}
		})
	}
	for _, bad := range [][]any{{"no list"}, {row("a", "b"), row("a")}} {
		if out, err := table(bad); err == nil {
			t.Errorf("table(%v) gave %q and no error", bad, out)
		}
	}
}

func TestProse(t *testing.T) {
	for text, want := range map[string]bool{"- an item": false, "1. an item": false, "| a |": false, "A paragraph.": true, "### Heading": true} {
		if got := prose("x/slots/y.md.tmpl", text); got != want {
			t.Errorf("prose(%q) = %v", text, got)
		}
	}
	if prose("x/slots/imports.ts", "import x") {
		t.Error("code is not prose")
	}
}

func TestArgv(t *testing.T) {
	got, err := argv("sh", []string{"-c", `echo "a" && b`})
	if want := `["sh", "-c", "echo \"a\" && b"]`; err != nil || got != want {
		t.Errorf("argv = %s, %v; want %s", got, err, want)
	}
}

func TestArgvRefusesOtherValues(t *testing.T) {
	if out, err := argv("sh", "-c"); err == nil {
		t.Errorf("argv of a string gave %s and no error", out)
	}
}

func TestYAMLScalar(t *testing.T) {
	for in, want := range map[string]string{
		"app": "app", "10": `"10"`, "no": `"no"`, "": `""`, "a: b": `'a: b'`, "#x": "'#x'",
		"sqlite:////data/app.db": "sqlite:////data/app.db", "127.0.0.1:3000:3000": "127.0.0.1:3000:3000",
	} {
		if got, err := yamlScalar(in); err != nil || got != want {
			t.Errorf("yamlScalar(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
	if out, err := yamlScalar("a\nb"); err == nil {
		t.Errorf("two lines gave %q and no error", out)
	}
}
