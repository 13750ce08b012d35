package ask

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/hint"
)

// A Session is one conversation.
type Session struct {
	Prompter  Prompter
	Out       io.Writer
	Width     int // of Out, in columns
	Height    int // of Out, in lines; 0 where it does not matter
	Menu      guide.Menu
	CheckName func(string) error
	Suggest   string // a name for the project, "" for none
	// Decide recommends.
	Decide func(guide.Answers) (*guide.Decision, error)
	// Nearest gives the decision nearest to one that can be written today, with
	// one line for each change; no change, no lines.
	Nearest func(guide.Answers, *guide.Decision) (*guide.Decision, []string, error)
}

// Steps of the screen that shows the recommendation.
const (
	accept   = "accept"
	change   = "change"
	override = "override"
	explain  = "explain"
	leave    = "cancel"
	back     = "back"
)

// Run asks what a leaves open, shows the recommendation, and lets the person
// accept it, change answers or override choices until it is right. The decision
// that it returns can be written.
func (s *Session) Run(a guide.Answers) (guide.Answers, *guide.Decision, error) {
	if a.Name == "" {
		if err := s.name(&a); err != nil {
			return a, nil, err
		}
	}
	for _, f := range asked {
		if f.get(&a) != nil {
			continue
		}
		if err := f.answer(s.Prompter, &a); err != nil {
			return a, nil, err
		}
	}
	for {
		d, err := s.screen(&a)
		if d != nil || err != nil {
			return a, d, err
		}
	}
}

func (s *Session) name(a *guide.Answers) error {
	q := Question{Key: "name", Short: "Name", Text: "What is it called?", Help: "The folder and the package get this name: a to z, 0 to 9, -."}
	if now := cmp.Or(a.Name, s.Suggest); now != "" {
		q.Default = []string{now}
	}
	name, err := s.Prompter.Input(q, s.CheckName)
	if err == nil {
		a.Name = name
	}
	return err
}

// screen shows where things stand and takes one step. It returns a decision
// when the person accepted it.
func (s *Session) screen(a *guide.Answers) (*guide.Decision, error) {
	d, err := s.Decide(*a)
	if err != nil {
		return nil, s.contradiction(a, err)
	}
	near, changes, err := s.Nearest(*a, d)
	if err != nil {
		return nil, s.contradiction(a, err)
	}
	fmt.Fprint(s.Out, "\n", s.summary(d))
	q := Question{Key: "next", Text: "Write this project?", Options: []Option{
		{accept, "Yes", ""},
		{change, "Change an answer", ""},
		{override, "Choose a part myself", "framework, ORM, database, ..."},
		{explain, "Show all reasons", ""},
		{leave, "Cancel", "nothing is written"},
	}}
	if len(changes) > 0 {
		fmt.Fprintln(s.Out, indent(Wrap("Not all of it can be written yet. The nearest that can:", s.Width-4), "  "))
		for _, line := range changes {
			fmt.Fprint(s.Out, bullet(line, s.Width))
		}
		fmt.Fprintln(s.Out)
		q.Text, q.Options[0].Label = "Write the nearest project?", "Yes, the nearest"
	}
	for {
		step, err := s.Prompter.Select(q)
		if err != nil {
			return nil, err
		}
		switch step {
		case accept:
			return near, nil
		case change:
			return nil, s.change(a)
		case override:
			return nil, s.override(a, near)
		case explain: // and the question again, right below the reasons
			fmt.Fprint(s.Out, "\n", s.reasons(d))
		default:
			return nil, ErrCancelled
		}
	}
}

// contradiction shows why nothing can be recommended, and lets the person mend it.
func (s *Session) contradiction(a *guide.Answers, why error) error {
	fmt.Fprint(s.Out, "\n", indent(Wrap(why.Error(), s.Width-4), "  "), "\n")
	if next := hint.Next(why); next != "" {
		fmt.Fprint(s.Out, indent(Wrap(next, s.Width-4), "  "), "\n")
	}
	q := Question{Key: "next", Text: "This does not fit together. What now?", Options: []Option{
		{change, "Change an answer", ""},
		{override, "Drop my own choices", "take the recommendation"},
		{leave, "Cancel", "nothing is written"},
	}}
	step, err := s.Prompter.Select(q)
	if err != nil {
		return err
	}
	switch step {
	case change:
		return s.change(a)
	case override:
		dropChoices(a)
		return nil
	}
	return ErrCancelled
}

// change lists all answers with their values and asks one of them again.
func (s *Session) change(a *guide.Answers) error {
	q := Question{Key: "change", Text: "Which answer?", Options: []Option{{"name", "Name", a.Name}}}
	fields := append(append([]field{}, asked...), reviewed...)
	for _, f := range fields {
		q.Options = append(q.Options, Option{f.Key, f.Short, f.now(a)})
	}
	q.Options = append(q.Options, Option{back, "Back", ""})
	key, err := s.Prompter.Select(q)
	if err != nil || key == back {
		return err
	}
	if key == "name" {
		return s.name(a)
	}
	for _, f := range fields {
		if f.Key == key {
			return f.answer(s.Prompter, a)
		}
	}
	return errors.New("no question " + key)
}

// now is the answer of f in words.
func (f field) now(a *guide.Answers) string {
	values := f.get(a)
	if values == nil {
		values = f.Default
	}
	if len(values) == 0 {
		return "nothing"
	}
	var out []string
	for _, v := range values {
		out = append(out, f.label(v))
	}
	return strings.Join(out, ", ")
}
