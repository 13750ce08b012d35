package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"
	"github.com/fingerpost/fingerpost/internal/plan"
	"github.com/fingerpost/fingerpost/internal/record"
)

// Caps on what one template may make: a loop in a layer must not fill memory.
const (
	maxRendered = 4 << 20
	maxRepeat   = 10_000
)

// A scope is what a file sees: the whole view, its service, and the services
// whose layers fill its slots and give its words.
type scope struct {
	view    *View
	service *ServiceView
	plans   []*plan.Service
	depth   int
	own     template.FuncMap // the functions that know the scope
}

// dot is the value of `.` in a template.
type dot struct {
	*View
	Service *ServiceView
}

// execute renders one template. Errors carry source and line.
func (s *scope) execute(source string, text []byte) ([]byte, error) {
	if s.own == nil {
		s.own = s.funcs()
	}
	t, err := s.parse(source, string(text))
	if err != nil {
		return nil, clean(err)
	}
	var out capped
	if err := t.Execute(&out, dot{s.view, s.service}); err != nil {
		return nil, clean(err)
	}
	return out.Bytes(), nil
}

// parsed are the templates of this process by source and text: a run over the
// menu meets each of them many times, and executing one does not change it.
var parsed sync.Map // [2]string -> *parsedTemplate

type parsedTemplate struct {
	trees map[string]*parse.Tree
	funcs []string // those of its words that are functions
}

var templateWord = regexp.MustCompile(`[A-Za-z]\w*`)

func (s *scope) parse(source, text string) (*template.Template, error) {
	key := [2]string{source, text}
	seen, ok := parsed.Load(key)
	if !ok {
		all := maps.Clone(baseFuncs)
		maps.Copy(all, s.own)
		trees, err := parse.Parse(source, vanish(text), "<%", "%>", all, builtins)
		if err != nil {
			return nil, err
		}
		pt := &parsedTemplate{trees: trees, funcs: []string{"slotAt"}}
		for _, word := range templateWord.FindAllString(text, -1) {
			if all[word] != nil && !slices.Contains(pt.funcs, word) {
				pt.funcs = append(pt.funcs, word)
			}
		}
		seen, _ = parsed.LoadOrStore(key, pt)
	}
	pt := seen.(*parsedTemplate)
	// There are some two hundred functions; a template gets those that it has.
	funcs := template.FuncMap{}
	for _, name := range pt.funcs {
		if f := s.own[name]; f != nil {
			funcs[name] = f
		} else {
			funcs[name] = baseFuncs[name]
		}
	}
	t := template.New(source).Option("missingkey=error").Funcs(funcs)
	for name, tree := range pt.trees {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// builtins are the names of the functions that text/template has itself.
var builtins = func() map[string]any {
	out := map[string]any{}
	for _, name := range strings.Fields("and call html index slice js len not or print printf println urlquery eq ge gt le lt ne") {
		out[name] = true
	}
	return out
}()

// clean drops the words that text/template puts before the place.
func clean(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "template: "))
}

// capped is a buffer that refuses to grow past maxRendered.
type capped struct{ bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > maxRendered {
		return 0, fmt.Errorf("renders to more than %d bytes", maxRendered)
	}
	return c.Buffer.Write(p)
}

// control are the words that begin a directive without output.
var control = map[string]bool{
	"if": true, "else": true, "end": true, "range": true, "with": true, "define": true, "block": true, "template": true, "break": true, "continue": true,
}

// vanish makes lines that hold only directives print nothing of their own, and
// keeps the line count so that errors name the right line: the line break moves
// into an empty action.
func vanish(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		body := strings.TrimLeft(line, " \t")
		if !strings.HasPrefix(body, "<%") || !strings.HasSuffix(line, "\n") {
			continue
		}
		indent := line[:len(line)-len(body)]
		if alone, ok := onlyDirectives(strings.TrimRight(body, " \t\r\n"), indent); ok {
			lines[i] = alone + "<% \"\"\n%>"
		}
	}
	return strings.Join(lines, "")
}

// onlyDirectives is the line body where it holds nothing but conditions, loops,
// comments, variables and slots; those that are slots know their indentation.
func onlyDirectives(body, indent string) (string, bool) {
	var out strings.Builder
	for body != "" {
		rest, ok := strings.CutPrefix(body, "<%")
		inner, after, closed := strings.Cut(rest, "%>")
		if !ok || !closed {
			return "", false
		}
		word, arg, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(inner, "-")), " ")
		switch {
		case word == "slot":
			fmt.Fprintf(&out, "<%% slotAt %q %s %%>", indent, arg)
		case control[word], strings.HasPrefix(word, "/*"), strings.HasPrefix(word, "$") && strings.Contains(arg, "="):
			out.WriteString("<%" + inner + "%>")
		default:
			return "", false
		}
		body = strings.TrimLeft(after, " \t")
	}
	return out.String(), true
}

// unhermetic are functions that sprig still counts as hermetic, but that read
// a clock or chance, or can make output without bound.
var unhermetic = []string{
	"ago", "date", "dateInZone", "date_in_zone", "dateModify", "date_modify", "mustDateModify", "must_date_modify", "duration", "durationRound", "htmlDate", "htmlDateInZone",
	"toDate", "mustToDate", "unixEpoch", "now", "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey",
	"derivePassword", "bcrypt", "htpasswd", "encryptAES", "decryptAES", "buildCustomCert", "getHostByName", "randBytes", "randInt", "randAlpha", "randAlphaNum", "randAscii", "randNumeric", "shuffle", "uuidv4",
	"env", "expandenv", "osBase", "osClean", "osDir", "osExt", "osIsAbs", "fail", "seq",
}

