package cli

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// A report is what new did, for machines.
type report struct {
	Path      string             `json:"path"` // absolute
	Name      string             `json:"name"`
	ID        string             `json:"id"`
	DryRun    bool               `json:"dry_run"`
	Answers   map[string]any     `json:"answers"`
	Decision  *guide.Decision    `json:"decision,omitempty"`
	Changes   []string           `json:"changes"` // from the recommendation to the nearest that has layers
	Files     []tree.Row         `json:"files"`
	Replaced  []string           `json:"replaced"` // files that one layer took over from another
	Digest    string             `json:"digest"`   // of the tree
	Tools     []toolchain.Status `json:"tools"`
	Installed bool               `json:"installed"`
	Commit    string             `json:"commit"` // id of the commit, "" where there is none
	Verified  string             `json:"verified"`
	Measured  *measured          `json:"measured"`
	Next      []string           `json:"next"`
	Again     string             `json:"again"` // the command that makes the same project
}

func (o *newOptions) report(p *project) report {
	return report{
		Path: p.where.path, Name: p.record.Name, ID: p.plan.ID, Answers: p.answers.Map(), Decision: p.decision,
		Changes: list(p.changes), Files: p.tree.Summary(), Replaced: replaced(p), Digest: p.tree.Digest(), Tools: []toolchain.Status{},
		Verified: p.verified, Measured: p.measured, Again: o.again(p.answers, p.where), Next: []string{},
	}
}

func (d *done) printJSON(p *project) error {
	var r report
	if p != nil {
		r = d.report(p)
	} else {
		r = report{Path: d.where.path, Name: d.record.Name, ID: d.record.ID, Answers: d.record.Answers, Changes: []string{}, Files: []tree.Row{}, Replaced: []string{}, Measured: unmeasured()}
	}
	r.Tools = append([]toolchain.Status{}, d.tools.Statuses()...)
	r.Installed, r.Commit, r.Next = d.installed, d.git.Commit, list(d.next())
	return printJSON(d.Out, r)
}

// replaced lists the files that a layer of the plan takes over from another.
func replaced(p *project) []string {
	out := []string{}
	for _, s := range p.plan.Services {
		for _, l := range s.Layers {
			for _, r := range l.Replaces {
				line := fmt.Sprintf("%s takes over %s of %s", l.ID, r.Path, r.Layer)
				if !slices.Contains(out, line) {
					out = append(out, line)
				}
			}
		}
	}
	return out
}

// printPlan prints what would be written.
func (o *newOptions) printPlan(p *project) error {
	if o.JSON {
		r := o.report(p)
		r.DryRun = true
		return printJSON(o.Out, r)
	}
	return printText(o.Out, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s\n", p.where.given, p.plan.ID)
		rows := p.tree.Summary()
		printTree(w, o.Width(), rows)
		for _, line := range replaced(p) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintf(w, "%d files, %s; nothing was written\n", len(rows), bytesText(p.tree.Size()))
		fmt.Fprintln(w, p.verified)
		p.measured.print(w, o.Width())
	})
}

// printTree prints a line for each file, with its size and layers, below those
// of its folders.
func printTree(w io.Writer, width int, rows []tree.Row) {
	name, size := 0, 0
	for _, r := range rows {
		depth := strings.Count(r.Path, "/")
		name = max(name, 2*depth+2+len([]rune(path.Base(r.Path))))
		size = max(size, len(bytesText(r.Size)))
	}
	name = min(name, max(20, width/2))
	var above []string // folders of the line before
	for _, r := range rows {
		folders := strings.Split(path.Dir(r.Path), "/")
		if folders[0] == "." {
			folders = nil
		}
		for i := range folders {
			if i >= len(above) || !slices.Equal(folders[:i+1], above[:i+1]) {
				fmt.Fprintf(w, "%s%s/\n", strings.Repeat("  ", i+1), folders[i])
				above = folders[:i+1]
			}
		}
		above = folders
		base := path.Base(r.Path)
		if r.Mode == "100755" {
			base += "*"
		}
		head := fmt.Sprintf("%-*s  %*s  ", name, strings.Repeat("  ", len(folders)+1)+base, size, bytesText(r.Size))
		column := len([]rune(head))
		if width-column < 20 { // too narrow for columns: the layers go below
			fmt.Fprintln(w, strings.TrimRight(head, " "))
			column = 2*len(folders) + 4
			head = strings.Repeat(" ", column)
		}
		layers := ask.Wrap(from(r), width-column)
		fmt.Fprintln(w, strings.TrimRight(head+strings.Join(layers, "\n"+strings.Repeat(" ", column)), " "))
	}
}

