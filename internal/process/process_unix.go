//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

func group(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

func terminate(p *os.Process)  { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }
func kill(p *os.Process)       { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
func alive(p *os.Process) bool { return syscall.Kill(-p.Pid, 0) == nil }

func exitCode(e *exec.ExitError) int {
	if ws, ok := e.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return e.ExitCode()
}
