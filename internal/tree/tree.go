// Package tree holds a project in memory: every file with its bytes, its mode
// and the layer it came from. A Tree is complete before the disk is touched.
// It does not decide what is in a file; render and doc do that.
package tree

import "sort"

// A File is one file of a project that is not on the disk yet.
type File struct {
	Path  string   // slash-separated, relative to the project's root
	Data  []byte   // the whole content
	Exec  bool     // the executable bit; a regular file's mode is otherwise 0644
	From  []string // ids of the layers that gave it, the owner first
	Owner string   // id of the owning layer
}

// A Tree is a set of files by path. The zero value is empty and ready to use.
type Tree struct {
	files map[string]*File
}

// Put adds f or replaces the file of the same path.
func (t *Tree) Put(f *File) {
	if t.files == nil {
		t.files = map[string]*File{}
	}
	t.files[f.Path] = f
}

// Get returns the file at path, or nil.
func (t *Tree) Get(path string) *File { return t.files[path] }

// Delete removes the file at path, if it is there.
func (t *Tree) Delete(path string) { delete(t.files, path) }

// Len is the number of files.
func (t *Tree) Len() int { return len(t.files) }

// Files lists the files in order of their paths.
func (t *Tree) Files() []*File {
	out := make([]*File, 0, len(t.files))
	for _, f := range t.files {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out
}
