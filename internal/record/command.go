package record

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./~-]+$`)

// Quote quotes a word for a shell where it needs it, with double quotes where
// they are enough, since those work on Windows too.
func Quote(word string) string {
	switch {
	case plainWord.MatchString(word):
		return word
	case !strings.ContainsAny(word, "\"$`\\!"):
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Line is one command as a person would type it.
func Line(argv []string) string {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = Quote(w)
	}
	return strings.Join(words, " ")
}

// Lines is Line for each command.
func Lines(commands [][]string) []string {
	out := make([]string, len(commands))
	for i, c := range commands {
		out[i] = Line(c)
	}
	return out
}

// Typed is what a person types to run the steps of a phase: one command for a
// manager that runs scripts by name, else one for each step.
func (s *Service) Typed(phase string) [][]string {
	steps := s.Tasks[phase]
	if len(steps) == 0 {
		return nil
	}
	if alias := s.Manager.Aliases[phase]; len(alias) > 0 {
		return [][]string{alias}
	}
	if len(s.Manager.Run) > 0 {
		return [][]string{fill(s.Manager.Run, "{script}", phase)}
	}
	out := make([][]string, len(steps))
	for i, st := range steps {
		out[i] = append(fill(s.Manager.Exec, "{bin}", st.Bin), st.Args...)
	}
	return out
}

// Command is Typed as one line, with the settings of the steps where the
// manager does not know them.
func (s *Service) Command(phase string) string {
	typed := s.Typed(phase)
	lines := make([]string, len(typed))
	for i, argv := range typed {
		lines[i] = Line(argv)
		if len(typed) == len(s.Tasks[phase]) && len(s.Manager.Run) == 0 {
			lines[i] = settings(s.Tasks[phase][i].Env) + lines[i]
		}
	}
	return strings.Join(lines, " && ")
}

// Script is the phase's steps as one shell line without a manager, as a
// manifest's scripts hold it.
func (s *Service) Script(phase string) string {
	var lines []string
	for _, st := range s.Tasks[phase] {
		lines = append(lines, settings(st.Env)+Line(append([]string{st.Bin}, st.Args...)))
	}
	return strings.Join(lines, " && ")
}

// Program is how a person runs a program of the project.
func (s *Service) Program(bin string) string { return Line(fill(s.Manager.Exec, "{bin}", bin)) }

// Scripts lists the names of all tasks, the known phases first.
func (s *Service) Scripts() []string {
	var out []string
	for _, p := range Phases {
		if len(s.Tasks[p]) > 0 {
			out = append(out, p)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Tasks)) {
		if !slices.Contains(Phases, name) {
			out = append(out, name)
		}
	}
	return out
}

func settings(env map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(env)) {
		b.WriteString(k + "=" + Quote(env[k]) + " ")
	}
	return b.String()
}

func fill(argv []string, hole, with string) []string {
	out := make([]string, len(argv))
	for i, a := range argv {
		out[i] = strings.ReplaceAll(a, hole, with)
	}
	return out
}
