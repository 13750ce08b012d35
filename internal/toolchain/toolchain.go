// Package toolchain finds the programs that a project needs on this machine,
// says whether they fit and why not, and provides what is missing in a folder
// of the user's cache, without touching the system. What is needed, under
// which names and from which packages, are rows of the record.
// It does not install a project's own packages and starts no service; run does.
package toolchain

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/record"
)

// Sources of a program.
const (
	System  = "system"  // found on PATH
	Cache   = "cache"   // fetched by fingerpost
	Missing = "missing" // not found, or found and of no use
)

// A Status is what is known about one needed program.
type Status struct {
	Tool    record.Tool
	Path    string   // of the program; also where it does not fit
	Args    []string // what has to follow Path, as -3 after py
	Version string   // as the program says
	OK      bool
	Source  string // System, Cache or Missing
	Reason  string // why it is not OK
	Fix     string // what to do about it
}

// MarshalJSON prints what a machine needs to know, of the row only the name,
// the range and the purpose.
func (s Status) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string   `json:"name"`
		For     string   `json:"for,omitempty"`
		Needed  string   `json:"needed"`
		Version string   `json:"version,omitempty"`
		Path    string   `json:"path,omitempty"`
		Args    []string `json:"args,omitempty"`
		Source  string   `json:"source"`
		OK      bool     `json:"ok"`
		Reason  string   `json:"reason,omitempty"`
		Fix     string   `json:"fix,omitempty"`
	}{s.Tool.Name, s.Tool.For, s.Tool.Range, s.Version, s.Path, s.Args, s.Source, s.OK, s.Reason, s.Fix})
}

// A Set is the programs that a project needs and where they are.
type Set struct {
	// Confirm is asked before anything is fetched; nil means yes.
	Confirm func(question string) (bool, error)

	statuses []Status
	path     string // PATH that was searched
	cache    string // folder of fetched tools, "" where the system has none
}

// Find looks for tools on PATH and among those fetched before, in their order.
// It changes nothing. Of two rows of one name the second narrows the first.
func Find(ctx context.Context, tools []record.Tool) *Set {
	s := &Set{path: os.Getenv("PATH"), cache: cacheDir()}
	for _, t := range merge(tools) {
		s.statuses = append(s.statuses, Status{Tool: t})
	}
	s.find(ctx)
	return s
}

// Statuses lists each tool once, in the order of the rows.
func (s *Set) Statuses() []Status { return append([]Status(nil), s.statuses...) }

// OK tells whether every tool is there and fits.
func (s *Set) OK() bool {
	for _, st := range s.statuses {
		if !st.OK {
			return false
		}
	}
	return true
}

// Command is how the tool of this name is started, nil where it is not there.
// A name without a version among its candidates, as python3, means it too.
func (s *Set) Command(name string) []string {
	if s == nil {
		return nil
	}
	for _, st := range s.statuses {
		if st.OK && slices.Contains(plainNames(st.Tool), name) {
			return append([]string{st.Path}, st.Args...)
		}
	}
	return nil
}

// Environ is base with the folders of the tools in front of its PATH.
func (s *Set) Environ(base []string) []string {
	if s == nil {
		return base
	}
	return withPath(base, s.dirs())
}

// Needed lists the tools of a project's services: those for running it, and
// those for the given purposes (see record.Tool.For).
func Needed(r *record.Record, purposes ...string) []record.Tool {
	var out []record.Tool
	for i := range r.Services {
		for _, t := range r.Services[i].Tools {
			need := t.For == ""
			for _, p := range purposes {
				need = need || t.For == p
			}
			if need {
				out = append(out, t)
			}
		}
	}
	return merge(out)
}

// merge joins rows of one name: their ranges add up, the first row's other
// keys stand.
func merge(tools []record.Tool) []record.Tool {
	var out []record.Tool
	at := map[string]int{}
	for _, t := range tools {
		i, seen := at[t.Name]
		if !seen {
			at[t.Name] = len(out)
			out = append(out, t)
			continue
		}
		if t.Range != "" && t.Range != out[i].Range {
			out[i].Range = strings.Trim(out[i].Range+", "+t.Range, ", ")
		}
	}
	return out
}

// dirs are the folders to put in front of PATH, without doubles. A program
// that was found where PATH has it needs none; one that goes by another name
// (python3.13 for python) gets a folder with its plain name.
func (s *Set) dirs() []string {
	var out []string
	seen := map[string]bool{}
	for _, st := range s.statuses {
		dir := s.dirOf(st)
		if dir == "" || seen[dir] {
			continue
		}
		seen[dir] = true
		out = append(out, dir)
	}
	return out
}

// withPath puts dirs in front of the PATH of env.
func withPath(env []string, dirs []string) []string {
	if len(dirs) == 0 {
		return env
	}
	front := strings.Join(dirs, string(os.PathListSeparator))
	out := make([]string, 0, len(env)+1)
	done := false
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		if k == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(k, "PATH") {
			if v != "" {
				front += string(os.PathListSeparator) + v
			}
			kv, done = k+"="+front, true
		}
		out = append(out, kv)
	}
	if !done {
		out = append(out, "PATH="+front)
	}
	return out
}

func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "fingerpost", "tools")
}
