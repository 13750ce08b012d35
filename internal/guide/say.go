package guide

import (
	"fmt"
	"slices"
	"strings"
)

// screen is how many lines a person sees at once, less two for who prints them.
const screen = 22

// amounts are how many lines of each sort are said.
type amounts struct{ reasons, against, watch, flips int }

// Say is the decision in words that one can read aloud to a team, at most width
// columns wide and on one screen where that is possible. With explain it is
// everything, with its sources and every rule that fired. What was measured
// stands beside it as it is given.
func (d *Decision) Say(m Menu, width int, explain bool, measured ...string) string {
	s := &speaker{d: d, m: m, width: min(max(width, 40), 100), explain: explain, measured: measured}
	all := amounts{len(d.Reasons), len(d.Against), len(d.WatchOut), len(d.Flips)}
	if explain {
		return s.text(all)
	}
	n := amounts{min(all.reasons, 6), min(all.against, 3), min(all.watch, 3), min(all.flips, 4)}
	for {
		text := s.text(n)
		switch {
		case strings.Count(text, "\n") <= screen:
			return text
		case n.reasons > 5:
			n.reasons--
		case n.watch > 2:
			n.watch--
		case n.against > 2:
			n.against--
		case n.flips > 3:
			n.flips--
		case n.reasons > 4:
			n.reasons--
		case n.watch > 1:
			n.watch--
		case n.flips > 2:
			n.flips--
		case n.against > 1:
			n.against--
		case n.reasons > 3:
			n.reasons--
		default:
			return text
		}
	}
}

// Brief is the recommendation and the n weightiest reasons for it, for where the
// decision is not what was asked for.
func (d *Decision) Brief(m Menu, width, n int) string {
	s := &speaker{d: d, m: m, width: min(max(width, 40), 100)}
	s.headline()
	for _, r := range pick(d.Reasons, min(n, len(d.Reasons))) {
		s.line("  + ", of(r.Service)+r.Because)
	}
	return s.b.String()
}

type speaker struct {
	d        *Decision
	m        Menu
	width    int
	explain  bool
	measured []string
	b        strings.Builder
}

func (s *speaker) text(n amounts) string {
	s.b.Reset()
	d := s.d
	s.headline()
	for _, o := range d.Overrides {
		s.line("You chose ", fmt.Sprintf("%s%s %s; the rules would have taken %s.", of(o.Service), o.Key, s.label(o.Key, o.Value), s.label(o.Key, o.Instead)))
	}
	s.b.WriteString("\n")
	s.reasons("Why", "  + ", d.Reasons, n.reasons)
	s.reasons("What speaks against it", "  - ", d.Against, n.against)
	if len(d.WatchOut) > 0 {
		s.title("Watch out", n.watch, len(d.WatchOut))
		for _, w := range d.WatchOut[:n.watch] {
			s.line("  ! ", fmt.Sprintf("%s (%s)", w.What, w.File))
		}
	}
	if len(s.measured) == 1 {
		s.line("Measured: ", s.measured[0])
	} else if len(s.measured) > 1 {
		s.title("Measured, beside the reasons and no reason itself", 0, 0)
		for _, text := range s.measured {
			s.line("  = ", text)
		}
	}
	if d.RunnerUp != nil {
		s.line("Next best: ", s.rec(d.RunnerUp.Recommendation))
	}
	if lines := s.flips(); len(lines) > 0 {
		n.flips = min(n.flips, len(lines))
		s.title("What would change it", n.flips, len(lines))
		for _, l := range lines[:n.flips] {
			s.line("  > ", l)
		}
	} else {
		s.line("What would change it: ", "no one or two of the answers.")
	}
	if s.explain {
		s.b.WriteString("\nEvery rule that fired\n")
		for _, r := range d.Fired() {
			weight := "  "
			if r.Weight > 0 {
				weight = fmt.Sprintf("%+d", r.Weight)
			}
			s.line(fmt.Sprintf("  %s ", weight), fmt.Sprintf("%s%s -> %s [%s]", of(r.Service), r.Rule, orNone(strings.Split(r.Favours, ", ")), r.Source))
		}
	}
	return s.b.String()
}

// of names a service in front of what is said of it.
func of(service string) string {
	if service == "" {
		return ""
	}
	return service + ": "
}

var sure = map[string]string{
	Clear:   "Clear: no single answer about team, workload, front end or values turns it.",
	Leaning: "Leaning: more speaks for it than against it.",
	TossUp:  "A toss-up: next to nothing lies between them, so the choice is yours.",
}

func (s *speaker) headline() {
	rec := s.d.Recommendation
	if rec.Shape == Single {
		s.line("Recommended: ", s.stack(rec.Services[0]))
	} else {
		s.line("", "Recommended: two services")
		for _, sv := range rec.Services {
			s.line(fmt.Sprintf("  %-4s ", sv.Name+":"), s.stack(sv))
		}
	}
	if rival := s.d.Rival(); rival != "" {
		s.line("", "Your choice: more speaks for "+rival+".")
		return
	}
	s.line("", sure[s.d.Confidence])
}

func (s *speaker) rec(rec Recommendation) string {
	var parts []string
	for _, sv := range rec.Services {
		sv.Features = nil
		parts = append(parts, s.stack(sv))
	}
	return strings.Join(parts, ", and ")
}

