// Package run drives a generated project on this machine: it installs, runs
// tasks, starts services in process groups of their own with the databases
// they need, waits until they are ready and stops all of it again. It knows a
// project by its record alone.
// It chooses no tools (toolchain does), prints nothing and judges no answer of
// a service beyond readiness; verify does.
package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
	"github.com/fingerpost/fingerpost/internal/tree"
)

// A Project is a generated repository on disk.
type Project struct {
	Dir    string // absolute
	Record *record.Record
	Tools  *toolchain.Set

	standIns map[string]map[string]string // variables by service, see StandIn
	replaced map[string][]string          // what was replaced, by service
}

// Open reads the project at dir, or at the nearest folder above it that is
// one. tools may be nil until the first command is run.
func Open(dir string, tools *toolchain.Set) (*Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	// A mistyped folder inside of a project is not that project.
	switch info, err := os.Stat(abs); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, hint.Misusef("give the folder of a project that fingerpost made, or make one with fingerpost new", "%s does not exist", dir)
	case err == nil && !info.IsDir():
		return nil, hint.Misusef("give the folder of a project", "%s is not a folder", dir)
	}
	root := abs
	for {
		if _, err := os.Stat(filepath.Join(root, record.FileName)); err == nil {
			break
		}
		up := filepath.Dir(root)
		if up == root {
			root = abs // record.Load says what is wrong with it
			break
		}
		root = up
	}
	// What a killed `new --into` half wrote is no project: it goes first.
	if _, err := os.Stat(root); err == nil {
		if err := tree.RecoverInto(root); err != nil {
			return nil, err
		}
	}
	r, err := record.Load(root)
	if err != nil {
		return nil, err
	}
	for i := range r.Services {
		if d := r.Services[i].Dir; !filepath.IsLocal(filepath.FromSlash(d)) {
			return nil, hint.Errorf("restore the file from git", "%s: service %s lies outside of the project: %s", filepath.Join(root, record.FileName), r.Services[i].Name, d)
		}
	}
	return &Project{Dir: root, Record: r, Tools: tools}, nil
}

// ServiceDir is the absolute folder of a service.
func (p *Project) ServiceDir(svc *record.Service) string {
	return filepath.Join(p.Dir, filepath.FromSlash(svc.Dir))
}

// stateName is the folder of a project in which fingerpost keeps what is about
// this machine: logs and local databases.
const stateName = ".fingerpost"

// StateDir is that folder. MakeState makes it.
func (p *Project) StateDir() string { return filepath.Join(p.Dir, stateName) }

