package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/compat/launch"
	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// A transcript is what a program beside this file prints of its dealings with the server at a port. It is
// held against what the same program prints of the reference server.
type transcript struct {
	name string
	// command makes the command line, to which the port is added, and says what is missing if it can't.
	command func(t *testing.T) []string
}

var transcripts = []transcript{
	{"node-redis", nodejs("node_redis.js")},
	{"ioredis", nodejs("ioredis.js")},
	{"BullMQ", nodejs("bullmq.js")},
	{"phpredis", phpredis},
	{"hiredis", hiredis},
	{"queues", func(t *testing.T) []string {
		importable(t, systemPython, "-c", "import redis", "python3-redis")
		return []string{systemPython, "queues.py"}
	}},
}

func TestTranscripts(t *testing.T) {
	reference, err := launch.Reference(servertest.Root(t), "redis")
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	for _, program := range transcripts {
		t.Run(program.name, func(t *testing.T) {
			t.Parallel()
			command := program.command(t)
			printed := func(t *testing.T, server *launch.Server) []string {
				args := append(command[1:len(command):len(command)], portOf(t, server.Address))
				return strings.Split(tool(t, "", command[0], args...), "\n")
			}
			want := printed(t, servertest.StartCommand(t, reference))
			if len(want) < 5 {
				t.Fatalf("the reference server was hardly asked for anything: %q", want)
			}
			servertest.EachEngine(t, func(t *testing.T, engine string) {
				compareLines(t, printed(t, servertest.Start(t, "redis", engine)), want)
			})
		})
	}
}

// compareLines says where two transcripts part.
func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fatalf("ends before %q", want[i])
		case i >= len(want):
			t.Fatalf("goes on with %q", got[i])
		case got[i] != want[i]:
			t.Fatalf("line %d, after %q:\n got %s\nwant %s", i+1, want[max(i-1, 0)], got[i], want[i])
		}
	}
}

// importable skips the test if an interpreter lacks a library.
func importable(t *testing.T, interpreter, flag, program, debian string) {
	t.Helper()
	if out, err := exec.Command(interpreter, flag, program).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: %s %s %q: %v: apt install %s\n%s", interpreter, flag, program, err, debian, out)
	}
}

// nodejs runs a program with the libraries that `make incumbents` installs.
func nodejs(program string) func(t *testing.T) []string {
	return func(t *testing.T) []string {
		modules := filepath.Join(servertest.Root(t), ".tools", "nodejs", "node_modules")
		if _, err := os.Stat(filepath.Join(modules, "redis")); err != nil {
			t.Skipf("NOT TESTED with Node.js: %v: make incumbents", err)
		}
		installed(t, "node", "nodejs")
		return []string{"env", "NODE_PATH=" + modules, "node", filepath.Join("nodejs", program)}
	}
}

func phpredis(t *testing.T) []string {
	installed(t, "php", "php-cli")
	importable(t, "php", "-r", "new Redis;", "php-redis")
	return []string{"php", "phpredis.php"}
}

func hiredis(t *testing.T) []string {
	installed(t, "gcc", "gcc")
	program := filepath.Join(t.TempDir(), "hiredis")
	if out, err := exec.Command("gcc", "-Wall", "-Werror", "-o", program, filepath.Join("c", "hiredis.c"), "-lhiredis").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED with hiredis: %v: apt install libhiredis-dev\n%s", err, out)
	}
	return []string{program}
}
