//go:build wip

package cli

import (
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/record"
)

// again is the one command that makes the same project: every answer as a
// flag, quoted for a shell.
func (o *newOptions) again(a guide.Answers, where *place) string {
	argv := []string{"fingerpost", "new", where.given}
	if where.name() != a.Name {
		argv = append(argv, "--name", a.Name)
	}
	a.Name = ""
	argv = append(argv, answerArgs(a)...)
	for _, f := range []struct {
		flag string
		set  bool
	}{{"--into", o.Into}, {"--no-install", o.NoInstall}, {"--no-git", o.NoGit}, {"--yes", true}} {
		if f.set {
			argv = append(argv, f.flag)
		}
	}
	return record.Line(argv)
}

// answerArgs writes answers as flags.
func answerArgs(a guide.Answers) []string {
	var argv []string
	one := func(flag, value string) {
		if value != "" {
			argv = append(argv, "--"+flag, value)
		}
	}
	many := func(flag string, values []string) {
		for _, v := range values {
			argv = append(argv, "--"+flag, v)
		}
	}
	one("goal", a.Goal)
	one("knows", a.Knows)
	many("building", a.Building)
	one("workload", a.Workload)
	one("frontend", a.Frontend)
	many("values", a.Values)
	one("shape", a.Shape)
	one("language", a.Language)
	one("framework", a.Framework)
	one("orm", a.ORM)
	one("pm", a.PM)
	one("database", a.Database)
	one("ml", a.ML)
	many("feature", a.Feature)
	return argv
}
