package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/verify"
	"github.com/fingerpost/fingerpost/internal/verify/probe"
	"github.com/fingerpost/fingerpost/ledger"
	"github.com/spf13/cobra"
)

type verifyOptions struct {
	Streams
	Context  context.Context
	Path     string
	Yes      bool
	JSON     bool
	All      bool
	CI       bool
	Only     []string
	Features []string
	Unproven bool
	Shard    string
	Budget   time.Duration
	Parallel int
	Ledger   string
	Logs     string
	Commit   string
	Measure  bool
	Turn     time.Duration
	Image    string
}

func newCmdVerify(s Streams, run func(*verifyOptions) error) *cobra.Command {
	o := &verifyOptions{Streams: s}
	c := &cobra.Command{
		Use:   "verify [PATH]",
		Short: "Prove a project on this machine: install, check, test, start and probe it",
		Long: `Prove a generated project on this machine: install what is locked, check its
formatting, lint, type-check and test it twice, migrate a database of its own,
start it, and run the probe, one suite for every service, against it. Nothing of
the project's sources or data is changed.

With --measure, nothing is proven: requests per second, memory, time to ready and
size are measured, in turns with a bare hello-world of the same framework.

With --all, every combination of the menu, each framework without features and
with each one alone, with each machine learning library, and every pair of
frameworks in a split are generated and proven in a temporary folder; with --ci,
what changed since the ledger was written, then the oldest few and a few by
chance, and the results are compared with the recorded ones.
Something that cannot be run here is "not proven", never passed.`,
		Example: `  fingerpost verify shop
  fingerpost verify --all --only 'node-*' --ledger ledger
  fingerpost verify --all --unproven --ledger ledger
  fingerpost verify --ci --budget 45m --shard 1/4`,
		Args: atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.Context = c.Context()
			o.Path = first(args, ".")
			whole := o.All || o.CI
			switch {
			case whole && len(args) > 0:
				return hint.Misusef("leave out the path", "--all and --ci prove generated projects, not %s", args[0])
			case !whole && (len(o.Only) > 0 || c.Flags().Changed("features") || o.Shard != "" || o.Budget != 0 || o.Ledger != "" || o.Unproven):
				return hint.Misusef("add --all or --ci", "--only, --features, --unproven, --shard, --budget and --ledger are about the whole menu")
			}
			if o.Measure && (!o.All || o.CI) {
				return hint.Misusef("add --all, with --only for some", "--measure compares combinations of the menu")
			}
			if _, _, err := shardOf(o.Shard); err != nil {
				return err
			}
			return run(o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.All, "all", false, "prove every combination of the menu")
	f.BoolVar(&o.CI, "ci", false, "prove what changed, the oldest few and a few by chance")
	f.StringArrayVar(&o.Only, "only", nil, "of the menu, only combinations that match, as 'node-*'")
	f.StringSliceVar(&o.Features, "features", nil, "of the menu, all combinations with these features instead of the usual ones, as ci,docker, or none")
	f.BoolVar(&o.Unproven, "unproven", false, "of the menu, only combinations that the ledger (of --ledger, where given) does not show as proven today")
	f.StringVar(&o.Shard, "shard", "", "prove the I-th of N parts of the list, as 1/4")
	f.DurationVar(&o.Budget, "budget", 0, "begin no proof that would end after this time, as 45m")
	f.IntVar(&o.Parallel, "parallel", 1, "proofs at once, at most 2")
	f.StringVar(&o.Ledger, "ledger", "", "write the evidence of what is proven into this folder")
	f.BoolVar(&o.Measure, "measure", false, "measure speed, memory and size beside the framework's hello-world instead of proving; use a quiet machine")
	f.DurationVar(&o.Turn, "turn", 2*time.Second, "with --measure: how long each kind of request takes its turn")
	f.StringVar(&o.Image, "image", "", "a program that also builds and tries the image, as prove/image.sh; with --all, of one combination for each framework and manager")
	f.StringVar(&o.Logs, "logs", "", "keep the whole output of every step in this folder")
	f.StringVar(&o.Commit, "seed", "", "what the choice by chance and the fuzzed inputs depend on (default: the commit)")
	f.BoolVarP(&o.Yes, "yes", "y", false, "fetch missing tools without asking")
	f.BoolVar(&o.JSON, "json", false, "print the evidence as JSON")
	return c
}

// shardOf reads "I/N"; nothing is one part.
func shardOf(s string) (i, n int, err error) {
	if s == "" {
		return 1, 1, nil
	}
	left, right, _ := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(left)
	n, err2 := strconv.Atoi(right)
	if err1 != nil || err2 != nil || n < 1 || i < 1 || i > n {
		return 0, 0, hint.Misusef("write it as 1/4, the first of four parts", "--shard %q is not a part of a whole", s)
	}
	return i, n, nil
}

func runVerify(o *verifyOptions) error {
	if o.All || o.CI {
		return o.runAll()
	}
	v := &verifyProgress{Streams: o.Streams}
	e, err := verify.Run(o.Context, verify.Options{
		Dir: o.Path, Progress: v.tell, Seed: seedOf(o.Commit), Confirm: findTools(o.Context, o.Streams, o.Yes, nil).Confirm, Log: logTo(o.Logs), Image: o.Image,
	})
	if err != nil {
		return err
	}
	if o.JSON {
		if err := printJSON(o.Out, e); err != nil {
			return err
		}
	} else {
		printEvidence(o.Out, e)
	}
	if e.Result() != ledger.Passed {
		return errSilent
	}
	return nil
}

func (o *verifyOptions) runAll() error {
	catalog, _, err := loadMenu()
	if err != nil {
		return err
	}
	rows := ledger.Embedded()
	if _, err := os.Stat(o.Ledger); o.Unproven && err == nil {
		rows = os.DirFS(o.Ledger)
	}
	recorded, err := ledger.Load(rows)
	if err != nil {
		return err
	}
	i, n, err := shardOf(o.Shard)
	if err != nil {
		return err
	}
	if len(o.Features) == 1 && o.Features[0] == "none" {
		o.Features = []string{}
	}
	for _, f := range o.Features {
		if catalog.Find("feature", f, "") == nil {
			return hint.Misusef("see fingerpost list feature", "there is no feature %q", f)
		}
	}
	if o.Commit == "" {
		o.Commit = headCommit(o.Context)
	}
	v := &verifyProgress{Streams: o.Streams, whole: true}
	all := verify.AllOptions{
		Catalog: catalog, Ledger: recorded, Only: o.Only, Features: o.Features, Unproven: o.Unproven, Shard: i, Shards: n, CI: o.CI, Commit: o.Commit,
		Budget: o.Budget, Parallel: o.Parallel, Logs: o.Logs, Image: o.Image, Progress: v.tell,
	}
	if o.Measure {
		return o.measure(all)
	}
	all.Done = func(out *verify.Outcome) error {
		if o.Ledger == "" || !out.OK() {
			return nil
		}
		return out.Evidence.Write(o.Ledger)
	}
	outcomes, left, err := verify.All(o.Context, all)
	if err != nil {
		return err
	}
	failed := 0
	for _, out := range outcomes {
		if !out.OK() {
			failed++
		}
	}
	if o.JSON {
		if err := printJSON(o.Out, map[string]any{"proofs": outcomes, "left": append([]string{}, left...)}); err != nil {
			return err
		}
	} else {
		printOutcomes(o.Out, outcomes, left)
	}
	if failed > 0 {
		return errSilent
	}
	return nil
}

// headCommit seeds what is chosen by chance; without git it is the same each
// time.
func headCommit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func seedOf(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// logTo keeps the output of steps in files of a folder; "" keeps none.
func logTo(dir string) func(service, step, output string) {
	if dir == "" {
		return nil
	}
	return func(service, step, output string) {
		if os.MkdirAll(dir, 0o755) == nil {
			os.WriteFile(filepath.Join(dir, logName(service+" "+step)), []byte(output), 0o644)
		}
	}
}

// verifyProgress tells on the error stream which step runs and how each ended:
// on a terminal the running one is drawn and redrawn, elsewhere each line
// stays.
type verifyProgress struct {
	Streams
	whole bool // several combinations: lines name theirs
	drawn bool
}

func (v *verifyProgress) tell(e verify.Event) {
	name := e.Step
	if e.Service != "" {
		name = e.Service + ": " + name
	}
	if v.whole {
		name = e.ID + "  " + name
	}
	live := v.ErrIsTerminal() && !v.whole && os.Getenv("TERM") != "dumb"
	if v.drawn {
		fmt.Fprint(v.Err, "\r\x1b[K")
		v.drawn = false
	}
	draw := func(text string) {
		if live {
			fmt.Fprint(v.Err, fit(text, v.Width()-1))
			v.drawn = true
		}
	}
	switch {
	case e.Note != "":
		fmt.Fprintf(v.Err, "%-10s %s: %s\n", "note", name, e.Note)
		draw(name + " ...")
	case e.Check != nil:
		if e.Check.Result == ledger.Failed {
			fmt.Fprintf(v.Err, "failed     %s %s: %s\n", name, e.Check.ID, e.Check.Reason)
		}
		draw(fmt.Sprintf("%s: %s", name, e.Check.ID))
	case e.Ended != nil && e.Ended.Result == ledger.Failed:
		fmt.Fprintf(v.Err, "failed     %s (%.1fs): %s\n", name, e.Ended.Seconds, e.Ended.Reason)
	case e.Ended != nil:
		fmt.Fprintf(v.Err, "%-10s %s (%.1fs)\n", short(e.Ended.Result), name, e.Ended.Seconds)
	default:
		draw(name + " ...")
	}
}

// short are results as a table shows them.
func short(result string) string {
	switch result {
	case ledger.NotApplicable:
		return "n/a"
	case ledger.NotProven:
		return "not proven"
	}
	return result
}

// printEvidence prints the table of steps and checks: the product's promise.
func printEvidence(w io.Writer, e *ledger.Evidence) {
	names := map[string]probe.Check{}
	checks, _ := probe.SuiteOf(true, true, false)
	pairs, _ := probe.PairSuite()
	for _, c := range append(checks, pairs...) {
		names[c.ID] = c
	}
	fmt.Fprintf(w, "%s\n\n", e.ID)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "STEP\tRESULT\tSECONDS\t")
	for _, s := range e.Steps {
		fmt.Fprintf(t, "%s\t%s\t%.1f\t%s\n", join(s.Service, s.Name), short(s.Result), s.Seconds, oneLine(s.Reason))
	}
	t.Flush()
	if len(e.Checks) > 0 {
		fmt.Fprintln(w)
		fmt.Fprintln(t, "CHECK\tRESULT\tCOUNT\tTHE SERVICE ...")
		for _, c := range e.Checks {
			says := names[c.ID].Name
			if c.Reason != "" {
				says = oneLine(c.Reason)
			}
			fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", join(c.Service, c.ID), short(c.Result), c.Count, says)
		}
		t.Flush()
	}
	fmt.Fprintf(w, "\n%s: %s\n", e.ID, verdict(e))
}

func join(service, name string) string {
	if service == "" {
		return name
	}
	return service + ": " + name
}

// oneLine keeps a table a table; the whole reason is in the JSON.
func oneLine(s string) string { return fit(strings.Join(strings.Fields(s), " "), 160) }

func verdict(e *ledger.Evidence) string {
	assertions := 0
	for _, c := range e.Checks {
		assertions += c.Count
	}
	switch e.Result() {
	case ledger.Passed:
		return fmt.Sprintf("proven, with %d assertions of the probe", assertions)
	case ledger.NotProven:
		return "not proven, for something could not be run here"
	}
	return "failed"
}

func printOutcomes(w io.Writer, outcomes []*verify.Outcome, left []string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COMBINATION\tRESULT\tSECONDS\tCHECKS\t")
	for _, o := range outcomes {
		result, took, passed, why := o.Result, 0.0, 0, ""
		if o.Evidence != nil {
			for _, s := range o.Evidence.Steps {
				took += s.Seconds
				if s.Result != ledger.Passed && s.Result != ledger.NotApplicable && why == "" {
					why = s.Name + ": " + s.Reason
				}
			}
			for _, c := range o.Evidence.Checks {
				if c.Result == ledger.Passed {
					passed++
				}
			}
		}
		if len(o.Differs) > 0 {
			result, why = "differs", strings.Join(o.Differs, "; ")
		}
		if o.Error != "" {
			why = o.Error
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%d\t%s\n", o.ID, short(result), took, passed, oneLine(why))
	}
	t.Flush()
	if len(left) > 0 {
		fmt.Fprintf(w, "\nnot proven in this run, for lack of time or of evidence to compare with: %s\n", strings.Join(left, ", "))
	}
}
