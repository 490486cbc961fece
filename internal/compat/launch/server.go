package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	readyTimeout  = 15 * time.Second
	readyInterval = 10 * time.Millisecond
	stopTimeout   = 5 * time.Second
	probeTimeout  = time.Second
	// A port is free when it is chosen and may be taken a moment later, so starting tries again.
	startAttempts  = 3
	outputBytesMax = 16 << 10
)

// Probe says how to find out that a server answers.
type Probe struct{ Send, Expect string }

// The probes of the two protocols.
var (
	RedisProbe     = Probe{Send: "PING\r\n", Expect: "+PONG\r\n"}
	MemcachedProbe = Probe{Send: "version\r\n", Expect: "VERSION "}
)

// Command describes a server that can be started.
type Command struct {
	// Title is how reports call it: name, version and path.
	Title string
	Path  string
	// Args and Env may hold {port} and {dir}: the port to listen on and an empty directory to work in.
	Args []string
	// Chroot is the root the server runs in; Path is then a path inside it.
	Chroot string
	Env    []string // added to the environment
	// Files are put into the directory to work in before the server is first started: text by name.
	Files map[string]string
	Probe Probe
}

// Server is a running child process.
type Server struct {
	Address string // HOST:PORT
	Command Command

	port    string
	dir     string // as this process sees it
	process *exec.Cmd
	output  *tail
	ended   chan struct{} // closed when the process has been waited for
	exit    error         // valid once ended is closed
}

// Start starts the server on a free loopback port and returns when it answers. The caller calls Stop.
func Start(ctx context.Context, command Command) (*Server, error) {
	var err error
	for range startAttempts {
		var s *Server
		if s, err = startOnce(ctx, command); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("start %s: %w", command.Title, err)
}

func startOnce(ctx context.Context, command Command) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(workParent(command.Chroot), "crucible-compat-")
	if err != nil {
		return nil, err
	}
	for name, text := range command.Files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	s := &Server{
		Address: net.JoinHostPort("127.0.0.1", port),
		Command: command, port: port, dir: dir,
	}
	if err := s.launch(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Restart starts the server again on its port, ending it first if it still runs.
func (s *Server) Restart(ctx context.Context) error {
	s.end()
	return s.launch(ctx)
}

// Stop ends the server: SIGTERM first, SIGKILL when that took too long.
func (s *Server) Stop() error {
	s.end()
	return os.RemoveAll(s.dir)
}

// Signal sends a signal to the server's process.
func (s *Server) Signal(sig os.Signal) error { return s.process.Process.Signal(sig) }

// Ended is closed once the process is gone; ExitError then says how it went.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// ExitError is what the process ended with, nil for exit code 0. Valid once Ended is closed.
func (s *Server) ExitError() error { return s.exit }

// Output is the end of what the server printed.
func (s *Server) Output() string { return s.output.String() }

// PID is the process id.
func (s *Server) PID() int { return s.process.Process.Pid }

func (s *Server) launch(ctx context.Context) error {
	replace := strings.NewReplacer("{port}", s.port, "{dir}", strings.TrimPrefix(s.dir, s.Command.Chroot))
	args := make([]string, len(s.Command.Args))
	for i, arg := range s.Command.Args {
		args[i] = replace.Replace(arg)
	}
	s.output = &tail{}
	s.process = exec.Command(s.Command.Path, args...)
	s.process.Stdout = s.output
	s.process.Stderr = s.output
	s.process.Env = os.Environ()
	for _, v := range s.Command.Env {
		s.process.Env = append(s.process.Env, replace.Replace(v))
	}
	if err := enterRoot(s.process, s.Command.Chroot); err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		s.exit = s.process.Wait()
		close(s.ended)
	}()
	if err := s.awaitReady(ctx); err != nil {
		s.end()
		return err
	}
	return nil
}

func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("it ended at once: %w", errors.Join(s.exit, errors.New(s.Output())))
		case <-ctx.Done():
			return fmt.Errorf("it does not answer on %s: %w: %s", s.Address, ctx.Err(), s.Output())
		case <-tick.C:
		}
		if s.Command.Probe.answered(s.Address) {
			return nil
		}
	}
}

func (s *Server) end() {
	select {
	case <-s.ended:
		return
	default:
	}
	// A process that is already gone is what is wanted; Wait reports how it went.
	_ = s.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopTimeout):
		_ = s.process.Process.Kill()
		<-s.ended
	}
}

// answered says whether a server at the address answers the probe as expected.
func (p Probe) answered(address string) bool {
	conn, err := net.DialTimeout("tcp", address, probeTimeout)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(probeTimeout)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte(p.Send)); err != nil {
		return false
	}
	reply := make([]byte, len(p.Expect))
	for at := 0; at < len(reply); {
		n, err := conn.Read(reply[at:])
		if err != nil {
			return false
		}
		at += n
	}
	return string(reply) == p.Expect
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// tail keeps the end of what is written to it. Any goroutine may use it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - outputBytesMax; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.kept))
}
