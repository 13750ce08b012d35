package layer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/pelletier/go-toml/v2"
)

// Limits on what a folder may hold: a layer is read whole into memory.
const (
	maxFile  = 1 << 20
	maxLayer = 8 << 20
)

// manifest is layer.toml.
type manifest struct {
	Format   int                          `toml:"format"`
	Kind     string                       `toml:"kind"`
	Label    string                       `toml:"label"`
	Hint     string                       `toml:"hint"`
	Needs    []string                     `toml:"needs"`
	Slots    []string                     `toml:"slots"`
	Exec     []string                     `toml:"exec"`
	Merge    map[string]map[string]string `toml:"merge"`
	Replaces []Replace                    `toml:"replaces"`
	PM       *record.Manager              `toml:"pm"`
	Bare     *record.Step                 `toml:"bare"`
	rows
}

// rows are the keys that a layer.toml in a with/ folder may have.
type rows struct {
	Gives     []string                 `toml:"gives"`
	Packages  []string                 `toml:"packages"`
	Tasks     map[string][]record.Step `toml:"tasks"`
	Env       []record.Env             `toml:"env"`
	Backing   []record.Backing         `toml:"backing"`
	Tools     []record.Tool            `toml:"tools"`
	StandIns  []record.StandIn         `toml:"stand_ins"`
	Downloads []record.Download        `toml:"downloads"`
	Commands  []Command                `toml:"commands"`
	Next      []struct {
		Text string `toml:"text"`
	} `toml:"next"`
}

// Load reads every layer of fsys: each folder that has a layer.toml. Errors
// name the layer, the file and, where it is known, the line.
func Load(fsys fs.FS, origin string) (*Catalog, error) {
	c, err := load(fsys, origin)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.check()...); err != nil {
		return nil, err
	}
	return c, nil
}

// LoadChecked is Load for layers that have been loaded before, as those of this
// repository by its tests: whether all of them go together is not looked for
// again, which is half the time.
func LoadChecked(fsys fs.FS, origin string) (*Catalog, error) { return load(fsys, origin) }