// from names the layers of a file, each once.
func from(r tree.Row) string {
	if r.Path == record.FileName {
		return "the record"
	}
	var out []string
	for _, l := range r.From {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, ", ")
}

func bytesText(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1000)
}

// print says where the project is, what is known of it, and what comes next.
func (d *done) print() {
	where := d.where.given
	if where == "." {
		where = "this folder"
	}
	fmt.Fprintf(d.Out, "\n%s: %d files", where, max(d.files, d.git.Staged))
	switch {
	case d.git.Commit != "":
		fmt.Fprintf(d.Out, ", committed as %.7s on %s\n", d.git.Commit, d.git.Branch)
	case len(d.git.Finish) > 0:
		fmt.Fprintln(d.Out, ", staged and not committed: git does not know your name")
	case d.git.Inside != "":
		fmt.Fprintf(d.Out, ", not committed: it is inside the repository %s\n", d.git.Inside)
	default:
		fmt.Fprintln(d.Out)
	}
	if d.verified != "" {
		fmt.Fprintln(d.Out, d.verified)
	}
	d.measured.print(d.Out, d.Width())
	if next := d.next(); len(next) > 0 {
		fmt.Fprintln(d.Out, "\nNext:")
		for _, line := range next {
			fmt.Fprintln(d.Out, "  "+line)
		}
	}
	if d.again != "" {
		fmt.Fprintf(d.Out, "\nThe same again:\n  %s\n", d.again)
	}
}

// next are the commands that a person would type now: those that make the lock
// files first, where nothing is installed yet.
func (d *done) next() []string {
	var out []string
	if d.where.given != "." {
		out = append(out, "cd "+record.Quote(d.where.given))
	}
	if !d.installed {
		var install []string
		for i := range d.record.Services {
			s := &d.record.Services[i]
			install = append(install, d.in(s, record.Lines(s.Manager.Install))...)
		}
		if len(install) > 2*len(d.record.Services) {
			install = []string{"fingerpost new --resume"} // the same, in fewer words
		}
		out = append(out, install...)
		if d.git.Staged > 0 {
			out = append(out, record.Line(append([]string{"git", "add"}, d.locks()...)))
		}
		if d.git.Commit != "" {
			out = append(out, `git commit -m "Lock the packages"`)
		}
	}
	out = append(out, d.git.Finish...)
	for i := range d.record.Services {
		s := &d.record.Services[i]
		if test := s.Command("test"); test != "" {
			out = append(out, d.in(s, []string{test})...)
		}
	}
	return append(out, "fingerpost run")
}

// in is how commands of a service are typed at the root of the repository.
func (d *done) in(s *record.Service, commands []string) []string {
	var out []string
	for _, c := range commands {
		c = d.person() + c
		if s.Dir != "." {
			c = "(cd " + record.Quote(s.Dir) + " && " + c + ")"
		}
		out = append(out, c)
	}
	return out
}

// person is what has to stand before a command for it to find its tools.
func (d *done) person() string {
	for _, st := range d.tools.Statuses() {
		if st.Tool.For == "" && st.Source != toolchain.System {
			return "fingerpost exec -- "
		}
	}
	return ""
}
