package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

func endWithParent(cmd *exec.Cmd, sig syscall.Signal) { cmd.SysProcAttr.Pdeathsig = sig }

// holdThread keeps the goroutine on its thread until unlock: the system
// watches the thread that started a program, not the process.
func holdThread() (unlock func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
