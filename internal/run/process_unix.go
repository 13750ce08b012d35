//go:build unix

package run

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes cmd the head of a new process group. Its input is not the
// terminal, which would stop a program of another group that reads from it.
func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	endWithParent(cmd.SysProcAttr)
}

func terminateGroup(p *os.Process)  { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }
func killGroup(p *os.Process)       { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
func groupAlive(p *os.Process) bool { return syscall.Kill(-p.Pid, 0) == nil }

func exitCode(e *exec.ExitError) int {
	if ws, ok := e.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return e.ExitCode()
}
