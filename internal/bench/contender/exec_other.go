//go:build !linux

package contender

import (
	"os/exec"
	"syscall"
)

// changeRoot makes the command run in another root file system.
func changeRoot(cmd *exec.Cmd, root string) {
	if root != "/" {
		cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Chroot: root}, "/"
	}
}

// dieWithParent is Linux's; elsewhere a killed benchmark leaves its server behind.
func dieWithParent(*exec.Cmd) {}
