// Package ask turns a conversation into answers: the questions, the
// recommendation with its reasons, and the review of what was said. It is the
// only importer of survey; behind Prompter a test can answer instead.
// It decides nothing and writes nothing to the disk.
package ask

import "errors"

// ErrCancelled says that the person left: Ctrl-C, Ctrl-D or "cancel".
var ErrCancelled = errors.New("cancelled")

// A Prompter puts one question to a person. Every method returns ErrCancelled
// when the person leaves.
type Prompter interface {
	// Select returns the value of one option.
	Select(q Question) (string, error)
	// MultiSelect returns the values of any number of options, in their order.
	MultiSelect(q Question) ([]string, error)
	// Input returns a line that check takes; an empty line means q.Default.
	Input(q Question, check func(string) error) (string, error)
	// Confirm returns yes or no.
	Confirm(q Question, yes bool) (bool, error)
}

// A Question is one question as a person sees it.
type Question struct {
	Key     string // as flags and files name it
	Short   string // in a list of questions
	Text    string
	Help    string // one line under the question
	Options []Option
	Default []string // values
}

// An Option is one answer to choose.
type Option struct {
	Value string
	Label string
	Hint  string // one line beside the label
}

// label is what the option with value is called, or value itself.
func (q Question) label(value string) string {
	for _, o := range q.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