var baseFuncs = func() template.FuncMap {
	m := sprig.HermeticTxtFuncMap()
	for _, name := range unhermetic {
		delete(m, name)
	}
	m["repeat"] = func(n int, s string) (string, error) {
		if n < 0 || n*max(len(s), 1) > maxRendered {
			return "", fmt.Errorf("repeat %d: out of bounds", n)
		}
		return strings.Repeat(s, n), nil
	}
	m["until"] = func(n int) ([]int, error) { return steps(0, n, 1) }
	m["untilStep"] = func(from, to, step int) ([]int, error) { return steps(from, to, step) }
	m["json"] = jsonValue
	m["shell"] = record.Quote
	m["table"] = table
	m["argv"] = argv
	m["yaml"] = yamlScalar
	return m
}()

func steps(from, to, step int) ([]int, error) {
	var out []int
	if step == 0 {
		return nil, errors.New("a step of 0")
	}
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		if out = append(out, i); len(out) > maxRepeat {
			return nil, fmt.Errorf("more than %d steps", maxRepeat)
		}
	}
	return out, nil
}

func jsonValue(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// funcs are the functions of templates/README.md, bound to this scope.
func (s *scope) funcs() template.FuncMap {
	m := template.FuncMap{}
	m["gives"] = func(word string) bool {
		return slices.ContainsFunc(s.plans, func(p *plan.Service) bool { return p.Gives(word) })
	}
	m["slot"] = func(name string) (string, error) { return s.slot("", name) }
	m["slotAt"] = s.slot
	m["command"] = func(phase string, of ...*ServiceView) string { return s.of(of).Command(phase) }
	m["script"] = func(phase string, of ...*ServiceView) string { return s.of(of).Script(phase) }
	m["program"] = func(bin string, of ...*ServiceView) string { return s.of(of).Program(bin) }
	m["has"] = func(phase string, of ...*ServiceView) bool { return len(s.of(of).Tasks[phase]) > 0 }
	m["scripts"] = func(of ...*ServiceView) []string { return s.of(of).Scripts() }
	for name, get := range map[string]func(record.Manager) [][]string{
		"install":       func(r record.Manager) [][]string { return r.Install },
		"installFrozen": func(r record.Manager) [][]string { return r.InstallFrozen },
		"installProd":   func(r record.Manager) [][]string { return r.InstallProd },
		"relock":        func(r record.Manager) [][]string { return r.Relock },
	} {
		m[name] = func(of ...*ServiceView) []string { return record.Lines(get(s.of(of).Manager)) }
	}
	return m
}

// of is the service that a function was called for: its own, unless one is given.
func (s *scope) of(given []*ServiceView) *ServiceView {
	if len(given) > 0 {
		return given[0]
	}
	return s.service
}

// slot gives the pieces that fill a slot, in layer order, each line indented.
func (s *scope) slot(indent, name string) (string, error) {
	declared := false
	var out strings.Builder
	seen := map[string]bool{}
	for _, p := range s.plans {
		for _, l := range p.Layers {
			declared = declared || slices.Contains(l.Slots, name)
			for _, pt := range p.Parts(l) {
				for _, piece := range pt.Fills {
					if piece.Slot != name || seen[piece.Source] {
						continue
					}
					seen[piece.Source] = true
					text, err := s.piece(piece.Source, piece.Data, piece.Template, p)
					if err != nil {
						return "", err
					}
					if out.Len() > 0 && prose(piece.Source, text) {
						out.WriteString("\n")
					}
					write(&out, indent, text)
				}
			}
		}
	}
	if !declared {
		return "", fmt.Errorf("no layer of the plan has a slot %q", name)
	}
	return out.String(), nil
}

func (s *scope) piece(source string, data []byte, tmpl bool, p *plan.Service) (string, error) {
	if !tmpl {
		return string(data), nil
	}
	if s.depth > 5 {
		return "", errors.New("slots within slots, too deep")
	}
	inner := &scope{view: s.view, service: s.view.byName(p.Name), plans: []*plan.Service{p}, depth: s.depth + 1}
	out, err := inner.execute(source, data)
	return string(out), err
}

// prose tells whether a piece is Markdown that needs a blank line before it:
// everything but items of a list and rows of a table, which go on where the
// piece before them ended.
func prose(source, text string) bool {
	if path.Ext(strings.TrimSuffix(source, ".tmpl")) != ".md" {
		return false
	}
	first := strings.TrimLeft(text, "\n")
	return !strings.HasPrefix(first, "- ") && !strings.HasPrefix(first, "1. ") && !strings.HasPrefix(first, "|")
}

// write adds text with indent before every line that is not blank.
func write(out *strings.Builder, indent, text string) {
	text = strings.Trim(text, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != "" {
			out.WriteString(indent)
		}
		out.WriteString(line + "\n")
	}
}

// tidy is what an editor does on saving: no blanks at line ends, no blank lines
// at either end of the file or more than two in a row (one in Markdown), one
// line break at the end.
func tidy(name string, data []byte) []byte {
	most := 2
	md := path.Ext(name) == ".md"
	if md {
		most = 1
	}
	var out []string
	blank, fenced := 0, false
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if md && strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if line == "" {
			if blank++; len(out) == 0 || blank > most && !fenced {
				continue
			}
		} else {
			blank = 0
		}
		out = append(out, line)
	}
	return []byte(strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n")
}
