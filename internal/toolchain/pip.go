package toolchain

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/fingerpost/fingerpost/internal/record"
)

// pip fetches a distribution of PyPI into an environment of its own with the
// pip of this machine, so with its index, certificates and proxy. Only wheels:
// nothing is compiled and no code of a distribution runs. pip itself checks
// each file against the digest that the index states.
type pip struct {
	python []string // a Python that can make environments
	// outside: this pip can install into an environment that has none of its
	// own, which saves unpacking pip there (pip 22.3 and later).
	outside bool
	// bare: there is no pip yet, but the means to put one into an environment.
	bare bool
	env  []string
}

// pythons are the commands under which a Python with pip may be found.
var pythons = []string{"python3", "python", "py -3"}

func findPip(ctx context.Context, s *Set) client {
	env := s.Environ(os.Environ())
	var commands [][]string
	for _, st := range s.statuses {
		if st.OK && len(st.Tool.Candidates) > 0 {
			commands = append(commands, append([]string{st.Path}, st.Args...))
		}
	}
	for _, c := range pythons {
		words := strings.Fields(c)
		for _, p := range lookAll(words[0], pathOf(env)) {
			commands = append(commands, append([]string{p}, words[1:]...))
		}
	}
	for _, c := range commands {
		out, err := ask(ctx, c[0], append(append([]string{}, c[1:]...), "-m", "pip", "--version"), env)
		if err == nil {
			v, _ := findVersion(out)
			return &pip{python: c, outside: v != nil && !v.LessThan(semver.MustParse("22.3.0")), env: env}
		}
		if _, err := ask(ctx, c[0], append(append([]string{}, c[1:]...), "-m", "ensurepip", "--version"), env); err == nil {
			return &pip{python: c, bare: true, env: env}
		}
	}
	return nil
}

func (p *pip) name() string { return "pip" }

// spec is the row's requirement; without a specifier of its own, the row's version.
func (p *pip) spec(t record.Tool) string {
	if t.PyPI == "" || strings.ContainsAny(t.PyPI, "=<>~!") {
		return t.PyPI
	}
	return t.PyPI + "==" + t.Version
}

func (p *pip) fetch(ctx context.Context, t record.Tool, root string) (string, string, string, error) {
	spec := p.spec(t)
	if version, dir, from, ok := reuse(t, spec, root); ok {
		return version, dir, from, nil
	}
	// An environment holds its own path and cannot be moved: it is built where
	// it stays, and the marker alone says that it is whole. What to call the
	// folder says the wheel, which comes first.
	wheels, err := os.MkdirTemp(root, ".wheel-")
	if err != nil {
		return "", "", "", err
	}
	defer os.RemoveAll(wheels)
	env := p.quiet()
	if p.bare {
		return p.fetchInto(ctx, t, spec, filepath.Join(root, t.Version), env)
	}
	download := append(append([]string{}, p.python...), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--retries", "2", "--dest", wheels, spec)
	if _, err := runClient(ctx, wheels, env, download...); err != nil {
		return "", "", "", explain(err, "the Python package index", spec)
	}
	found, _ := filepath.Glob(filepath.Join(wheels, "*.whl"))
	if len(found) != 1 {
		return "", "", "", fmt.Errorf("pip download %s left %d wheels, not one", spec, len(found))
	}
	name, rest, _ := strings.Cut(filepath.Base(found[0]), "-")
	version, _, _ := strings.Cut(rest, "-")
	exact := name + "==" + version
	return p.fetchInto(ctx, t, exact, filepath.Join(root, version), env, "--find-links", wheels)
}

// quiet is the environment in which pip installs where it is told to.
func (p *pip) quiet() []string {
	return append(append([]string{}, p.env...), "PIP_USER=0", "PIP_REQUIRE_VIRTUALENV=0", "PYTHONNOUSERSITE=1")
}

// fetchInto makes an environment in dir and installs spec into it.
func (p *pip) fetchInto(ctx context.Context, t record.Tool, spec, dir string, env []string, extra ...string) (string, string, string, error) {
	if err := os.RemoveAll(dir); err != nil {
		return "", "", "", err
	}
	venv := filepath.Join(dir, "env")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", "", err
	}
	ok := false
	defer func() {
		if !ok {
			os.RemoveAll(dir)
		}
	}()
	venvArgs := append(append([]string{}, p.python...), "-m", "venv", venv)
	if p.outside {
		venvArgs = append(append([]string{}, p.python...), "-m", "venv", "--without-pip", venv)
	}
	if _, err := runClient(ctx, dir, env, venvArgs...); err != nil {
		return "", "", "", fmt.Errorf("making an environment for %s: %w", spec, err)
	}
	inner := filepath.Join(venv, "bin", "python")
	if runtime.GOOS == "windows" {
		inner = filepath.Join(venv, "Scripts", "python.exe")
	}
	install := []string{inner, "-m", "pip"}
	if p.outside {
		install = append(append([]string{}, p.python...), "-m", "pip", "--python", inner)
	}
	install = append(install, "install", "--quiet", "--only-binary", ":all:", "--retries", "2")
	install = append(append(install, extra...), spec)
	if _, err := runClient(ctx, dir, env, install...); err != nil {
		return "", "", "", explain(err, "the Python package index", spec)
	}
	got, from, err := use(t, spec, venv, dir)
	ok = err == nil
	return got, dir, from, err
}

