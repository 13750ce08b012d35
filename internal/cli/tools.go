package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fingerpost/fingerpost/internal/ask"
	"github.com/fingerpost/fingerpost/internal/record"
	"github.com/fingerpost/fingerpost/internal/toolchain"
)

// findTools looks for the tools of a project: those for running it and those
// for the given purposes. In a terminal the set asks before it fetches, unless
// yes is set; elsewhere it says so and goes on.
func findTools(ctx context.Context, s Streams, yes bool, tools []record.Tool) *toolchain.Set {
	set := toolchain.Find(ctx, tools)
	if s.CanAsk() && !yes {
		set.Confirm = func(question string) (bool, error) {
			p := ask.Survey(ctx, s.InFile, s.OutFile)
			if os.Getenv("TERM") == "dumb" {
				p = ask.Plain(ctx, s.In, s.Out)
			}
			return p.Confirm(ask.Question{Text: question}, true)
		}
	}
	return set
}

// provideTools fetches what is missing, telling of it on the way.
func provideTools(ctx context.Context, set *toolchain.Set, p *progress) error {
	for _, st := range set.Missing() {
		p.Say(fmt.Sprintf("%s: %s", st.Tool.Name, st.Reason))
	}
	var fetching *step
	err := set.Provide(ctx, func(line string) {
		if fetching != nil {
			fetching.end(nil)
		}
		fetching = p.begin(line)
	})
	if fetching != nil {
		fetching.end(err)
	}
	// A program that did not answer because of Ctrl-C is not missing.
	if errors.Is(err, ask.ErrCancelled) || err != nil && ctx.Err() != nil {
		return ErrCancelled
	}
	return err
}
