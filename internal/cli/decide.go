package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/spf13/cobra"
)

type decideOptions struct {
	Streams
	Answers       func(guide.Answers) (guide.Answers, error) // puts the flags over what a file said
	File          string                                     // of answers; - is stdin
	JSON, Explain bool
}

func newCmdDecide(s Streams, run func(*decideOptions) error) *cobra.Command {
	o := &decideOptions{Streams: s}
	c := &cobra.Command{
		Use:   "decide",
		Short: "Recommend a stack and say why, without writing anything",
		Long: `Run the rules of the guide over your answers and say what they recommend: the
stack with its reasons, what speaks against it, what to watch out for, and which
answers would change it. Nothing is asked, and what is left out stays open; with
no answer at all it is a toss-up.

Where the recommended stack was measured, or what the guide says of performance
and a reason cites, a line says so; it is evidence and never changes the
recommendation. --explain has all of it; --json has it under "measured": "stacks"
(the measurement of each recommended service) and "statements" (what the guide
says, whether it holds here, the figures, and the rules that cite it), both empty
where nothing was measured.`,
		Example: `  fingerpost decide --knows javascript --building realtime --workload io
  fingerpost decide --knows both --building ml,realtime --frontend javascript
  fingerpost decide --answers team.toml --values structure --explain
  fingerpost decide --building content --json`,
		Args: atMost(0),
		RunE: func(*cobra.Command, []string) error { return run(o) },
	}
	o.Answers = addAnswerFlags(c)
	f := c.Flags()
	f.StringVar(&o.File, "answers", "", "read answers from a TOML or JSON `FILE`, - for standard input; flags count more")
	f.BoolVar(&o.JSON, "json", false, "print the decision as JSON")
	f.BoolVar(&o.Explain, "explain", false, "tell everything: all reasons with their sources, every rule that fired")
	return c
}

func runDecide(o *decideOptions) error {
	var a guide.Answers
	var err error
	if o.File != "" {
		if a, err = readAnswers(o.In, o.File); err != nil {
			return err
		}
	}
	if a, err = o.Answers(a); err != nil {
		return err
	}
	// The command that is printed in the end would be refused.
	if a.License, err = spelledLicense(a.License); err != nil {
		return err
	}
	if a.Name != "" {
		if err := checkName(a.Name); err != nil {
			return err
		}
	}
	catalog, menu, err := loadMenu()
	if err != nil {
		return err
	}
	d, err := guide.Decide(a, menu)
	if err != nil {
		return err
	}
	seen, err := measuredFor(catalog, d)
	if err != nil {
		return err
	}
	if !o.JSON {
		return o.print(catalog, menu, a, d, seen)
	}
	out := decided{Decision: d, Measured: seen}
	if o.Explain {
		out.Fired = d.Fired()
	}
	return printJSON(o.Out, out)
}

// print tells the decision, and how to make what it recommends.
func (o *decideOptions) print(catalog *layer.Catalog, menu guide.Menu, a guide.Answers, d *guide.Decision, seen *measured) error {
	_, changes, err := nearestTo(catalog, menu, a, d)
	if err != nil {
		return err
	}
	said := seen.all()
	if !o.Explain {
		said = seen.brief("--explain has all of it")
	}
	return printText(o.Out, func(w io.Writer) {
		fmt.Fprint(w, d.Say(menu, o.Width(), o.Explain, said...))
		if len(changes) > 0 {
			fmt.Fprintln(w, "\nNot all of it can be written yet; fingerpost new offers the nearest that can:")
			for _, c := range changes {
				fmt.Fprintln(w, "  "+c.line)
			}
			if slices.ContainsFunc(changes, func(c stackChange) bool { return c.saidIn(a) }) {
				fmt.Fprintln(w, "What you chose is never replaced: see fingerpost list for what is there.")
				return
			}
		}
		fmt.Fprintf(w, "\nTo make it: %s\n", record.Line(append(append([]string{"fingerpost", "new", "my-service"}, a.Args()...), "--yes")))
	})
}

// A decided is what decide prints for machines.
type decided struct {
	*guide.Decision
	Measured *measured      `json:"measured"`
	Fired    []guide.Reason `json:"fired,omitzero"` // with --explain
}
