package apptest

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
)

// SIGTERM: whoever has a pipeline under way gets all of its replies, nobody
// new is let in, and the exit code is 0.
func TestTermDrains(t *testing.T) {
	const size, asked = 100_000, 500
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine})
		idle, busy := s.redis(), s.redis()
		idle.want("OK", "SET", "k", strings.Repeat("x", size))
		busy.send([]byte(strings.Repeat(string(resp.Command("GET", "k")), asked)))
		if got := busy.reply(); len(got) != size {
			t.Fatalf("%d bytes", len(got))
		}
		s.signal(syscall.SIGTERM)
		if _, ok := s.notify.wait("STOPPING=1", patience, s.exited); !ok {
			t.Error("the service manager was not told")
		}
		until(t, patience, "new connections are refused", func() bool {
			c, err := net.Dial("tcp", s.resp)
			if err == nil {
				c.Close()
			}
			return err != nil
		})
		if _, err := idle.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("an idle client sees %v", err)
		}
		for i := 1; i < asked; i++ {
			if got := busy.reply(); len(got) != size {
				t.Fatalf("reply %d: %d bytes", i, len(got))
			}
		}
		if _, err := busy.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("after the last reply: %v", err)
		}
		if code := s.wait(stopTimeout); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}

// A client that takes nothing cannot hold up the end for longer than the
// drain may take; a second signal shortens even that.
func TestDrainIsBounded(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		for _, twice := range []bool{false, true} {
			timeout := "1s"
			if twice {
				timeout = "10m"
			}
			s := start(t, options{engine: engine, profile: fmt.Sprintf("[shutdown]\ndrain_timeout = %q\n", timeout)})
			c := s.redis()
			c.want("OK", "SET", "k", strings.Repeat("x", 500_000))
			c.send([]byte(strings.Repeat("GET k\r\n", 1000)))
			c.reply() // the rest is on its way
			begin := time.Now()
			s.signal(syscall.SIGTERM)
			if _, ok := s.notify.wait("STOPPING=1", patience, s.exited); !ok {
				t.Error("the service manager was not told")
			}
			if twice {
				s.signal(syscall.SIGTERM)
			}
			if code := s.wait(stopTimeout); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if d := time.Since(begin); d > stopTimeout || !twice && d < 900*time.Millisecond {
				t.Errorf("twice %v: ended after %v", twice, d)
			}
		}
	})
}

