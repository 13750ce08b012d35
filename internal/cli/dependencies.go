package cli

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/pelletier/go-toml/v2"
)

// checkDependencies refuses a project that has the name of a package that it
// needs: managers then take the one for the other.
func checkDependencies(t *tree.Tree, r *record.Record) error {
	for _, s := range r.Services {
		f := t.Get(path.Join(s.Dir, s.Manager.Manifest))
		if f == nil {
			continue
		}
		for _, d := range dependencies(f) {
			if sameName(d, s.Package) {
				return hint.Misusef("pass --name "+suggestName(r.Name+"-app"), "the project cannot be called %s: it needs the package %s", r.Name, d)
			}
		}
	}
	return nil
}

// dependencies are the names of the packages in a manifest, wherever it has
// them. A manifest of another kind has none that are known here.
func dependencies(f *tree.File) []string {
	var out []string
	switch path.Base(f.Path) {
	case "package.json":
		var m struct {
			Dependencies, DevDependencies, OptionalDependencies map[string]string
		}
		if json.Unmarshal(f.Data, &m) != nil {
			return nil
		}
		for _, deps := range []map[string]string{m.Dependencies, m.DevDependencies, m.OptionalDependencies} {
			for name := range deps {
				out = append(out, name)
			}
		}
	case "pyproject.toml":
		var m struct {
			Project struct {
				Dependencies []string `toml:"dependencies"`
			} `toml:"project"`
			Groups map[string][]any `toml:"dependency-groups"`
		}
		if toml.Unmarshal(f.Data, &m) != nil {
			return nil
		}
		out = append(out, m.Project.Dependencies...)
		for _, group := range m.Groups {
			for _, d := range group {
				if s, ok := d.(string); ok {
					out = append(out, s)
				}
			}
		}
		for i := range out {
			out[i] = requirementName.FindString(out[i])
		}
	}
	return out
}

var (
	requirementName = regexp.MustCompile(`^[A-Za-z0-9._-]+`)
	separators      = regexp.MustCompile(`[-_.]+`)
)

// sameName compares as PyPI does, the stricter of the two.
func sameName(a, b string) bool {
	fold := func(s string) string { return separators.ReplaceAllString(strings.ToLower(s), "-") }
	return fold(a) == fold(b)
}
