//go:build unix

package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// enterRoot makes the command run in another root directory, and in a process group of its own, so
// that the terminal's interrupt reaches the tool, which then ends its servers in order.
func enterRoot(cmd *exec.Cmd, root string) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if root != "" {
		cmd.SysProcAttr.Chroot = root
		cmd.Dir = "/"
	}
	return nil
}

// mayEnterRoot says whether this process is allowed to.
func mayEnterRoot() bool { return os.Geteuid() == 0 }

// workParent is where a server's working directory is made.
func workParent(root string) string {
	if root == "" {
		return os.TempDir()
	}
	return filepath.Join(root, "tmp")
}
