package verify

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/layer"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/render"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/fingerpost/fingerpost/internal/verify/matrix"
	"github.com/fingerpost/fingerpost/templates"
)

const tourPath = "docs/tour.md"

var (
	tourLink = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)
	tourCode = regexp.MustCompile("`([^`]+)`")
	noLetter = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// tourFaults follows the tour of a project from step to step. A step is an item
// of its list: links to files, a colon, and what there is to see in them. Its
// commands have to be among those that the proof of README.md runs.
func tourFaults(files *tree.Tree, manifest string) []string {
	f := files.Get(tourPath)
	if f == nil {
		return []string{"there is no tour"}
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	text := string(f.Data)
	blocks, err := shellBlocks(text)
	if err != nil {
		return []string{err.Error()}
	}
	started := false
	for _, b := range blocks {
		started = started || b.kind == serverBlock
		for _, c := range b.commands {
			if !slices.Contains(readmeCommands(files, b.kind), c) {
				fault("README.md has no command %q of the kind %s", c, b.kind)
			}
		}
	}
	if !started {
		fault("nothing starts the service")
	}

	steps, inBlock := 0, false
	var visited []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
		}
		if inBlock {
			continue
		}
		step := strings.HasPrefix(line, "1. ")
		var here []*tree.File // of this line
		for _, m := range tourLink.FindAllStringSubmatch(line, -1) {
			target, anchor, _ := strings.Cut(m[2], "#")
			name := path.Join(path.Dir(tourPath), target)
			if target == "" {
				name = tourPath
			}
			to := files.Get(name)
			if to == nil {
				fault("%s is not there", name)
				continue
			}
			here = append(here, to)
			if label := strings.Trim(m[1], "`"); label != m[1] && label != name {
				fault("what is called %s is %s", label, name)
			}
			if anchor != "" && !slices.Contains(anchors(string(to.Data)), anchor) {
				fault("%s has no heading for #%s", name, anchor)
			}
			if step && slices.Contains(visited, name) {
				fault("%s comes twice", name)
			}
			if step {
				visited = append(visited, name)
			}
		}
		for _, m := range tourCode.FindAllStringSubmatch(tourLink.ReplaceAllString(line, ""), -1) {
			word := regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(m[1]) + `(\W|$)`)
			if !slices.ContainsFunc(here, func(f *tree.File) bool { return word.Match(f.Data) }) {
				fault("%s stands in no file that %q leads to", m[1], line)
			}
		}
		if step {
			steps++
			links, about, _ := strings.Cut(tourLink.ReplaceAllString(line, "@"), ": ")
			if !strings.HasPrefix(links, "1. @") || about == "" {
				fault("%q does not say which file, and what is in it", line)
			}
		}
	}
	if steps == 0 {
		fault("it has no step")
	}

	if !slices.Contains(visited, manifest) {
		fault("%s is not reached", manifest)
	}
	groups := map[string]bool{}
	for _, name := range visited {
		groups[group(name)] = true
	}
	for _, f := range files.Files() {
		if g := group(f.Path); g != "." && f.Path != tourPath && !groups[g] {
			groups[g] = true
			fault("nothing of %s is reached", g)
		}
	}
	return faults
}

// readmeCommands are the commands of a kind that README.md has.
func readmeCommands(files *tree.Tree, kind string) []string {
	var out []string
	blocks, _ := shellBlocks(string(files.Get("README.md").Data))
	for _, b := range blocks {
		if b.kind == kind && (kind == onceBlock || kind == serverBlock) {
			out = append(out, b.commands...)
		}
	}
	return out
}

// group is the folder that a file counts for: the first, or one below it where
// the first is the service's own source; each document for itself.
func group(name string) string {
	parts := strings.Split(path.Dir(name), "/")
	switch {
	case parts[0] == "docs":
		return name
	case len(parts) > 1 && (parts[0] == "src" || parts[0] == "app"):
		return path.Join(parts[:2]...)
	}
	return parts[0]
}

