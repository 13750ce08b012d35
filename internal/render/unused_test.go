package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/tree"
	"github.com/pelletier/go-toml/v2"
)

// Nothing in a project is unused, and nothing that it uses is missing: every
// source file is reached from a command, a configuration or a test, every name
// that a file gives is taken by another, every package of the manifest is used,
// and every package that is imported stands in the manifest. What the package
// managers' own programs would have to be installed for is seen here from the
// texts alone, on every combination.
func TestNothingIsUnusedOrMissing(t *testing.T) {
	u := newUses(t)
	projects(t, func(t *testing.T, _ *plan.Plan, files *tree.Tree) {
		for _, f := range u.faults(files) {
			t.Error(f)
		}
	})
	for _, e := range u.Excused {
		if !e.used {
			t.Errorf("%s need not be excused: %s", e.What, e.Reason)
		}
	}
}

// Each kind of fault is found.
func TestUnusedAndMissingAreFound(t *testing.T) {
	u := newUses(t)
	seen := map[string]bool{}
	projects(t, func(t *testing.T, p *plan.Plan, files *tree.Tree) {
		language := p.Services[0].Language()
		if seen[language] {
			return
		}
		seen[language] = true
		plants := []struct{ what, name, add, found string }{
			{"a file that nothing reaches", "src/planted.ts", "export const planted = 1;\n", "src/planted.ts is reached from nowhere"},
			{"an export that nobody takes", firstFile(files, "src/", "settings.ts"), "\nexport const planted = 1;\n", "planted is exported and not used"},
			{"a package that is not in the manifest", firstFile(files, "src/", "settings.ts"), "\nimport 'planted';\n", `"planted" is imported and not in the manifest`},
			{"a development package in what runs", firstFile(files, "src/", "settings.ts"), "\nimport 'prettier';\n", `"prettier" is imported and only there for development`},
		}
		if language == "python" {
			plants = []struct{ what, name, add, found string }{
				{"a file that nothing reaches", firstFile(files, "", "logs.py") + "_planted.py", "X = 1\n", "_planted.py is reached from nowhere"},
				{"a name that nobody takes", firstFile(files, "", "logs.py"), "\n\ndef planted() -> None: ...\n", "planted is not used"},
				{"a package that is not in the manifest", firstFile(files, "", "logs.py"), "\nimport planted\n", `"planted" is imported and not in the manifest`},
				{"a development package in what runs", firstFile(files, "", "logs.py"), "\nimport pytest\n", `"pytest" is imported and only there for development`},
			}
		}
		for _, plant := range plants {
			old := files.Get(plant.name)
			var data []byte
			if old != nil {
				data = slices.Clone(old.Data)
			}
			files.Put(&tree.File{Path: plant.name, Data: append(data, plant.add...)})
			found := u.faults(files)
			if !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, plant.found) }) {
				t.Errorf("%s: %s is not found; found %q", language, plant.what, found)
			}
			files.Delete(plant.name)
			if old != nil {
				files.Put(old)
			}
		}
	})
	if len(seen) < 2 {
		t.Errorf("planted only into %v", seen)
	}
}

func firstFile(files *tree.Tree, folder, base string) string {
	for _, f := range files.Files() {
		if strings.HasPrefix(f.Path, folder) && path.Base(f.Path) == base {
			return f.Path
		}
	}
	return folder + base
}

// uses are the facts that texts do not tell.
type uses struct {
	// Modules names the modules of Python distributions that are called otherwise.
	Modules map[string]string `toml:"modules"`
	Excused []*struct {
		What   string `toml:"what"`
		Reason string `toml:"reason"`
		used   bool
	} `toml:"excused"`
}

func newUses(t *testing.T) *uses {
	t.Helper()
	u := &uses{}
	data, err := os.ReadFile("testdata/uses.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := toml.Unmarshal(data, u); err != nil {
		t.Fatal(err)
	}
	return u
}

func (u *uses) excused(what string) bool {
	for _, e := range u.Excused {
		if ok, _ := path.Match(e.What, what); ok {
			e.used = true
			return true
		}
	}
	return false
}

