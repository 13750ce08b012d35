package ask

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fingerpost/fingerpost/internal/guide"
)

// room tells how many reasons and warnings the first screen has, so that it
// stays one screen with the question below it; "all reasons" has the rest.
func (s *Session) room() (reasons, warnings int) {
	switch {
	case s.Height == 0 || s.Height >= 24 && s.Width >= 60:
		return 3, 2
	case s.Height >= 20:
		return 2, 1
	}
	return 1, 0
}

var confidence = map[string]string{
	guide.Clear:   "The answers point here clearly.",
	guide.Leaning: "The answers lean this way.",
	guide.TossUp:  "This is a toss-up: either language would serve you well.",
}

// summary is the recommendation with its main reasons, on one screen. Where the
// screen is short the recommendation comes last, for that part stays in sight.
func (s *Session) summary(d *guide.Decision) string {
	var stack, because strings.Builder
	stack.WriteString("  Recommended\n")
	for _, svc := range d.Recommendation.Services {
		stack.WriteString(indent(Wrap(s.stack(d, svc), s.Width-6), "    ") + "\n")
	}
	stack.WriteString(indent(Wrap(confidence[d.Confidence], s.Width-4), "  ") + "\n\n")
	weighty := slices.DeleteFunc(slices.Clone(d.Reasons), func(r guide.Reason) bool { return r.Weight == 0 })
	reasons, warnings := s.room()
	s.section(&because, "Because", weighty, reasons)
	if len(d.WatchOut) > 0 && warnings > 0 {
		because.WriteString("  Watch out\n")
		for _, w := range d.WatchOut[:min(warnings, len(d.WatchOut))] {
			because.WriteString(bullet(w.What, s.Width))
		}
		because.WriteString("\n")
	}
	for _, o := range d.Overrides {
		because.WriteString(indent(Wrap(fmt.Sprintf("Your choice: %s %s; the rules say %s.", o.Key, s.label(o.Key, o.Value), s.label(o.Key, o.Instead)), s.Width-4), "  ") + "\n")
	}
	if len(d.Overrides) > 0 {
		because.WriteString("\n")
	}
	if warnings == 0 {
		return because.String() + stack.String()
	}
	return stack.String() + because.String()
}

// reasons is everything that was said for and against.
func (s *Session) reasons(d *guide.Decision) string {
	var b strings.Builder
	s.section(&b, "For it", d.Reasons, len(d.Reasons))
	s.section(&b, "Against it", d.Against, len(d.Against))
	if d.RunnerUp != nil {
		b.WriteString("  Next in line\n")
		for _, svc := range d.RunnerUp.Services {
			b.WriteString(bullet(s.stackOf(d.RunnerUp.Shape, svc), s.Width))
		}
		b.WriteString("\n")
	}
	if len(d.Flips) > 0 {
		b.WriteString("  What would change it\n")
		for _, f := range d.Flips {
			b.WriteString(bullet(s.flip(f), s.Width))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (s *Session) section(b *strings.Builder, title string, reasons []guide.Reason, most int) {
	if len(reasons) == 0 {
		return
	}
	b.WriteString("  " + title + "\n")
	for _, r := range reasons[:min(most, len(reasons))] {
		b.WriteString(bullet(r.Because, s.Width))
	}
	b.WriteString("\n")
}

func (s *Session) stack(d *guide.Decision, svc guide.Service) string {
	return s.stackOf(d.Recommendation.Shape, svc)
}

// stackOf is one service in a line.
func (s *Session) stackOf(shape string, svc guide.Service) string {
	var parts []string
	for _, p := range []struct{ kind, value string }{
		{"framework", svc.Framework}, {"orm", svc.ORM}, {"database", svc.Database}, {"pm", svc.PM}, {"ml", svc.ML},
	} {
		if p.value != "" {
			parts = append(parts, s.label(p.kind, p.value))
		}
	}
	for _, f := range svc.Features {
		parts = append(parts, s.label("feature", f))
	}
	line := s.label("language", svc.Language) + ": " + strings.Join(parts, ", ")
	if shape == guide.Split {
		line = svc.Name + ", " + line
	}
	return line
}

// flip says what would turn the decision, as "if workload were compute: Python".
func (s *Session) flip(f guide.Flip) string {
	var changes []string
	for _, c := range f.Changes {
		value := s.answerLabel(c.Key, c.Value)
		switch c.Op {
		case "add":
			changes = append(changes, fmt.Sprintf("%s had %q", c.Key, value))
		case "remove":
			changes = append(changes, fmt.Sprintf("%s had no %q", c.Key, value))
		default:
			changes = append(changes, fmt.Sprintf("%s were %q", c.Key, value))
		}
	}
	var to []string
	for _, l := range f.To.Languages {
		to = append(to, s.label("language", l))
	}
	return fmt.Sprintf("if %s: %s", strings.Join(changes, " and "), strings.Join(to, " and "))
}

// answerLabel is how the question of key calls value.
func (s *Session) answerLabel(key, value string) string {
	for _, f := range append(append([]field{}, asked...), reviewed...) {
		if f.Key == key {
			return f.label(value)
		}
	}
	return s.label(key, value)
}

var ownLabels = map[string]string{
	"language node": "Node.js", "language python": "Python",
	"shape single": "one service", "shape split": "two services, API and ML",
}

// label is what a choice is called.
func (s *Session) label(kind, value string) string {
	if l := ownLabels[kind+" "+value]; l != "" {
		return l
	}
	for _, c := range s.Menu.Choices {
		if c.Kind == kind && c.Value == value && c.Label != "" {
			return c.Label
		}
	}
	return value
}
