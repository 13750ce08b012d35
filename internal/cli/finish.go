//go:build wip

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/gitrepo"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// tools looks for the programs that the project needs, before anything is
// written. Those that an install needs and that are missing are fetched.
func (o *newOptions) tools(r *record.Record) (*toolchain.Set, error) {
	set := toolchain.Find(o.Context, toolchain.Needed(r, "lock"))
	if o.NoInstall {
		for _, st := range set.Missing() {
			fmt.Fprintf(o.Err, "%s is missing here: %s\n", st.Tool.Name, st.Reason)
		}
		return set, nil
	}
	if o.asks() {
		set.Confirm = func(question string) (bool, error) {
			return o.prompter().Confirm(ask.Question{Key: "fetch", Text: question}, true)
		}
	}
	if err := set.Provide(o.Context, func(line string) { fmt.Fprintln(o.Err, line) }); err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, ask.ErrCancelled) {
			return nil, err
		}
		next := hint.Next(err)
		if next != "" {
			next += ", "
		}
		return nil, hint.Errorf(next+"or pass --no-install to write the project without its packages", "%w; nothing was written", err)
	}
	return set, nil
}

func (o *newOptions) write(p *project) error {
	options := tree.WriteOptions{Context: o.Context}
	var err error
	if o.Into {
		err = p.tree.WriteInto(p.where.path, options)
	} else {
		err = p.tree.Write(p.where.path, options)
	}
	if errors.Is(err, context.Canceled) {
		return untouched(err)
	}
	return err
}

// finish does everything after the files are there: install, commit, report,
// run. From here on an interruption leaves the whole tree, and says so.
func (o *newOptions) finish(p *project, tools *toolchain.Set) error {
	d := &done{newOptions: o, where: p.where, record: p.record, tools: tools}
	d.files = p.tree.Len()
	d.verified = provenLine(p.plan.ID, p.tree)
	d.again = o.again(p.answers, p.where)
	if err := d.installAndCommit(); err != nil {
		return err
	}
	if o.JSON {
		return d.printJSON(p)
	}
	d.print()
	return d.start()
}

// resume does what is left to do for a project that is on the disk.
func (o *newOptions) resume() error {
	dir := o.Path
	if dir == "" {
		dir = "."
	}
	r, err := record.Load(dir)
	if err != nil {
		return err
	}
	where, err := placeAt(dir, true)
	if err != nil {
		return err
	}
	tools, err := o.tools(r)
	if err != nil {
		return err
	}
	d := &done{newOptions: o, where: where, record: r, tools: tools, files: len(r.Files) + 1}
	if _, err := os.Stat(filepath.Join(where.path, ".git")); err == nil {
		o.NoGit = true // the person has begun already
	}
	if err := d.installAndCommit(); err != nil {
		return err
	}
	if o.JSON {
		return d.printJSON(nil)
	}
	d.print()
	return d.start()
}

// A done is a project on the disk and what has been done with it.
type done struct {
	*newOptions
	where     *place
	record    *record.Record
	tools     *toolchain.Set
	files     int
	verified  string // what the ledger says, in a line
	again     string // the command that makes the same project
	installed bool
	commit    gitrepo.Result
}

func (d *done) installAndCommit() error {
	pr, err := run.Open(d.where.path, d.tools)
	if err != nil {
		return err
	}
	if !d.NoInstall {
		for i := range d.record.Services {
			s := &d.record.Services[i]
			what := "install with " + s.Manager.Name
			if s.Dir != "." {
				what += " in " + s.Dir
			}
			err := d.step(what, func(w io.Writer) error { return pr.Install(d.Context, s, run.InstallAny, w) })
			if d.Context.Err() != nil {
				return d.interrupted()
			}
			if err != nil {
				return hint.Errorf("mend it and go on with: "+d.resumeCommand(), "%s failed: %w; %s is written whole, without its packages", what, err, d.where.given)
			}
		}
		d.installed = true
	}
	if d.NoGit || d.Into {
		return nil
	}
	err = d.step("commit", func(io.Writer) error {
		var err error
		d.commit, err = gitrepo.Commit(d.where.path, d.committed(pr), "Start "+d.record.Name)
		return err
	})
	if err != nil {
		return hint.Errorf("go on with: cd "+record.Quote(d.where.given)+" && git init && git add -A && git commit", "commit failed: %w; %s is written whole", err, d.where.given)
	}
	if d.Context.Err() != nil {
		return fmt.Errorf("%w; %s is written whole and committed", ErrCancelled, d.where.given)
	}
	return nil
}

func (d *done) interrupted() error {
	return hint.With(fmt.Errorf("%w; %s is written whole, without its packages", ErrCancelled, d.where.given), "go on with: "+d.resumeCommand())
}

func (d *done) resumeCommand() string {
	argv := []string{"fingerpost", "new", d.where.given, "--resume"}
	if d.NoGit {
		argv = append(argv, "--no-git")
	}
	if d.Run {
		argv = append(argv, "--run")
	}
	return record.Line(argv)
}

// committed lists the files of the first commit: what was written, and the
// lock files that the install has made.
func (d *done) committed(pr *run.Project) []string {
	files := append(slices.Sorted(maps.Keys(d.record.Files)), record.FileName)
	for i := range d.record.Services {
		s := &d.record.Services[i]
		for _, lock := range s.Manager.Lock {
			name := path.Join(s.Dir, lock)
			if _, err := os.Stat(filepath.Join(pr.Dir, filepath.FromSlash(name))); err == nil && !slices.Contains(files, name) {
				files = append(files, name)
			}
		}
	}
	return files
}

// step runs one long step. What it prints is shown only when it fails.
func (d *done) step(what string, do func(io.Writer) error) error {
	fmt.Fprintln(d.Err, what)
	var out bytes.Buffer
	err := do(&out)
	if err != nil && d.Context.Err() == nil {
		if text := strings.TrimSpace(out.String()); text != "" {
			fmt.Fprintln(d.Err, text)
		}
	}
	return err
}
