package contender

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

func TestMain(m *testing.M) {
	fake.Program()
	os.Exit(m.Run())
}

// standIn is this test binary as an installed server.
func standIn(t *testing.T, family Family, p wire.Protocol) Contender {
	t.Helper()
	t.Setenv(fake.As(p))
	return Contender{Name: string(family), Family: family, Protocol: p, Path: os.Args[0], Root: "/"}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestStartAndStop(t *testing.T) {
	for family, p := range map[Family]wire.Protocol{Redis: wire.RESP, Memcached: wire.Memcache} {
		c := standIn(t, family, p)
		server, err := c.Start(context.Background(), Settings{Threads: 1, MemoryMiB: 64})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", server.Endpoint.Address)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Ask(conn, p); err != nil || !alive(server.PID) {
			t.Errorf("%s: %v", family, err)
		}
		conn.Close()
		server.Stop()
		server.Stop() // again is no harm
		if alive(server.PID) {
			t.Errorf("%s: process %d outlives Stop", family, server.PID)
		}
	}
}

// A server that doesn't come up must be an error that says what the server said, and leave no process behind.
func TestStartFails(t *testing.T) {
	c := standIn(t, Crucible, wire.RESP)
	_, err := c.Start(context.Background(), Settings{Threads: 1, MemoryMiB: 64, Transport: TLS}) // which the stand-in can't do
	if err == nil || !strings.Contains(err.Error(), "no place given") {
		t.Errorf("got %v", err)
	}
	c.Path = filepath.Join(t.TempDir(), "absent")
	if _, err := c.Start(context.Background(), Settings{}); err == nil {
		t.Error("an absent executable must be an error")
	}
	mute := standIn(t, Redis, wire.Memcache)
	mute.Protocol = wire.RESP // asked PING, it answers ERROR, which is no RESP
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := mute.Start(ctx, Settings{}); err == nil || !strings.Contains(err.Error(), "not ready") {
		t.Errorf("a server of another protocol: %v", err)
	}
}