func (u *uses) faults(files *tree.Tree) []string {
	var out []string
	if f := files.Get("package.json"); f != nil {
		out = u.nodeFaults(files)
	} else {
		out = u.pythonFaults(files)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// what a file is for.
func testFile(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "test/") || strings.HasPrefix(name, "tests/") || strings.Contains(base, ".spec.") || strings.Contains(base, ".test.")
}

// ---- Node.js

var (
	nodeComment = regexp.MustCompile(`(?m)^\s*/\*\*?\s[\s\S]*?\*/|(^|[ \t])//.*$`)
	nodeImport  = regexp.MustCompile(`(?s)(?:^|\n)\s*(?:import|export)\s+((?:type\s+)?[\w*{}\s,$]*?)\s*from\s+'([^']+)'`)
	nodeEffect  = regexp.MustCompile(`(?:\bimport\s+|\bimport\(|\bresolve\()'([^']+)'`)
	nodeExport  = regexp.MustCompile(`(?m)^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)`)
	nodeString  = regexp.MustCompile(`'([^'\n]+\.[mc]?[jt]s)'`)
	nodeWord    = regexp.MustCompile(`[\w$]+`)
	pathWord    = regexp.MustCompile(`[\w@./*-]+\.[mc]?[jt]s\b`)
)

func (u *uses) nodeFaults(files *tree.Tree) []string {
	var out []string
	var manifest struct {
		Scripts      map[string]string `json:"scripts"`
		Dependencies map[string]string `json:"dependencies"`
		Development  map[string]string `json:"devDependencies"`
	}
	if err := json.Unmarshal(files.Get("package.json").Data, &manifest); err != nil {
		return []string{err.Error()}
	}
	code := map[string]string{}
	var others strings.Builder // everything but the sources and the manifest's own lists
	for _, f := range files.Files() {
		if path.Ext(f.Path) == ".ts" || path.Ext(f.Path) == ".mts" {
			code[f.Path] = nodeComment.ReplaceAllString(string(f.Data), "")
		} else if f.Path != "package.json" && path.Ext(f.Path) != ".md" && !strings.HasPrefix(f.Path, ".fingerpost") {
			others.Write(f.Data)
		}
	}
	scripts := strings.Join(slices.Sorted(maps.Values(manifest.Scripts)), "\n")
	others.WriteString(scripts)

	// What a file takes from others, and from packages.
	taken := map[string]map[string]bool{} // names by file
	reach := map[string][]string{}
	imported := map[string]string{} // packages, and a file that imports them
	production := map[string]string{}
	resolve := func(from, spec string) string {
		target := path.Join(path.Dir(from), spec)
		for _, t := range []string{target, strings.TrimSuffix(target, ".js") + ".ts", strings.TrimPrefix(strings.TrimPrefix(spec, "./"), "../")} {
			if _, ok := code[t]; ok {
				return t
			}
		}
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		text := code[name]
		packages := func(spec string) {
			if strings.HasPrefix(spec, ".") || strings.HasPrefix(spec, "node:") {
				return
			}
			parts := strings.SplitN(spec, "/", 3)
			pkg := parts[0]
			if strings.HasPrefix(spec, "@") && len(parts) > 1 {
				pkg += "/" + parts[1]
			}
			imported[pkg] = name
			if !testFile(name) && strings.HasPrefix(name, "src/") {
				production[pkg] = name
			}
		}
		for _, m := range nodeImport.FindAllStringSubmatch(text, -1) {
			packages(m[2])
			target := resolve(name, m[2])
			if target == "" {
				if strings.HasPrefix(m[2], ".") && !strings.Contains(m[2], "generated/") {
					out = append(out, fmt.Sprintf("%s imports %s, which is not there", name, m[2]))
				}
				continue
			}
			reach[name] = append(reach[name], target)
			if taken[target] == nil {
				taken[target] = map[string]bool{}
			}
			if strings.Contains(m[1], "*") {
				taken[target]["*"] = true
			}
			for _, w := range nodeWord.FindAllString(m[1], -1) {
				taken[target][w] = true
			}
			if !strings.Contains(m[1], "{") {
				taken[target]["default"] = true
			}
		}
		for _, m := range nodeEffect.FindAllStringSubmatch(text, -1) {
			packages(m[1])
		}
		for _, m := range nodeString.FindAllStringSubmatch(text, -1) {
			if target := resolve(name, m[1]); target != "" {
				reach[name] = append(reach[name], target)
			}
		}
	}

	// Entries: what commands and configurations name, and tests.
	var queue []string
	for _, w := range pathWord.FindAllString(others.String(), -1) {
		w = strings.TrimPrefix(w, "./")
		if source, ok := strings.CutPrefix(w, "dist/"); ok {
			w = "src/" + strings.TrimSuffix(source, ".js") + ".ts"
		}
		queue = append(queue, w)
	}
	for name := range code {
		base := path.Base(name)
		if strings.Contains(base, ".test.") || strings.Contains(base, "spec.") || !strings.Contains(name, "/") ||
			name == "src/main.ts" || strings.Contains(name, "/migrations/") {
			queue = append(queue, name)
		}
	}
	reached := map[string]bool{}
	entry := map[string]bool{}
	for _, q := range queue {
		entry[q] = true
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if reached[name] {
			continue
		}
		reached[name] = true
		queue = append(queue, reach[name]...)
	}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		if !reached[name] {
			out = append(out, name+" is reached from nowhere")
		}
		if entry[name] && (strings.Contains(name, "/migrations/") || !strings.Contains(name, "/")) {
			continue // read by a tool, which knows what to take
		}
		for _, m := range nodeExport.FindAllStringSubmatch(code[name], -1) {
			if !taken[name][m[1]] && !taken[name]["*"] && !strings.HasPrefix(m[0], "export default") && !u.excused(name+" "+m[1]) {
				out = append(out, fmt.Sprintf("%s: %s is exported and not used", name, m[1]))
			}
		}
	}
	for pkg, name := range imported {
		_, runs := manifest.Dependencies[pkg]
		_, develops := manifest.Development[pkg]
		if types, ok := manifest.Development["@types/"+pkg]; ok && types != "" {
			develops = true
		}
		switch {
		case !runs && !develops:
			out = append(out, fmt.Sprintf("%s: %q is imported and not in the manifest", name, pkg))
		case !runs && production[pkg] != "" && manifest.Development["@types/"+pkg] == "":
			out = append(out, fmt.Sprintf("%s: %q is imported and only there for development", production[pkg], pkg))
		}
	}
	for _, pkg := range append(slices.Sorted(maps.Keys(manifest.Dependencies)), slices.Sorted(maps.Keys(manifest.Development))...) {
		plain := strings.TrimPrefix(pkg, "@types/")
		if imported[pkg] != "" || imported[plain] != "" || plain == "node" || strings.Contains(scripts, pkg) ||
			strings.Contains(others.String(), `"`+pkg+`"`) || u.excused(pkg) {
			continue
		}
		out = append(out, fmt.Sprintf("package.json: %q is not used", pkg))
	}
	return out
}

