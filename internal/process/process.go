// Package process starts programs in process groups of their own, so that
// stopping one stops what it started, and a Ctrl-C in the terminal reaches
// fingerpost alone, which then stops things in order.
// It does not decide what to start, in which environment or for how long.
package process

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// A Process is a running program at the head of a process group of its own.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	exit int
	err  error
}

// Start starts cmd at the head of a new group. Its input should not be the
// terminal, which stops a program of another group that reads from it. Where
// the system can do so, it sends the program SIGTERM when fingerpost itself is
// killed and can stop nothing any more.
func Start(cmd *exec.Cmd) (*Process, error) { return StartUntil(cmd, syscall.SIGTERM) }

// StartUntil is Start with the signal that the program gets when fingerpost is
// killed.
func StartUntil(cmd *exec.Cmd, sig syscall.Signal) (*Process, error) {
	group(cmd)
	endWithParent(cmd, sig)
	cmd.WaitDelay = time.Second // where something it left behind still holds a pipe
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The thread that starts a program must live as long as the program.
		unlock := holdThread()
		defer unlock()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit):
			p.exit = exitCode(exit)
		case err != nil && !errors.Is(err, exec.ErrWaitDelay):
			p.exit, p.err = -1, err
		default:
			p.exit = cmd.ProcessState.ExitCode()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Group puts a command that is run in one go into a group of its own, and has
// the end of its context end the whole group.
func Group(cmd *exec.Cmd) {
	group(cmd)
	cmd.Cancel = func() error {
		kill(cmd.Process)
		return nil
	}
}

// ExitCode is how a program ended: 128 plus the signal's number where a signal
// ended it.
func ExitCode(e *exec.ExitError) int { return exitCode(e) }

// Pid is the id of the process and of its group.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Signal sends sig to the process alone, not to its group.
func (p *Process) Signal(sig os.Signal) error { return p.cmd.Process.Signal(sig) }

// Wait returns the exit code, as ExitCode, once the process has ended.
func (p *Process) Wait() (int, error) {
	<-p.done
	return p.exit, p.err
}

// Stop asks the group to end, and kills what is left of it after grace.
func (p *Process) Stop(grace time.Duration) (int, error) {
	terminate(p.cmd.Process)
	select {
	case <-p.done:
		// What it started may be a little slower. Not the whole grace: a dead
		// process that nobody collects counts as a member of the group.
		for end := time.Now().Add(min(grace, 2*time.Second)); alive(p.cmd.Process) && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
	case <-time.After(grace):
	}
	p.Kill()
	return p.Wait()
}

// Kill ends the whole group at once. It also ends what the process left
// behind in its group after its own end.
func (p *Process) Kill() {
	kill(p.cmd.Process)
	<-p.done
}
