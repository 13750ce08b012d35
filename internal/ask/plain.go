package ask

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Plain asks with numbered lines, for a terminal that cannot move its cursor
// and for readers who want the words alone. The end of the input cancels.
func Plain(ctx context.Context, in io.Reader, out io.Writer) Prompter {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(in); sc.Scan(); {
			select {
			case lines <- strings.TrimSpace(sc.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return &plain{ctx: ctx, lines: lines, out: out}
}

type plain struct {
	ctx   context.Context
	lines <-chan string
	out   io.Writer
}

// ask puts q until take accepts the line.
func (p *plain) ask(q Question, prompt string, take func(string) error) error {
	fmt.Fprintln(p.out, q.Text)
	if q.Help != "" {
		fmt.Fprintln(p.out, "  "+q.Help)
	}
	for i, o := range q.Options {
		fmt.Fprintf(p.out, "  %d. %s", i+1, o.Label)
		if o.Hint != "" {
			fmt.Fprintf(p.out, " (%s)", o.Hint)
		}
		fmt.Fprintln(p.out)
	}
	for {
		fmt.Fprintf(p.out, "%s ", prompt)
		var line string
		select {
		case l, open := <-p.lines:
			if !open {
				fmt.Fprintln(p.out)
				return ErrCancelled
			}
			line = l
		case <-p.ctx.Done():
			fmt.Fprintln(p.out)
			return ErrCancelled
		}
		err := take(line)
		if err == nil {
			return nil
		}
		fmt.Fprintln(p.out, "  "+said(err).Error())
	}
}

func (p *plain) Select(q Question) (value string, err error) {
	preset := 0
	if len(q.Default) > 0 {
		preset = max(0, slices.IndexFunc(q.Options, func(o Option) bool { return o.Value == q.Default[0] }))
	}
	err = p.ask(q, fmt.Sprintf("number (%d):", preset+1), func(line string) error {
		i := preset
		if line != "" {
			var err error
			if i, err = number(line, len(q.Options)); err != nil {
				return err
			}
		}
		value = q.Options[i].Value
		return nil
	})
	return value, err
}

func (p *plain) MultiSelect(q Question) (values []string, err error) {
	prompt := "numbers, with commas (none):"
	if len(q.Default) > 0 {
		var preset []string
		for i, o := range q.Options {
			if slices.Contains(q.Default, o.Value) {
				preset = append(preset, strconv.Itoa(i+1))
			}
		}
		prompt = fmt.Sprintf("numbers, with commas, 0 for none (%s):", strings.Join(preset, ","))
	}
	err = p.ask(q, prompt, func(line string) error {
		values = []string{}
		switch line {
		case "":
			values = append(values, q.Default...)
			return nil
		case "0":
			return nil
		}
		picked := make([]bool, len(q.Options))
		for _, f := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' }) {
			i, err := number(f, len(q.Options))
			if err != nil {
				return err
			}
			picked[i] = true
		}
		for i, o := range q.Options {
			if picked[i] {
				values = append(values, o.Value)
			}
		}
		return nil
	})
	return values, err
}

func (p *plain) Input(q Question, check func(string) error) (value string, err error) {
	prompt := ":"
	if len(q.Default) > 0 {
		prompt = fmt.Sprintf("(%s):", q.Default[0])
	}
	err = p.ask(q, prompt, func(line string) error {
		value = line
		if line == "" && len(q.Default) > 0 {
			value = q.Default[0]
		}
		return check(value)
	})
	return value, err
}

func (p *plain) Confirm(q Question, yes bool) (answer bool, err error) {
	prompt := "y/N:"
	if yes {
		prompt = "Y/n:"
	}
	err = p.ask(q, prompt, func(line string) error {
		switch strings.ToLower(line) {
		case "":
			answer = yes
		case "y", "yes":
			answer = true
		case "n", "no":
			answer = false
		default:
			return errors.New("answer y or n")
		}
		return nil
	})
	return answer, err
}

func number(s string, n int) (int, error) {
	i, err := strconv.Atoi(s)
	if err != nil || i < 1 || i > n {
		return 0, fmt.Errorf("give a number from 1 to %d", n)
	}
	return i - 1, nil
}
