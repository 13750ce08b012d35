package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/ledger"
	"github.com/spf13/cobra"
)

type newOptions struct {
	Streams
	Context context.Context

	Path    string
	Answers func(guide.Answers) (guide.Answers, error) // puts the flags over what a file said
	File    string                                     // of answers; - is stdin

	Yes, DryRun, JSON      bool
	NoGit, NoInstall, Into bool
	Run, Resume            bool
	Port                   int
}

func newCmdNew(s Streams, run func(*newOptions) error) *cobra.Command {
	o := &newOptions{Streams: s}
	c := &cobra.Command{
		Use:   "new [PATH]",
		Short: "Choose a stack and write a repository",
		Long: `Ask what the project is, recommend a stack with the reasons, and write a
repository for it: complete in memory first, then on the disk as a whole or not
at all, then installed and committed.

Every question has a flag, and nothing is asked that a flag or a file answers.
--yes accepts the recommendation. Without a terminal there are no questions: the
flags have to say everything, or --yes.`,
		Example: `  fingerpost new shop
  fingerpost new shop --building api --knows javascript --yes --run
  fingerpost new shop --framework fastapi --database postgres --yes --dry-run
  fingerpost new . --into --answers answers.toml --yes --json`,
		Args: atMost(1),
	}
	o.Answers = addAnswerFlags(c)
	f := c.Flags()
	f.StringVar(&o.File, "answers", "", "read answers from a TOML or JSON `FILE`, - for standard input; flags count more")
	f.BoolVarP(&o.Yes, "yes", "y", false, "accept the recommendation, ask nothing")
	f.BoolVar(&o.DryRun, "dry-run", false, "print the files with their sizes and layers, write nothing")
	f.BoolVar(&o.JSON, "json", false, "print what was done as JSON, ask nothing")
	f.BoolVar(&o.NoInstall, "no-install", false, "do not install packages")
	f.BoolVar(&o.NoGit, "no-git", false, "do not make a git repository")
	f.BoolVar(&o.Into, "into", false, "add to a folder that is not empty; no file is replaced, git is left to you")
	f.BoolVar(&o.Run, "run", false, "start the development server at the end")
	f.IntVar(&o.Port, "port", 0, "with --run: the `PORT` of the development server")
	f.BoolVar(&o.Resume, "resume", false, "go on with a project at PATH whose install failed: install, commit")
	c.RunE = func(c *cobra.Command, args []string) error {
		o.Context = c.Context()
		if len(args) > 0 {
			o.Path = args[0]
		}
		if err := o.check(c.Flags().Changed("port"), c.Flags().Changed("answers")); err != nil {
			return err
		}
		return run(o)
	}
	return c
}

// check refuses flags that contradict each other.
func (o *newOptions) check(port, answers bool) error {
	for _, pair := range []struct {
		both bool
		a, b string
	}{
		{o.Run && o.DryRun, "--run", "--dry-run"},
		{o.Run && o.NoInstall, "--run", "--no-install"},
		{o.Run && o.JSON, "--run", "--json"},
		{o.Resume && o.DryRun, "--resume", "--dry-run"},
		{o.Resume && o.NoInstall, "--resume", "--no-install"},
		{o.Resume && o.Into, "--resume", "--into"},
		{o.Resume && o.File != "", "--resume", "--answers"},
	} {
		if pair.both {
			return hint.Misusef("leave out one of them", "%s and %s do not go together", pair.a, pair.b)
		}
	}
	if answers && o.File == "" {
		return hint.Misusef("give a TOML or JSON file with answers, - for standard input", "--answers has no file")
	}
	if port && !o.Run {
		return hint.Misusef("add --run, or leave out --port", "--port is for the server that --run starts")
	}
	if port && (o.Port < 1 || o.Port > 65535) {
		return hint.Misusef("give a port from 1 to 65535", "--port %d is no port", o.Port)
	}
	return nil
}

// A project is everything about the repository before the disk is touched.
type project struct {
	where    *place
	answers  guide.Answers
	decision *guide.Decision
	changes  []string // what the nearest project has instead of the recommendation
	plan     *plan.Plan
	tree     *tree.Tree
	record   *record.Record
	verified string // what the ledger says of the combination, in a line
	measured *measured
}

