package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/spf13/cobra"
)

type execOptions struct {
	Streams
	Context context.Context
	Path    string
	Command []string
	Yes     bool
}

func newCmdExec(s Streams, run func(*execOptions) error) *cobra.Command {
	o := &execOptions{Streams: s}
	c := &cobra.Command{
		Use:   "exec [PATH] -- COMMAND [ARG]...",
		Short: "Run a command with the programs and the database that a project needs",
		Long: `Run a command in PATH with the project's programs in front of PATH, its settings
in the environment and, where it needs PostgreSQL, a server that DATABASE_URL
names. The exit code is the command's.`,
		Example: `  fingerpost exec -- npm test
  fingerpost exec shop -- npm run lint`,
		RunE: func(c *cobra.Command, args []string) error {
			dash := c.ArgsLenAtDash()
			if dash < 0 || dash == len(args) {
				return hint.Misusef("as in fingerpost exec -- npm test", "no command after --")
			}
			if dash > 1 {
				return hint.Misusef("see fingerpost exec --help", "fingerpost exec does not know what to do with %q", args[1])
			}
			o.Context = c.Context()
			o.Path = first(args[:dash], ".")
			o.Command = args[dash:]
			return run(o)
		},
	}
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "fetch missing programs without asking")
	return c
}

// An exitError passes the exit code of another program on; that program has
// said what there was to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

func runExec(o *execOptions) error {
	p, err := run.Open(o.Path, nil)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(o.Path)
	if err != nil {
		return err
	}
	svc, err := serviceAt(p, dir)
	if err != nil {
		return err
	}
	progress := newProgress(o.Streams, "")
	// Which tools are for what only the command knows, so those for making
	// lock files are used where they are, and fetched only where one is missing.
	p.Tools = findTools(o.Context, o.Streams, o.Yes, toolchain.Needed(p.Record, missingLocks(p)...))
	if err := provideTools(o.Context, p.Tools, progress); err != nil {
		return err
	}
	if _, err := p.StandIn(o.Context, progress.Say); err != nil {
		return err
	}
	p.SayDownloads(svc, progress.Say)
	backings, err := p.StartBackings(o.Context, run.BackingOptions{Only: []string{svc.Name}}, nil)
	if err != nil {
		if o.Context.Err() != nil {
			return ErrCancelled
		}
		// Most commands do without a database; the one that does not will fail.
		progress.Say(fmt.Sprintf("going on without a database: %v", err))
		if next := hint.Next(err); next != "" {
			progress.Say("hint: " + next)
		}
		backings = &run.Backings{}
	}
	code, err := o.execute(p, svc, dir, backings.For(svc))
	if stop := backings.Stop(); stop != nil {
		progress.Say(stop.Error())
	}
	switch {
	case err != nil:
		return err
	case code != 0:
		if p.NeedsInstall(svc) {
			progress.Say("hint: the project's packages are not installed as they are locked; fingerpost run does it")
		}
		return exitError(code)
	}
	return nil
}

// execute runs the command in the terminal's own process group, so that it can
// read from it and gets Ctrl-C from it.
func (o *execOptions) execute(p *run.Project, svc *record.Service, dir string, env map[string]string) (int, error) {
	environ := p.Environ(svc, env)
	path, err := lookPath(o.Command[0], dir, environ)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(path, o.Command[1:]...)
	cmd.Dir, cmd.Env = dir, environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.In, o.Out, o.Err
	// Ctrl-C is the command's to act on; a signal to fingerpost alone is passed on.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("%s: %w", o.Command[0], err)
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case sig := <-signals:
				if sig != os.Interrupt || !isTerminal(o.InFile) {
					_ = cmd.Process.Signal(sig)
				}
			case <-done:
				return
			}
		}
	}()
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return process.ExitCode(exit), nil
	}
	return 0, err
}

// lookPath finds a program on the PATH of env, as a shell in dir would.
func lookPath(name, dir string, env []string) (string, error) {
	if strings.ContainsAny(name, `/\`) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if _, err := os.Stat(name); err != nil {
			return "", hint.Misusef("check the path", "%v", err)
		}
		return name, nil
	}
	if path := run.Look(name, env); path != "" {
		return path, nil
	}
	return "", hint.Errorf("check the name, or install the project's packages first: fingerpost run", "%s is not found, neither among the project's programs nor on PATH", name)
}

// serviceAt is the service in whose folder dir lies, or the only one.
func serviceAt(p *run.Project, dir string) (*record.Service, error) {
	if len(p.Record.Services) == 1 {
		return &p.Record.Services[0], nil
	}
	var folders []string
	for i := range p.Record.Services {
		svc := &p.Record.Services[i]
		if rel, err := filepath.Rel(p.ServiceDir(svc), dir); err == nil && filepath.IsLocal(rel) {
			return svc, nil
		}
		folders = append(folders, svc.Dir)
	}
	return nil, hint.Misusef("give the folder of one: "+strings.Join(folders, ", "), "%s has several services", p.Record.Name)
}