// ---- Python

var (
	pythonImport = regexp.MustCompile(`(?m)^\s*(?:from\s+([\w.]+)\s+import\s+(\([^)]*\)|.+)|import\s+([\w.]+(?:\s*,\s*[\w.]+)*))`)
	pythonTop    = regexp.MustCompile(`(?m)^(@[\w.]+.*\n(?:.*\n)*?)?(?:async )?(?:def|class) (\w+)|^([A-Za-z]\w*)\s*(?::[^=\n]+)?=\s`)
	distName     = regexp.MustCompile(`^([A-Za-z0-9._-]+)`)
)

func (u *uses) pythonFaults(files *tree.Tree) []string {
	var out []string
	var manifest struct {
		Project struct {
			Dependencies []string `toml:"dependencies"`
		} `toml:"project"`
		Groups map[string][]string `toml:"dependency-groups"`
		Tool   map[string]any      `toml:"tool"`
	}
	if err := toml.Unmarshal(files.Get("pyproject.toml").Data, &manifest); err != nil {
		return []string{err.Error()}
	}
	modules := map[string]string{} // by file
	code := map[string]string{}
	var all, others strings.Builder
	roots := map[string]bool{}
	for _, f := range files.Files() {
		switch path.Ext(f.Path) {
		case ".py":
			code[f.Path] = string(f.Data)
			modules[f.Path] = strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(f.Path, ".py"), "/__init__"), "/", ".")
			roots[strings.SplitN(modules[f.Path], ".", 2)[0]] = true
			all.Write(f.Data)
		case ".md":
		default:
			others.Write(f.Data)
			all.Write(f.Data)
		}
	}
	tasks := string(files.Get(".fingerpost.toml").Data)
	imported, production := map[string]string{}, map[string]string{}
	mentions := map[string]bool{} // dotted names that a file takes
	for _, name := range slices.Sorted(maps.Keys(code)) {
		for _, m := range pythonImport.FindAllStringSubmatch(code[name], -1) {
			var specs []string
			if m[1] != "" {
				specs = []string{m[1]}
				for _, n := range regexp.MustCompile(`\w+`).FindAllString(m[2], -1) {
					mentions[m[1]+"."+n] = true
				}
			} else {
				specs = strings.Split(m[3], ",")
			}
			for _, s := range specs {
				s = strings.TrimSpace(s)
				mentions[s] = true
				root := strings.SplitN(s, ".", 2)[0]
				if roots[root] || s == "" || strings.HasPrefix(s, ".") || standard[root] {
					continue
				}
				imported[root] = name
				if !testFile(name) {
					production[root] = name
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		module := modules[name]
		if !(mentions[module] || strings.Contains(tasks, module) || strings.Contains(tasks, path.Base(name)) || strings.Contains(others.String(), module) ||
			strings.HasPrefix(path.Base(name), "test_") || path.Base(name) == "__init__.py" || path.Base(name) == "__main__.py" || path.Base(name) == "conftest.py" ||
			strings.Contains(name, "migrations/") || strings.Contains(name, "management/commands/") || strings.Contains(all.String(), `"`+module+`"`) ||
			strings.Contains(all.String(), `"`+module+`.`) || u.excused(name)) {
			out = append(out, name+" is reached from nowhere")
		}
		if strings.Contains(name, "migrations/") {
			continue
		}
		for _, m := range pythonTop.FindAllStringSubmatch(code[name], -1) {
			given := m[2] + m[3]
			if m[1] != "" || strings.HasPrefix(given, "test_") || u.excused(name+" "+given) {
				continue // what decorates it takes it
			}
			if n := len(regexp.MustCompile(`\b`+given+`\b`).FindAllString(all.String(), 2)); n < 2 {
				out = append(out, fmt.Sprintf("%s: %s is not used", name, given))
			}
		}
	}
	module := func(dist string) string {
		dist = strings.ToLower(distName.FindString(dist))
		if m := u.Modules[dist]; m != "" {
			return m
		}
		return strings.ReplaceAll(dist, "-", "_")
	}
	runs, develops := map[string]string{}, map[string]string{}
	for _, d := range manifest.Project.Dependencies {
		runs[module(d)] = distName.FindString(d)
	}
	for _, d := range manifest.Groups["dev"] {
		develops[module(d)] = distName.FindString(d)
	}
	for m, name := range imported {
		switch {
		case runs[m] == "" && develops[m] == "":
			if !u.excused(m) {
				out = append(out, fmt.Sprintf("%s: %q is imported and not in the manifest", name, m))
			}
		case runs[m] == "" && production[m] != "":
			out = append(out, fmt.Sprintf("%s: %q is imported and only there for development", production[m], m))
		}
	}
	settings, _ := toml.Marshal(manifest.Tool)
	rest := string(settings) + tasks
	for _, c := range code {
		rest += c
	}
	for m, dist := range merged(runs, develops) {
		if imported[m] == "" && !regexp.MustCompile(`["'+.]`+m+`\b|bin = "`+m+`"`).MatchString(rest) && !u.excused(dist) {
			out = append(out, fmt.Sprintf("pyproject.toml: %q is not used", dist))
		}
	}
	return out
}

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// standard are the modules of Python's standard library that the projects use.
var standard = func() map[string]bool {
	out := map[string]bool{}
	for _, m := range strings.Fields(`__future__ _typeshed argparse asyncio atexit base64 collections concurrent contextlib contextvars copy csv ctypes dataclasses
		datetime decimal email enum errno fcntl functools gc gzip hashlib hmac html http importlib inspect io ipaddress itertools json logging math
		multiprocessing operator os pathlib pickle platform queue random re resource secrets select selectors shutil signal socket sqlite3 ssl
		statistics string struct subprocess sys sysconfig tempfile textwrap threading time tomllib traceback tracemalloc types typing unicodedata
		unittest urllib uuid warnings weakref zlib zoneinfo`) {
		out[m] = true
	}
	return out
}()
