package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/record"
)

// changes makes each change that the README describes step by step, every one
// in a copy of the project: its diffs are applied and its commands are run, of
// which the last ones are the project's own checks. A section whose steps a
// person has to write is left out. One proof for each stack is enough: with
// another package manager, or a server beside it, the steps are the same.
func (p *proof) changes(ctx context.Context, svc *record.Service, w io.Writer) error {
	switch {
	case !p.Own:
		return notApplicable{"the steps are proven with the menu"}
	case p.Smoke:
		return notApplicable{"the same steps are proven with another package manager"}
	case len(svc.Backing) > 0:
		return notApplicable{"the same steps are proven with the embedded database"}
	}
	data, err := os.ReadFile(filepath.Join(p.project.ServiceDir(svc), "README.md"))
	if errors.Is(err, os.ErrNotExist) {
		return notApplicable{"there is no README"}
	}
	if err != nil {
		return err
	}
	all, err := fences(string(data))
	if err != nil {
		return fmt.Errorf("README.md, %w", err)
	}
	var made []string
	for len(all) > 0 {
		heading, n := all[0].heading, 1
		for n < len(all) && all[n].heading == heading {
			n++
		}
		section := all[:n]
		all = all[n:]
		isChange := false
		for _, f := range section {
			isChange = isChange || len(f.info) == 2 && f.info[1] == changeBlock
		}
		if !isChange {
			continue
		}
		if err := p.change(ctx, svc, section, w); err != nil {
			return fmt.Errorf("README.md, %s, %w", heading, err)
		}
		made = append(made, heading)
	}
	if len(made) == 0 {
		return notApplicable{"the README describes no change step by step"}
	}
	return passed{"made in a copy, and green: " + strings.Join(made, ", ")}
}

// change makes one change in a copy of its own.
func (p *proof) change(ctx context.Context, svc *record.Service, section []fence, w io.Writer) error {
	root := filepath.Join(p.Scratch, "change")
	defer os.RemoveAll(root)
	if err := p.copyProject(root, svc); err != nil {
		return err
	}
	dir := filepath.Join(root, filepath.FromSlash(svc.Dir))
	from := p.project.ServiceDir(svc)
	if err := copyFile(filepath.Join(from, ".env.example"), filepath.Join(dir, ".env")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	env := p.project.Shell(svc, filepath.Join(p.Scratch, "readme", "bin"), map[string]string{"GIT_CEILING_DIRECTORIES": p.Scratch})
	for _, f := range section {
		argv, in := []string(nil), ""
		switch {
		case len(f.info) == 1 && f.info[0] == "diff":
			argv, in = []string{"git", "apply", "--whitespace=nowarn", "-"}, strings.Join(f.text, "\n")+"\n"
		case len(f.info) == 2 && f.info[1] == changeBlock:
			argv = []string{"/bin/sh", "-e", "-c", strings.Join(f.text, "\n")}
			fmt.Fprintf(w, "$ %s\n", strings.Join(f.text, "\n$ "))
		default:
			continue
		}
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		var out tailBuffer
		cmd.Dir, cmd.Env, cmd.Stdin = dir, env, strings.NewReader(in)
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, w), io.MultiWriter(&out, w)
		cmd.WaitDelay = 5 * time.Second
		ownGroup(cmd)
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("the block at line %d: %w: %s", f.line, err, lastLines(out.String(), 12))
		}
	}
	return nil
}

// copyProject copies the project's own files as they were written, and the
// service's installed packages by a link.
func (p *proof) copyProject(to string, svc *record.Service) error {
	names := maps.Clone(p.project.Record.Files)
	for _, lock := range svc.Manager.Lock {
		names[path.Join(svc.Dir, lock)] = ""
	}
	for name := range names {
		file := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(p.project.Dir, filepath.FromSlash(name)), file); err != nil {
			return err
		}
	}
	modules := filepath.Join(p.project.ServiceDir(svc), filepath.FromSlash(svc.Manager.Modules))
	if svc.Manager.Modules == "" {
		return nil
	}
	return os.Symlink(modules, filepath.Join(to, filepath.FromSlash(path.Join(svc.Dir, svc.Manager.Modules))))
}
