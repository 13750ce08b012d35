// Package layer reads and checks layers: the folders under templates/, one per
// choice of the menu, and looks them up by kind and value: the Catalog. It knows
// which layers can stand together, but chooses none and renders nothing.
package layer

import (
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/record"
)

// Kinds are the kinds of layers in the order in which they are laid.
var Kinds = []string{"base", "framework", "app", "orm", "database", "pm", "ml", "feature"}

// Languages are the words of which a framework gives exactly one.
var Languages = []string{"node", "python"}

// joining kinds are never chosen: they join wherever what they need is given.
func joins(kind string) bool { return kind == "base" || kind == "app" }

// Single tells whether a service has at most one layer of kind.
func Single(kind string) bool { return !joins(kind) && kind != "feature" }

// A Layer is one folder, checked.
type Layer struct {
	ID     string // the folder's name: node-fastify
	Value  string // what a person types: fastify
	Origin string // builtin, or where it was fetched from
	Digest string // sha256 over paths and bytes of the folder

	Kind     string
	Label    string
	Hint     string
	Needs    []string
	Gives    []string // Value is always among them
	Slots    []string
	Merge    map[string]map[string]string // document path -> dotted path of a list -> key
	Replaces []Replace
	Manager  *record.Manager // of a pm layer
	Bare     Bare            // of a framework

	Parts []*Part // the layer's own part first, then with/ by name
}

// Bare is the least that a framework can serve: what a measurement of a service
// is compared with. It is never written into a project.
type Bare struct {
	Files []*File
	Run   record.Step // in the service's folder, with the files below bare/
}

// A Replace takes over a file of another layer.
type Replace struct {
	Layer  string `toml:"layer"`
	Path   string `toml:"path"` // as service/src/app.ts
	Digest string `toml:"digest"`
}

// A Part is what a layer brings when all words of When are given.
type Part struct {
	Name  string // "" or with/<words>
	When  []string
	Files []*File
	Fills []*Piece
	Rows
	programs map[string]string // of stand-ins, by file name
}

// Rows are data that the engine places.
type Rows struct {
	Gives    []string
	Packages []string // names by which a leftover of this choice would be known
	Tasks    map[string][]record.Step
	Env      []record.Env
	Backing  []record.Backing
	Tools    []record.Tool
	Next     []string
	StandIns []record.StandIn
	// Downloads are what is large among the packages.
	Downloads []record.Download
	// Commands are words for commands of the package manager.
	Commands []Command
}

// A Command puts words into a package manager's commands: those that begin
// with Begins get Args right after that.
type Command struct {
	Begins []string `toml:"begins"`
	Args   []string `toml:"args"`
}

// A File is one file of a part.
type File struct {
	Repo     bool   // of the repository, not of a service
	Path     string // where it is written, relative to its root
	Source   string // layer id and path in the folder, for errors
	Data     []byte
	Template bool
	Exec     bool
}

// A Piece fills a slot.
type Piece struct {
	Slot     string
	Source   string
	Data     []byte
	Template bool
}

// Language is the language that a framework is for, or that the layer needs,
// or "" where it fits both.
func (l *Layer) Language() string {
	for _, words := range [][]string{l.Gives, l.Needs} {
		for _, w := range words {
			if slices.Contains(Languages, w) {
				return w
			}
		}
	}
	return ""
}

// A Catalog is the menu: all layers, in order of kind, then id.
type Catalog struct {
	layers []*Layer
	byID   map[string]*Layer
}

// Layers lists all layers in the order in which they are laid.
func (c *Catalog) Layers() []*Layer { return c.layers }

// ByID returns the layer with that id, or nil.
func (c *Catalog) ByID(id string) *Layer { return c.byID[id] }

// Choices lists the layers of kind by id.
func (c *Catalog) Choices(kind string) []*Layer {
	var out []*Layer
	for _, l := range c.layers {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

// Find returns the layer of kind with that value that fits language, or nil.
// Language "" fits every layer.
func (c *Catalog) Find(kind, value, language string) *Layer {
	for _, l := range c.Choices(kind) {
		own := l.Language()
		if l.Value == value && (language == "" || own == "" || own == language) {
			return l
		}
	}
	return nil
}

// value is the part of a folder's name after the first dash.
func value(id string) string {
	_, v, _ := strings.Cut(id, "-")
	return v
}

func kindOrder(kind string) int { return slices.Index(Kinds, kind) }

// laid orders layers by kind, then id.
func laid(a, b *Layer) int {
	if d := kindOrder(a.Kind) - kindOrder(b.Kind); d != 0 {
		return d
	}
	return strings.Compare(a.ID, b.ID)
}
