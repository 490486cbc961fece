package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// dialTimeout bounds connecting and shaking hands.
const dialTimeout = 10 * time.Second

// Dial implements Driver. On this machine a connection stands as soon as it is asked for, and costs no goroutine.
func (d *engine) Dial(slot int) error {
	l := &link{engine: d, slot: slot, output: protocol.NewOutput(&d.pool)}
	l.socket.FD = -1
	d.links[slot] = l
	if d.tls != nil {
		d.dials.begin(arrival{link: l}, d.shakeHands)
		return nil
	}
	fd, err := d.socket()
	if err != nil {
		d.Close(slot)
		return err
	}
	err = unix.Connect(fd, d.address)
	if errors.Is(err, unix.EINPROGRESS) {
		err = unix.Connect(fd, d.address) // nil once it stands
	}
	switch {
	case err == nil:
		d.dials.post(arrival{link: l, fd: fd})
	case underWay(err):
		d.dials.begin(arrival{link: l, fd: fd}, d.finishConnect)
	default:
		d.dials.post(arrival{link: l, fd: fd, err: fmt.Errorf("connect: %w", err)})
	}
	return nil
}

func (d *engine) socket() (int, error) {
	fd, err := unix.Socket(d.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w (raise the limit on open files)", err)
	}
	if d.family != unix.AF_UNIX {
		// Requests are small, and one must not wait for another.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			_ = unix.Close(fd)
			return -1, fmt.Errorf("TCP_NODELAY: %w", err)
		}
	}
	return fd, nil
}

// underWay reports whether an error of connect says no more than that it takes longer: for a unix socket, that the
// server has many connections to accept first.
func underWay(err error) bool {
	return errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EALREADY) || errors.Is(err, unix.EAGAIN)
}

// finishConnect waits for a connection to stand. It runs on a goroutine of its own.
func (d *engine) finishConnect(a *arrival) {
	const step = 10 * time.Millisecond
	for deadline := time.Now().Add(dialTimeout); ; {
		err := unix.Connect(a.fd, d.address)
		switch {
		case err == nil || errors.Is(err, unix.EISCONN):
			return
		case !underWay(err):
			a.err = fmt.Errorf("connect: %w", err)
			return
		case d.dials.context.Err() != nil || time.Now().After(deadline):
			a.err = fmt.Errorf("connect: not within %v", dialTimeout)
			return
		case errors.Is(err, unix.EAGAIN):
			time.Sleep(time.Millisecond)
		default:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(a.fd), Events: unix.POLLOUT}}, int(step.Milliseconds()))
		}
	}
}

// arrival is a connection that stands, or failed to.
type arrival struct {
	link *link
	fd   int
	conn *encrypted
	err  error
}

// arrivals carries them to the driver's thread.
type arrivals struct {
	wake    func()
	cancel  context.CancelFunc
	context context.Context
	running sync.WaitGroup
	some    atomic.Bool

	mu      sync.Mutex
	waiting []arrival
}

func (a *arrivals) open(wake func()) {
	a.wake = wake
	a.context, a.cancel = context.WithCancel(context.Background())
}

// begin has work finish an arrival on a goroutine of its own.
func (a *arrivals) begin(one arrival, work func(*arrival)) {
	a.running.Go(func() {
		work(&one)
		a.post(one)
		a.wake()
	})
}

func (a *arrivals) post(one arrival) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = append(a.waiting, one)
	a.some.Store(true)
}

func (a *arrivals) any() bool { return a.some.Load() }

func (a *arrivals) take() []arrival {
	if !a.some.Load() {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.some.Store(false)
	waiting := a.waiting
	a.waiting = nil
	return waiting
}

// close ends what is under way.
func (a *arrivals) close() {
	a.cancel()
	a.running.Wait()
	for _, late := range a.take() {
		late.drop()
	}
}

// drop closes the socket of a connection that nobody waits for any more.
func (a *arrival) drop() {
	if a.fd > 0 {
		_ = unix.Close(a.fd)
	}
}

// arrive takes over a connection.
func (d *engine) arrive(a arrival) {
	l := a.link
	if l.over {
		a.drop()
		return
	}
	if a.err == nil {
		a.err = d.attach(l, a.fd)
	}
	if a.err != nil {
		if l.socket.FD != a.fd {
			a.drop()
		}
		l.report(a.err)
		return
	}
	if a.conn != nil {
		l.tls, a.conn.below.link = a.conn, l
	}
	d.handler.Connected(l.slot)
	if len(l.early) > 0 && !l.over {
		early := l.early
		l.early = nil
		d.Send(l.slot, early)
	}
}
