package driver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop"
	native "github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// engine is the Driver over a driver of the server's engine, io_uring or epoll: what serves many connections with little
// CPU time loads them with little, too. Everything that is sent between two waits leaves with the second: under io_uring
// in the very system call that waits, one for all connections.
//
// The native driver reports only from inside its Wait and from Send, which is called from here only, so that a Handler
// is never called from anywhere but Wait.
type engine struct {
	native  native.Driver
	name    string
	stats   netloop.Stats
	pool    protocol.Pool
	target  Endpoint
	address unix.Sockaddr
	family  int

	links    []*link // by slot; nil while nothing was dialled
	dirty    []*link // with something to send
	flushing []*link // the other buffer of dirty
	doomed   []*link // to be taken from the native driver when its reports are through
	open     int     // links the native driver knows
	handler  Handler // during Wait
	pace     native.Pace

	dials arrivals
	tls   *tls.Config // nil for connections in the clear
	plain []byte      // what was decrypted
}

// link is one connection from its Dial to the end of its socket. The slot that a later Dial fills again forgets it.
type link struct {
	socket native.Socket
	engine *engine
	slot   int
	output *protocol.Output

	attached bool  // the native driver knows the socket
	sending  bool  // a Send is outstanding
	queued   bool  // in dirty
	over     bool  // ended or closed: nothing is reported any more
	failed   error // to be reported by the next Wait
	tls      *encrypted
	early    []byte // plaintext sent before the handshake was done
}

// New returns a driver with the given number of free slots, which connect to one endpoint: encrypted, when a
// configuration says how. engineName is that of netloop. The calling thread is the only one that may use the driver.
func New(engineName string, to Endpoint, slots int, encryption *tls.Config) (Driver, error) {
	choice, err := netloop.Choose(netloop.Config{Engine: engineName})
	if err != nil {
		return nil, err
	}
	d := &engine{name: choice.Engine, target: to, links: make([]*link, slots)}
	if err := d.resolve(to); err != nil {
		return nil, err
	}
	if d.native, err = choice.Open(d, &d.stats); err != nil {
		return nil, err
	}
	d.dials.open(d.native.Wake)
	if encryption != nil {
		d.useTLS(encryption)
	}
	return d, nil
}

func (d *engine) resolve(to Endpoint) error {
	if to.Network == "unix" {
		d.family, d.address = unix.AF_UNIX, &unix.SockaddrUnix{Name: to.Address}
		return nil
	}
	addr, err := netip.ParseAddrPort(to.Address)
	if err != nil {
		return err
	}
	if ip := addr.Addr().Unmap(); ip.Is4() {
		d.family, d.address = unix.AF_INET, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: ip.As4()}
	} else {
		d.family, d.address = unix.AF_INET6, &unix.SockaddrInet6{Port: int(addr.Port()), Addr: ip.As16()}
	}
	return nil
}

// Engine implements Driver.
func (d *engine) Engine() string { return d.name }

// Send implements Driver. What is sent before a TLS handshake is done waits for it, in the clear; crypto/tls can't fail
// otherwise than by its socket, whose errors are reported like those of any.
func (d *engine) Send(slot int, data []byte) {
	l := d.links[slot]
	switch {
	case l == nil || l.over || l.failed != nil:
	case d.tls == nil:
		l.send(data)
	case l.tls == nil:
		l.early = append(l.early, data...)
	default:
		if _, err := l.tls.Write(data); err != nil {
			l.fail(err)
		}
	}
}

// send queues bytes as they are.
func (l *link) send(data []byte) {
	if l.output.Len()+len(data) > unsentMax {
		l.fail(errUnsent)
		return
	}
	l.output.Write(data)
	l.queue()
}

// queue has the next Wait send.
func (l *link) queue() {
	if !l.queued {
		l.queued = true
		l.engine.dirty = append(l.engine.dirty, l)
	}
}

// fail has the next Wait report an error.
func (l *link) fail(err error) {
	if l.failed == nil && !l.over {
		l.failed = err
		l.queue()
	}
}

// Close implements Driver.
func (d *engine) Close(slot int) {
	if l := d.links[slot]; l != nil {
		d.links[slot] = nil
		l.end()
	}
}

// end has the socket closed as soon as the kernel is through with it.
func (l *link) end() {
	if l.over {
		return
	}
	l.over = true
	if l.attached {
		l.engine.doomed = append(l.engine.doomed, l)
		return
	}
	l.release()
}