// besideScript writes text as a program for the interpreter of the environment
// that beside has made in dir. It comes into place last.
func besideScript(dir, program, text string) error {
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	part := program + ".part"
	if err := os.WriteFile(part, []byte("#!"+filepath.Join(dir, "env", "bin", "python")+"\n"+text), 0o755); err != nil {
		return err
	}
	return os.Rename(part, program)
}

// use exposes the tool's program of the distribution of spec, which is
// installed in the environment venv, in dir.
func use(t record.Tool, spec, venv, dir string) (version, from string, err error) {
	dist := distName(spec[:strings.IndexAny(spec, "=<>~!")])
	files, version, err := installed(venv, dist)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", spec, err)
	}
	program := programOf(files, t.Bin)
	if program == "" {
		return "", "", fmt.Errorf("%s has no program %s", spec, t.Bin)
	}
	return version, "pypi:" + dist + "==" + version, exposeFrom(dir, venv, t.Name, program)
}

// reuse takes the tool from an environment that was made for another tool of
// the same distribution, as a language and its package manager in one wheel.
// When that is removed, this one's program is gone too and it is fetched again.
func reuse(t record.Tool, spec, root string) (version, dir, from string, ok bool) {
	markers, _ := filepath.Glob(filepath.Join(filepath.Dir(root), "*", "*", markerName))
	for _, path := range markers {
		other := filepath.Dir(path)
		m, whole := readMarker(other)
		if !whole || m.Spec != spec || m.Name == t.Name || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH {
			continue
		}
		dir = filepath.Join(root, m.Version)
		if os.RemoveAll(dir) != nil || os.MkdirAll(dir, 0o755) != nil {
			return "", "", "", false
		}
		version, from, err := use(t, spec, filepath.Join(other, "env"), dir)
		if err == nil {
			return version, dir, from, true
		}
		os.RemoveAll(dir)
	}
	return "", "", "", false
}

// distName is a distribution's name as the folders of an environment write it.
func distName(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// installed lists the files of a distribution, from the record that pip wrote.
func installed(venv, dist string) (files []string, version string, err error) {
	records, _ := filepath.Glob(filepath.Join(venv, "lib", "python*", "site-packages", "*.dist-info", "RECORD"))
	more, _ := filepath.Glob(filepath.Join(venv, "Lib", "site-packages", "*.dist-info", "RECORD"))
	for _, rec := range append(records, more...) {
		info := strings.TrimSuffix(filepath.Base(filepath.Dir(rec)), ".dist-info")
		name, v, _ := strings.Cut(info, "-")
		if distName(name) != dist {
			continue
		}
		data, err := os.ReadFile(rec)
		if err != nil {
			return nil, "", err
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			return nil, "", err
		}
		site := filepath.Dir(filepath.Dir(rec))
		for _, row := range rows {
			if len(row) > 0 && row[0] != "" {
				p := filepath.FromSlash(row[0])
				if !filepath.IsAbs(p) {
					p = filepath.Join(site, p)
				}
				files = append(files, p)
			}
		}
		return files, v, nil
	}
	return nil, "", errors.New("pip left no record of what it installed")
}

// programOf picks the tool's program among the files of its distribution: one
// whose path ends as bin says, else one of its name. A real program is better
// than a console script that starts it and would stand between it and its
// signals; among equals the shortest path wins.
func programOf(files []string, bin string) string {
	var found []string
	for _, want := range []string{bin, path.Base(bin)} {
		for _, ext := range append([]string{""}, extensions()...) {
			for _, f := range files {
				if strings.HasSuffix(filepath.ToSlash(f), "/"+want+ext) {
					if fi, err := os.Stat(f); err == nil && fi.Mode().IsRegular() {
						found = append(found, f)
					}
				}
			}
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.SortStableFunc(found, func(a, b string) int {
		if sa, sb := consoleScript(a), consoleScript(b); sa != sb {
			if sa {
				return 1
			}
			return -1
		}
		return len(a) - len(b)
	})
	return found[0]
}

// consoleScript tells whether a file is a script for Python.
func consoleScript(path string) bool {
	by, err := shebang(path)
	return err == nil && strings.HasPrefix(by, "python")
}

// exposeFrom exposes a program, and its neighbours where it belongs to an npm
// package that the distribution carries.
func exposeFrom(dir, venv, name, program string) error {
	for up := filepath.Dir(program); len(up) > len(venv); up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "package.json")); err == nil {
			return exposePackage(dir, up, name, program)
		}
	}
	return expose(dir, name, program)
}