func runNew(o *newOptions) error {
	if o.Resume {
		return o.resume()
	}
	catalog, menu, err := loadMenu()
	if err != nil {
		return err
	}
	p, err := o.answers()
	if err != nil {
		return err
	}
	if err := o.decide(p, catalog, menu); err != nil {
		return err
	}
	if p.plan, err = plan.Build(catalog, p.answers, p.decision, Version); err != nil {
		return err
	}
	if p.tree, p.record, err = render.Render(p.plan); err != nil {
		return err
	}
	if err := checkDependencies(p.tree, p.record); err != nil {
		return err
	}
	if p.verified, err = verifiedLine(catalog, p); err != nil {
		return err
	}
	if p.measured, err = measuredFor(catalog, p.decision); err != nil {
		return err
	}
	if o.DryRun {
		if err := p.where.checkFree(p.tree); err != nil {
			return err
		}
		return o.printPlan(p)
	}
	tools, err := o.tools(p.record)
	if err != nil {
		return untouched(err)
	}
	if err := o.write(p); err != nil {
		return err
	}
	return o.finish(p, tools)
}

// answers gathers what was said without a question: the file, the flags and
// the path. What is missing where nobody can be asked is an error.
func (o *newOptions) answers() (*project, error) {
	var a guide.Answers
	if o.File != "" {
		var err error
		if a, err = readAnswers(o.In, o.File); err != nil {
			return nil, err
		}
	}
	a, err := o.Answers(a)
	if err != nil {
		return nil, err
	}
	if a.License, err = spelledLicense(a.License); err != nil {
		return nil, err
	}
	p := &project{}
	path := o.Path
	if path == "" && o.Into {
		path = "."
	}
	if path == "" && a.Name != "" {
		path = a.Name
	}
	if path != "" {
		if p.where, err = placeAt(path, o.Into); err != nil {
			return nil, err
		}
		if a.Name == "" {
			name := p.where.name()
			switch err := checkName(name); {
			case err == nil:
				a.Name = name
			case !o.asks():
				return nil, hint.Misusef(fmt.Sprintf("choose another folder, or keep it and pass --name %s", suggestName(name)), "%v", err)
			default:
				fmt.Fprintf(o.Out, "%v, so the project needs a name of its own\n", err)
			}
		}
	}
	if a.Name != "" {
		if err := checkName(a.Name); err != nil {
			return nil, err
		}
	}
	p.answers = a
	if o.Yes || o.asks() {
		if path == "" && !o.asks() {
			return nil, hint.Misusef("as in fingerpost new shop --yes", "no PATH to write to")
		}
		return p, nil
	}
	var missing []string
	if path == "" {
		missing = append(missing, "PATH")
	}
	for _, key := range ask.Missing(a) {
		missing = append(missing, "--"+key)
	}
	if len(missing) > 0 {
		why := "there is no terminal to ask in"
		if o.JSON {
			why = "--json asks nothing"
		} else if o.File == "-" {
			why = "standard input is the answers file"
		}
		return nil, hint.Misusef("pass them, or add --yes to accept the recommendation for what is left open", "%s, and these are missing: %s", why, strings.Join(missing, " "))
	}
	return p, nil
}

// spelledLicense is license as its owners spell it: nobody should have to know
// where MIT has capitals.
func spelledLicense(license string) (string, error) {
	names := licenses()
	for _, name := range names {
		if strings.EqualFold(name, license) {
			return name, nil
		}
	}
	if license == "" {
		return "", nil
	}
	return "", hint.Misusef("license is one of "+strings.Join(names, ", "), "unknown license %q%s", license, hint.DidYouMean(license, names))
}

func licenses() []string {
	var names []string
	for _, o := range ask.LicenseOptions() {
		names = append(names, o.Value)
	}
	return names
}

// asks tells whether questions are put.
func (o *newOptions) asks() bool { return o.CanAsk() && !o.Yes && !o.JSON && o.File != "-" }

