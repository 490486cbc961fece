package epoll

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Bits of a socket.
const (
	paused  uint32 = 1 << iota // data is unwanted
	stopped                    // paused, and data came: EPOLLIN is off, EPOLLRDHUP on
	hungUp                     // paused, and the client hung up: that is off, too
	ended                      // no more input
	blocked                    // a send found no room: EPOLLOUT is on
)

// Attach implements driver.Driver.
func (d *Driver) Attach(s *driver.Socket) error {
	s.Bits = 0
	d.table.Add(s)
	return d.control(unix.EPOLL_CTL_ADD, s.FD, unix.EPOLLIN, s.Token(opSocket))
}

// set changes the bits of s, and what is reported of it accordingly.
func (d *Driver) set(s *driver.Socket, on, off uint32) {
	before := interest(s.Bits)
	s.Bits = s.Bits&^off | on
	if events := interest(s.Bits); events != before {
		if err := d.control(unix.EPOLL_CTL_MOD, s.FD, events, s.Token(opSocket)); err != nil {
			d.end(s, err)
		}
	}
}

// interest returns the events to ask for.
func interest(bits uint32) uint32 {
	var events uint32
	switch {
	case bits&(ended|hungUp) != 0:
	case bits&stopped != 0:
		events = unix.EPOLLRDHUP
	default:
		events = unix.EPOLLIN
	}
	if bits&blocked != 0 {
		events |= unix.EPOLLOUT
	}
	return events
}

// Pause implements driver.Driver.
func (d *Driver) Pause(s *driver.Socket) { s.Bits |= paused }

// Resume implements driver.Driver.
func (d *Driver) Resume(s *driver.Socket) { d.set(s, 0, paused|stopped|hungUp) }

// ready handles the events of one socket.
func (d *Driver) ready(s *driver.Socket, events uint32) {
	if events&unix.EPOLLOUT != 0 && s.Bits&blocked != 0 {
		d.set(s, 0, blocked)
		d.Send(s)
	}
	switch {
	case s.Bits&ended != 0, s.Bits&stopped != 0:
		if events&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
			d.end(s, socketError(s.FD))
		} else if events&unix.EPOLLRDHUP != 0 && s.Bits&(ended|hungUp) == 0 {
			d.set(s, hungUp, 0)
			s.Endpoint.HungUp()
		}
	case events&^unix.EPOLLOUT == 0:
	case s.Bits&paused != 0:
		d.stats.ReadStops.Add(1)
		d.set(s, stopped, 0)
	default:
		d.receive(s)
	}
}

// receive takes what fits into the buffer; if more is there epoll says so again.
func (d *Driver) receive(s *driver.Socket) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.FD), uintptr(unsafe.Pointer(&d.buffer[0])), bufferSize, 0, 0, 0)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
	case errno != 0:
		d.end(s, fmt.Errorf("recv: %w", errno))
	case n == 0:
		d.end(s, io.EOF)
	default:
		s.Endpoint.Received(d.buffer[:n])
	}
}

// end reports the end of the input, once, and an error also after it.
func (d *Driver) end(s *driver.Socket, err error) {
	first := s.Bits&ended == 0
	if first {
		d.set(s, ended, 0)
	}
	if first || !errors.Is(err, io.EOF) {
		s.Endpoint.Ended(err)
	}
}

// socketError returns what is wrong with a socket that epoll reports as
// broken or closed in both directions.
func socketError(fd int) error {
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil || code == 0 {
		return unix.ECONNRESET
	}
	return syscall.Errno(code)
}

// Detach implements driver.Driver. The registration ends with the descriptor,
// which the endpoint closes; until then its token finds nothing.
func (d *Driver) Detach(s *driver.Socket) {
	d.table.Remove(s)
	s.Endpoint.Detached()
}
