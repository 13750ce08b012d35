// Package render turns a plan into a tree: copies plain files, renders
// templates, fills slots, merges documents and writes the record. The same plan
// gives the same bytes; it reads no disk, clock or environment.
package render

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/doc"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// contribution is what one layer gives to one path of the repository.
type contribution struct {
	layer *layer.Layer
	file  *layer.File
	scope *scope
}

// Render makes the project of p: every file, with .fingerpost.toml among them,
// and the record that it holds. Errors name the layer's file and line.
func Render(p *plan.Plan) (*tree.Tree, *record.Record, error) {
	v, err := newView(p)
	if err != nil {
		return nil, nil, err
	}
	at := map[string][]contribution{}
	merge := map[string]map[string]string{} // path -> keys, from the layer that owns it
	for i, s := range p.Services {
		sc := &scope{view: v, service: v.Services[i], plans: []*plan.Service{s}}
		repo := &scope{view: v, service: v.Services[0], plans: p.Services}
		for _, l := range s.Layers {
			for _, pt := range s.Parts(l) {
				for _, f := range pt.Files {
					if f.Repo {
						add(at, f.Path, contribution{l, f, repo})
					} else {
						add(at, path.Join(s.Dir, f.Path), contribution{l, f, sc})
					}
				}
			}
			for doc, keys := range l.Merge {
				merge[path.Join(s.Dir, doc)] = keys
			}
		}
	}
	t := &tree.Tree{}
	var errs []error
	for _, where := range sorted(at) {
		f, err := one(where, at[where], merge[where])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if f != nil {
			t.Put(f)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	rec := newRecord(p, v, t)
	t.Put(&tree.File{Path: record.FileName, Data: rec.Marshal()})
	return t, rec, nil
}

// add appends c unless the same file of the same layer is there already, as it
// is for files of the repository when two services have the layer.
func add(at map[string][]contribution, where string, c contribution) {
	for _, o := range at[where] {
		if o.file == c.file {
			return
		}
	}
	at[where] = append(at[where], c)
}

// one makes the file at where from what the layers give to it. A template
// that renders to nothing but blanks makes no file.
func one(where string, from []contribution, keys map[string]string) (*tree.File, error) {
	from = replaced(from)
	out := &tree.File{Path: where, Owner: from[0].layer.ID}
	for _, c := range from {
		out.From = append(out.From, c.layer.ID)
		out.Exec = out.Exec || c.file.Exec
	}
	if !doc.IsDocument(where) {
		if len(from) > 1 {
			return nil, fmt.Errorf("%s and %s both write %s", from[0].file.Source, from[1].file.Source, where)
		}
		data, err := from[0].bytes()
		if err != nil || empty(data) && from[0].file.Template {
			return nil, err
		}
		out.Data = data
		return out, nil
	}
	var parts []doc.Part
	for _, c := range from {
		data, err := c.bytes()
		if err != nil {
			return nil, err
		}
		if empty(data) {
			continue
		}
		_, name, _ := strings.Cut(c.file.Source, "/")
		parts = append(parts, doc.Part{Layer: c.layer.ID, Name: name, Data: data})
	}
	if len(parts) == 0 {
		return nil, nil
	}
	data, err := doc.Merge(where, keys, parts)
	if err != nil {
		return nil, err
	}
	out.Data = data
	return out, nil
}

// replaced drops the files that another contribution takes over.
func replaced(from []contribution) []contribution {
	return slices.DeleteFunc(slices.Clone(from), func(c contribution) bool {
		for _, o := range from {
			for _, r := range o.layer.Replaces {
				if o.layer != c.layer && r.Layer == c.layer.ID && c.layer.ID+"/"+r.Path == strings.TrimSuffix(c.file.Source, ".tmpl") {
					return true
				}
			}
		}
		return false
	})
}

func (c contribution) bytes() ([]byte, error) {
	if !c.file.Template {
		return c.file.Data, nil
	}
	out, err := c.scope.execute(c.file.Source, c.file.Data)
	if err != nil {
		return nil, err
	}
	return tidy(c.file.Path, out), nil
}

func empty(b []byte) bool { return len(strings.TrimSpace(string(b))) == 0 }

func sorted[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
