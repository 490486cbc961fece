// Package servertest starts our server for black-box tests.
//
// The binary is the one CRUCIBLE_SERVER names, else bin/crucible-server of this tree, else it is built
// once per test process into a directory that Main removes. Servers are ended when their test ends.
// Tests of one process may start any number of them at the same time.
package servertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/launch"
)

// binaryVariable names the environment variable that names the server to test.
const binaryVariable = "CRUCIBLE_SERVER"

const buildTimeout = 5 * time.Minute

var build struct {
	once   sync.Once
	dir    string
	binary string
	err    error
}

// Main runs the tests of a package and removes what was built for them. TestMain passes the result
// to os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	if build.dir != "" {
		if err := os.RemoveAll(build.dir); err != nil {
			fmt.Fprintln(os.Stderr, "servertest:", err)
		}
	}
	return code
}

// Root is the top directory of the tree: the one that holds go.mod.
func Root(tb testing.TB) string {
	tb.Helper()
	root, err := findRoot()
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

// Binary is the path of the server to test.
func Binary(tb testing.TB) string {
	tb.Helper()
	build.once.Do(func() { build.binary, build.err = findBinary() })
	if build.err != nil {
		tb.Fatal(build.err)
	}
	return build.binary
}

func findBinary() (string, error) {
	if path := os.Getenv(binaryVariable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %w: build it first: make build", binaryVariable, err)
		}
		return filepath.Abs(path)
	}
	root, err := findRoot()
	if err != nil {
		return "", err
	}
	built := filepath.Join(root, "bin", "crucible-server")
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	if build.dir, err = os.MkdirTemp("", "crucible-servertest-"); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	built = filepath.Join(build.dir, "crucible-server")
	args := []string{"build", "-o", built}
	if runtime.GOOS == "linux" {
		args = append(args, "-tags", "uring", "-ldflags=-checklinkname=0")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./cmd/crucible-server")...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/crucible-server: %w\n%s", err, out)
	}
	return built, nil
}

// Profile is the path of the profile that stands in for a reference server, "redis" or "memcached".
func Profile(tb testing.TB, name string) string {
	tb.Helper()
	return filepath.Join(Root(tb), "compat", name+".toml")
}

// Start starts our server with the profile of that name and the given engine, and ends it with the test.
func Start(tb testing.TB, name, engine string) *launch.Server {
	tb.Helper()
	return StartCommand(tb, Command(tb, name, engine))
}

// Command is the one that Start starts.
func Command(tb testing.TB, name, engine string) launch.Command {
	tb.Helper()
	probe := launch.RedisProbe
	if name == "memcached" {
		probe = launch.MemcachedProbe
	}
	command, err := launch.Crucible(Binary(tb), Profile(tb, name), engine, probe)
	if err != nil {
		tb.Fatal(err)
	}
	return command
}

// StartCommand starts any server and ends it with the test; a failed test logs what it printed.
func StartCommand(tb testing.TB, command launch.Command) *launch.Server {
	tb.Helper()
	server, err := launch.Start(context.Background(), command)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("%s printed:\n%s", command.Title, server.Output())
		}
		if err := server.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return server
}

// EachEngine runs the test once for every engine this machine has, each in parallel with the others.
func EachEngine(t *testing.T, test func(t *testing.T, engine string)) {
	t.Helper()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			if engine == "uring" {
				if reason := uringLacks(); reason != "" {
					t.Skip("io_uring is not to be had here: " + reason)
				}
			}
			test(t, engine)
		})
	}
}
