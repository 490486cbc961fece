package apptest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout and stopTimeout bound how long a server may take. They are
// generous: the machine may be busy with other tests.
const (
	startTimeout = time.Minute
	stopTimeout  = time.Minute
)

// options say how a server is started.
type options struct {
	engine    string
	maxmemory string   // "128mb" if empty
	listeners string   // TOML; two of RESP and memcache on port 0 if empty
	profile   string   // more TOML, for sections of its own
	conf      string   // a redis.conf in place of the profile
	env       []string // beside what the harness sets
	args      []string // behind the profile
	files     []*os.File
	wrap      []string // a program that starts the server
}

// server is a running server.
type server struct {
	t       *testing.T
	cmd     *exec.Cmd
	dir     string
	profile string
	notify  *notifySocket
	log     output
	exited  chan struct{}

	resp, memcache string // addresses
}

const defaultListeners = `
[[listener]]
protocol = "resp"
address = "127.0.0.1:0"
[[listener]]
protocol = "memcache"
address = "127.0.0.1:0"
`

// text is the profile, or the redis.conf, that the options ask for.
func (o options) text() string {
	if o.conf != "" {
		return o.conf
	}
	if o.maxmemory == "" {
		o.maxmemory = "128mb"
	}
	if o.engine == "" {
		o.engine = "auto"
	}
	if o.listeners == "" {
		o.listeners = defaultListeners
	}
	return fmt.Sprintf("[engine]\ndriver = %q\n[cache]\nmaxmemory = %q\n[workers]\nthreads = 2\n%s\n%s", o.engine, o.maxmemory, o.profile, o.listeners)
}

// start starts a server and waits until it says that it is ready. It is ended
// with the test.
func start(t *testing.T, o options) *server {
	t.Helper()
	s := launch(t, o)
	if !s.waitReady() {
		t.Fatalf("the server is not ready:\n%s", s.log.String())
	}
	return s
}

// launch starts a server and does not wait.
func launch(t *testing.T, o options) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{t: t, dir: dir, profile: filepath.Join(dir, "profile.toml"), exited: make(chan struct{})}
	source := []string{s.profile}
	if o.conf != "" {
		s.profile = filepath.Join(dir, "redis.conf")
		source = []string{"--redis-conf", s.profile}
	}
	s.write(o)
	s.notify = newNotifySocket(t, dir)
	words := slices.Concat(o.wrap, []string{binary}, source, o.args)
	s.cmd = exec.Command(words[0], words[1:]...)
	// CRUCIBLE_SERVER and its kind are for us; to the server they are settings.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CRUCIBLE_") })
	s.cmd.Env = append(append(env, "NOTIFY_SOCKET="+s.notify.path), o.env...)
	s.cmd.ExtraFiles = o.files
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // ProcessState tells
		close(s.exited)
	}()
	t.Cleanup(func() {
		if s.running() {
			_ = s.cmd.Process.Kill()
			<-s.exited
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", s.log.String())
		}
	})
	return s
}

// write writes the profile, also anew for a reload.
func (s *server) write(o options) {
	s.t.Helper()
	if err := os.WriteFile(s.profile, []byte(o.text()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

var served = regexp.MustCompile(`(resp|memcache|auto) on (127\.0\.0\.1:\d+)`)

// waitReady waits for READY=1 and learns the addresses from the status line.
func (s *server) waitReady() bool {
	s.t.Helper()
	message, ok := s.notify.wait("READY=1", startTimeout, s.exited)
	if !ok {
		return false
	}
	for _, m := range served.FindAllStringSubmatch(message, -1) {
		if m[1] != "memcache" && s.resp == "" {
			s.resp = m[2]
		}
		if m[1] != "resp" && s.memcache == "" {
			s.memcache = m[2]
		}
	}
	return true
}

func (s *server) running() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("%v: %v", sig, err)
	}
}

// wait waits for the end of the process and returns its exit code.
func (s *server) wait(timeout time.Duration) int {
	s.t.Helper()
	select {
	case <-s.exited:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(timeout):
		s.t.Fatalf("the server still runs after %v", timeout)
		return -1
	}
}

// stop ends the server as a service manager does, and fails the test if that
// does not go well.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	if code := s.wait(stopTimeout); code != 0 {
		s.t.Errorf("exit code %d", code)
	}
}

// eachEngine runs a test under every engine of this machine.
func eachEngine(t *testing.T, test func(t *testing.T, engine string)) {
	engines := []string{"uring", "epoll", "goroutine"}
	if runtime.GOOS != "linux" {
		engines = engines[2:]
	}
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			if engine == "uring" {
				needUring(t)
			}
			test(t, engine)
		})
	}
}

var uring struct {
	once  sync.Once
	lacks string
}

// needUring skips the test, aloud, where the kernel gives us no ring.
func needUring(t *testing.T) {
	uring.once.Do(func() {
		s := launch(t, options{engine: "uring"})
		if !s.waitReady() && strings.Contains(s.log.String(), "io_uring") {
			uring.lacks = s.log.String()
		}
	})
	if uring.lacks != "" {
		t.Skip("*** NOT TESTED: " + uring.lacks)
	}
}

// output collects what a process prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// notifySocket is the service manager's end of sd_notify.
type notifySocket struct {
	path     string
	messages chan string
}

func newNotifySocket(t *testing.T, dir string) *notifySocket {
	t.Helper()
	n := &notifySocket{path: filepath.Join(dir, "notify"), messages: make(chan string, 1000)}
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: n.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			k, err := c.Read(buf)
			if err != nil {
				return
			}
			n.messages <- string(buf[:k])
		}
	}()
	return n
}

// wait returns the first message that has the line, unless the process ends or
// it takes too long.
func (n *notifySocket) wait(line string, timeout time.Duration, exited <-chan struct{}) (string, bool) {
	deadline := time.After(timeout)
	for {
		select {
		case m := <-n.messages:
			for l := range strings.Lines(m) {
				if strings.TrimSpace(l) == line {
					return m, true
				}
			}
		case <-exited:
			return "", false
		case <-deadline:
			return "", false
		}
	}
}
