package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/fingerpost/fingerpost/internal/hint"
	"github.com/fingerpost/fingerpost/internal/process"
	"github.com/fingerpost/fingerpost/internal/record"
)

// fetchTimeout bounds one command of a client: a slow line needs minutes for
// the 50 MB of a language, a dead one should not hold anybody for an hour.
const fetchTimeout = 20 * time.Minute

// clientsFor lists the clients that work on this machine, or among the tools
// found so far, and have something for t.
func (s *Set) clientsFor(ctx context.Context, t record.Tool) []client {
	if t.Version == "" {
		return nil
	}
	var out []client
	if c := findNpm(ctx, s); c != nil && c.spec(t) != "" {
		out = append(out, c)
	}
	if c := findPip(ctx, s); c != nil && c.spec(t) != "" {
		out = append(out, c)
	}
	return out
}

// runClient runs a command of a client and returns what it printed. The error
// is one line, with the client's own last words.
func runClient(ctx context.Context, dir string, env []string, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
	process.Group(cmd)
	cmd.WaitDelay = 2 * time.Second
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return out.String(), &clientError{output: errOut.String() + out.String(), err: err}
	}
	return out.String(), nil
}

// A clientError is a failed command of a client.
type clientError struct {
	output string
	err    error
}

func (e *clientError) Error() string {
	for _, line := range strings.Split(e.output, "\n") {
		line = strings.TrimSpace(line)
		low := strings.ToLower(line)
		if strings.HasPrefix(low, "error:") || strings.HasPrefix(low, "npm error") && !strings.HasPrefix(low, "npm error code") {
			if msg := strings.TrimSpace(line[strings.Index(low, "error")+len("error"):]); strings.TrimLeft(msg, ": ") != "" {
				return strings.TrimLeft(msg, ": ")
			}
		}
	}
	if line := firstLine(e.output); line != "" {
		return line
	}
	return e.err.Error()
}

func (e *clientError) Unwrap() error { return e.err }

// offline tells whether the registry could not be reached at all.
func (e *clientError) offline() bool {
	for _, sign := range []string{
		"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "ENOTCACHED",
		"Failed to establish a new connection", "Temporary failure in name resolution", "Name or service not known",
		"Max retries exceeded", "Could not fetch URL", "Connection refused", "NewConnectionError", "ConnectTimeoutError",
	} {
		if strings.Contains(e.output, sign) {
			return true
		}
	}
	return false
}

// absent tells whether the registry answered that it has no such version.
func (e *clientError) absent() bool {
	for _, sign := range []string{"E404", "ETARGET", "No matching distribution found", "No matching version"} {
		if strings.Contains(e.output, sign) {
			return true
		}
	}
	return false
}

// explain turns a client's failure into a sentence for a person.
func explain(err error, registry, spec string) error {
	var ce *clientError
	switch {
	case !errors.As(err, &ce):
		return fmt.Errorf("fetching %s: %w", spec, err)
	case ce.offline():
		return hint.Errorf("check the network or the client's proxy settings, then run the same command again: what was fetched so far is kept", "%s could not be reached to fetch %s", registry, spec)
	case ce.absent():
		return fmt.Errorf("%s has no %s for this system", registry, spec)
	}
	return fmt.Errorf("fetching %s from %s: %w", spec, registry, err)
}
