package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

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
	if o.NoInstall {
		return &toolchain.Set{}, nil // asking every program for its version takes longer than all the rest
	}
	set := findTools(o.Context, o.Streams, !o.asks(), toolchain.Needed(r, "lock"))
	progress := newProgress(o.Streams, "")
	err := provideTools(o.Context, set, progress)
	if err == nil {
		_, err = (&run.Project{Record: r, Tools: set}).StandIn(o.Context, progress.Say)
	}
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrCancelled) {
		return set, err
	}
	if o.Resume { // it does not go with --no-install, and what there was to write is there
		return nil, err
	}
	next := hint.Next(err)
	if next != "" {
		next += ", "
	}
	return nil, hint.Errorf(next+"or pass --no-install to write the project without its packages", "%w; nothing was written", err)
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
	d.verified, d.measured = p.verified, p.measured
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
	o.Yes = true // what there was to accept has been accepted
	tools, err := o.tools(r)
	if err != nil {
		return err
	}
	d := &done{newOptions: o, where: where, record: r, tools: tools, files: len(r.Files) + 1, measured: unmeasured()}
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
	measured  *measured
	again     string // the command that makes the same project
	installed bool
	git       gitrepo.Result
}

func (d *done) installAndCommit() error {
	pr, err := run.Open(d.where.path, d.tools)
	if err != nil {
		return err
	}
	steps := newProgress(d.Streams, filepath.Join(pr.StateDir(), "logs"))
	if !d.NoInstall {
		if _, err := pr.StandIn(d.Context, nil); err != nil { // said before the files were written
			return err
		}
		for i := range d.record.Services {
			s := &d.record.Services[i]
			pr.SayDownloads(s, steps.Say)
			what := "install with " + s.Manager.Name
			if s.Dir != "." {
				what = s.Name + ": " + what
			}
			err := steps.Step(what, func(w io.Writer) error { return pr.Install(d.Context, s, run.InstallAny, w) })
			if d.Context.Err() != nil {
				return d.interrupted("without its packages")
			}
			if err != nil {
				return hint.Errorf("mend it and go on with: "+d.resumeCommand(), "%w; %s is written whole, without its packages", err, d.where.given)
			}
		}
		d.installed = true
	}
	if d.NoGit || d.Into {
		return nil
	}
	if d.Context.Err() != nil {
		return d.interrupted("not committed")
	}
	err = steps.Step("commit", func(io.Writer) (err error) {
		d.git, err = gitrepo.Commit(d.where.path, d.written(), "Start "+d.record.Name, d.locks()...)
		return err
	})
	if err != nil {
		return err
	}
	if d.Context.Err() != nil {
		return fmt.Errorf("%w; %s is written whole and committed", ErrCancelled, d.where.given)
	}
	return nil
}

func (d *done) interrupted(without string) error {
	return hint.With(fmt.Errorf("%w; %s is written whole, %s", ErrCancelled, d.where.given, without), "go on with: "+d.resumeCommand())
}

func (d *done) resumeCommand() string {
	argv := []string{"fingerpost", "new", d.where.given, "--resume"}
	if d.NoGit || d.Into {
		argv = append(argv, "--no-git")
	}
	if d.Run {
		argv = append(argv, "--run")
	}
	return record.Line(argv)
}

// written lists the files of the project, as gitrepo wants them: it reads the
// content from the disk.
func (d *done) written() []*tree.File {
	files := []*tree.File{{Path: record.FileName}}
	for name := range d.record.Files {
		files = append(files, &tree.File{Path: name})
	}
	return files
}

// locks lists where lock files are, once an install has made them.
func (d *done) locks() []string {
	var out []string
	for _, s := range d.record.Services {
		for _, lock := range s.Manager.Lock {
			out = append(out, path.Join(s.Dir, lock))
		}
	}
	return out
}

// start runs the development server where the person asked for it.
func (d *done) start() error {
	if !d.Run {
		return nil
	}
	fmt.Fprintln(d.Out)
	return runProject(d.Context, d.Streams, d.where.path, projectOptions{Port: d.Port, Yes: true, Tools: d.tools})
}
