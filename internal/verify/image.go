package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// noEngine is the exit code by which the program says that no image can be
// built on this machine.
const noEngine = 3

var (
	imageSize     = regexp.MustCompile(`(?m)^image size: ([\d.]+) MiB$`)
	imageReplaced = regexp.MustCompile(`(?m)^replaced: (.+)$`)
)

// image has the program of the options build and try the project's image. It
// prints the image's size and what it put in another's place, each on a line.
func (p *proof) image(ctx context.Context, w io.Writer) error {
	if p.broken {
		return notProven{"an earlier step failed"}
	}
	if _, err := os.Stat(filepath.Join(p.project.Dir, "compose.yaml")); err != nil {
		return notApplicable{"the project has no image"}
	}
	program, err := filepath.Abs(p.Image)
	if err != nil {
		return err
	}
	var out tailBuffer
	both := io.MultiWriter(&out, w)
	cmd := exec.CommandContext(ctx, program, p.project.Dir)
	if self, err := os.Executable(); err == nil {
		cmd.Env = append(os.Environ(), "FINGERPOST="+self)
	}
	cmd.Stdout, cmd.Stderr = both, both
	cmd.WaitDelay = 30 * time.Second
	ownGroup(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it has containers to stop
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == noEngine:
		return notProven{lastLines(out.String(), 1)}
	case err != nil:
		return fmt.Errorf("%w: %s", err, lastLines(out.String(), 8))
	}
	size := imageSize.FindStringSubmatch(out.String())
	if size == nil {
		return fmt.Errorf("%s does not say how large the image is", filepath.Base(program))
	}
	p.evidence.Image, _ = strconv.ParseFloat(size[1], 64)
	for _, m := range imageReplaced.FindAllStringSubmatch(out.String(), -1) {
		p.evidence.Replaced = append(p.evidence.Replaced, m[1])
	}
	return nil
}
