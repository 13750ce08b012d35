//go:build !linux

package run

import "syscall"

func endWithParent(*syscall.SysProcAttr)     {}
func endFastWithParent(*syscall.SysProcAttr) {}

func holdThread() (unlock func()) { return func() {} }