// MakeState makes dir, a project's state folder or one in it. The state folder
// tells git itself to ignore it, whatever the project's own .gitignore says.
func MakeState(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for up := dir; up != filepath.Dir(up); up = filepath.Dir(up) {
		if filepath.Base(up) != stateName {
			continue
		}
		f, err := os.OpenFile(filepath.Join(up, ".gitignore"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return nil // it is there already
		}
		_, err = f.WriteString("*\n")
		return errors.Join(err, f.Close())
	}
	return nil
}

// Environ is the environment of a service's processes. Of a setting that is
// given in several places the later one counts: the record's default, the
// service's .env, this process's environment, extra.
func (p *Project) Environ(svc *record.Service, extra map[string]string) []string {
	base := os.Environ()
	have := map[string]bool{}
	for _, kv := range base {
		k, _, _ := strings.Cut(kv, "=")
		have[envKey(k)] = true
	}
	for k, v := range p.settings(svc) {
		if !have[envKey(k)] {
			base = append(base, k+"="+v)
		}
	}
	for k, v := range p.standIns[svc.Name] {
		if !have[envKey(k)] {
			base = append(base, k+"="+v)
		}
	}
	base = p.Tools.Environ(base)
	base = frontPath(base, p.binDirs(svc))
	return overlay(base, extra)
}

// Shell is the environment of a person who has the project's tools: no setting
// of the service is in it, and none of the programs of its packages. dir comes
// first on its PATH.
func (p *Project) Shell(svc *record.Service, dir string, extra map[string]string) []string {
	env := p.Tools.Environ(os.Environ())
	return overlay(overlay(frontPath(env, []string{dir}), p.standIns[svc.Name]), extra)
}

// Setting is the value that a service's processes see for key when nothing
// overrides it, and whether it is set at all.
func (p *Project) Setting(svc *record.Service, key string) (string, bool) {
	if v, ok := os.LookupEnv(key); ok {
		return v, true
	}
	v, ok := p.settings(svc)[key]
	return v, ok
}

// settings are the record's defaults with the service's .env over them.
func (p *Project) settings(svc *record.Service) map[string]string {
	out := map[string]string{}
	for _, e := range svc.Env {
		if e.Default != "" {
			out[e.Key] = e.Default
		}
	}
	if data, err := os.ReadFile(filepath.Join(p.ServiceDir(svc), ".env")); err == nil {
		for k, v := range parseEnv(string(data)) {
			out[k] = v
		}
	}
	return out
}

// MakeEnv copies a service's .env.example to .env where there is none yet, and
// tells whether it did. An existing .env is never touched.
func (p *Project) MakeEnv(svc *record.Service) (bool, error) {
	dir := p.ServiceDir(svc)
	data, err := os.ReadFile(filepath.Join(dir, ".env.example"))
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	// Settings may become secret, so nobody else reads them.
	f, err := os.OpenFile(filepath.Join(dir, ".env"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := f.Write(data); err != nil {
		f.Close()
		os.Remove(f.Name())
		return false, err
	}
	return true, f.Close()
}

// Argv is the command of a step as it is executed: the program itself, looked
// for in the manager's folders, then among the tools, then on PATH.
func (p *Project) Argv(svc *record.Service, st record.Step) ([]string, error) {
	for _, dir := range p.binDirs(svc) {
		if path := programIn(dir, st.Bin); path != "" {
			return append([]string{path}, st.Args...), nil
		}
	}
	if argv := p.tool(st.Bin); argv != nil {
		return append(argv, st.Args...), nil
	}
	next := "run fingerpost doctor to see what is missing"
	if w := p.words(svc, svc.Manager.InstallFrozen); p.NeedsInstall(svc) && w != "" {
		next = "install the project's packages first: " + w
	}
	return nil, hint.Errorf(next, "%s is not installed in %s", st.Bin, p.display(svc))
}

// managerArgv is a command of the manager: its first word is a tool, or a path
// relative to the service's folder.
func (p *Project) managerArgv(svc *record.Service, words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, fmt.Errorf("%s has an empty command", svc.Manager.Name)
	}
	if strings.Contains(words[0], "/") {
		path := filepath.Join(p.ServiceDir(svc), filepath.FromSlash(words[0]))
		if runtime.GOOS == "windows" {
			// A virtual environment keeps its programs elsewhere there.
			path = strings.Replace(path, `\bin\`, `\Scripts\`, 1) + ".exe"
		}
		return append([]string{path}, words[1:]...), nil
	}
	if argv := p.tool(words[0]); argv != nil {
		return append(argv, words[1:]...), nil
	}
	for _, dir := range p.binDirs(svc) {
		if path := programIn(dir, words[0]); path != "" {
			return append([]string{path}, words[1:]...), nil
		}
	}
	return nil, hint.Errorf("run fingerpost doctor to see what is missing", "%s is not on this machine", words[0])
}

// tool starts a program of the toolchain, or one on PATH.
func (p *Project) tool(name string) []string {
	if argv := p.Tools.Command(name); argv != nil {
		return argv
	}
	if path := Look(name, p.Tools.Environ(os.Environ())); path != "" {
		return []string{path}
	}
	return nil
}

// Look finds a program on the PATH of env, "" when it is not there.
func Look(name string, env []string) string {
	for _, kv := range env {
		if k, v, _ := strings.Cut(kv, "="); envKey(k) == "PATH" {
			for _, dir := range filepath.SplitList(v) {
				if path := programIn(dir, name); filepath.IsAbs(dir) && path != "" {
					return path
				}
			}
		}
	}
	return ""
}

// PersonArgv is what a person types to run a phase: one command where the
// manager runs scripts, else one for each step.
func (p *Project) PersonArgv(svc *record.Service, phase string) [][]string {
	return svc.Typed(phase)
}

// binDirs are the folders with the programs of the service's packages.
func (p *Project) binDirs(svc *record.Service) []string {
	out := make([]string, 0, len(svc.Manager.BinDirs))
	for _, d := range svc.Manager.BinDirs {
		out = append(out, filepath.Join(p.ServiceDir(svc), filepath.FromSlash(d)))
	}
	return out
}

func programIn(dir, name string) string {
	exts := []string{""}
	if runtime.GOOS == "windows" {
		exts = []string{".exe", ".cmd", ".bat"}
	}
	for _, ext := range exts {
		path := filepath.Join(dir, name+ext)
		if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && (runtime.GOOS == "windows" || fi.Mode()&0o111 != 0) {
			return path
		}
	}
	return ""
}

// words writes commands of the manager as a person would type them.
func (p *Project) words(svc *record.Service, commands [][]string) string {
	line := strings.Join(record.Lines(commands), " && ")
	if line != "" && svc.Dir != "." {
		line = "cd " + svc.Dir + " && " + line
	}
	return line
}

// display is how messages call a service: by name where there are several.
func (p *Project) display(svc *record.Service) string {
	if len(p.Record.Services) == 1 {
		return p.Record.Name
	}
	return svc.Name
}
