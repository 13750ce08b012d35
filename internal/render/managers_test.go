package render_test

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/doc"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// A managed is a rendered project and what its package manager brings to it.
type managed struct {
	plan  *plan.Plan
	files *tree.Tree
	pm    *layer.Layer
	parts []*layer.Part // the manager's own, and those that other layers have for it alone
}

func manage(p *plan.Plan, files *tree.Tree) *managed {
	m := &managed{plan: p, files: files, pm: p.Services[0].Chosen["pm"]}
	s := p.Services[0]
	for _, l := range s.Layers {
		for _, pt := range s.Parts(l) {
			if l == m.pm || slices.Contains(pt.When, m.pm.Value) {
				m.parts = append(m.parts, pt)
			}
		}
	}
	return m
}

// Projects that differ in nothing but the package manager are the same, byte
// for byte, outside of what is the manager's: files and keys that its layer
// gives, and the commands, where other files hold them.
func TestManagersChangeNothingElse(t *testing.T) {
	first := map[string]*managed{}
	seen := map[string]bool{}
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		m := manage(p, files)
		seen[m.pm.ID] = true
		stack := strings.Replace(p.ID, m.pm.ID, "", 1)
		other := first[stack]
		if other == nil {
			first[stack] = m
			return
		}
		for _, d := range differences(other, m) {
			t.Errorf("not as with %s: %s", other.pm.Label, d)
		}
	})
	if len(first) == 0 || len(seen) < 2 {
		t.Fatalf("%d stacks and %d managers: nothing to compare", len(first), len(seen))
	}
}

// A change in any other place is seen.
func TestManagersComparisonBites(t *testing.T) {
	var pair []*managed
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		if len(pair) == 1 && strings.Replace(p.ID, p.Services[0].Chosen["pm"].ID, "", 1) != strings.Replace(pair[0].plan.ID, pair[0].pm.ID, "", 1) {
			return
		}
		if len(pair) < 2 {
			pair = append(pair, manage(p, files))
		}
	})
	if len(pair) < 2 {
		t.Fatal("no two managers of one stack")
	}
	a, b := pair[0], pair[1]
	if d := differences(a, b); len(d) > 0 {
		t.Fatalf("the pair differs before anything is planted: %v", d)
	}
	plant := func(name string, data []byte) {
		t.Helper()
		old := b.files.Get(name)
		b.files.Put(&tree.File{Path: name, Data: data, Owner: "elsewhere"})
		if d := differences(a, b); len(d) != 1 || !strings.HasPrefix(d[0], name) {
			t.Errorf("%s: found %q", name, d)
		}
		b.files.Delete(name)
		if old != nil {
			b.files.Put(old)
		}
	}
	manifest := a.pm.Manager.Manifest
	plant("stray.txt", []byte("stray\n"))
	plant("README.md", append(bytes.Clone(b.files.Get("README.md").Data), "One more line.\n"...))
	plant("Dockerfile", bytes.Replace(b.files.Get("Dockerfile").Data, []byte("USER 1000"), []byte("USER 0"), 1))
	plant(manifest, bytes.Replace(b.files.Get(manifest).Data, []byte("0.1.0"), []byte("0.2.0"), 1))
}

// argued are files that a manager may change as a whole.
func argued(name string) bool {
	return name == record.FileName || // it says what was chosen
		strings.HasPrefix(name, "docs/decisions/") // they argue for it
}

// differences lists the files in which a and b differ where they must not.
func differences(a, b *managed) []string {
	var out []string
	names := map[string]bool{}
	for _, t := range []*tree.Tree{a.files, b.files} {
		for _, f := range t.Files() {
			names[f.Path] = true
		}
	}
	for name := range names {
		fa, fb := a.files.Get(name), b.files.Get(name)
		switch {
		case argued(name):
		case fa == nil && fb.Owner == b.pm.ID, fb == nil && fa.Owner == a.pm.ID:
		case fa == nil || fb == nil:
			out = append(out, name+" is there with one of them only")
		case fa.Exec != fb.Exec:
			out = append(out, name+" is executable with one of them only")
		case fa.Owner == a.pm.ID && fb.Owner == b.pm.ID:
		case bytes.Equal(fa.Data, fb.Data):
		default:
			if d := diff(a.neutral(fa), b.neutral(fb)); d != "" {
				out = append(out, name+": "+d)
			}
		}
	}
	slices.Sort(out)
	return out
}

// neutral is a file without what is the manager's.
func (m *managed) neutral(f *tree.File) string {
	if doc.IsDocument(f.Path) && path.Ext(path.Dir(f.Path)) != ".github" && !strings.HasPrefix(f.Path, ".github/") && f.Path != "compose.yaml" {
		return m.neutralDocument(f)
	}
	return m.neutralText(string(f.Data))
}