// stack is one service in a line: "Node.js with Fastify (TypeORM, SQLite, npm; Docker, CI)".
func (s *speaker) stack(sv Service) string {
	var parts, features []string
	for _, kind := range []string{"orm", "database", "pm", kindML} {
		if v := value(kind, sv); v != "" {
			parts = append(parts, s.in(sv.Language, kind, v))
		}
	}
	for _, f := range sv.Features {
		features = append(features, s.in(sv.Language, kindFeature, f))
	}
	inside := strings.Join(parts, ", ")
	if len(features) > 0 {
		inside += "; " + strings.Join(features, ", ")
	}
	return fmt.Sprintf("%s with %s (%s)", LanguageLabel(sv.Language), s.in(sv.Language, "framework", sv.Framework), inside)
}

func (s *speaker) in(language, kind, value string) string {
	if c := s.m.Find(kind, value, language); c != nil && c.Label != "" {
		return c.Label
	}
	return value
}

// label is a choice as one says it; of features, as many as value lists.
func (s *speaker) label(kind, value string) string {
	if kind == kindLanguage {
		return LanguageLabel(value)
	}
	values := strings.Split(value, ", ")
	for i, v := range values {
		values[i] = s.in("", kind, v)
	}
	return strings.Join(values, ", ")
}

// title opens a section and says when it does not tell all.
func (s *speaker) title(text string, n, all int) {
	if n < all {
		text += fmt.Sprintf(" (%d more with --explain)", all-n)
	}
	s.b.WriteString(text + "\n")
}

// reasons tells n of them. Where not all are told, the one for the framework is
// told in place of the last but one of the others, and what decided nothing only
// where little else is said.
func (s *speaker) reasons(title, mark string, reasons []Reason, n int) {
	if len(reasons) == 0 {
		return
	}
	told := reasons
	if n < len(told) {
		told = pick(reasons, n)
	}
	s.title(title, len(told), len(reasons))
	for _, r := range told {
		text := of(r.Service) + r.Because
		if s.explain {
			text += " [" + r.Source + "]"
		}
		s.line(mark, text)
	}
}

// pick takes n reasons: the language and the shape first, then one for each
// framework, one of what is worth knowing about performance, then the rest.
func pick(reasons []Reason, n int) []Reason {
	rank := func(r Reason) int {
		switch {
		case r.Kind == kindTie, r.Kind == kindLanguage && r.Weight > 2, r.Kind == kindShape:
			return 0
		case r.Kind == "framework":
			return 1
		case r.Kind == kindLanguage:
			return 2
		case r.Kind == kindContext || r.Kind == kindPromise:
			return 3
		}
		return 4
	}
	order := slices.Clone(reasons)
	slices.SortStableFunc(order, func(a, b Reason) int { return rank(a) - rank(b) })
	// A second reason for a framework waits until everything else of rank 2 is told.
	seen := map[string]bool{}
	var first, later []Reason
	for _, r := range order {
		if key := r.Kind + r.Service; r.Kind == "framework" && seen[key] {
			later = append(later, r)
		} else {
			seen[key] = true
			first = append(first, r)
		}
	}
	taken := append(first, later...)[:n]
	return slices.DeleteFunc(slices.Clone(reasons), func(r Reason) bool { return !slices.Contains(taken, r) })
}

// flips says what would turn the decision, one line for each end and number of changes.
func (s *speaker) flips() []string {
	var ends []string
	with := map[string][]string{}
	for _, f := range s.d.Flips {
		var to []string
		for _, l := range f.To.Languages {
			to = append(to, LanguageLabel(l))
		}
		end := strings.Join(to, " and ")
		if f.To.Shape == Split {
			end = "a split of " + end
		} else if s.d.Recommendation.Shape == Split {
			end = "one service in " + end
		}
		way := f.Changes[0].says()
		for i, c := range f.Changes[1:] {
			more := c.says()
			if c.Op != "remove" && f.Changes[i].Op != "remove" {
				more = strings.TrimPrefix(more, "with ")
			}
			way += " and " + more
		}
		if !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
		with[end] = append(with[end], way)
	}
	var out []string
	for _, end := range ends {
		ways := with[end]
		if !s.explain && len(ways) > 4 {
			ways = append(slices.Clone(ways[:3]), fmt.Sprintf("%d other changes", len(ways)-3))
		}
		out = append(out, end+" "+strings.Join(ways, ", or "))
	}
	return out
}

// says is the change as part of a sentence.
func (c Change) says() string {
	text := c.Value
	for _, row := range builtin().Answers {
		if row.Key == c.Key && row.Says[c.Value] != "" {
			text = row.Says[c.Value]
		}
	}
	if c.Op == "remove" {
		return "without " + text
	}
	return "with " + text
}

// line writes text behind mark, wrapped with a hanging indent.
func (s *speaker) line(mark, text string) {
	indent := strings.Repeat(" ", min(len([]rune(mark)), 4))
	row, used := mark, len([]rune(mark))
	empty := true
	for _, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case empty:
			row, used, empty = row+word, used+n, false
		case used+1+n <= s.width:
			row, used = row+" "+word, used+1+n
		default:
			s.b.WriteString(row + "\n")
			row, used = indent+word, len(indent)+n
		}
	}
	s.b.WriteString(row + "\n")
}
