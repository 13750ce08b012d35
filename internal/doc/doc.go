// Package doc merges the documents that several layers give to one path and
// prints them in the house style of their format: JSON as prettier prints it,
// TOML as people write pyproject.toml, YAML as prettier prints it, and files of
// lines as they are. Merging is the same for all formats: maps deeply, lists of
// scalars by union in layer order, lists of maps by a declared key, and two
// different scalars are an error that names both places.
// It does not know layers, templates or which document belongs to whom.
package doc

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// A Part is what one layer gives to a document.
type Part struct {
	Layer string // the layer's id, for errors
	Name  string // the file's path inside the layer, for errors; empty: the document's own path
	Data  []byte
}

// where is the part's place in an error: layer/path.
func (p *Part) where() string {
	if p.Layer == "" || strings.HasPrefix(p.Name, p.Layer+"/") {
		return p.Name
	}
	return p.Layer + "/" + p.Name
}

func (p *Part) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.where(), line, fmt.Sprintf(format, args...))
}

// text is the part's data without a byte order mark and with plain line ends.
// It has to be UTF-8: every format wants that, and not every parser asks.
func (p *Part) text() ([]byte, error) {
	data := bytes.ReplaceAll(bytes.TrimPrefix(p.Data, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	if !utf8.Valid(data) {
		line := 1
		for l := range bytes.Lines(data) {
			if !utf8.Valid(l) {
				break
			}
			line++
		}
		return nil, p.errorf(line, "not valid UTF-8")
	}
	if i := bytes.IndexByte(data, '\r'); i >= 0 {
		return nil, p.errorf(1+bytes.Count(data[:i], []byte("\n")), "a carriage return inside a line")
	}
	return data, nil
}

// A format reads and prints one kind of document.
type format struct {
	parse func(file string, p *Part) (*Value, error)
	print func(file string, v *Value) ([]byte, error)
}

var (
	jsonFormat = &format{parseJSON, printJSON}
	tomlFormat = &format{parseTOML, printTOML}
	yamlFormat = &format{parseYAML, printYAML}
)

// formatOf is the format of the document at file: nil for files of lines and
// for what is no document.
func formatOf(file string) *format {
	switch base := path.Base(file); path.Ext(base) {
	case ".json", ".jsonc", ".webmanifest":
		return jsonFormat
	case ".toml":
		return tomlFormat
	case ".yaml", ".yml":
		return yamlFormat
	default:
		if base == ".prettierrc" {
			return jsonFormat
		}
		return nil
	}
}

// IsDocument tells whether the file at the path merges, and is printed here.
func IsDocument(file string) bool {
	return formatOf(file) != nil || isLines(file)
}

// Merge merges the parts of the document at file, in order, and prints it. The
// first part owns the document: its comments, blank lines and order stay. keys
// names the lists of maps that merge: the dotted path of the list, and the key
// that tells its items apart. One part is read and printed all the same.
func Merge(file string, keys map[string]string, parts []Part) ([]byte, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: no part to merge", file)
	}
	for i := range parts {
		if parts[i].Name == "" {
			parts[i].Name = file
		}
	}
	f := formatOf(file)
	if f == nil {
		if isLines(file) {
			return mergeLines(file, parts)
		}
		return nil, fmt.Errorf("%s: not a document that can be merged", file)
	}
	m := &merger{keys: keys}
	var doc *Value
	for i := range parts {
		v, err := f.parse(file, &parts[i])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			doc = v
			continue
		}
		v.stripComments()
		if err := m.merge(nil, doc, v); err != nil {
			return nil, err
		}
	}
	if err := arrange(file, doc); err != nil {
		return nil, err
	}
	return f.print(file, doc)
}

// Parse reads the document at file. The name picks the format.
func Parse(file string, data []byte) (*Value, error) {
	f := formatOf(file)
	if f == nil {
		return nil, fmt.Errorf("%s: neither JSON, TOML nor YAML", file)
	}
	return f.parse(file, &Part{Name: file, Data: data})
}

// Print prints v in the house style of the file's format.
func Print(file string, v *Value) ([]byte, error) {
	f := formatOf(file)
	if f == nil {
		return nil, fmt.Errorf("%s: neither JSON, TOML nor YAML", file)
	}
	return f.print(file, v)
}

// conflict is the error of two parts that say different things.
func conflict(at []string, a, b *Value) error {
	return hint.Errorf("let one layer alone give it",
		"%s:%d: %s is %s, but %s:%d says %s", b.part.where(), b.line, joinPath(at), b.brief(), a.part.where(), a.line, a.brief())
}
