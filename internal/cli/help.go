package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usage prints how a command is used: its line, examples, commands, and its
// flags in the order in which they were made, those of answers on their own.
func usage(s Streams) func(*cobra.Command) error {
	return func(c *cobra.Command) error {
		w := c.OutOrStderr()
		line := c.UseLine()
		if c.HasAvailableSubCommands() {
			line = c.CommandPath() + " COMMAND [flags]"
		}
		fmt.Fprintf(w, "Usage:\n  %s\n", line)
		if c.HasExample() {
			fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
		}
		if c.HasAvailableSubCommands() {
			fmt.Fprintln(w, "\nCommands:")
			for _, sub := range c.Commands() {
				if sub.IsAvailableCommand() {
					row(w, "  "+sub.Name(), 14, sub.Short, s.Width())
				}
			}
		}
		answers := map[string]bool{}
		if c.Flags().Lookup("knows") != nil {
			for _, k := range guide.Keys() {
				answers[k.Name] = true
				for _, service := range guide.SplitServices() {
					answers[guide.ServiceFlag(service, k.Name)] = true
				}
			}
		}
		printFlags(w, "Answers:", c, s.Width(), func(f *pflag.Flag) bool { return answers[f.Name] })
		printFlags(w, "Flags:", c, s.Width(), func(f *pflag.Flag) bool { return !answers[f.Name] })
		if c.HasAvailableSubCommands() {
			fmt.Fprintf(w, "\n%s COMMAND --help says more about a command.\n", c.CommandPath())
		}
		return nil
	}
}

func printFlags(w io.Writer, title string, c *cobra.Command, width int, of func(*pflag.Flag) bool) {
	var flags []*pflag.Flag
	longest := 0
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && of(f) {
			flags = append(flags, f)
			longest = max(longest, len(flagHead(f)))
		}
	})
	if len(flags) == 0 {
		return
	}
	fmt.Fprintln(w, "\n"+title)
	for _, f := range flags {
		_, text := pflag.UnquoteUsage(f)
		row(w, flagHead(f), longest+2, text, width)
	}
}

// flagHead is a flag as it is typed: -y, --yes or --name VALUE.
func flagHead(f *pflag.Flag) string {
	head := "      --" + f.Name
	if f.Shorthand != "" {
		head = "  -" + f.Shorthand + ", --" + f.Name
	}
	switch name, _ := pflag.UnquoteUsage(f); name {
	case "":
		return head
	case "string", "strings", "stringArray", "int", "duration":
		return head + " VALUE"
	default:
		return head + " " + name
	}
}

// row prints text beside head, from a column on; below it where that leaves
// too little room.
func row(w io.Writer, head string, column int, text string, width int) {
	if width-column < 24 {
		fmt.Fprintln(w, head)
		head, column = "", 8
	}
	pad := strings.Repeat(" ", column)
	lines := ask.Wrap(text, max(20, width-column))
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-*s", column, head)+strings.Join(lines, "\n"+pad), " "))
}
