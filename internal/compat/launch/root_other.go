//go:build !unix

package launch

import (
	"errors"
	"os"
	"os/exec"
)

func enterRoot(_ *exec.Cmd, root string) error {
	if root != "" {
		return errors.New("this system cannot run a server in another root directory")
	}
	return nil
}

func mayEnterRoot() bool { return false }

func workParent(string) string { return os.TempDir() }