// A server that dies must be told from one that doesn't, with its last words.
func TestExplain(t *testing.T) {
	c := standIn(t, Redis, wire.RESP)
	server, err := c.Start(context.Background(), Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	cause := errors.New("cause")
	if err := server.Explain(cause); err != cause {
		t.Errorf("a living server has no last words: %v", err)
	}
	if err := syscall.Kill(server.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := server.Explain(cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("got %v", err)
	}
}

func TestCommandLines(t *testing.T) {
	redis := Contender{Family: Redis, Path: "/usr/bin/redis-server", Root: "/"}
	memcached := Contender{Family: Memcached, Path: "/usr/bin/memcached", Root: "/x/trixie"}
	ours := Contender{Family: Crucible, Path: "s", Root: "/", Profile: "compat/redis.toml", Engine: "uring"}
	at := func(t Transport) *place { return &place{transport: t, port: 7, inside: "/tmp/d"} }
	const redisRest = " --save '' --appendonly no --daemonize no --dir /tmp --dbfilename crucible-benchmark.rdb"
	for _, c := range []struct {
		contender Contender
		place     *place
		settings  Settings
		want      string
	}{
		{redis, at(TCP), Settings{Threads: 1, CPUs: []int{0}}, "taskset -c 0 /usr/bin/redis-server --bind 127.0.0.1 --port 7" + redisRest},
		{redis, at(Unix), Settings{Threads: 2}, "/usr/bin/redis-server --port 0 --unixsocket /tmp/d/socket" + redisRest + " --io-threads 2"},
		{
			redis, at(TLS),
			Settings{Threads: 1},
			"/usr/bin/redis-server --bind 127.0.0.1 --port 0 --tls-port 7 --tls-cert-file /tmp/d/cert.pem --tls-key-file /tmp/d/key.pem --tls-ca-cert-file /tmp/d/cert.pem --tls-auth-clients no" + redisRest,
		},
		{memcached, at(TCP), Settings{Threads: 2, MemoryMiB: 64, AsRoot: true}, "chroot trixie /usr/bin/memcached -l 127.0.0.1 -p 7 -U 0 -t 2 -m 64 -c 4096 -u root"},
		{memcached, at(Unix), Settings{Threads: 1, MemoryMiB: 64}, "chroot trixie /usr/bin/memcached -s /tmp/d/socket -a 0700 -t 1 -m 64 -c 4096"},
		{
			memcached, at(TLS),
			Settings{Threads: 1, MemoryMiB: 64},
			"chroot trixie /usr/bin/memcached -l 127.0.0.1 -p 7 -U 0 -Z -o ssl_chain_cert=/tmp/d/cert.pem,ssl_key=/tmp/d/key.pem -t 1 -m 64 -c 4096",
		},
		{ours, at(TCP), Settings{Threads: 1, MemoryMiB: 1024}, "s compat/redis.toml --listen 127.0.0.1:7 --threads 1 --maxmemory 1024mb --metrics 127.0.0.1:0 --engine uring"},
		{ours, at(Unix), Settings{Threads: 1, MemoryMiB: 1024}, "s compat/redis.toml --listen unix:/tmp/d/socket --threads 1 --maxmemory 1024mb --metrics 127.0.0.1:0 --engine uring"},
		{ours, at(TLS), Settings{Threads: 1, MemoryMiB: 1024}, "s /tmp/d/profile.toml --threads 1 --maxmemory 1024mb --metrics 127.0.0.1:0 --engine uring"},
	} {
		if got := c.contender.commandLine(c.place, c.settings); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
}

// Real servers, where they are installed, must come up over every transport and leave no file behind.
func TestTransports(t *testing.T) {
	installed := Incumbents(context.Background(), nil)
	if len(installed) == 0 {
		t.Skip("neither redis-server nor memcached is installed")
	}
	for _, c := range installed {
		for _, transport := range []Transport{TCP, Unix, TLS} {
			server, err := c.Start(context.Background(), Settings{Threads: 1, MemoryMiB: 64, Transport: transport, AsRoot: os.Geteuid() == 0})
			if err != nil {
				t.Errorf("%s over %s: %v", c.Name, transport, err)
				continue
			}
			if (server.TLS != nil) != (transport == TLS) {
				t.Errorf("%s over %s: TLS %v", c.Name, transport, server.TLS)
			}
			server.Stop()
			if left, err := os.ReadDir(server.place.directory); transport != TCP && !os.IsNotExist(err) {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	found := []Contender{
		{Name: "redis 8.0.2", Family: Redis, Version: "8.0.2"},
		{Name: "redis 7.0.15", Family: Redis, Version: "7.0.15"},
		{Name: "memcached 1.6.38", Family: Memcached, Version: "1.6.38"},
	}
	for choice, want := range map[string]string{
		"newest": "redis 8.0.2,memcached 1.6.38", "all": "redis 8.0.2,redis 7.0.15,memcached 1.6.38", "none": "",
		"redis": "redis 8.0.2", "redis-7.0": "redis 7.0.15", "redis-7.0.15": "redis 7.0.15", "redis-7,memcached": "redis 7.0.15,memcached 1.6.38",
	} {
		chosen, err := Select(found, strings.Split(choice, ","))
		var names []string
		for _, c := range chosen {
			names = append(names, c.Name)
		}
		if err != nil || strings.Join(names, ",") != want {
			t.Errorf("%s: %v, %v, want %s", choice, names, err, want)
		}
	}
	for _, bad := range []string{"valkey", "redis-9", "redis-7.0.1", ""} {
		if _, err := Select(found, []string{bad}); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}

func TestVersions(t *testing.T) {
	versions := []string{"1.6.9", "8.0.2", "1.6.38", "8.0", "7.0.15"}
	slices.SortFunc(versions, compareVersions)
	if got := strings.Join(versions, " "); got != "1.6.9 1.6.38 7.0.15 8.0 8.0.2" {
		t.Errorf("got %s", got)
	}
	c := standIn(t, Redis, wire.RESP)
	if v, err := c.askVersion(context.Background()); err != nil || v != "1.2.3" {
		t.Errorf("version %q, %v", v, err)
	}
}

func TestOurs(t *testing.T) {
	t.Setenv(fake.As(wire.RESP))
	ours, err := Ours(context.Background(), os.Args[0], "compat", wire.Memcache, []string{"uring", "epoll"})
	if err != nil || len(ours) != 2 || ours[1].Name != "crucible epoll" || ours[0].Profile != "compat/memcached.toml" || ours[0].Incumbent() {
		t.Errorf("%+v, %v", ours, err)
	}
	if _, err := Ours(context.Background(), "absent", "", wire.RESP, []string{"auto"}); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("got %v", err)
	}
	if none, err := Ours(context.Background(), "absent", "", wire.RESP, nil); err != nil || none != nil {
		t.Errorf("no engine: %v, %v", none, err)
	}
}
