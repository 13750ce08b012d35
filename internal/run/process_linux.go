package run

import (
	"runtime"
	"syscall"
)

// endWithParent has the system end the program when fingerpost itself is
// killed and can stop nothing any more.
func endWithParent(attr *syscall.SysProcAttr) {
	if attr.Pdeathsig == 0 {
		attr.Pdeathsig = syscall.SIGTERM
	}
}

// endFastWithParent is endWithParent for a PostgreSQL server, for which the
// usual signal means to wait for its clients.
func endFastWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// holdThread keeps the goroutine on its thread until unlock: the system
// watches the thread that started a program, not the process.
func holdThread() (unlock func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
