package ledger

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// measurement makes one of a framework with these figures.
func measurement(language, framework string, read, memory float64) *Measurement {
	speed := func(v float64) Speed { return Speed{PerSecond: v, P50: 1000 / v, P99: 3000 / v} }
	m := &Measurement{
		Format: MeasuredFormat, ID: language + "-" + framework + ".orm-none.db-sqlite.pm-x", Date: "2026-11-25",
		Services: []Service{{Name: "app", Language: language, Framework: framework, ORM: "none", Database: "sqlite", PM: "x"}},
		Machine:  Machine{System: "linux/amd64", Processor: "a <fast> one", Cores: 2, Memory: 24}, Replaced: []string{},
		Loaded: Pair{Service: memory, Bare: memory / 2},
	}
	for _, n := range []int{1, 32, 256} {
		bare := speed(read * 2)
		for _, what := range []string{"health", "health-logged", "read", "create"} {
			m.Rates = append(m.Rates, Rate{What: what, Connections: n, Processes: 1, Service: speed(read), Bare: &bare})
		}
	}
	m.Rates = append(m.Rates, Rate{What: "read", Connections: 32, Processes: 2, Service: speed(read * 2)})
	return m
}

// TestVerdicts: each statement of the guide can hold and can fail to.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name           string
		node, python   float64
		nodeMem, pyMem float64
		want           string
	}{
		{"as the guide says", 9000, 6000, 80, 95, "holds holds holds holds holds"},
		{"the other way round", 60, 900, 95, 80, "does not hold does not hold does not hold does not hold does not hold"},
		{"alike", 1000, 980, 80, 82, "does not hold does not hold does not hold holds does not hold"},
	} {
		var got []string
		for _, v := range Verdicts([]*Measurement{measurement("node", "fast", c.node, c.nodeMem), measurement("python", "slow", c.python, c.pyMem)}) {
			got = append(got, v.Holds)
			if v.Figures == "" {
				t.Errorf("%s: %q has no figures", c.name, v.Claim)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
	for _, v := range Verdicts([]*Measurement{measurement("node", "fast", 1000, 80)}) {
		if v.Holds != "not measured" {
			t.Errorf("one language alone: %+v", v)
		}
	}
}

// TestMeasuredPages: the page shows every combination and the charts are XML.
func TestMeasuredPages(t *testing.T) {
	all := []*Measurement{measurement("node", "fast", 9000, 80), measurement("python", "slow", 600, 95)}
	pages := MeasuredPages(all)
	for _, m := range all {
		if n := strings.Count(pages["measured.md"], "`"+m.ID+"`"); n != 3 {
			t.Errorf("%s stands in %d tables, want 3", m.ID, n)
		}
	}
	for name, text := range pages {
		if !strings.HasSuffix(name, ".svg") {
			continue
		}
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.Count(text, "<rect") != len(all) {
			t.Errorf("%s has no bar for each", name)
		}
	}
	if s := MeasuredPages(nil)["measured.md"]; !strings.Contains(s, "Nothing yet.") {
		t.Errorf("without a measurement: %s", s)
	}
}

// TestLoadMeasured: what was written is read, and a file that is not what its
// name says is refused.
func TestLoadMeasured(t *testing.T) {
	dir := t.TempDir()
	m := measurement("node", "fast", 9000, 80)
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	all, err := LoadMeasured(os.DirFS(dir))
	if err != nil || len(all) != 1 || all[0].Rate("read", 32, 1).Ratio() != 0.5 {
		t.Fatalf("%v, %v", all, err)
	}
	if err := os.Rename(dir+"/measured/"+m.ID+".json", dir+"/measured/other.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadMeasured(os.DirFS(dir)); err == nil {
		t.Error("a file with another's measurement is read")
	}
}
