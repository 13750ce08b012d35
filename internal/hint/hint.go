// Package hint gives an error its next step: what the person can do about it,
// printed on a line of its own, and whether the command was used wrongly.
// It prints nothing and picks no exit code; cli does.
package hint

import (
	"errors"
	"fmt"
)

// An Error is an error with the next step to offer.
type Error struct {
	Err    error
	Next   string // the next step, lower case, no final stop; may be empty
	Misuse bool   // the command line or a file given to it was wrong: exit code 2
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error from format and args and offers next.
func Errorf(next, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Next: next}
}

// Misusef is Errorf for something the person typed or wrote.
func Misusef(next, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Next: next, Misuse: true}
}

// With adds the next step to err; nil stays nil.
func With(err error, next string) error {
	if err == nil {
		return nil
	}
	return &Error{Err: err, Next: next, Misuse: IsMisuse(err)}
}

// Next is the next step that err or an error in its chain offers, or "".
func Next(err error) string {
	var e *Error
	for errors.As(err, &e) {
		if e.Next != "" {
			return e.Next
		}
		err = e.Err
	}
	return ""
}

// IsMisuse tells whether err or an error in its chain is a misuse.
func IsMisuse(err error) bool {
	var e *Error
	for errors.As(err, &e) {
		if e.Misuse {
			return true
		}
		err = e.Err
	}
	return false
}

// DidYouMean is ` (did you mean "x"?)` for the word of known that is nearest to
// got, or "" where none is near.
func DidYouMean(got string, known []string) string {
	best, at := "", len(got)/3+2
	for _, k := range known {
		if d := distance(got, k); d < at {
			best, at = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for j := range y {
			cost := last
			if x[i] != y[j] {
				cost++
			}
			last, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
