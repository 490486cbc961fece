package clients

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/servertest"
)

// The tools are those of Debian's packages, started as programs of their own.
const (
	toolTimeout  = 2 * time.Minute
	systemPython = "/usr/bin/python3"
)

// tool runs a program and returns what it printed; input is what it reads.
func tool(t *testing.T, input string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), toolTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func installed(t *testing.T, name, debian string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("NOT TESTED with %s: it is not installed: apt install %s", name, debian)
	}
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestRedisPy(t *testing.T) {
	installed(t, systemPython, "python3")
	importable(t, systemPython, "-c", "import redis", "python3-redis")
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		tool(t, "", systemPython, "redispy.py", portOf(t, server.Address))
	})
}

func TestRedisCLI(t *testing.T) {
	installed(t, "redis-cli", "redis-tools")
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		port := portOf(t, server.Address)
		for _, step := range []struct{ args, want string }{
			{"set k v", "OK\n"},
			{"get k", "v\n"},
			{"--no-raw get nosuch", "(nil)\n"},
			{"--no-raw incr n", "(integer) 1\n"},
			{"--no-raw -n 3 dbsize", "(integer) 0\n"},
			{"-3 --json get k", "\"v\"\n"},
			{"-3 --json config get databases", "{\"databases\":\"16\"}\n"},
			{"-r 3 incr n", "2\n3\n4\n"},
			{"--scan --pattern k*", "k\n"},
			{"nosuch", "ERR unknown command 'nosuch', with args beginning with: \n\n"},
		} {
			args := append([]string{"-h", "127.0.0.1", "-p", port}, strings.Fields(step.args)...)
			check(t, "redis-cli "+step.args, tool(t, "", "redis-cli", args...), nil, step.want)
		}
		session := "multi\nset a 1\nget a\nexec\nhello 3\nping\nselect 2\ndbsize\nquit\n"
		out := tool(t, session, "redis-cli", "-p", port)
		that(t, "a session of redis-cli", nil, strings.HasPrefix(out, "OK\nQUEUED\nQUEUED\nOK\n1\n"), out)
		piped := tool(t, strings.Repeat("INCR piped\r\n", 1000), "redis-cli", "-p", port, "--pipe")
		that(t, "redis-cli --pipe", nil, strings.Contains(piped, "errors: 0, replies: 1000"), piped)
		check(t, "after --pipe", tool(t, "", "redis-cli", "-p", port, "get", "piped"), nil, "1000\n")
	})
}

// The modes of redis-cli that look at a server as a whole.
func TestRedisCLIModes(t *testing.T) {
	installed(t, "redis-cli", "redis-tools")
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		port := portOf(t, server.Address)
		cli := func(args ...string) string {
			return tool(t, "", "redis-cli", append([]string{"-p", port}, args...)...)
		}
		var load strings.Builder
		for i := range 200 {
			fmt.Fprintf(&load, "SET s:%d %s\r\nRPUSH list a b c\r\nHSET hash f%d v\r\nSADD set %d\r\nZADD zset %d m%d\r\nXADD stream * f v\r\n",
				i, strings.Repeat("x", i+1), i, i, i, i)
		}
		load.WriteString("CONFIG SET maxmemory-policy allkeys-lfu\r\n" + strings.Repeat("GET s:7\r\n", 5000))
		tool(t, load.String(), "redis-cli", "-p", port, "--pipe")
		for _, mode := range []struct {
			args string
			want []string
		}{
			{"--bigkeys", []string{
				`Biggest string found "s:199" has 200 bytes`, `Biggest   list found "list" has 600 items`,
				`Biggest   hash found "hash" has 200 fields`, `Biggest   zset found "zset" has 200 members`,
				`Biggest stream found "stream" has 200 entries`, "Sampled 205 keys in the keyspace!",
			}},
			{"--memkeys", []string{"Sampled 205 keys in the keyspace!", `Biggest string found "s:199"`}},
			{"--hotkeys", []string{`keyname: "s:7"`, "Sampled 205 keys in the keyspace!"}},
			{"--latency -i 1 --raw", []string{" "}},
		} {
			out := cli(strings.Fields(mode.args)...)
			for _, want := range mode.want {
				that(t, "redis-cli "+mode.args, nil, strings.Contains(strings.ReplaceAll(out, "'", ""), want), out)
			}
		}
		// It prints a line a second until it is ended.
		stat := tool(t, "", "sh", "-c", "timeout -s INT 2.5 stdbuf -oL redis-cli --stat -p "+port+" || true")
		that(t, "redis-cli --stat", nil, strings.Contains(stat, "205 "), stat)
		dump := filepath.Join(t.TempDir(), "dump.rdb")
		out := cli("--rdb", dump)
		content, err := os.ReadFile(dump)
		that(t, "redis-cli --rdb", err, strings.HasPrefix(string(content), "REDIS0"), out)
	})
}

func TestRedisBenchmark(t *testing.T) {
	installed(t, "redis-benchmark", "redis-tools")
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "redis", engine)
		const tests = "ping_inline,ping_mbulk,set,get,incr,mset"
		for _, version := range []string{"", "-3"} {
			args := []string{"-p", portOf(t, server.Address), "-q", "-n", "2000", "-P", "16", "-t", tests}
			if version != "" {
				args = append(args, version)
			}
			out := tool(t, "", "redis-benchmark", args...)
			for _, line := range []string{"PING_INLINE: ", "PING_MBULK: ", "SET: ", "GET: ", "INCR: ", "MSET (10 keys): "} {
				that(t, "redis-benchmark "+version, nil, strings.Contains(out, line), out)
			}
			that(t, "redis-benchmark "+version, nil, !strings.Contains(strings.ToLower(out), "error"), out)
		}
	})
}

func TestMemccapable(t *testing.T) {
	installed(t, "memccapable", "libmemcached-tools")
	servertest.EachEngine(t, func(t *testing.T, engine string) {
		server := servertest.Start(t, "memcached", engine)
		out := tool(t, "", "memccapable", "-h", "127.0.0.1", "-p", portOf(t, server.Address), "-a")
		that(t, "memccapable -a", nil, strings.Contains(out, "All tests passed"), out)
	})
}
