package run

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func ownGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
	endWithParent(cmd.SysProcAttr)
}

// terminateGroup has no gentle form for programs without a window.
func terminateGroup(p *os.Process) { killGroup(p) }

func killGroup(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
}

func groupAlive(*os.Process) bool { return false }

func exitCode(e *exec.ExitError) int { return e.ExitCode() }
