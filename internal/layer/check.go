package layer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/doc"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
)

// check checks what can only be seen over all layers: needs that nobody gives,
// slots that nobody has, with/ words that nobody gives, and text files that two
// layers of one plan would both write.
func (c *Catalog) check() []error {
	var errs []error
	var given, slots []string
	for _, l := range c.layers {
		slots = append(slots, l.Slots...)
		for _, p := range l.Parts {
			given = append(given, p.Gives...)
		}
	}
	words := slices.Concat(given, Shapes, guide.Words())
	for _, l := range c.layers {
		for _, w := range l.Needs {
			if !slices.Contains(given, w) && !slices.Contains(Shapes, w) {
				errs = append(errs, fmt.Errorf("%s/layer.toml: needs %q, which no layer gives%s", l.ID, w, hint.DidYouMean(w, slices.Concat(given, Shapes))))
			}
		}
		for _, p := range l.Parts {
			for _, w := range p.When {
				if !slices.Contains(words, w) {
					errs = append(errs, fmt.Errorf("%s/%s: no layer and no answer gives %q%s", l.ID, p.Name, w, hint.DidYouMean(w, words)))
				}
			}
			for _, f := range p.Fills {
				if !slices.Contains(slots, f.Slot) {
					errs = append(errs, fmt.Errorf("%s: no layer has a slot %q%s", f.Source, f.Slot, hint.DidYouMean(f.Slot, slots)))
				}
			}
		}
		for _, r := range l.Replaces {
			if c.byID[r.Layer] == nil {
				errs = append(errs, fmt.Errorf("%s/layer.toml: replaces a file of %q, which is not a layer", l.ID, r.Layer))
			}
		}
	}
	return append(errs, c.collisions()...)
}

// Shapes are the words that a repository's shape gives to its services.
var Shapes = []string{"single", "split"}

// collisions finds text paths that two layers of one plan would both write. A
// plan is tried only where two layers have the path, which is rare, so that
// loading stays cheap. In a split a file of the repository and one of a service
// are in different folders.
func (c *Catalog) collisions() []error {
	type owner struct {
		layer *Layer
		part  *Part
		file  *File
	}
	owners := map[string][]owner{}
	for _, l := range c.layers {
		for _, p := range l.Parts {
			for _, f := range p.Files {
				if !doc.IsDocument(f.Path) {
					owners[f.Path] = append(owners[f.Path], owner{l, p, f})
				}
			}
		}
	}
	var errs []error
	var menus []*Selection
	for _, at := range owners {
		for i, a := range at {
			for _, b := range at[i+1:] {
				if replaces(a.layer, b.layer, b.file) || replaces(b.layer, a.layer, a.file) {
					continue
				}
				if menus == nil {
					menus = c.selections()
				}
				for _, s := range menus {
					if s.Gives("split") && a.file.Repo != b.file.Repo {
						continue
					}
					if slices.Contains(s.Layers, a.layer) && slices.Contains(s.Layers, b.layer) && s.all(a.part.When) && s.all(b.part.When) {
						errs = append(errs, fmt.Errorf("%s and %s both write %s (in a plan with %s)", a.file.Source, b.file.Source, a.file.Path, ids(s.Layers)))
						break
					}
				}
			}
		}
	}
	return errs
}

func (c *Catalog) selections() []*Selection {
	var out []*Selection
	for _, shape := range Shapes {
		words := append(c.Asked(guide.Words()), shape)
		for _, chosen := range c.Menus(c.Choices("feature")) {
			if s, err := c.Resolve(chosen, words...); err == nil {
				out = append(out, s)
			}
			with := slices.Clone(chosen)
			if shape == "split" { // what has a model has no store there
				with = slices.DeleteFunc(with, func(l *Layer) bool { return l.Kind == "orm" || l.Kind == "database" })
			}
			for _, ml := range c.Choices("ml") {
				if s, err := c.Resolve(append(slices.Clone(with), ml), words...); err == nil {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// replaces tells whether l takes over file f of other, openly.
func replaces(l, other *Layer, f *File) bool {
	for _, r := range l.Replaces {
		if r.Layer == other.ID && other.ID+"/"+r.Path == strings.TrimSuffix(f.Source, ".tmpl") {
			return true
		}
	}
	return false
}

func ids(layers []*Layer) string {
	out := make([]string, len(layers))
	for i, l := range layers {
		out[i] = l.ID
	}
	return strings.Join(out, ", ")
}