// decide recommends and, in a terminal, lets the person have their say.
func (o *newOptions) decide(p *project, catalog *layer.Catalog, menu guide.Menu) error {
	if o.asks() {
		if err := o.converse(p, catalog, menu); err != nil {
			return untouched(err)
		}
	} else if o.File != "" {
		if _, err := guide.Decide(p.answers, menu); err != nil {
			return err // it knows the line of the file in which a mistake is
		}
	}
	var err error
	if p.answers, err = settled(p.answers); err != nil {
		return err
	}
	d, err := guide.Decide(p.answers, menu)
	if err != nil {
		return err
	}
	near, changes, err := nearestTo(catalog, menu, p.answers, d)
	if err != nil {
		return err
	}
	p.decision, p.changes = near, lines(changes)
	if o.asks() { // all of this has been on the screen
		return nil
	}
	for _, c := range changes {
		if c.saidIn(p.answers) { // never overruled, and nobody here to ask
			return hint.Misusef("see fingerpost list for what is there, or leave it to the recommendation", "%v has no layer yet", c)
		}
	}
	if !o.JSON {
		fmt.Fprint(o.Out, d.Brief(menu, o.Width(), 3))
	}
	if len(changes) == 0 {
		return nil
	}
	fmt.Fprintln(o.Err, "not all of the recommendation can be written yet; this is the nearest that can:")
	for _, line := range p.changes {
		fmt.Fprintln(o.Err, "  "+line)
	}
	return nil
}

// converse asks, until the person accepts what is going to be written.
func (o *newOptions) converse(p *project, catalog *layer.Catalog, menu guide.Menu) error {
	s := &ask.Session{
		Prompter: o.prompter(), Out: o.Out, Width: o.Width(), Height: o.Height(), Menu: menu,
		CheckName: func(name string) error {
			if err := checkName(name); err != nil || p.where != nil {
				return err
			}
			_, err := placeAt(name, o.Into)
			return err
		},
		Decide: func(a guide.Answers) (*guide.Decision, error) { return guide.Decide(a, menu) },
		Nearest: func(a guide.Answers, d *guide.Decision) (*guide.Decision, []string, error) {
			near, changes, err := nearestTo(catalog, menu, a, d)
			return near, lines(changes), err
		},
	}
	if p.where != nil {
		s.Suggest = suggestName(p.where.name())
	}
	var err error
	if p.answers, _, err = s.Run(p.answers); err != nil {
		return err
	}
	if p.where == nil {
		p.where, err = placeAt(p.answers.Name, o.Into)
	}
	return err
}

// settled is a as the flags would say it, so that the command which makes the
// same project makes the same bytes. It forgets the difference between a
// question that was answered with nothing and one that was never asked, and
// whether a choice for the API of a split stood under its service.
func settled(a guide.Answers) (guide.Answers, error) {
	c := &cobra.Command{}
	say := addAnswerFlags(c)
	if err := c.ParseFlags(a.Args()); err != nil {
		return a, err
	}
	return say(guide.Answers{})
}

func (o *newOptions) prompter() ask.Prompter {
	if os.Getenv("TERM") == "dumb" {
		return ask.Plain(o.Context, o.In, o.Out)
	}
	return ask.Survey(o.Context, o.InFile, o.OutFile)
}

// verifiedLine is what the ledger says of a project's combination, in a line.
// One with fewer features than the menu has stands on the proof of the one with
// all of them, and that is said.
func verifiedLine(catalog *layer.Catalog, p *project) (string, error) {
	st, err := recorded(catalog, p.decision.Recommendation, p.plan.ID)
	if err != nil || st.State != ledger.None {
		return st.Line, err
	}
	m, err := matrix.Of(catalog, matrix.Proven(p.decision.Recommendation))
	if err != nil {
		return st.Line, nil // there is no such project, so nothing proves it
	}
	all, err := recorded(catalog, m.Pick, m.ID)
	if err != nil || all.State == ledger.None {
		return st.Line, err
	}
	return "with all features (" + strings.Join(matrix.Features, ", ") + ") " + all.Line, nil
}

// recorded is what the ledger says of one combination, whose row alone is read.
func recorded(catalog *layer.Catalog, rec guide.Recommendation, id string) (ledger.Status, error) {
	l, err := ledger.Load(alone{evidence(), id + ".json"})
	if err != nil {
		return ledger.Status{}, err
	}
	return standing(l, catalog, rec, id)
}

// untouched adds to an interruption that the disk is as it was.
func untouched(err error) error {
	if errors.Is(err, ErrCancelled) || errors.Is(err, ask.ErrCancelled) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w; nothing was written", ErrCancelled)
	}
	return err
}
