package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/spf13/cobra"
)

type listOptions struct {
	Streams
	Kind string
	JSON bool
}

// listed are the kinds of choices that a person makes, in the order of a stack.
var listed = []string{"language", "framework", "orm", "database", "pm", "ml", "feature", "license"}

// titles of the kinds; a kind that is not here is its own title.
var titles = map[string]string{
	"language": "Languages", "framework": "Frameworks", "orm": "ORMs", "database": "Databases", "pm": "Package managers",
	"ml": "ML libraries", "feature": "Features", "license": "Licenses",
}

var languageNames = map[string]string{"node": "Node.js", "python": "Python"}

// An entry is one choice of the menu as list prints it.
type entry struct {
	Kind      string   `json:"kind"`
	Value     string   `json:"value"`
	Label     string   `json:"label"`
	Hint      string   `json:"hint"`
	Language  string   `json:"language"` // that it is for; "" for every language
	Needs     []string `json:"needs"`
	Gives     []string `json:"gives"`
	Available bool     `json:"available"` // a layer for it is there
}

func newCmdList(s Streams, run func(*listOptions) error) *cobra.Command {
	o := &listOptions{Streams: s}
	c := &cobra.Command{
		Use:   "list [KIND]",
		Short: "List what can be chosen, and what is proven",
		Long: `List the choices of the menu: all of them, or those of one kind (language,
framework, orm, database, pm, ml, feature, license). A choice that the guide
names and that has no layer yet is marked. "list verified" prints what the
ledger knows: every combination that was proven, and when.`,
		Example: `  fingerpost list
  fingerpost list framework
  fingerpost list verified --json`,
		ValidArgs: append(slices.Clone(listed), "verified"),
		Args:      atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Kind = args[0]
			}
			return run(o)
		},
	}
	c.Flags().BoolVar(&o.JSON, "json", false, "print as JSON")
	return c
}

func runList(o *listOptions) error {
	if o.Kind == "verified" {
		return listVerified(o.Streams, o.JSON)
	}
	_, menu, err := loadMenu()
	if err != nil {
		return err
	}
	kinds := listed
	if o.Kind != "" {
		kind := strings.TrimSuffix(o.Kind, "s") // a person may well type "frameworks"
		if !slices.Contains(listed, kind) {
			return hint.Misusef("take one of "+strings.Join(listed, ", ")+", verified", "there is no kind %q", o.Kind)
		}
		kinds = []string{kind}
	}
	entries := []entry{}
	for _, kind := range kinds {
		entries = append(entries, entriesOf(menu, kind)...)
	}
	if o.JSON {
		return printJSON(o.Out, entries)
	}
	return printText(o.Out, func(w io.Writer) { printEntries(w, o.Width(), entries, o.Kind == "") })
}

// entriesOf lists the choices of kind in the order of the menu.
func entriesOf(menu guide.Menu, kind string) []entry {
	var out []entry
	switch kind {
	case "language":
		for _, value := range layer.Languages {
			l := entry{Value: value, Label: languageNames[value]}
			l.Available = slices.ContainsFunc(menu.Choices, func(c guide.Choice) bool {
				return c.Kind == "framework" && c.Language == l.Value && c.Available
			})
			out = append(out, l)
		}
	case "license":
		for _, o := range ask.LicenseOptions() {
			out = append(out, entry{Value: o.Value, Label: o.Label, Hint: o.Hint, Available: true})
		}
	default:
		for _, c := range menu.Choices {
			if c.Kind == kind {
				out = append(out, entry{Value: c.Value, Label: c.Label, Hint: c.Hint, Language: c.Language, Needs: c.Needs, Gives: c.Gives, Available: c.Available})
			}
		}
	}
	for i := range out {
		out[i].Kind = kind
		if out[i].Needs == nil {
			out[i].Needs = []string{}
		}
		if out[i].Gives == nil {
			out[i].Gives = []string{}
		}
	}
	return out
}

// printEntries prints a block for each kind; a hint that is too long for its
// line goes on below itself.
func printEntries(w io.Writer, width int, entries []entry, withTitles bool) {
	value, label := 0, 0
	for _, e := range entries {
		value, label = max(value, len([]rune(e.Value))), max(label, len([]rune(e.Label)))
	}
	kind := ""
	for _, e := range entries {
		if withTitles && e.Kind != kind {
			if kind != "" {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%s (--%s)\n", titles[e.Kind], e.Kind)
		}
		kind = e.Kind
		head := fmt.Sprintf("  %-*s  %-*s  ", value, e.Value, label, e.Label)
		room := width - len([]rune(head))
		if room < 24 { // too narrow for columns
			fmt.Fprintf(w, "  %s  %s\n", e.Value, e.Label)
			head, room = "      ", width-6
		}
		lines := ask.Wrap(e.about(), room)
		if len(lines) == 0 && strings.TrimSpace(head) == "" {
			continue
		}
		fmt.Fprintln(w, strings.TrimRight(head+strings.Join(lines, "\n"+strings.Repeat(" ", len([]rune(head)))), " "))
	}
}

// about is what is said beside a choice.
func (e entry) about() string {
	if !e.Available {
		return "no layer yet"
	}
	var parts []string
	if e.Hint != "" {
		parts = append(parts, e.Hint)
	}
	if e.Language != "" && e.Kind != "framework" {
		parts = append(parts, "for "+languageNames[e.Language])
	} else if e.Language != "" {
		parts = append(parts, languageNames[e.Language])
	}
	needs := slices.DeleteFunc(slices.Clone(e.Needs), func(w string) bool { return w == e.Language })
	if len(needs) > 0 {
		parts = append(parts, "needs "+strings.Join(needs, ", "))
	}
	return strings.Join(parts, "; ")
}