// release gives back what a link holds.
func (l *link) release() {
	if l.socket.FD >= 0 {
		_ = unix.Close(l.socket.FD)
		l.socket.FD = -1
	}
	l.output.Release()
}

// report ends a connection and says why.
func (l *link) report(err error) {
	if l.over {
		return
	}
	d := l.engine
	d.links[l.slot] = nil
	l.end()
	d.handler.Ended(l.slot, err)
}

// Wait implements Driver.
func (d *engine) Wait(timeout time.Duration, h Handler) error {
	d.handler = h
	d.flush()
	d.bury()
	if d.dials.any() || len(d.dirty) > 0 {
		timeout = 0
	}
	if timeout > time.Millisecond {
		timeout = timeout.Truncate(time.Millisecond) // epoll would round up: the rest is another wait's
	}
	if err := d.native.Wait(d.pace.Bound(timeout)); err != nil {
		return err
	}
	d.pace.Turn(time.Now())
	for _, a := range d.dials.take() {
		d.arrive(a)
	}
	d.bury()
	return nil
}

// flush sends what is queued, and what sends that end at once leave over. What a socket doesn't take is tried again by
// the native driver when there is room.
func (d *engine) flush() {
	for len(d.dirty) > 0 {
		d.dirty, d.flushing = d.flushing[:0], d.dirty
		for _, l := range d.flushing {
			l.flush()
		}
		clear(d.flushing)
	}
}

func (l *link) flush() {
	l.queued = false
	switch {
	case l.over:
	case l.failed != nil:
		l.report(l.failed)
	case l.attached && !l.sending && l.output.Len() > 0:
		l.sending = true
		l.engine.native.Send(&l.socket)
	}
}

// bury takes ended links from the native driver.
func (d *engine) bury() {
	for _, l := range d.doomed {
		d.native.Detach(&l.socket)
	}
	clear(d.doomed)
	d.doomed = d.doomed[:0]
}

// Shutdown implements Driver.
func (d *engine) Shutdown() error {
	d.dials.close()
	for slot := range d.links {
		d.Close(slot)
	}
	d.bury()
	var err error
	for deadline := time.Now().Add(shutdownTimeout); d.open > 0 && err == nil && time.Now().Before(deadline); {
		err = d.native.Wait(shutdownStep)
	}
	if d.open == 0 {
		d.native.Close()
		d.pool.Close()
	}
	return err
}

// Bounds of Shutdown: the kernel gives sockets back within moments.
const (
	shutdownTimeout = time.Second
	shutdownStep    = 10 * time.Millisecond
)

// Awake implements native.Host, of which a client needs nothing.
func (d *engine) Awake() {}

// Accepted implements native.Host.
func (d *engine) Accepted(int, int) {}

// AcceptFailed implements native.Host.
func (d *engine) AcceptFailed(int, error) {}

// Expect implements native.Endpoint; a reply looks nothing up.
func (l *link) Expect([]byte) {}

// Received implements native.Endpoint.
func (l *link) Received(data []byte) {
	switch {
	case l.over:
	case l.tls != nil:
		l.receiveTLS(data)
	default:
		l.engine.handler.Received(l.slot, data)
	}
}

// Ended implements native.Endpoint.
func (l *link) Ended(err error) {
	if !errors.Is(err, io.EOF) {
		err = fmt.Errorf("receive: %w", err)
	}
	l.report(err)
}

// HungUp implements native.Endpoint; no link is ever paused.
func (l *link) HungUp() {}

// Sent implements native.Endpoint.
func (l *link) Sent(n int, err error) {
	l.sending = false
	if err != nil {
		l.fail(err)
		return
	}
	l.output.Discard(n)
	if l.output.Len() > 0 && !l.over {
		l.queue()
	}
}

// Detached implements native.Endpoint.
func (l *link) Detached() {
	l.attached = false
	l.engine.open--
	l.release()
}

// attach hands a connected socket to the native driver.
func (d *engine) attach(l *link, fd int) error {
	l.socket = native.Socket{FD: fd, Endpoint: l, Output: l.output}
	if d.name == netloop.Uring {
		// There an operation waits by itself; on a non-blocking socket it would fail instead.
		if err := unix.SetNonblock(fd, false); err != nil {
			return err
		}
	}
	if err := d.native.Attach(&l.socket); err != nil {
		return err
	}
	l.attached = true
	d.open++
	if l.output.Len() > 0 {
		l.queue()
	}
	return nil
}

var (
	_ Driver      = (*engine)(nil)
	_ native.Host = (*engine)(nil)
)
