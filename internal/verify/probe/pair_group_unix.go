//go:build unix

package probe

import "syscall"

// stopGroup stops every process of a service where it is, and goOnGroup lets
// them go on.
func stopGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGSTOP) }

func goOnGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGCONT) }

// groupLives tells whether any process of a service is left.
func groupLives(pid int) bool { return syscall.Kill(-pid, 0) == nil }
