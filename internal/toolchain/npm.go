package toolchain

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// npm fetches a package of the npm registry with the npm of this machine, so
// with its registry, certificates and proxy. The tarball is checked here
// against the integrity that the registry states, and unpacked here: no script
// of the package runs.
type npm struct {
	command []string
	env     []string
}

func findNpm(ctx context.Context, s *Set) client {
	env := s.Environ(os.Environ())
	for _, path := range lookAll("npm", pathOf(env)) {
		if _, err := ask(ctx, path, []string{"--version"}, env); err == nil {
			return &npm{command: []string{path}, env: env}
		}
	}
	// A Node.js that came from PyPI has npm beside it.
	for _, st := range s.statuses {
		if st.OK && st.Source == Cache {
			for _, cli := range carriedNpm(filepath.Dir(filepath.Dir(st.Path))) {
				return &npm{command: []string{st.Path, cli}, env: env}
			}
		}
	}
	return nil
}

// carriedNpm finds npm in the environment of a fetched tool.
func carriedNpm(dir string) []string {
	var out []string
	for _, lib := range []string{"lib/python*", "Lib"} {
		found, _ := filepath.Glob(filepath.Join(dir, "env", filepath.FromSlash(lib), "site-packages", "*", "lib", "node_modules", "npm", "bin", "npm-cli.js"))
		out = append(out, found...)
	}
	return out
}

func (n *npm) name() string { return "npm" }

func (n *npm) spec(t record.Tool) string {
	if t.Npm == "" {
		return ""
	}
	system, cpu := nodeNames(runtime.GOOS, runtime.GOARCH)
	if system == "" || cpu == "" {
		return ""
	}
	pkg := strings.NewReplacer("{os}", system, "{cpu}", cpu).Replace(t.Npm)
	if other := t.NpmOn[system+"-"+cpu]; other != "" {
		pkg = other
	}
	return pkg + "@" + t.Version
}

// nodeNames are the names of a system and a processor in the npm packages of
// prebuilt programs: process.platform and process.arch, but win for win32.
func nodeNames(goos, goarch string) (system, cpu string) {
	system = map[string]string{"linux": "linux", "darwin": "darwin", "windows": "win", "freebsd": "freebsd"}[goos]
	cpu = map[string]string{"amd64": "x64", "arm64": "arm64", "386": "x86", "arm": "armv7l", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64"}[goarch]
	return system, cpu
}

func (n *npm) fetch(ctx context.Context, t record.Tool, root string) (string, string, string, error) {
	stage, err := os.MkdirTemp(root, ".stage-")
	if err != nil {
		return "", "", "", err
	}
	defer os.RemoveAll(stage)

	spec := n.spec(t)
	pkg := spec[:strings.LastIndex(spec, "@")]
	version, integrity, err := n.view(ctx, stage, spec)
	var ce *clientError
	if errors.As(err, &ce) && ce.absent() {
		// A private registry may lag behind: another release of the same major
		// version will do if the range has it.
		if v, _, e := n.viewFitting(ctx, stage, pkg, t); e == nil {
			spec = pkg + "@" + v
			version, integrity, err = n.view(ctx, stage, spec)
		}
	}
	if err != nil {
		return "", "", "", explain(err, "the npm registry", spec)
	}
	if _, err := runClient(ctx, stage, n.env, append(n.command, "pack", pkg+"@"+version, "--json", "--ignore-scripts", "--pack-destination", stage)...); err != nil {
		return "", "", "", explain(err, "the npm registry", spec)
	}
	tarballs, _ := filepath.Glob(filepath.Join(stage, "*.tgz"))
	if len(tarballs) != 1 {
		return "", "", "", fmt.Errorf("npm pack %s left %d tarballs, not one", spec, len(tarballs))
	}
	if err := checkIntegrity(tarballs[0], integrity); err != nil {
		return "", "", "", fmt.Errorf("%s: %w", spec, err)
	}
	whole := filepath.Join(stage, "whole")
	if err := untar(tarballs[0], filepath.Join(whole, "package")); err != nil {
		return "", "", "", fmt.Errorf("%s: %w", spec, err)
	}
	if err := n.dependencies(ctx, filepath.Join(whole, "package")); err != nil {
		return "", "", "", explain(err, "the npm registry", spec)
	}
	program := within(filepath.Join(whole, "package"), t.Bin)
	if program == "" {
		return "", "", "", fmt.Errorf("%s has no %s", spec, t.Bin)
	}
	if err := exposePackage(whole, filepath.Join(whole, "package"), t.Name, program); err != nil {
		return "", "", "", err
	}
	dir := filepath.Join(root, version)
	if err := os.RemoveAll(dir); err != nil {
		return "", "", "", err
	}
	if err := os.Rename(whole, dir); err != nil {
		return "", "", "", err
	}
	return version, dir, "npm:" + pkg + "@" + version, nil
}

// quickly makes npm give up on a registry that is not there within seconds: the
// first question decides whether to go on, and its usual patience is a minute.
var quickly = []string{"--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=1000"}

// view asks the registry for the version and the integrity of a spec.
func (n *npm) view(ctx context.Context, dir, spec string) (version, integrity string, err error) {
	out, err := runClient(ctx, dir, n.env, append(append(n.command, "view", spec, "version", "dist.integrity", "--json"), quickly...)...)
	if err != nil {
		return "", "", err
	}
	type row struct {
		Version   string `json:"version"`
		Integrity string `json:"dist.integrity"`
	}
	var rows []row
	var one row
	if json.Unmarshal([]byte(out), &one) == nil && one.Version != "" {
		rows = []row{one}
	} else if err := json.Unmarshal([]byte(out), &rows); err != nil {
		return "", "", fmt.Errorf("npm view %s: answer not understood", spec)
	}
	sort.Slice(rows, func(i, j int) bool { return newer(rows[i].Version, rows[j].Version) })
	if len(rows) == 0 {
		return "", "", fmt.Errorf("npm view %s: no version", spec)
	}
	if !strings.Contains(rows[0].Integrity, "sha512-") {
		return "", "", fmt.Errorf("the registry states no sha512 integrity for %s", spec)
	}
	return rows[0].Version, rows[0].Integrity, nil
}

// viewFitting is the newest version of the wanted major version in the range.
func (n *npm) viewFitting(ctx context.Context, dir, pkg string, t record.Tool) (string, string, error) {
	out, err := runClient(ctx, dir, n.env, append(append(n.command, "view", pkg, "versions", "--json"), quickly...)...)
	if err != nil {
		return "", "", err
	}
	var versions []string
	if err := json.Unmarshal([]byte(out), &versions); err != nil {
		return "", "", err
	}
	major, _, _ := strings.Cut(t.Version, ".")
	sort.Slice(versions, func(i, j int) bool { return newer(versions[i], versions[j]) })
	for _, text := range versions {
		v, err := semver.NewVersion(text)
		if err != nil || v.Prerelease() != "" || !strings.HasPrefix(text, major+".") {
			continue
		}
		if ok, _ := fits(v, text, t.Range); ok {
			return text, "", nil
		}
	}
	return "", "", errors.New("none fits")
}

func newer(a, b string) bool {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	if errA != nil || errB != nil {
		return errA == nil
	}
	return va.GreaterThan(vb)
}

// dependencies installs what the package does not carry with it. npm checks
// the integrity of each itself, and runs none of their scripts.
func (n *npm) dependencies(ctx context.Context, dir string) error {
	var manifest struct {
		Dependencies map[string]string `json:"dependencies"`
		Optional     map[string]string `json:"optionalDependencies"`
	}
	data, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return err
	}
	missing := false
	for _, deps := range []map[string]string{manifest.Dependencies, manifest.Optional} {
		for name := range deps {
			if _, err := os.Stat(filepath.Join(dir, "node_modules", filepath.FromSlash(name))); err != nil {
				missing = true
			}
		}
	}
	if !missing {
		return nil
	}
	_, err = runClient(ctx, dir, n.env, append(n.command, "install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")...)
	return err
}