func load(fsys fs.FS, origin string) (*Catalog, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() })
	layers, errs := make([]*Layer, len(entries)), make([]error, len(entries))
	var wg sync.WaitGroup
	for i, e := range entries {
		wg.Go(func() {
			sub, err := fs.Sub(fsys, e.Name())
			if err == nil {
				_, err = fs.Stat(sub, "layer.toml")
			}
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%s: no layer.toml", e.Name())
			}
			if err == nil {
				layers[i], err = read(sub, e.Name(), origin)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c := &Catalog{layers: layers, byID: map[string]*Layer{}}
	for _, l := range layers {
		c.byID[l.ID] = l
	}
	slices.SortFunc(c.layers, laid)
	return c, nil
}

// read reads one folder.
func read(fsys fs.FS, id, origin string) (*Layer, error) {
	own, with := &Part{}, map[string]*Part{}
	l := &Layer{ID: id, Value: value(id), Origin: origin}
	part := func(name string) *Part {
		if name == "" {
			return own
		}
		if with[name] == nil {
			with[name] = &Part{Name: "with/" + name, When: strings.Split(name, "+")}
		}
		return with[name]
	}
	var m manifest
	sum, total := sha256.New(), 0
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		where := id + "/" + p
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s: not a regular file", where)
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		if total += len(data); len(data) > maxFile || total > maxLayer {
			return fmt.Errorf("%s: too large (a file may have %d bytes, a layer %d)", where, maxFile, maxLayer)
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", p, len(data))
		sum.Write(data)
		name, rest := "", p
		if after, ok := strings.CutPrefix(p, "with/"); ok {
			if name, rest, ok = strings.Cut(after, "/"); !ok {
				return fmt.Errorf("%s: a file directly under with/", where)
			}
		}
		return l.place(part(name), &m, where, rest, data)
	})
	if err != nil {
		return nil, err
	}
	l.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	own.Rows = m.rows.rows()
	l.Kind, l.Label, l.Hint = m.Kind, m.Label, m.Hint
	if m.Bare != nil {
		l.Bare.Run = *m.Bare
	}
	l.Needs, l.Slots, l.Merge, l.Replaces, l.Manager = m.Needs, m.Slots, m.Merge, m.Replaces, m.PM
	if l.Manager != nil {
		l.Manager.Name = l.Value
	}
	if !slices.Contains(own.Gives, l.Value) {
		own.Gives = append(own.Gives, l.Value)
	}
	l.Gives = own.Gives
	l.Parts = []*Part{own}
	names := make([]string, 0, len(with))
	for n := range with {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		l.Parts = append(l.Parts, with[n])
	}
	if err := l.putPrograms(); err != nil {
		return nil, err
	}
	return l, l.checkOne(m)
}

// putPrograms puts the texts of the programs in the place of their names.
func (l *Layer) putPrograms() error {
	for _, pt := range l.Parts {
		used := map[string]bool{}
		for i := range pt.StandIns {
			row := &pt.StandIns[i]
			if row.Program == "" {
				continue
			}
			text, ok := pt.programs[row.Program]
			if !ok {
				return fmt.Errorf("%s: stand_ins: %q is not in programs/", path.Join(l.ID, pt.Name, "layer.toml"), row.Program)
			}
			used[row.Program], row.Program = true, text
		}
		for name := range pt.programs {
			if !used[name] {
				return fmt.Errorf("%s: no row of stand_ins names it", path.Join(l.ID, pt.Name, "programs", name))
			}
		}
	}
	return nil
}

// place puts one file of the folder where it belongs.
func (l *Layer) place(pt *Part, m *manifest, where, rest string, data []byte) error {
	top, below, nested := strings.Cut(rest, "/")
	switch {
	case rest == "layer.toml" && pt.Name == "":
		return decode(where, data, m)
	case rest == "layer.toml":
		var r rows
		if err := decode(where, data, &r); err != nil {
			return err
		}
		pt.Rows = r.rows()
		return nil
	case rest == "README.md" && pt.Name == "":
		return nil // a note to the layer's authors
	case nested && (top == "service" || top == "repo"):
		dest, tmpl := strings.CutSuffix(below, ".tmpl")
		pt.Files = append(pt.Files, &File{Repo: top == "repo", Path: undot(dest), Source: where, Data: data, Template: tmpl})
		return nil
	case nested && top == "bare" && pt.Name == "":
		l.Bare.Files = append(l.Bare.Files, &File{Path: undot(below), Source: where, Data: data})
		return nil
	case nested && top == "programs":
		if pt.programs == nil {
			pt.programs = map[string]string{}
		}
		pt.programs[below] = string(data)
		return nil
	case nested && top == "slots":
		name, tmpl := strings.CutSuffix(below, ".tmpl")
		name = strings.TrimSuffix(name, path.Ext(name))
		pt.Fills = append(pt.Fills, &Piece{Slot: name, Source: where, Data: data, Template: tmpl})
		return nil
	}
	return fmt.Errorf("%s: not a place for a file (service/, repo/, slots/, programs/, with/, a framework's bare/ and layer.toml are)", where)
}

// undot turns a leading underscore of each path element into a dot, except in
// names that begin with two (__init__.py).
func undot(p string) string {
	parts := strings.Split(p, "/")
	for i, s := range parts {
		if strings.HasPrefix(s, "_") && !strings.HasPrefix(s, "__") {
			parts[i] = "." + s[1:]
		}
	}
	return strings.Join(parts, "/")
}

// decode reads TOML strictly: an unknown key is an error with its line and the
// key that was probably meant.
func decode(where string, data []byte, into any) error {
	d := toml.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var errs []error
		for _, e := range strict.Errors {
			line, _ := e.Position()
			key := e.Key()
			errs = append(errs, fmt.Errorf("%s:%d: unknown key %q%s", where, line, strings.Join(key, "."), hint.DidYouMean(key[len(key)-1], knownKeys)))
		}
		return errors.Join(errs...)
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return fmt.Errorf("%s:%d: %w", where, line, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	return nil
}

var knownKeys = []string{
	"format", "kind", "label", "hint", "needs", "gives", "slots", "exec", "packages", "merge", "replaces", "pm", "tasks", "env", "backing", "tools", "next", "stand_ins",
	"key", "default", "container", "ci", "required", "secret", "comment", "name", "image", "port", "health", "volume", "range", "version", "npm", "bin", "pypi",
	"text", "layer", "path", "digest", "args", "bare", "manifest", "lock", "bin_dirs", "modules", "relock", "install", "install_frozen", "install_prod", "run", "cache",
	"unless", "program", "replaces", "by", "tool", "downloads", "what", "megabytes", "disk", "on", "stand_in", "commands", "begins",
}

func (r rows) rows() Rows {
	out := Rows{Gives: r.Gives, Packages: r.Packages, Tasks: r.Tasks, Env: r.Env, Backing: r.Backing, Tools: r.Tools, StandIns: r.StandIns, Downloads: r.Downloads, Commands: r.Commands}
	for _, n := range r.Next {
		out.Next = append(out.Next, n.Text)
	}
	return out
}

// checkOne checks what can be seen in one folder alone.
func (l *Layer) checkOne(m manifest) error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s/layer.toml: "+format, append([]any{l.ID}, args...)...))
	}
	if m.Format != 1 {
		bad("format is %d, this fingerpost reads 1", m.Format)
	}
	if l.Value == "" {
		bad("the folder's name must be <prefix>-<value>")
	}
	if kindOrder(l.Kind) < 0 {
		bad("unknown kind %q%s", l.Kind, hint.DidYouMean(l.Kind, Kinds))
	}
	if l.Label == "" {
		bad("label is missing")
	}
	if (l.Kind == "pm") != (l.Manager != nil) {
		bad("a [pm] table belongs into a layer of kind pm, and into each")
	}
	if has := len(l.Bare.Files) > 0; has != (l.Bare.Run.Bin != "") || has && l.Kind != "framework" {
		bad("a framework may have files under bare/ with a bare step that starts them, both or neither")
	}
	if l.Kind == "framework" {
		n := 0
		for _, w := range l.Gives {
			if slices.Contains(Languages, w) {
				n++
			}
		}
		if n != 1 {
			bad("a framework gives exactly one of %s", strings.Join(Languages, ", "))
		}
	}
	for _, e := range m.Exec {
		if !l.markExec(e) {
			bad("exec names %q, which is not in the folder", e)
		}
	}
	for _, pt := range l.Parts {
		for _, f := range pt.Files {
			if path.Clean("/"+f.Path) != "/"+f.Path || strings.ContainsAny(f.Path, "\\\x00") {
				bad("%s is not a plain path", f.Source)
			}
		}
		for phase, steps := range pt.Tasks {
			for _, s := range steps {
				if s.Bin == "" {
					bad("tasks.%s: a step without bin", phase)
				}
			}
		}
		for _, row := range pt.StandIns {
			if row.Replaces == "" || row.By == "" || !strings.HasPrefix(row.URL, "https://") || len(row.Env) == 0 {
				bad("stand_ins: a row needs replaces, by, a url that begins with https:// and env")
			}
			for _, spec := range row.Packages {
				if strings.LastIndex(spec, "@") < 1 {
					bad("stand_ins: %q names no version", spec)
				}
			}
			for _, spec := range row.PyPI {
				if !strings.Contains(spec, "==") {
					bad("stand_ins: %q names no version", spec)
				}
			}
			if (row.Tool == "") != (len(row.PyPI) == 0) || (row.Program == "" || row.Tool != "") && len(row.Packages) > 0 {
				bad("stand_ins: packages are for a program, and pypi is for a tool")
			}
		}
		for _, row := range pt.Downloads {
			if row.What == "" || row.Megabytes < 1 || row.Disk < row.Megabytes || len(row.On) == 0 {
				bad("downloads: a row needs what, megabytes, disk (which is not less) and on")
			}
			if row.StandIn != "" && !slices.ContainsFunc(l.Parts, func(p *Part) bool {
				return slices.ContainsFunc(p.StandIns, func(s record.StandIn) bool { return s.Replaces == row.StandIn })
			}) {
				bad("downloads: no row of stand_ins replaces %q", row.StandIn)
			}
		}
		for _, row := range pt.Commands {
			if len(row.Begins) == 0 || len(row.Args) == 0 {
				bad("commands: a row needs begins and args")
			}
		}
	}
	return errors.Join(errs...)
}

func (l *Layer) markExec(source string) bool {
	found := false
	for _, pt := range l.Parts {
		for _, f := range pt.Files {
			if f.Source == l.ID+"/"+source || f.Source == l.ID+"/"+source+".tmpl" {
				f.Exec, found = true, true
			}
		}
	}
	return found
}
