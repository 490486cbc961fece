package contender

import (
	"os/exec"
	"syscall"
)

// changeRoot makes the command run in another root file system.
func changeRoot(cmd *exec.Cmd, root string) {
	if root == "/" {
		return
	}
	attributes(cmd).Chroot = root
	cmd.Dir = "/"
}

// dieWithParent makes the kernel end the command when the thread that starts it ends, and keeps a terminal's interrupt
// from it: it is ended in order, after the load.
func dieWithParent(cmd *exec.Cmd) {
	attributes(cmd).Pdeathsig = syscall.SIGKILL
	attributes(cmd).Setpgid = true
}

func attributes(cmd *exec.Cmd) *syscall.SysProcAttr {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	return cmd.SysProcAttr
}
