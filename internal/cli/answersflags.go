package cli

import (
	"io"
	"os"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/spf13/cobra"
)

// answerHelp says what each answer is; what it can be comes from the vocabulary.
var answerHelp = map[string]string{
	"goal":      "what it is for",
	"knows":     "what you or your team already work in",
	"building":  "what you build, any of",
	"workload":  "what it will spend its time on",
	"frontend":  "what stands in front of it",
	"values":    "what counts for you, any of",
	"shape":     "one service or two",
	"language":  "set the language",
	"framework": "set the framework",
	"orm":       "set the ORM",
	"pm":        "set the package manager",
	"database":  "set the database",
	"ml":        "set the machine learning library",
	"feature":   "set exactly these features; none for no feature",
	"name":      "name of the project (default the folder's)",
	"license":   "license of the project (default none)",
}

// addAnswerFlags gives c a flag for every answer. The function that it returns
// puts what the flags say over base, as an answers file gave it.
func addAnswerFlags(c *cobra.Command) func(base guide.Answers) (guide.Answers, error) {
	f := c.Flags()
	keys := guide.Keys()
	for _, k := range keys {
		help := answerHelp[k.Name]
		switch {
		case k.Menu:
			help += " (see fingerpost list " + k.Name + ")"
		case k.Default != "":
			help += ": " + strings.Join(k.Values, ", ") + " (default " + k.Default + ")"
		case k.Values != nil:
			help += ": " + strings.Join(k.Values, ", ")
		}
		addAnswerFlag(c, k, k.Name, help)
	}
	for _, service := range guide.SplitServices() {
		for _, k := range keys {
			name := guide.ServiceFlag(service, k.Name)
			if !k.Menu && k.Name != "language" || f.Lookup(name) != nil {
				continue
			}
			addAnswerFlag(c, k, name, answerHelp[k.Name]+" of the "+service+" service of a split")
			// Help shows what most people set; the rest reproduces any answers file.
			if k.Name != "framework" && k.Name != "pm" {
				f.MarkHidden(name)
			}
		}
	}
	return func(base guide.Answers) (guide.Answers, error) {
		var said guide.Answers
		for _, k := range keys {
			if err := readAnswerFlag(c, k, k.Name, func(words []string) { said.Set(k.Name, words) }); err != nil {
				return base, err
			}
		}
		for _, service := range guide.SplitServices() {
			for _, k := range keys {
				name := guide.ServiceFlag(service, k.Name)
				if name == k.Name || f.Lookup(name) == nil {
					continue
				}
				if err := readAnswerFlag(c, k, name, func(words []string) { said.SetFor(service, k.Name, words) }); err != nil {
					return base, err
				}
			}
		}
		return base.Merge(said), nil
	}
}

func addAnswerFlag(c *cobra.Command, k guide.Key, name, help string) {
	if k.Many {
		c.Flags().StringSlice(name, nil, help)
	} else {
		c.Flags().String(name, "", help)
	}
	c.RegisterFlagCompletionFunc(name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		values, about := k.Values, map[string]string{}
		if k.Menu {
			_, menu, err := loadMenu()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			values = menu.Values(k.Name)
			for _, e := range entriesOf(menu, k.Name) {
				about[e.Value] = "\t" + e.about()
			}
		}
		if k.Name == "license" {
			values = licenses()
		}
		// The shell completes the whole word, so what is before the last comma stays.
		before := ""
		directive := cobra.ShellCompDirectiveNoFileComp
		if k.Many {
			before = typed[:strings.LastIndex(typed, ",")+1]
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		var out []string
		for _, v := range values {
			if !strings.Contains(","+before, ","+v+",") {
				out = append(out, before+v+about[v])
			}
		}
		return out, directive
	})
}

// readAnswerFlag passes on what the flag says, if it was given.
func readAnswerFlag(c *cobra.Command, k guide.Key, name string, set func([]string)) error {
	f := c.Flags()
	if !f.Changed(name) {
		return nil
	}
	if k.Many {
		words, err := f.GetStringSlice(name)
		if err != nil {
			return err
		}
		clean := []string{}
		for _, w := range words {
			if w = strings.TrimSpace(w); w != "" {
				clean = append(clean, w)
			}
		}
		set(clean)
		return nil
	}
	word, err := f.GetString(name)
	if err != nil {
		return err
	}
	if word = strings.TrimSpace(word); word == "" {
		return hint.Misusef("give a value, or leave the flag out", "--%s is empty", name)
	}
	set([]string{word})
	return nil
}

// maxAnswers is more bytes than all answers can take.
const maxAnswers = 64 << 10

// readAnswers reads an answers file; - is standard input.
func readAnswers(stdin io.Reader, file string) (guide.Answers, error) {
	name := file
	if file == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(file)
		if err != nil {
			return guide.Answers{}, hint.Misusef("give a TOML or JSON file with answers", "%v", err)
		}
		defer f.Close()
		stdin = f
	}
	data, err := io.ReadAll(io.LimitReader(stdin, maxAnswers+1))
	if err != nil {
		return guide.Answers{}, hint.Misusef("give a TOML or JSON file with answers", "%v", err)
	}
	if len(data) > maxAnswers {
		return guide.Answers{}, hint.Misusef("give a TOML or JSON file with answers", "%s: more than %d bytes, which no answers take", name, maxAnswers)
	}
	if file == "-" && len(data) == 0 { // a pipe whose other end failed, rather than no answers
		return guide.Answers{}, hint.Misusef("write the answers into it as TOML or JSON, {} for none", "standard input is empty")
	}
	return guide.ParseAnswers(name, data)
}
