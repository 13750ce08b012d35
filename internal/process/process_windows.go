package process

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func group(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
}

// terminate has no gentle form for programs without a window.
func terminate(p *os.Process) { kill(p) }

func kill(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
}

func alive(*os.Process) bool { return false }

func exitCode(e *exec.ExitError) int { return e.ExitCode() }
