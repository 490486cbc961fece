package contender

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/driver"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Limits of starting and ending a server.
const (
	readyTimeout  = 20 * time.Second
	readyInterval = 20 * time.Millisecond
	// stopTimeout is how long a server may take to end by itself before it is killed.
	stopTimeout = 5 * time.Second
	outputMax   = 4 << 10
	// endGrace is how long after a failed load a server is given to turn out to be dead.
	endGrace = 100 * time.Millisecond
)

// Process is a running server.
type Process struct {
	// PID is its process id, Endpoint where it listens, CommandLine what would start the same by hand.
	PID         int
	Endpoint    driver.Endpoint
	CommandLine string
	// TLS is what a client encrypts with, nil in the clear.
	TLS *tls.Config

	place  *place
	ended  chan struct{}
	state  string // how it ended; written before ended is closed
	output tail
}

// Start starts the contender where nobody else listens, on 127.0.0.1 or a unix socket, and waits until it answers.
func (c *Contender) Start(ctx context.Context, s Settings) (*Process, error) {
	at, err := c.newPlace(s.Transport)
	if err != nil {
		return nil, err
	}
	p := &Process{Endpoint: at.endpoint(), CommandLine: c.commandLine(at, s), TLS: at.client, place: at, ended: make(chan struct{})}
	cmd := exec.Command(c.Path, c.arguments(at, s)...)
	changeRoot(cmd, c.Root)
	dieWithParent(cmd)
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	if len(s.Env) > 0 {
		cmd.Env = append(os.Environ(), s.Env...)
	}
	started := make(chan error)
	go p.keep(cmd, s.CPUs, started)
	if err := <-started; err != nil {
		at.remove()
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	if err := p.awaitReady(ctx, c.Protocol); err != nil {
		p.Stop()
		return nil, fmt.Errorf("start %s: %w; it said: %s", c.Name, err, p.output.String())
	}
	return p, nil
}

// keep starts the server and stays until its end, on a thread that does nothing else: the kernel ends the server with
// the thread that started it, and a thread of the pool may end at any time.
func (p *Process) keep(cmd *exec.Cmd, cpus []int, started chan<- error) {
	runtime.LockOSThread()
	err := procstat.WithPinned(cpus, cmd.Start)
	if err == nil {
		p.PID = cmd.Process.Pid
	}
	started <- err
	if err != nil {
		return
	}
	_ = cmd.Wait() // it repeats what the state says
	p.state = cmd.ProcessState.String()
	close(p.ended)
}

// awaitReady asks the probe of the protocol until it is answered.
func (p *Process) awaitReady(ctx context.Context, protocol wire.Protocol) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		last := p.probe(protocol)
		if last == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended at once (%s)", p.state)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", last)
		case <-time.After(readyInterval):
		}
	}
}

func (p *Process) probe(protocol wire.Protocol) error {
	conn, err := p.Dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	return wire.Ask(conn, protocol)
}

// Dial returns a new connection to the server.
func (p *Process) Dial() (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.TLS != nil {
		d := &tls.Dialer{Config: p.TLS}
		return d.DialContext(ctx, p.Endpoint.Network, p.Endpoint.Address)
	}
	return new(net.Dialer).DialContext(ctx, p.Endpoint.Network, p.Endpoint.Address)
}

// Explain adds to an error what the server said last, when it has ended though nobody asked it to. outputMax bounds it.
func (p *Process) Explain(err error) error {
	select {
	case <-p.ended:
		return fmt.Errorf("%w; it ended by itself (%s) and said: %s", err, p.state, p.output.String())
	case <-time.After(endGrace):
		return err
	}
}

// Pause stops the server by a signal until Continue: it then uses no CPU time at all. Both do nothing to one that has ended.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Continue ends a Pause.
func (p *Process) Continue() { p.signal(syscall.SIGCONT) }

func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.ended: // the pid may be another process' by now
	default:
		_ = syscall.Kill(p.PID, s) // it fails only if the server has just ended
	}
}

// Stop ends the server, kindly, then not, and returns when it is gone.
func (p *Process) Stop() {
	defer p.place.remove()
	p.signal(syscall.SIGTERM)
	p.Continue() // or a paused one would not hear of it
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
}

// freePort returns a port nobody listens on. Somebody may take it before the server does, which then fails to start and
// says so.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// FreeAddress returns an address on 127.0.0.1 nobody listens on, for what a server serves beside its protocol.
func FreeAddress() (string, error) {
	port, err := freePort()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

// tail keeps the last outputMax bytes written to it.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if over := len(t.bytes) - outputMax; over > 0 {
		t.bytes = t.bytes[:copy(t.bytes, t.bytes[over:])]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text := strings.TrimSpace(string(t.bytes)); text != "" {
		return text
	}
	return "nothing"
}
