package doc

import (
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
)

// manifestOrder is the order in which people write package.json; keys that are
// not in it follow as they came.
var manifestOrder = []string{
	"name", "displayName", "version", "private", "type", "description", "keywords", "license", "author",
	"homepage", "repository", "bugs", "engines", "devEngines", "os", "cpu", "packageManager", "workspaces",
	"main", "module", "types", "bin", "exports", "files", "scripts", "imports",
	"dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions",
	"allowScripts",
}

// projectOrder is the order of pyproject.toml, top down.
var projectOrder = []string{"project", "dependency-groups", "build-system", "tool"}

// projectKeys is the order of its [project] table.
var projectKeys = []string{
	"name", "version", "dynamic", "description", "readme", "license", "license-files", "authors", "maintainers",
	"keywords", "classifiers", "requires-python", "dependencies", "optional-dependencies", "urls", "scripts",
	"gui-scripts", "entry-points",
}

// arrange puts a merged manifest into the order that its ecosystem keeps: an
// addition then stands where a person, or the package manager, would put it.
func arrange(file string, v *Value) error {
	switch path.Base(file) {
	case "package.json":
		v.order(manifestOrder)
		for _, k := range []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies"} {
			if d := v.Get(k); d != nil && d.kind == mapKind {
				sort.SliceStable(d.entries, func(i, j int) bool { return d.entries[i].key < d.entries[j].key })
			}
		}
	case "pyproject.toml":
		v.order(projectOrder)
		project := v.Get("project")
		if project != nil && project.kind == mapKind {
			project.order(projectKeys)
		}
		lists := []*Value{project.Get("dependencies")}
		for _, groups := range []*Value{project.Get("optional-dependencies"), v.Get("dependency-groups")} {
			if groups != nil {
				for _, e := range groups.entries {
					lists = append(lists, e.value)
				}
			}
		}
		for _, l := range lists {
			if err := sortRequirements(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// order moves the keys that want names to the front, in that order.
func (v *Value) order(want []string) {
	rank := func(e *entry) int {
		if i := slices.Index(want, e.key); i >= 0 {
			return i
		}
		return len(want)
	}
	if v.kind == mapKind {
		sort.SliceStable(v.entries, func(i, j int) bool { return rank(v.entries[i]) < rank(v.entries[j]) })
	}
}

var requirementName = regexp.MustCompile(`^\s*([A-Za-z0-9][A-Za-z0-9._-]*)`)
var separators = regexp.MustCompile(`[-_.]+`)

// sortRequirements sorts a list of Python requirements by name. The same
// package twice, without markers that tell the two apart, is a conflict: a
// union of strings does not see it.
func sortRequirements(l *Value) error {
	if l == nil || l.kind != listKind {
		return nil
	}
	name := func(v *Value) string {
		m := requirementName.FindStringSubmatch(v.text)
		if m == nil || !v.isScalar() {
			return "\uffff" // an included group, behind the packages
		}
		return separators.ReplaceAllString(strings.ToLower(m[1]), "-")
	}
	seen := map[string]*Value{}
	for _, v := range l.items {
		n := name(v)
		if n == "\uffff" {
			continue
		}
		old := seen[n]
		if old != nil && !strings.Contains(old.text, ";") && !strings.Contains(v.text, ";") && v.part != nil && old.part != nil {
			return hint.Errorf("give the package one range, in one layer",
				"%s:%d: %q is required as %q, but %s:%d has %q", v.part.where(), v.line, n, v.text, old.part.where(), old.line, old.text)
		}
		seen[n] = v
	}
	if l.hasInnerComments() {
		return nil // comments may head a group of items: the order is the owner's
	}
	sort.SliceStable(l.items, func(i, j int) bool { return name(l.items[i]) < name(l.items[j]) })
	return nil
}