// SHUTDOWN by a client is as good as SIGTERM.
func TestShutdownCommand(t *testing.T) {
	s := start(t, options{})
	c := s.redis()
	c.send(resp.Command("SHUTDOWN", "NOSAVE"))
	if n, err := c.Read(make([]byte, 100)); err != io.EOF {
		t.Errorf("%d bytes, %v: Redis closes without a reply", n, err)
	}
	if code := s.wait(stopTimeout); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// SIGHUP applies what can change, keeps what a flag said, tells the service
// manager, and refuses a broken profile as a whole.
func TestReload(t *testing.T) {
	o := options{maxmemory: "128mb", args: []string{"--maxmemory", "96mb"}, profile: "[redis]\nmaxclients = 50\n"}
	s := start(t, o)
	c := s.redis()
	c.want("maxmemory 100663296 maxclients 50", "CONFIG", "GET", "maxmemory", "maxclients")

	o.maxmemory = "200mb"
	o.profile = "[redis]\nmaxclients = 77\nrequirepass = \"secret\"\ntimeout = 100\nclient_output_buffer_limit = \"normal 32mb 8mb 60\"\n[logging]\nlevel = \"debug\"\n"
	s.write(o)
	s.reload()
	c.want("maxmemory 100663296 maxclients 77 timeout 100", "CONFIG", "GET", "maxmemory", "maxclients", "timeout")
	if got := c.do("CONFIG", "GET", "client-output-buffer-limit"); !strings.HasPrefix(got, "client-output-buffer-limit normal 33554432 8388608 60 ") {
		t.Error(got)
	}
	stranger := s.redis()
	stranger.want("-NOAUTH Authentication required.", "GET", "k")
	stranger.want("OK", "AUTH", "secret")

	c.want("OK", "CONFIG", "SET", "timeout", "33")
	o.profile = "[redis]\nmaxclients = 78\nrequirepass = \"secret\"\ntimeout = 100\n"
	s.write(o)
	s.reload()
	c.want("timeout 33 maxclients 78", "CONFIG", "GET", "timeout", "maxclients")

	o.profile = "[redis]\nmaxclient = 5\n"
	s.write(o)
	s.reload()
	c.want("maxclients 78", "CONFIG", "GET", "maxclients")
	until(t, patience, "the log tells about the broken profile", func() bool {
		_, refusal, found := strings.Cut(s.log.String(), "reload refused")
		return found && strings.Contains(refusal, "maxclients")
	})

	o.profile = "[redis]\nrequirepass = \"secret\"\n[cache]\n"
	text := strings.Replace(o.text(), "[cache]\nmaxmemory", "[cache]\npolicy = \"noeviction\"\nmaxmemory", 1)
	text = strings.Replace(text, "\n[cache]\n\n", "\n", 1)
	if err := os.WriteFile(s.profile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.reload()
	c.want("maxmemory-policy noeviction", "CONFIG", "GET", "maxmemory-policy")
	s.stop()
}

// reload sends SIGHUP and waits until that is done.
func (s *server) reload() {
	s.t.Helper()
	s.signal(syscall.SIGHUP)
	for _, line := range []string{"RELOADING=1", "READY=1"} {
		if _, ok := s.notify.wait(line, patience, s.exited); !ok {
			s.t.Fatalf("no %s", line)
		}
	}
}

// The watchdog of the service manager is fed.
func TestWatchdog(t *testing.T) {
	s := start(t, options{env: []string{"WATCHDOG_USEC=300000"}})
	for range 3 {
		if _, ok := s.notify.wait("WATCHDOG=1", patience, s.exited); !ok {
			t.Fatal("no WATCHDOG=1")
		}
	}
	s.stop()
}

// Sockets that systemd opened are served, and stay open when the server ends:
// a client that comes between two runs waits.
func TestSocketActivation(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	file, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	eachEngine(t, func(t *testing.T, engine string) {
		early := dial(t, ln.Addr().String())
		early.send([]byte("PING\r\n"))
		s := start(t, options{
			engine:    engine,
			listeners: "[[listener]]\nprotocol = \"resp\"\naddress = \"127.0.0.1:1\"\n",
			files:     []*os.File{file},
			env:       []string{"LISTEN_FDS=1"},
			wrap:      []string{"sh", "-c", `LISTEN_PID=$$ exec "$@"`, "sh"},
		})
		if got := early.reply(); got != "PONG" {
			t.Errorf("the client who came first got %q", got)
		}
		if s.resp != ln.Addr().String() {
			t.Errorf("it says that it serves %s", s.resp)
		}
		early.Close()
		s.stop()
	})
}

func TestPortInUse(t *testing.T) {
	first := start(t, options{})
	_, port, _ := net.SplitHostPort(first.resp)
	second := launch(t, options{listeners: fmt.Sprintf("[[listener]]\nprotocol = \"resp\"\naddress = %q\n", first.resp)})
	if code := second.wait(startTimeout); code != 1 {
		t.Errorf("exit code %d", code)
	}
	log := second.log.String()
	for _, part := range []string{first.resp, "address already in use", "ss -ltnp 'sport = :" + port + "'", "choose another port"} {
		if !strings.Contains(log, part) {
			t.Errorf("the error does not say %q", part)
		}
	}
	first.redis().want("PONG", "PING")
	first.stop()
}

func TestUnixSocket(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		path := filepath.Join(t.TempDir(), "redis.sock")
		s := start(t, options{engine: engine, listeners: fmt.Sprintf("[[listener]]\nprotocol = \"auto\"\nunix = %q\nunix_mode = \"0640\"\n", path)})
		stat, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := stat.Mode().Perm(); mode != 0o640 {
			t.Errorf("mode %o", mode)
		}
		dial(t, path).want("OK", "SET", "k", "v")
		dial(t, path).wantText("VALUE k 0 1\r\nv\r\nEND\r\n", "get k\r\n")
		if got := dial(t, path).do("CLIENT", "INFO"); !strings.Contains(got, "addr="+path+":0 ") || !strings.Contains(got, "flags=U") {
			t.Error(got)
		}
		s.stop()
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("the socket is left behind: %v", err)
		}
	})
}