// anchors are those of the headings of a Markdown text.
func anchors(text string) []string {
	var out []string
	inBlock := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inBlock = !inBlock
		}
		title := strings.TrimLeft(line, "#")
		if !inBlock && title != line {
			title = noLetter.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			out = append(out, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return out
}

// learning renders every combination for a person who wants to learn: with all
// features and computing work, and with neither.
func learning(t *testing.T, each func(id, manifest string, files *tree.Tree)) {
	t.Helper()
	c, err := layer.Load(templates.FS, "builtin")
	if err != nil {
		t.Fatal(err)
	}
	all, err := matrix.All(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		for _, more := range []bool{true, false} {
			s := m.Pick.Services[0]
			a := guide.Answers{
				Name: "shop", Goal: "learning", Shape: guide.Single, Workload: "io", Feature: []string{"none"},
				Language: s.Language, Framework: s.Framework, ORM: s.ORM, Database: s.Database, PM: s.PM,
			}
			if more {
				a.Workload, a.Feature = "compute", matrix.Features
			}
			d, err := guide.Decide(a, guide.GuideMenu().With(plan.MenuOf(c)))
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Build(c, a, d, "test")
			if err != nil {
				t.Fatal(err)
			}
			files, r, err := render.Render(p)
			if err != nil {
				t.Fatal(err)
			}
			each(p.ID, r.Services[0].Manager.Manifest, files)
		}
	}
}

// The tour of every combination can be followed to its end.
func TestToursCanBeFollowed(t *testing.T) {
	learning(t, func(id, manifest string, files *tree.Tree) {
		for _, f := range tourFaults(files, manifest) {
			t.Errorf("%s: %s", id, f)
		}
	})
}

// Each kind of fault in a tour is found, in one of each language.
func TestTourFaultsAreFound(t *testing.T) {
	seen := map[string]bool{}
	learning(t, func(id, manifest string, files *tree.Tree) {
		if seen[manifest] {
			return
		}
		seen[manifest] = true
		good := string(files.Get(tourPath).Data)
		first := regexp.MustCompile(`(?m)^1\. \[.*$`).FindString(good)
		command := regexp.MustCompile("(?ms)^```sh server\n.*?^```$").FindString(good)
		insert := func(line string) string { return strings.Replace(good, first, first+"\n"+line, 1) }
		for _, plant := range []struct{ what, text, found string }{
			{"a file that is not there", insert("1. [`planted`](../planted): planted."), "planted is not there"},
			{"a file under another's name", insert("1. [`planted`](../.editorconfig): planted."), "what is called planted is .editorconfig"},
			{"a symbol that is not there", insert("1. [`.editorconfig`](../.editorconfig): see `planted`."), "planted stands in no file"},
			{"a part of a symbol", insert("1. [`.editorconfig`](../.editorconfig): see `indent_siz`."), "indent_siz stands in no file"},
			{"a heading that is not there", good + "\nSee [there](../README.md#planted).\n", "README.md has no heading for #planted"},
			{"a file twice", insert(first), "comes twice"},
			{"a step that says nothing", insert("1. [`.editorconfig`](../.editorconfig)"), "does not say which file"},
			{"a step without a file", insert("1. Planted: planted."), "does not say which file"},
			{"a command that the README has not", good + "\n```sh once\nplanted\n```\n", `no command "planted"`},
			{"a command without a kind", good + "\n```sh\nplanted\n```\n", "has to say its kind"},
			{"nothing that starts the service", strings.Replace(good, command, "", 1), "nothing starts the service"},
			{"a manifest that is left out", regexp.MustCompile("(?m)^1. .*`"+regexp.QuoteMeta(manifest)+"`.*\n").ReplaceAllString(good, ""), manifest + " is not reached"},
			{"a folder that is left out", regexp.MustCompile("(?m)^1. .*`tests?/.*\n").ReplaceAllString(good, ""), "nothing of test"},
			{"no step", "# A tour\n", "it has no step"},
		} {
			files.Put(&tree.File{Path: tourPath, Data: []byte(plant.text)})
			found := tourFaults(files, manifest)
			if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, plant.found) }) {
				t.Errorf("%s: %s is not found; found %q", id, plant.what, found)
			}
		}
		files.Delete(tourPath)
		if found := tourFaults(files, manifest); len(found) != 1 {
			t.Errorf("%s: without a tour: %q", id, found)
		}
	})
	if len(seen) < 2 {
		t.Errorf("planted only beside %v", seen)
	}
}
