package guide

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// ParseAnswers reads an answers file, TOML or JSON, called name in errors. A key
// or a value that the vocabulary does not have is a misuse, with its line; what
// the menu decides is for Decide to say.
func ParseAnswers(name string, data []byte) (Answers, error) {
	var a Answers
	var raw map[string]any
	lines := map[string]int{}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		if line, err := readJSON(data, &raw, lines); err != nil {
			return a, hint.Misusef("write the answers as JSON or TOML", "%s:%d: %v", name, line, err)
		}
	} else if err := toml.Unmarshal(data, &raw); err != nil {
		line, message := 1, err.Error()
		var at *toml.DecodeError
		if errors.As(err, &at) {
			line, _ = at.Position()
			message = strings.TrimPrefix(message, "toml: ")
		}
		return a, hint.Misusef("write the answers as JSON or TOML", "%s:%d: %s", name, line, message)
	} else {
		tomlLines(data, lines)
	}

	a.at = map[string]string{}
	for key, line := range lines {
		a.at[key] = fmt.Sprintf("%s:%d", name, line)
	}
	if err := a.read(raw, a.slots(), ""); err != nil {
		return Answers{}, err
	}
	if err := a.check(builtin()); err != nil {
		return Answers{}, err
	}
	return a, nil
}

// read puts the values of raw into the slots, whose keys in errors begin with prefix.
func (a *Answers) read(raw map[string]any, slots []slot, prefix string) error {
	var known []string
	for _, s := range slots {
		known = append(known, s.key)
	}
	if prefix == "" {
		known = append(known, "services")
	}
	for _, key := range sorted(raw) {
		path := prefix + key
		i := slices.Index(known, key)
		switch {
		case i < 0:
			return a.misuse(path, "the keys are "+list(known, "and"), "unknown key %q%s", path, hint.DidYouMean(strings.ToLower(key), known))
		case key == "services":
			if err := a.readServices(raw[key]); err != nil {
				return err
			}
			continue
		}
		switch v := raw[key].(type) {
		case string:
			if slots[i].many != nil {
				*slots[i].many = []string{v}
			} else {
				*slots[i].one = v
			}
		case []any:
			words := []string{}
			for _, item := range v {
				s, ok := item.(string)
				if !ok {
					return a.misuse(path, "write words in quotes", "%s is a list of words, and %v is none", path, item)
				}
				words = append(words, s)
			}
			if slots[i].many == nil {
				return a.misuse(path, "write one word in quotes, not a list", "%s is one word", path)
			}
			*slots[i].many = unique(words)
		case nil: // null in JSON: not said
		default:
			return a.misuse(path, "write it in quotes", "%s is a word, not %v", path, v)
		}
	}
	return nil
}

func (a *Answers) readServices(raw any) error {
	services, ok := raw.(map[string]any)
	if !ok {
		return a.misuse("services", "write services.api and services.ml as tables", "services is a table")
	}
	var names []string
	for _, s := range builtin().Services {
		names = append(names, s.Name)
	}
	for _, name := range sorted(services) {
		path := "services." + name
		of, ok := services[name].(map[string]any)
		switch {
		case !slices.Contains(names, name):
			return a.misuse(path, "the services of a split are "+list(names, "and"), "unknown service %q%s", name, hint.DidYouMean(strings.ToLower(name), names))
		case !ok:
			return a.misuse(path, "write it as a table of choices", "%s is a table", path)
		}
		var sa ServiceAnswers
		if err := a.read(of, sa.slots(), path+"."); err != nil {
			return err
		}
		if a.Services == nil {
			a.Services = map[string]ServiceAnswers{}
		}
		a.Services[name] = sa
	}
	return nil
}

// sorted are the keys of m in order, so that of two faults always the same one
// is told.
func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// tomlLines fills in the line of each key by its dotted path. data is known to
// be TOML.
func tomlLines(data []byte, lines map[string]int) {
	var p unstable.Parser
	p.Reset(data)
	table := ""
	path := func(n *unstable.Node, prefix string) string {
		line := 0
		for it := n.Key(); it.Next(); {
			if line == 0 {
				line = p.Shape(it.Node().Raw).Start.Line
			}
			prefix += string(it.Node().Data)
			if _, ok := lines[prefix]; !ok {
				lines[prefix] = line
			}
			prefix += "."
		}
		return prefix
	}
	var pair func(n *unstable.Node, prefix string)
	pair = func(n *unstable.Node, prefix string) {
		at := path(n, prefix)
		if v := n.Value(); v.Kind == unstable.InlineTable {
			for it := v.Children(); it.Next(); {
				pair(it.Node(), at)
			}
		}
	}
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = path(e, "")
		case unstable.KeyValue:
			pair(e, table)
		}
	}
}

// readJSON reads one object and fills in the line of each key by its dotted
// path. With an error comes its line.
func readJSON(data []byte, into *map[string]any, lines map[string]int) (int, error) {
	lineAt := func(offset int64) int {
		return 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	}
	if err := json.Unmarshal(data, into); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return lineAt(syntax.Offset), err
		}
		return 1, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var walk func(prefix string) error
	walk = func(prefix string) error {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'):
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return err
				}
				at := prefix + key.(string)
				if before, twice := lines[at]; twice {
					return fmt.Errorf("%s stands here and in line %d", at, before)
				}
				lines[at] = lineAt(d.InputOffset())
				if err := walk(at + "."); err != nil {
					return err
				}
			}
			_, err = d.Token()
		case json.Delim('['):
			for d.More() {
				if err := walk(prefix); err != nil {
					return err
				}
			}
			_, err = d.Token()
		}
		return err
	}
	if err := walk(""); err != nil && !errors.Is(err, io.EOF) {
		return lineAt(d.InputOffset()), err
	}
	return 0, nil
}
