package apptest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// binary is the server under test.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if binary = os.Getenv("CRUCIBLE_SERVER"); binary != "" {
		var err error
		if binary, err = filepath.Abs(binary); err != nil {
			fmt.Fprintln(os.Stderr, "apptest:", err)
			return 1
		}
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "crucible-apptest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "apptest:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "crucible-server")
	if out, err := build(binary); err != nil {
		fmt.Fprintf(os.Stderr, "apptest: build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// build builds the server as the Makefile does.
func build(to string) ([]byte, error) {
	args := []string{"build", "-buildvcs=false", "-o", to}
	if runtime.GOOS == "linux" {
		args = append(args, "-tags", "uring", "-ldflags=-checklinkname=0")
	}
	cmd := exec.Command("go", append(args, "../cmd/crucible-server")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return cmd.CombinedOutput()
}
