package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/terminal"
	"golang.org/x/term"
)

// The screens of survey in the house's form: the line of help is always there,
// and the keys are named in few words, so that a narrow terminal holds a question.
func init() {
	survey.SelectQuestionTemplate = `
{{- define "option"}}
    {{- if eq .SelectedIndex .CurrentIndex }}{{color .Config.Icons.SelectFocus.Format }}{{ .Config.Icons.SelectFocus.Text }} {{else}}{{color "default"}}  {{end}}
    {{- .CurrentOpt.Value}}{{color "reset"}}{{ with $.GetDescription .CurrentOpt }}  {{color "cyan"}}{{ . }}{{color "reset"}}{{end}}
{{end}}
{{- color .Config.Icons.Question.Format }}{{ .Config.Icons.Question.Text }} {{color "reset"}}
{{- color "default+hb"}}{{ .Message }}{{color "reset"}}
{{- if .ShowAnswer}}{{color "cyan"}} {{.Answer}}{{color "reset"}}{{"\n"}}
{{- else}}
  {{- "\n"}}{{ with .Help }}{{ . }}{{"\n"}}{{end}}
  {{- range $ix, $option := .PageEntries}}
    {{- template "option" $.IterateOption $ix $option}}
  {{- end}}
{{- end}}`
	survey.MultiSelectQuestionTemplate = `
{{- define "option"}}
    {{- if eq .SelectedIndex .CurrentIndex }}{{color .Config.Icons.SelectFocus.Format }}{{ .Config.Icons.SelectFocus.Text }}{{color "reset"}}{{else}} {{end}}
    {{- if index .Checked .CurrentOpt.Index }}{{color .Config.Icons.MarkedOption.Format }} {{ .Config.Icons.MarkedOption.Text }} {{else}}{{color .Config.Icons.UnmarkedOption.Format }} {{ .Config.Icons.UnmarkedOption.Text }} {{end}}
    {{- color "reset"}}{{- .CurrentOpt.Value}}{{ with $.GetDescription .CurrentOpt }}  {{color "cyan"}}{{ . }}{{color "reset"}}{{end}}
{{end}}
{{- color .Config.Icons.Question.Format }}{{ .Config.Icons.Question.Text }} {{color "reset"}}
{{- color "default+hb"}}{{ .Message }}{{color "reset"}}
{{- if .ShowAnswer}}{{color "cyan"}} {{ or .Answer "nothing" }}{{color "reset"}}{{"\n"}}
{{- else }}
  {{- "\n"}}{{ with .Help }}{{ . }}{{"\n"}}{{end}}
  {{- range $ix, $option := .PageEntries}}
    {{- template "option" $.IterateOption $ix $option}}
  {{- end}}
{{- end}}`
	survey.InputQuestionTemplate = `
{{- color .Config.Icons.Question.Format }}{{ .Config.Icons.Question.Text }} {{color "reset"}}
{{- color "default+hb"}}{{ .Message }} {{color "reset"}}
{{- if .ShowAnswer}}{{color "cyan"}}{{.Answer}}{{color "reset"}}{{"\n"}}
{{- else }}
  {{- with .Help }}{{"\n"}}{{ . }}{{"\n"}}{{end}}
  {{- with .Default}}{{color "white"}}({{ . }}) {{color "reset"}}{{end}}
{{- end}}`
	survey.ErrorTemplate = `{{color .Icon.Format }}{{ .Icon.Text }} {{ .Error.Error }}{{color "reset"}}
`
}

// Survey asks on a terminal with arrow keys. When ctx ends while a question
// stands, the terminal is given back as it was and the question is cancelled.
func Survey(ctx context.Context, in, out *os.File) Prompter {
	return &surveyor{ctx: ctx, in: &keys{File: in}, out: out}
}

type surveyor struct {
	ctx context.Context
	in  *keys
	out *os.File
}

func (s *surveyor) ask(p survey.Prompt, response any, opts ...survey.AskOpt) error {
	_, height := s.size()
	opts = append(opts,
		survey.WithStdio(s.in, s.out, s.out),
		survey.WithShowCursor(true),
		survey.WithPageSize(max(3, height-5)),
		// No list is long enough for a filter, and survey panics in an empty one.
		survey.WithFilter(func(string, string, int) bool { return true }),
	)
	before, _ := term.GetState(int(s.in.Fd()))
	done := make(chan error, 1)
	go func() { done <- survey.AskOne(p, response, opts...) }()
	select {
	case err := <-done:
		// The last two say that the terminal is gone.
		if errors.Is(err, terminal.InterruptErr) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
			return ErrCancelled
		}
		return err
	case <-s.ctx.Done():
		if before != nil {
			term.Restore(int(s.in.Fd()), before)
		}
		fmt.Fprint(s.out, "\x1b[?25h\n") // survey hides the cursor
		return ErrCancelled
	}
}

func (s *surveyor) size() (width, height int) {
	width, height, err := term.GetSize(int(s.out.Fd()))
	if err != nil || width < 10 || height < 1 {
		return 80, 24
	}
	return width, height
}

// describe cuts the hints of q so that no option takes two lines.
func (s *surveyor) describe(q Question, margin int) func(string, int) string {
	width, _ := s.size()
	return func(_ string, i int) string {
		return cut(q.Options[i].Hint, width-margin-len([]rune(q.Options[i].Label))-3)
	}
}

func (s *surveyor) help(q Question, keys string) string {
	width, _ := s.size()
	return indent(Wrap(strings.TrimSpace(q.Help+" "+keys), width-3), "  ")
}

func labels(q Question) []string {
	var out []string
	for _, o := range q.Options {
		out = append(out, o.Label)
	}
	return out
}

func (s *surveyor) Select(q Question) (string, error) {
	p := &survey.Select{Message: q.Text, Help: s.help(q, ""), Options: labels(q), Description: s.describe(q, 2)}
	for i, o := range q.Options {
		if len(q.Default) > 0 && o.Value == q.Default[0] {
			p.Default = i
		}
	}
	var i int
	if err := s.ask(p, &i); err != nil {
		return "", err
	}
	return q.Options[i].Value, nil
}

func (s *surveyor) MultiSelect(q Question) ([]string, error) {
	p := &survey.MultiSelect{Message: q.Text, Help: s.help(q, "(space picks, enter goes on)"), Options: labels(q), Description: s.describe(q, 6)}
	var picked []int
	for i, o := range q.Options {
		for _, d := range q.Default {
			if d == o.Value {
				picked = append(picked, i)
			}
		}
	}
	p.Default = picked
	var chosen []int
	if err := s.ask(p, &chosen); err != nil {
		return nil, err
	}
	values := []string{}
	for _, i := range chosen {
		values = append(values, q.Options[i].Value)
	}
	return values, nil
}

func (s *surveyor) Input(q Question, check func(string) error) (string, error) {
	p := &survey.Input{Message: q.Text, Help: s.help(q, "")}
	if len(q.Default) > 0 {
		p.Default = q.Default[0]
	}
	width, _ := s.size()
	valid := func(v any) error {
		err := check(strings.TrimSpace(v.(string)))
		if err == nil {
			return nil
		}
		return errors.New(strings.Join(Wrap(said(err).Error(), width-3), "\n  "))
	}
	var line string
	err := s.ask(p, &line, survey.WithValidator(valid))
	return strings.TrimSpace(line), err
}

func (s *surveyor) Confirm(q Question, yes bool) (bool, error) {
	p := &survey.Confirm{Message: q.Text, Default: yes}
	err := s.ask(p, &yes)
	return yes, err
}