// Without a profile's help, --check and --print-config say what would be done.
func TestCheckAndPrintConfig(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.toml"), filepath.Join(t.TempDir(), "bad.toml")
	for file, text := range map[string]string{good: options{}.text(), bad: "[cache]\nmaxmemroy = \"1gb\"\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"--check", good}, 0, []string{good + ": OK"}},
		{[]string{"--check", bad}, 78, []string{"bad.toml:2", "maxmemroy", "maxmemory"}},
		{[]string{bad}, 78, []string{"maxmemroy"}},
		{[]string{good, "--print-config", "--threads", "3"}, 0, []string{"maxmemory", "128mb", "threads", "3", "--threads"}},
		{[]string{"--version"}, 0, []string{"crucible-server"}},
		{[]string{"--nope"}, 2, []string{"--nope", "--help"}},
	} {
		out, err := exec.Command(binary, c.args...).CombinedOutput()
		code := 0
		if err != nil {
			code = err.(*exec.ExitError).ExitCode()
		}
		if code != c.code {
			t.Errorf("%v: exit code %d, want %d", c.args, code, c.code)
		}
		for _, part := range c.says {
			if !strings.Contains(string(out), part) {
				t.Errorf("%v: %q is not in\n%s", c.args, part, out)
			}
		}
	}
}

// Each protocol has its own limit of connections and its own words.
func TestTooManyConnections(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, profile: "[redis]\nmaxclients = 3\n[memcached]\nmax_connections = 2\n"})
		var redis []*client
		for range 3 {
			c := s.redis()
			c.want("PONG", "PING")
			redis = append(redis, c)
		}
		for range 2 {
			s.memcached().wantText("VERSION 1.6.38\r\n", "version\r\n")
		}
		if got := s.redis().reply(); got != "-ERR max number of clients reached" {
			t.Error(got)
		}
		text, err := io.ReadAll(s.memcached())
		if string(text) != "ERROR Too many open connections\r\n" {
			t.Errorf("%q, %v", text, err)
		}
		info := redis[0].info()
		if info["rejected_connections"] != "1" || info["connected_clients"] != "3" {
			t.Errorf("rejected %s, connected %s", info["rejected_connections"], info["connected_clients"])
		}
		redis[1].Close()
		until(t, patience, "a place is free", func() bool {
			c := s.redis()
			defer c.Close()
			c.send([]byte("PING\r\n"))
			return c.reply() == "PONG"
		})
		s.stop()
	})
}

// The administrator's view agrees with the clients'.
func TestMetrics(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine string) {
		port := freePort(t)
		s := start(t, options{engine: engine, profile: fmt.Sprintf("[metrics]\naddress = %q\n", port)})
		c := s.redis()
		c.want("OK", "SET", "k", "v")
		c.want("v", "GET", "k")
		s.memcached().wantText("END\r\n", "get nothing\r\n")
		// A loop notes what was sent when it next wakes up, a tick later at most.
		var missing []string
		until(t, patience, "the metrics are right", func() bool {
			text := scrape(t, port)
			missing = nil
			for _, line := range []string{
				`crucible_redis_commands_total{command="set"} 1`, "crucible_keyspace_hits_total 1", "crucible_keyspace_misses_total 1",
				`crucible_connections{protocol="resp"} 1`, `crucible_connections{protocol="memcache"} 1`,
				`crucible_engine_info{engine="` + engine + `"} 1`, "crucible_maxmemory_bytes 1.34217728e+08", "crucible_received_bytes_total 60",
				"crucible_receives_total 3", "crucible_sends_total 3", "crucible_sent_bytes_total 17",
			} {
				if !strings.Contains(text, "\n"+line+"\n") {
					missing = append(missing, line, grep(text, line[:20]))
				}
			}
			return len(missing) == 0
		})
		for _, line := range missing {
			t.Error("missing:", line)
		}
		if got := number(t, c.info(), "total_net_output_bytes"); got != 17 {
			t.Errorf("total_net_output_bytes %d, want 17", got)
		}
		s.stop()
	})
}

func grep(text, part string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

// freePort returns an address that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// scrape reads /metrics.
func scrape(t *testing.T, address string) string {
	t.Helper()
	c := dial(t, address)
	c.send([]byte("GET /metrics HTTP/1.0\r\n\r\n"))
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
