package cli

import (
	"github.com/fingerpost/fingerpost/internal/guide"
	"github.com/fingerpost/fingerpost/internal/record"
)

// again is the one command that makes the same project: every answer as a
// flag, quoted for a shell.
func (o *newOptions) again(a guide.Answers, where *place) string {
	argv := []string{"fingerpost", "new", where.given}
	if where.name() == a.Name {
		a.Name = ""
	}
	argv = append(argv, a.Args()...)
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
