package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/run"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/spf13/cobra"
)

type runOptions struct {
	Streams
	Context context.Context
	Path    string
	projectOptions
}

// projectOptions are the choices of runProject.
type projectOptions struct {
	Port  int            // of the first service; 0: its own, or the next free one
	Yes   bool           // fetch missing tools without a question
	Tools *toolchain.Set // found and provided already; nil: runProject does it
}

func newCmdRun(s Streams, run func(*runOptions) error) *cobra.Command {
	o := &runOptions{Streams: s}
	c := &cobra.Command{
		Use:   "run [PATH]",
		Short: "Install, migrate and start a project, until Ctrl-C",
		Long: `Install what is missing, start the database, migrate, start the development
server and wait until it is ready. Ctrl-C stops all of it.

Programs that this machine does not have, or has too old, are fetched into your
cache folder first. PostgreSQL is the one that DATABASE_URL names; else a server
of the project's own, with its data in .fingerpost/postgres; else the compose
service.`,
		Example: `  fingerpost run
  fingerpost run shop --port 8080`,
		Args: atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("port") && (o.Port < 1 || o.Port > 65535) {
				return hint.Misusef("give a port from 1 to 65535", "--port %d is no port", o.Port)
			}
			o.Context = c.Context()
			o.Path = first(args, ".")
			return run(o)
		},
	}
	c.Flags().IntVar(&o.Port, "port", 0, "`PORT` to listen on; without it a taken port is left for the next free one")
	c.Flags().BoolVarP(&o.Yes, "yes", "y", false, "fetch missing programs without asking")
	return c
}

func runRun(o *runOptions) error {
	return runProject(o.Context, o.Streams, o.Path, o.projectOptions)
}

// runProject brings the project at dir up and keeps it up until ctx ends, which
// is how a person stops it and no error. What the services print goes to the
// output streams, what fingerpost says to the error stream.
func runProject(ctx context.Context, s Streams, dir string, o projectOptions) error {
	ctx, hangUp := signal.NotifyContext(ctx, syscall.SIGHUP) // a closed terminal ends it as well
	defer hangUp()
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE) // a reader that left must not kill us before we have stopped the rest
	defer signal.Stop(pipe)

	p, err := run.Open(dir, nil)
	if err != nil {
		return err
	}
	progress := newProgress(s, filepath.Join(p.StateDir(), "logs"))
	p.Tools = o.Tools
	if p.Tools == nil {
		p.Tools = findTools(ctx, s, o.Yes, toolchain.Needed(p.Record, missingLocks(p)...))
	}
	if err := provideTools(ctx, p.Tools, progress); err != nil {
		return err
	}
	up, err := p.Up(ctx, run.UpOptions{
		Port: o.Port,
		Step: progress.Step,
		Say:  progress.Say,
		Output: func(svc *record.Service) (io.Writer, io.Writer) {
			if len(p.Record.Services) == 1 {
				return s.Out, s.Err
			}
			return &prefixed{w: s.Out, name: svc.Name}, &prefixed{w: s.Err, name: svc.Name}
		},
	})
	if err != nil {
		return stopped(ctx, err)
	}
	for _, r := range up.Services {
		what := "ready"
		if len(up.Services) > 1 {
			what = r.Service.Name + " is ready"
		}
		progress.Say(fmt.Sprintf("%s: %s (documentation: %s); Ctrl-C stops it", what, r.URL, r.Docs))
	}
	ended := up.Wait(ctx)
	if ended == nil {
		progress.Say("stopping ...")
	}
	// Whoever presses Ctrl-C again does not want to wait.
	again := make(chan os.Signal, 2)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	go func() {
		for range again {
			up.Kill()
		}
	}()
	if err := errors.Join(ended, up.Stop()); err != nil {
		return err
	}
	progress.Say("stopped")
	return nil
}

// stopped is err, or a plain cancellation when the person ended it.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrCancelled
	}
	return err
}

// missingLocks is the purpose of the tools that make lock files, where a
// service has none yet.
func missingLocks(p *run.Project) []string {
	for i := range p.Record.Services {
		if !p.HasLock(&p.Record.Services[i]) {
			return []string{"lock"}
		}
	}
	return nil
}

// prefixed writes whole lines with a service's name in front.
type prefixed struct {
	w    io.Writer
	name string

	mu   sync.Mutex
	part []byte
}

func (p *prefixed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part = append(p.part, b...)
	for {
		i := bytes.IndexByte(p.part, '\n')
		if i < 0 {
			return len(b), nil
		}
		if _, err := fmt.Fprintf(p.w, "%s | %s", p.name, p.part[:i+1]); err != nil {
			return 0, err
		}
		p.part = p.part[i+1:]
	}
}

func first(args []string, other string) string {
	if len(args) > 0 {
		return args[0]
	}
	return other
}
