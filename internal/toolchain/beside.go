package toolchain

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/record"
)

// beside makes an environment in dir with the distribution of a tool, the first
// of specs, and with others beside it that change how it works. The tool's
// program is then dir/bin/<tool>: it comes into place last, so that what a
// crash leaves is never used.
func (s *Set) beside(ctx context.Context, tool string, specs []string, dir string) error {
	p, ok := findPip(ctx, s).(*pip)
	if !ok {
		return hint.Errorf("install pip, which comes with Python", "there is no pip to fetch %s with", strings.Join(specs, " and "))
	}
	_, _, _, err := p.fetchInto(ctx, record.Tool{Name: tool, Bin: tool}, specs[0], dir, p.quiet(), specs[1:]...)
	return err
}

// besideProgram is the path of the program that beside makes.
func besideProgram(tool, dir string) string {
	return filepath.Join(dir, "bin", tool+extensions()[0])
}

// take has the tool of this name be another program.
func (s *Set) take(name, program string) {
	for i := range s.statuses {
		if st := &s.statuses[i]; st.Tool.Name == name {
			st.Path, st.Args, st.Source, st.OK = program, nil, Cache, true
		}
	}
}
