package driver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// handshakeTimeout bounds connecting and shaking hands.
const handshakeTimeout = 10 * time.Second

// A TLS connection is made by a goroutine of its own, since crypto/tls can't pause in the middle of a handshake. Once it
// stands, the loop's thread takes the socket over: it receives the ciphertext like any other data and lets crypto/tls read
// it from there. crypto/tls keeps what it has of a record when a read fails with a temporary error, so the thread never
// blocks and needs no goroutine per connection.

// encrypted is one TLS connection.
type encrypted struct {
	*tls.Conn
	below *below
}

// below is what crypto/tls reads from and writes to: a blocking connection during the handshake, then the loop's.
type below struct {
	net.Conn // of the handshake; closed afterwards
	loop     *epoll
	slot     int
	// cipher is what was received and not yet read. It lies in the loop's buffer, and is empty outside receiveTLS.
	cipher []byte
}

// errAgain tells crypto/tls that there is no more for now.
var errAgain net.Error = again{}

type again struct{}

func (again) Error() string   { return "no more data for now" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

// Read implements net.Conn for crypto/tls.
func (b *below) Read(p []byte) (int, error) {
	if b.loop == nil {
		return b.Conn.Read(p)
	}
	if len(b.cipher) == 0 {
		return 0, errAgain
	}
	n := copy(p, b.cipher)
	b.cipher = b.cipher[n:]
	return n, nil
}

// Write implements net.Conn for crypto/tls. The loop keeps what the socket doesn't take.
func (b *below) Write(p []byte) (int, error) {
	if b.loop == nil {
		return b.Conn.Write(p)
	}
	b.loop.sendPlain(b.slot, p)
	return len(p), nil
}

// arrival is a finished handshake.
type arrival struct {
	slot       int
	generation int32
	fd         int
	conn       *encrypted
	err        error
}

// arrivals carries them to the loop's thread, which an eventfd wakes.
type arrivals struct {
	wake    int
	cancel  context.CancelFunc
	context context.Context
	running sync.WaitGroup

	mu      sync.Mutex
	waiting []arrival
}

// arrivalSlot marks the eventfd among the events of the slots.
const arrivalSlot = -1

// useTLS prepares a driver for encrypted connections.
func (d *epoll) useTLS(config *tls.Config) error {
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	// Whole records, from the first: memcached (1.6.38) forgets the rest of a request that comes in several.
	config = config.Clone()
	config.DynamicRecordSizingDisabled = true
	d.tls, d.plain = config, make([]byte, receiveBufferSize)
	d.arrivals = &arrivals{wake: wake}
	d.arrivals.context, d.arrivals.cancel = context.WithCancel(context.Background())
	return unix.EpollCtl(d.fd, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: arrivalSlot})
}

// dialTLS begins a handshake. Until it is done the slot has no socket.
func (d *epoll) dialTLS(slot int) {
	c := &d.conns[slot]
	*c = conn{fd: -1, generation: c.generation + 1, connecting: true, unsent: c.unsent[:0]}
	a := arrival{slot: slot, generation: c.generation}
	d.arrivals.running.Go(func() {
		a.fd, a.conn, a.err = d.shakeHands()
		d.arrivals.mu.Lock()
		defer d.arrivals.mu.Unlock()
		d.arrivals.waiting = append(d.arrivals.waiting, a)
		_, _ = unix.Write(d.arrivals.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // full means that it is awake already
	})
}

// shakeHands runs on a goroutine of its own.
func (d *epoll) shakeHands() (fd int, conn *encrypted, err error) {
	ctx, cancel := context.WithTimeout(d.arrivals.context, handshakeTimeout)
	defer cancel()
	var dialer net.Dialer
	plain, err := dialer.DialContext(ctx, d.target.Network, d.target.Address)
	if err != nil {
		return -1, nil, fmt.Errorf("connect: %w", err)
	}
	defer plain.Close() // the loop goes on with a descriptor of its own
	b := &below{Conn: plain}
	conn = &encrypted{tls.Client(b, d.tls), b}
	if err := conn.HandshakeContext(ctx); err != nil {
		return -1, nil, fmt.Errorf("TLS handshake: %w", err)
	}
	if fd, err = duplicate(plain); err != nil {
		return -1, nil, err
	}
	return fd, conn, nil
}

// duplicate returns a descriptor for the socket of a connection. It is non-blocking, as all of Go's are.
func duplicate(c net.Conn) (fd int, err error) {
	sys, ok := c.(syscall.Conn)
	if !ok {
		return -1, errors.ErrUnsupported
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return -1, err
	}
	control := raw.Control(func(own uintptr) { fd, err = unix.FcntlInt(own, unix.F_DUPFD_CLOEXEC, 0) })
	return fd, errors.Join(control, err)
}

// arrive takes over the connections whose handshake is done.
func (d *epoll) arrive(h Handler) {
	var count [8]byte
	_, _ = unix.Read(d.arrivals.wake, count[:]) // only to reset it
	d.arrivals.mu.Lock()
	waiting := d.arrivals.waiting
	d.arrivals.waiting = nil
	d.arrivals.mu.Unlock()
	for _, a := range waiting {
		c := &d.conns[a.slot]
		wanted := c.connecting && c.generation == a.generation
		switch {
		case !wanted && a.err == nil:
			unix.Close(a.fd)
		case !wanted:
		case a.err != nil:
			c.connecting = false
			h.Ended(a.slot, a.err)
		default:
			d.adopt(a, h)
		}
	}
}

// adopt puts a connection under the loop.
func (d *epoll) adopt(a arrival, h Handler) {
	c := &d.conns[a.slot]
	c.fd, c.tls, c.connecting, c.watching = a.fd, a.conn, false, unix.EPOLLIN
	a.conn.below.loop, a.conn.below.slot = d, a.slot
	if err := unix.EpollCtl(d.fd, unix.EPOLL_CTL_ADD, c.fd, &unix.EpollEvent{Events: c.watching, Fd: int32(a.slot), Pad: c.generation}); err != nil {
		d.end(a.slot, fmt.Errorf("epoll_ctl: %w", err), h)
		return
	}
	early := c.unsent
	c.unsent = nil
	h.Connected(a.slot)
	if len(early) > 0 && c.tls == a.conn {
		d.Send(a.slot, early)
	}
}

// receiveTLS hands over the plaintext of what was received.
func (d *epoll) receiveTLS(slot int, cipher []byte, h Handler) {
	c := &d.conns[slot]
	generation, conn := c.generation, c.tls
	conn.below.cipher = cipher
	for c.fd >= 0 && c.generation == generation {
		n, err := conn.Read(d.plain)
		if n > 0 {
			h.Received(slot, d.plain[:n])
		}
		if errors.Is(err, errAgain) {
			return
		}
		if err != nil {
			if c.fd >= 0 && c.generation == generation {
				d.end(slot, err, h)
			}
			return
		}
	}
}

// shutdown ends the handshakes under way.
func (a *arrivals) shutdown() {
	a.cancel()
	a.running.Wait()
	for _, late := range a.waiting {
		if late.err == nil {
			unix.Close(late.fd)
		}
	}
	unix.Close(a.wake)
}