// neutralDocument takes out the lines that the manager's fragments brought.
// A document is printed with one value a line, so a line of a fragment, printed
// alone in the same style, is a line of the whole.
func (m *managed) neutralDocument(f *tree.File) string {
	own := map[string]int{}
	var patterns []*regexp.Regexp // of lines that are templates
	for _, pt := range m.parts {
		for _, fragment := range pt.Files {
			if fragment.Path != f.Path {
				continue
			}
			for _, line := range strings.Split(string(fragment.Data), "\n") {
				plain := plainLine(line)
				if literal := directive.Split(plain, -1); fragment.Template && len(literal) > 1 {
					if strings.Join(literal, "") == "" {
						continue // directives alone
					}
					for i := range literal {
						literal[i] = regexp.QuoteMeta(literal[i])
					}
					patterns = append(patterns, regexp.MustCompile("^"+strings.Join(literal, ".*")+"$"))
					continue
				}
				own[plain]++
			}
		}
	}
	var out []string
	for _, line := range strings.Split(string(f.Data), "\n") {
		plain := plainLine(line)
		if plain == "" || strings.Trim(plain, "{}[]") == "" {
			continue
		}
		if own[plain] > 0 {
			own[plain]--
			continue
		}
		if slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(plain) }) {
			continue
		}
		out = append(out, plain)
	}
	return strings.Join(out, "\n")
}

func plainLine(line string) string { return strings.TrimSuffix(strings.TrimSpace(line), ",") }

var (
	directive  = regexp.MustCompile(`<%.*?%>`)
	blanks     = regexp.MustCompile(` {2,}|-{3,}`)
	ecosystem  = regexp.MustCompile(`package-ecosystem: \S+`)
	cacheMount = regexp.MustCompile(`--mount=type=cache,target=\S+`)
	cacheStep  = regexp.MustCompile(`(?m)^ +(path|key|restore-keys): .*\n`)
	copied     = regexp.MustCompile(`(?m)^COPY .* \./$`)
	again      = regexp.MustCompile(`(?m)^(.*‹install›)\n(?:.*‹install›\n)+`)
	// renewal is what the README says where an install does not renew the lock
	// files by itself.
	renewal = regexp.MustCompile("(?s)After a change of the dependencies in .*?\n```\n\n")
)

// neutralText replaces the manager's commands by what they are for.
func (m *managed) neutralText(text string) string {
	s := &record.Service{Tasks: m.plan.Services[0].Rows.Tasks, Manager: *m.pm.Manager}
	for _, pt := range m.parts {
		for _, piece := range pt.Fills {
			text = strings.Replace(text, string(piece.Data), "", 1)
		}
	}
	text = renewal.ReplaceAllString(text, "")
	text = m.withoutTools(text)
	text = ecosystem.ReplaceAllString(text, "package-ecosystem: ‹ecosystem›")
	text = cacheMount.ReplaceAllString(text, "--mount=type=cache,target=‹cache›")
	text = cacheStep.ReplaceAllString(text, "")
	text = copied.ReplaceAllStringFunc(text, func(line string) string {
		if words := strings.Fields(line); words[1] == m.pm.Manager.Manifest {
			return "COPY ‹manifest› ./"
		}
		return line
	})
	for _, commands := range [][][]string{s.Manager.InstallProd, s.Manager.InstallFrozen, s.Manager.Install} {
		lines := record.Lines(commands)
		text = strings.ReplaceAll(text, strings.Join(lines, " && "), "‹install›")
		for _, line := range lines {
			text = strings.ReplaceAll(text, line+"\n", "‹install›\n")
		}
	}
	text = again.ReplaceAllString(text, "$1\n")
	for _, phase := range s.Scripts() {
		text = regexp.MustCompile(regexp.QuoteMeta(s.Command(phase))+`([^\w-]|$)`).ReplaceAllString(text, "‹"+phase+"›$1")
	}
	exec := regexp.MustCompile(strings.Replace(regexp.QuoteMeta(s.Program("PROGRAM")), "PROGRAM", `([\w.-]+)`, 1))
	text = exec.ReplaceAllString(text, "‹program› $1")
	return blanks.ReplaceAllString(text, " ")
}

// withoutTools takes out the lines that say or install what the manager needs.
func (m *managed) withoutTools(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		ofManager := slices.ContainsFunc(m.parts, func(pt *layer.Part) bool {
			return slices.ContainsFunc(pt.Tools, func(t record.Tool) bool {
				return strings.HasPrefix(line, "- "+t.Name+" ") || strings.HasSuffix(line, " "+t.Npm+"@"+t.Version) || strings.HasSuffix(line, " "+t.PyPI+"=="+t.Version)
			})
		})
		if !ofManager {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// diff is the first line in which two texts differ, "" where they are the same.
func diff(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(la), len(lb)) {
		var x, y string
		if i < len(la) {
			x = la[i]
		}
		if i < len(lb) {
			y = lb[i]
		}
		if x != y || i >= len(la) || i >= len(lb) {
			return fmt.Sprintf("line %d is %q and %q", i+1, x, y)
		}
	}
	return ""
}
