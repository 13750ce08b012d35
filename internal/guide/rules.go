package guide

import (
	"bytes"
	_ "embed"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed rules.toml
var rulesTOML []byte

// builtin is the compiled content of rules.toml. A fault in it is a fault of
// the program, which the tests find.
var builtin = sync.OnceValue(func() *ruleset {
	t, err := readTable(rulesTOML)
	if err == nil {
		var r *ruleset
		if r, err = compile(t); err == nil {
			return r
		}
	}
	panic("rules.toml: " + err.Error())
})

// A table is rules.toml as it is written; the file itself says what each key means.
type table struct {
	Answers    []answerRow    `toml:"answer"`
	Confidence thresholds     `toml:"confidence"`
	Languages  []languageRow  `toml:"language"`
	Services   []serviceRow   `toml:"service"`
	Choices    []choiceRow    `toml:"choice"`
	Statements []statementRow `toml:"statement"`
	Rules      []ruleRow      `toml:"rule"`
	Files      []fileRow      `toml:"file"`
}

type (
	answerRow struct {
		Key     string            `toml:"key"`
		Values  []string          `toml:"values"`
		Default string            `toml:"default"`
		Many    bool              `toml:"many"`
		Says    map[string]string `toml:"says"`
	}
	thresholds struct {
		Leaning int `toml:"leaning"`
		Clear   int `toml:"clear"`
	}
	languageRow struct {
		ID    string `toml:"id"`
		Label string `toml:"label"`
	}
	serviceRow struct {
		Name     string   `toml:"name"`
		Language string   `toml:"language"`
		Kinds    []string `toml:"kinds"`
		Hides    []string `toml:"hides"`
	}
	choiceRow struct {
		Kind     string            `toml:"kind"`
		Value    string            `toml:"value"`
		Label    string            `toml:"label"`
		Hint     string            `toml:"hint"`
		Language string            `toml:"language"`
		Needs    []string          `toml:"needs"`
		Gives    []string          `toml:"gives"`
		Brings   map[string]string `toml:"brings"`
	}
	statementRow struct {
		ID      string `toml:"id"`
		Heading string `toml:"heading"`
		Says    string `toml:"says"`
	}
	ruleRow struct {
		ID      string   `toml:"id"`
		Kind    string   `toml:"kind"`
		When    []string `toml:"when"`
		Favours []string `toml:"favours"`
		Weight  int      `toml:"weight"`
		Because string   `toml:"because"`
		Source  []string `toml:"source"`
		Among   []string `toml:"among"`
		Topic   string   `toml:"topic"`
	}
	fileRow struct {
		Topic     string `toml:"topic"`
		Language  string `toml:"language"`
		Framework string `toml:"framework"`
		Path      string `toml:"path"`
		Repo      bool   `toml:"repo"`
	}
)

func readTable(data []byte) (*table, error) {
	var t table
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&t); err != nil {
		return nil, err
	}
	return &t, nil
}
