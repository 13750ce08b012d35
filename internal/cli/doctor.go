package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/spf13/cobra"
)

type doctorOptions struct {
	Streams
	Context context.Context
	Path    string
	JSON    bool
	// All gives the tools of everything that can be generated, for when there
	// is no project.
	All func() ([]record.Tool, []record.Backing, error)
}

func newCmdDoctor(s Streams, run func(*doctorOptions) error) *cobra.Command {
	o := &doctorOptions{Streams: s, All: catalogTools}
	c := &cobra.Command{
		Use:   "doctor [PATH]",
		Short: "Show what a project needs on this machine, what is there, and how to get the rest",
		Long: `Show what a project needs on this machine, what is there, and how to get the
rest. Without a project, the table is about all that fingerpost can generate.
The exit code is 1 when something is missing that would not be fetched by itself.`,
		Args: atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.Context = c.Context()
			o.Path = first(args, "")
			return run(o)
		},
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print as JSON")
	return c
}

// A finding is one row of the table.
type finding struct {
	Name    string `json:"name"`
	For     string `json:"for,omitempty"`     // why, when that is not running the service
	Needed  string `json:"needed"`            // version range
	Version string `json:"version,omitempty"` // found; also of one that does not fit
	Path    string `json:"path,omitempty"`
	Source  string `json:"source"` // system, cache, compose, setting or missing
	OK      bool   `json:"ok"`
	Reason  string `json:"reason,omitempty"`
	Fetch   string `json:"fetch,omitempty"` // what would be fetched by itself
	Fix     string `json:"fix,omitempty"`
}

// history is a tool of every project and of no layer: fingerpost commits
// without it, people do not.
var history = record.Tool{Name: "git", Range: ">=2.28", For: "history", Hint: "install git from your system's packages"}

func runDoctor(o *doctorOptions) error {
	tools, backings, large, err := o.needed()
	if err != nil {
		return err
	}
	var all []finding
	set := toolchain.Find(o.Context, append(tools, history))
	if o.Context.Err() != nil { // what did not answer in time is not missing
		return ErrCancelled
	}
	for _, st := range set.Statuses() {
		f := finding{Name: st.Tool.Name, For: st.Tool.For, Needed: st.Tool.Range, Version: st.Version, Path: st.Path, Source: st.Source, OK: st.OK, Reason: st.Reason}
		if !st.OK {
			f.Fetch, f.Fix = set.Offer(o.Context, st.Tool), st.Fix
		}
		all = append(all, f)
	}
	for _, b := range backings {
		src := run.FindBacking(o.Context, b)
		all = append(all, finding{Name: src.Name, Needed: "a server, or Docker", Version: src.Version, Path: src.Path, Source: src.Source, OK: src.OK, Reason: src.Reason, Fix: src.Fix})
	}
	if err := o.print(all, large); err != nil {
		return err
	}
	for _, f := range all {
		if !f.OK && f.Fetch == "" && f.For == "" {
			return errSilent
		}
	}
	return nil
}

// needed are the rows of the project at o.Path or around it; without a path
// and a project, those of the whole catalog. The lines are on what is large
// among the project's packages.
func (o *doctorOptions) needed() ([]record.Tool, []record.Backing, []string, error) {
	path := o.Path
	if path == "" {
		path = "."
	}
	p, err := run.Open(path, nil)
	if err != nil {
		if o.Path == "" && !isProject(".") {
			tools, backings, err := o.All()
			return tools, backings, nil, err
		}
		return nil, nil, nil, err
	}
	var backings []record.Backing
	for i := range p.Record.Services {
		backings = append(backings, p.Record.Services[i].Backing...)
	}
	return toolchain.Needed(p.Record, purposes(p.Record)...), distinct(backings), p.Large(), nil
}

// isProject tells whether dir or a folder above it has a record.
func isProject(dir string) bool {
	abs, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Stat(filepath.Join(abs, record.FileName)); !errors.Is(err, os.ErrNotExist) {
			return true
		}
		if abs == filepath.Dir(abs) {
			return false
		}
		abs = filepath.Dir(abs)
	}
	return false
}

// purposes are all that the rows name.
func purposes(r *record.Record) []string {
	var out []string
	for i := range r.Services {
		for _, t := range r.Services[i].Tools {
			if t.For != "" {
				out = append(out, t.For)
			}
		}
	}
	return out
}

func distinct(backings []record.Backing) []record.Backing {
	var out []record.Backing
	seen := map[string]bool{}
	for _, b := range backings {
		if !seen[b.Name] {
			seen[b.Name] = true
			out = append(out, b)
		}
	}
	return out
}

// catalogTools are the tools and servers of everything that can be generated.
func catalogTools() ([]record.Tool, []record.Backing, error) {
	c, err := layer.LoadChecked(layers, "builtin")
	if err != nil {
		return nil, nil, err
	}
	var tools []record.Tool
	var backings []record.Backing
	for _, l := range c.Layers() {
		for _, part := range l.Parts {
			tools = append(tools, part.Tools...)
			backings = append(backings, part.Backing...)
		}
	}
	return tools, distinct(backings), nil
}

func (o *doctorOptions) print(all []finding, large []string) error {
	if o.JSON {
		return printJSON(o.Out, all)
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "program\tneeded\tfound\tstatus")
	var todo []string
	for _, f := range all {
		found := f.Version
		switch {
		case f.OK && f.Source == toolchain.Cache:
			found += " (fetched by fingerpost)"
		case f.OK && f.Path != "":
			found += " (" + f.Path + ")"
		case !f.OK:
			found = f.Reason
		}
		needed := f.Needed
		if f.For != "" {
			needed += " (" + f.For + ")"
		}
		mark := "ok"
		if !f.OK {
			mark = "missing"
			if f.Fetch != "" {
				mark = "fetched when needed"
				todo = append(todo, fmt.Sprintf("%s: fingerpost fetches %s when it is needed; or %s", f.Name, f.Fetch, f.Fix))
			} else {
				todo = append(todo, f.Name+": "+f.Fix)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Name, needed, strings.TrimSpace(found), mark)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if todo = append(todo, large...); len(todo) > 0 {
		fmt.Fprintln(o.Out)
		for _, line := range todo {
			fmt.Fprintln(o.Out, line)
		}
	}
	return nil
}