// checkIntegrity compares a file with a subresource integrity string that
// names its sha512 digest.
func checkIntegrity(path, integrity string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	got := "sha512-" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	for _, want := range strings.Fields(integrity) {
		if want, _, _ := strings.Cut(want, "?"); want == got {
			return nil
		}
	}
	return fmt.Errorf("the tarball is not what the registry states: %s, not %s", got, integrity)
}

// within finds the program at rel below dir, with a program's ending where the
// system has one; "" when it is not there.
func within(dir, rel string) string {
	for _, ext := range append([]string{""}, extensions()...) {
		p := filepath.Join(dir, filepath.FromSlash(rel)+ext)
		if fi, err := os.Stat(p); err == nil && fi.Mode().IsRegular() {
			return p
		}
	}
	return ""
}

// exposePackage puts the program into dir/bin under the tool's name, and
// beside it the other programs of the npm package that it belongs to.
func exposePackage(dir, pkg, name, program string) error {
	if err := expose(dir, name, program); err != nil {
		return err
	}
	var manifest struct {
		Bin map[string]string `json:"bin"`
	}
	data, err := os.ReadFile(filepath.Join(pkg, "package.json"))
	if err != nil || json.Unmarshal(data, &manifest) != nil {
		return nil // a single bin is a string, and is the program itself
	}
	for other, rel := range manifest.Bin {
		target := within(pkg, rel)
		if other == name || target == "" || strings.ContainsAny(other, `/\`) {
			continue
		}
		if err := expose(dir, other, target); err != nil {
			return err
		}
	}
	return nil
}

// packages installs packages into dir with the npm of this machine, which
// checks the integrity of each; none of their scripts runs.
func (s *Set) packages(ctx context.Context, dir string, specs []string) error {
	if len(specs) == 0 {
		return nil
	}
	c, ok := findNpm(ctx, s).(*npm)
	if !ok {
		return hint.Errorf("install npm, which comes with Node.js", "there is no npm to fetch %s with", strings.Join(specs, " and "))
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{\"private\": true}\n"), 0o644); err != nil {
		return err
	}
	argv := append(c.command, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
	_, err := runClient(ctx, dir, c.env, append(append(argv, quickly...), specs...)...)
	if err != nil {
		return explain(err, "the npm registry", strings.Join(specs, " and "))
	}
	return nil
}
