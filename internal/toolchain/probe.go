package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/fingerpost/fingerpost/internal/record"
)

// probeTimeout bounds one question to a program. Shims of version managers and
// a cold disk take a second or two; what takes longer is stuck.
var probeTimeout = 15 * time.Second

// find fills the statuses. Later rows may need earlier ones (a package manager
// runs on its language), so each is asked with those found so far in PATH.
func (s *Set) find(ctx context.Context) {
	for i := range s.statuses {
		t := s.statuses[i].Tool
		s.statuses[i] = Status{Tool: t}
		env := s.Environ(os.Environ())
		st := s.onPath(ctx, t, env)
		if !st.OK {
			if cached, ok := s.inCache(ctx, t, env); ok {
				st = cached
			}
		}
		if !st.OK {
			st.Source = Missing
			st.Fix = s.fix(t)
		}
		s.statuses[i] = st
	}
}

// onPath looks at every candidate on PATH, best first, and takes the first that
// runs and fits. When none does, the status tells of the first that runs, or
// why the first one found does not.
func (s *Set) onPath(ctx context.Context, t record.Tool, env []string) Status {
	names := t.Candidates
	if len(names) == 0 {
		names = []string{t.Name}
	}
	unfit := Status{Tool: t, Source: Missing, Reason: "not found"}
	ran := false
	for _, name := range names {
		words := strings.Fields(name)
		if len(words) == 0 {
			continue
		}
		for _, path := range lookAll(words[0], s.path) {
			st := check(ctx, t, path, words[1:], env)
			if st.OK {
				st.Source = System
				return st
			}
			if ctx.Err() != nil {
				return st
			}
			if st.Version != "" && !ran || unfit.Path == "" {
				ran = ran || st.Version != ""
				unfit = st
			}
		}
	}
	return unfit
}

// check asks the program at path for its version and compares it.
func check(ctx context.Context, t record.Tool, path string, args []string, env []string) Status {
	st := Status{Tool: t, Path: path, Args: args}
	out, err := ask(ctx, path, append(append([]string{}, args...), "--version"), env)
	if err != nil {
		st.Reason = fmt.Sprintf("%s does not run: %v", display(path), err)
		return st
	}
	v, text := findVersion(out)
	if v == nil {
		st.Reason = fmt.Sprintf("%s names no version", display(path))
		return st
	}
	st.Version = text
	if len(t.Locate) > 0 {
		// The real program, so that what is used does not depend on the folder
		// in which a version manager's shim is called.
		if out, err := ask(ctx, path, append(append([]string{}, args...), t.Locate...), env); err == nil {
			if real := strings.TrimSpace(out); filepath.IsAbs(real) && !strings.ContainsAny(real, "\r\n") && isProgram(real) {
				st.Path, st.Args = real, nil
			}
		}
	}
	if ok, why := fits(v, text, t.Range); !ok {
		st.Reason = why
		return st
	}
	st.OK = true
	return st
}

// fits tells whether version v is in the range; text is how the program wrote it.
func fits(v *semver.Version, text, rng string) (bool, string) {
	if rng == "" {
		return true, ""
	}
	c, err := semver.NewConstraint(rng)
	if err != nil {
		return false, fmt.Sprintf("the range %q cannot be read", rng)
	}
	if c.Check(v) {
		return true, ""
	}
	if v.Prerelease() != "" {
		return false, fmt.Sprintf("%s is a pre-release, needs %s", text, rng)
	}
	return false, fmt.Sprintf("%s does not fit, needs %s", text, rng)
}

var versionPattern = regexp.MustCompile(`(\d+)\.(\d+)(?:\.(\d+))?((?:a|b|rc)\d+|-[0-9A-Za-z.-]+)?`)

// findVersion reads the first version in a program's answer: "Python 3.13.0",
// "v24.21.0", "git version 2.39.5", "uv 0.13.9 (abc 2026-11-01)".
func findVersion(out string) (*semver.Version, string) {
	m := versionPattern.FindStringSubmatch(out)
	if m == nil {
		return nil, ""
	}
	patch := m[3]
	if patch == "" {
		patch = "0"
	}
	full := m[1] + "." + m[2] + "." + patch
	if pre := strings.TrimPrefix(m[4], "-"); pre != "" {
		full += "-" + pre
	}
	v, err := semver.NewVersion(full)
	if err != nil {
		return nil, ""
	}
	return v, m[0]
}

// answers remembers what programs said, for the life of the process: a matrix
// of projects asks the same few programs again and again.
var answers sync.Map // of question to *answer

type answer struct {
	once sync.Once
	out  string
	err  error
}

func ask(ctx context.Context, path string, args, env []string) (string, error) {
	key := strings.Join(append([]string{path, pathOf(env), modTime(path)}, args...), "\x00")
	got, _ := answers.LoadOrStore(key, &answer{})
	a := got.(*answer)
	a.once.Do(func() { a.out, a.err = askOnce(ctx, path, args, env) })
	if a.err != nil && ctx.Err() != nil {
		answers.Delete(key) // cut short, not an answer
	}
	return a.out, a.err
}

func askOnce(ctx context.Context, path string, args, env []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = env
	process.Group(cmd)
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipe open
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if ctx.Err() == context.DeadlineExceeded {
		return "", fmt.Errorf("no answer within %v", probeTimeout)
	}
	if err != nil {
		if line := firstLine(errOut.String()); line != "" {
			return "", errors.New(line)
		}
		return "", err
	}
	if strings.TrimSpace(out.String()) == "" {
		return errOut.String(), nil // some print their version to the other stream
	}
	return out.String(), nil
}

// underHome finds what a pattern under the home folder names, newest version
// first: version managers keep programs where no PATH leads.
func underHome(pattern string) []string {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil
	}
	found, _ := filepath.Glob(filepath.Join(home, filepath.FromSlash(pattern)))
	slices.SortStableFunc(found, func(a, b string) int {
		x, _ := findVersion(a)
		y, _ := findVersion(b)
		if x == nil || y == nil {
			return 0
		}
		return y.Compare(x)
	})
	return slices.DeleteFunc(found, func(p string) bool { return !isProgram(p) })
}

// lookAll finds name in every folder of path, each file once.
func lookAll(name, path string) []string {
	if pattern, ok := strings.CutPrefix(name, "~/"); ok {
		return underHome(pattern)
	}
	if strings.ContainsRune(name, filepath.Separator) {
		if isProgram(name) {
			return []string{name}
		}
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue // a relative entry would mean another file in each folder
		}
		for _, ext := range extensions() {
			p := filepath.Join(dir, name+ext)
			if !isProgram(p) {
				continue
			}
			id := p
			if real, err := filepath.EvalSymlinks(p); err == nil {
				id = real
			}
			if !seen[id] {
				seen[id] = true
				out = append(out, p)
			}
			break
		}
	}
	return out
}

// extensions are the endings of a program's file, in the order of preference.
func extensions() []string {
	if runtime.GOOS == "windows" {
		return []string{".exe", ".cmd", ".bat", ".com"}
	}
	return []string{""}
}

func isProgram(path string) bool {
	fi, err := os.Stat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return false
	}
	return runtime.GOOS == "windows" || fi.Mode()&0o111 != 0
}

func modTime(path string) string {
	fi, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fi.ModTime().String()
}

func pathOf(env []string) string {
	for _, kv := range env {
		if k, v, _ := strings.Cut(kv, "="); strings.EqualFold(k, "PATH") {
			return v
		}
	}
	return ""
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

// display shortens a path below the home folder for a person.
func display(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || home == "" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}
