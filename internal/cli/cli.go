// Package cli is the command line: one file per command, each an options
// struct, a constructor and a run function. It decides exit codes and prints
// errors; it holds no rule, no template and no file format.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Version is the version of fingerpost, set by the linker in a release.
var Version = "0.1.0-dev"

// Exit codes.
const (
	exitDone      = 0
	exitFailed    = 1
	exitMisused   = 2
	exitCancelled = 130
)

// ErrCancelled says that the person pressed Ctrl-C or answered no.
var ErrCancelled = errors.New("cancelled")

// errSilent fails the command without another line: all has been said.
var errSilent = errors.New("")

// Streams are the three streams of the process, and what is known about them.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Files behind the streams, nil in tests without a terminal.
	InFile, OutFile, ErrFile *os.File
}

// System are the streams of this process.
func System() Streams {
	return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, InFile: os.Stdin, OutFile: os.Stdout, ErrFile: os.Stderr}
}

// CanAsk tells whether a question would reach a person: both ends are terminals.
func (s Streams) CanAsk() bool { return isTerminal(s.InFile) && isTerminal(s.OutFile) }

// ErrIsTerminal tells whether progress may be drawn on the error stream.
func (s Streams) ErrIsTerminal() bool { return isTerminal(s.ErrFile) }

// Colour tells whether text on the output stream may be coloured.
func (s Streams) Colour() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(s.OutFile)
}

// Width is the width of the output terminal in columns, 80 where there is none.
func (s Streams) Width() int {
	if w, _ := s.size(); w > 0 {
		return w
	}
	return 80
}

// Height is the height of the output terminal in lines, 0 where there is none.
func (s Streams) Height() int {
	_, h := s.size()
	return h
}

func (s Streams) size() (width, height int) {
	if !isTerminal(s.OutFile) {
		return 0, 0
	}
	width, height, err := term.GetSize(int(s.OutFile.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

// Main runs the command line and returns the exit code of the process.
func Main(args []string, s Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var passed exitError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, ErrCancelled), errors.Is(err, context.Canceled):
		if errors.Is(err, context.Canceled) && !errors.Is(err, ErrCancelled) {
			err = ErrCancelled
		}
		printError(s, err)
		return exitCancelled
	case errors.Is(err, errSilent):
		return exitFailed
	case errors.As(err, &passed):
		return int(passed)
	}
	printError(s, err)
	if hint.IsMisuse(err) {
		return exitMisused
	}
	return exitFailed
}

// printError prints what is wrong and the next step.
func printError(s Streams, err error) {
	fmt.Fprintf(s.Err, "fingerpost: %v\n", err)
	if next := hint.Next(err); next != "" {
		fmt.Fprintf(s.Err, "hint: %s\n", next)
	}
}

// commands lists the constructors, in the order of the help text.
var commands = []func(Streams) *cobra.Command{
	func(s Streams) *cobra.Command { return newCmdNew(s, runNew) },
	func(s Streams) *cobra.Command { return newCmdDecide(s, runDecide) },
	func(s Streams) *cobra.Command { return newCmdList(s, runList) },
	func(s Streams) *cobra.Command { return newCmdRun(s, runRun) },
	func(s Streams) *cobra.Command { return newCmdExec(s, runExec) },
	func(s Streams) *cobra.Command { return newCmdDoctor(s, runDoctor) },
	func(s Streams) *cobra.Command { return newCmdVerify(s, runVerify) },
	func(s Streams) *cobra.Command { return newCmdCompletion(s, runCompletion) },
	func(s Streams) *cobra.Command { return newCmdVersion(s, runVersion) },
}

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "fingerpost",
		Short: "Choose a backend stack with reasons, and get a starter that is proven to work",
		Long: `fingerpost asks a few questions, says which backend stack fits and why, and writes
a starter repository that has been proven to work.`,
		Example: `  fingerpost new shop                                asks, then writes ./shop
  fingerpost new shop --knows python --yes --run     no questions; ends with a URL that answers
  fingerpost decide --knows both --building ml       the recommendation alone`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       Version,
		Args:          unknownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetVersionTemplate("fingerpost {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return hint.Misusef(fmt.Sprintf("see %s --help", c.CommandPath()), "%v", err)
	})
	cobra.EnableCommandSorting = false
	root.SetUsageFunc(usage(s))
	for _, c := range commands {
		sub := c(s)
		sub.Flags().SortFlags = false
		root.AddCommand(sub)
	}
	return root
}

// unknownCommand refuses a word that is no command and names the nearest one.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	next := "see fingerpost --help"
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		next = "did you mean fingerpost " + near[0] + "?"
	}
	return hint.Misusef(next, "there is no command %q", args[0])
}
