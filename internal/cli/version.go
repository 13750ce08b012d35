package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/spf13/cobra"
)

type versionOptions struct {
	Streams
	JSON bool
}

// A build is what a report of a fault needs to say about this program.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	CPU     string `json:"cpu"`
}

func newCmdVersion(s Streams, run func(*versionOptions) error) *cobra.Command {
	o := &versionOptions{Streams: s}
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return run(o) },
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print as JSON")
	return c
}

func runVersion(o *versionOptions) error {
	b := build{Version: Version, Go: runtime.Version(), OS: runtime.GOOS, CPU: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Commit = s.Value
			}
		}
	}
	if o.JSON {
		return printJSON(o.Out, b)
	}
	_, err := fmt.Fprintf(o.Out, "fingerpost %s (%s, %s/%s)\n", b.Version, b.Go, b.OS, b.CPU)
	return err
}

// noArgs and atMost refuse what is left on the command line as a misuse, which
// cobra's own checks do not.
func noArgs(c *cobra.Command, args []string) error { return atMost(0)(c, args) }

func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return hint.Misusef(fmt.Sprintf("see %s --help", c.CommandPath()), "%s does not know what to do with %q", c.CommandPath(), args[n])
	}
}
