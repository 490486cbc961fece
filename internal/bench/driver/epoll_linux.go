package driver

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// epoll is the Driver over epoll(7), level-triggered. A request that the socket takes at once, which is nearly every one,
// costs one send and one recv; interest in writability is registered only while bytes are left over.
type epoll struct {
	fd      int
	target  Endpoint
	address unix.Sockaddr
	family  int
	conns   []conn
	events  []unix.EpollEvent
	buffer  []byte
	failed  []int // slots whose Send failed, to be reported from Wait

	tls      *tls.Config // nil for connections in the clear
	plain    []byte      // what was decrypted
	arrivals *arrivals
}

// conn is one slot.
type conn struct {
	fd         int // -1 while free
	generation int32
	connecting bool
	watching   uint32 // the events registered
	unsent     []byte
	err        error // what Send met
	tls        *encrypted
}

// New returns a driver with the given number of free slots, which connect to one endpoint: encrypted, when a
// configuration says how.
func New(to Endpoint, slots int, encryption *tls.Config) (Driver, error) {
	d := &epoll{
		target: to,
		conns:  make([]conn, slots),
		events: make([]unix.EpollEvent, eventsPerWait),
		buffer: make([]byte, receiveBufferSize),
	}
	for i := range d.conns {
		d.conns[i].fd = -1
	}
	if err := d.resolve(to); err != nil {
		return nil, err
	}
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	d.fd = fd
	if encryption != nil {
		if err := d.useTLS(encryption); err != nil {
			unix.Close(fd)
			return nil, err
		}
	}
	return d, nil
}

func (d *epoll) resolve(to Endpoint) error {
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

// Dial implements Driver.
func (d *epoll) Dial(slot int) error {
	if d.tls != nil {
		d.dialTLS(slot)
		return nil
	}
	fd, err := unix.Socket(d.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w (raise the limit on open files)", err)
	}
	if d.family != unix.AF_UNIX {
		// Requests are small, and a reply must not wait for another one.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			unix.Close(fd)
			return fmt.Errorf("TCP_NODELAY: %w", err)
		}
	}
	c := &d.conns[slot]
	*c = conn{fd: fd, generation: c.generation + 1, connecting: true, unsent: c.unsent[:0], watching: unix.EPOLLIN | unix.EPOLLOUT}
	if err := unix.EpollCtl(d.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: c.watching, Fd: int32(slot), Pad: c.generation}); err != nil {
		d.Close(slot)
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	// A socket that is refused right here is reported by Wait, like one that is refused later.
	switch err := unix.Connect(fd, d.address); err {
	case nil, unix.EINPROGRESS:
	default:
		d.fail(slot, fmt.Errorf("connect: %w", err))
	}
	return nil
}

// Send implements Driver. What is sent before a handshake is done waits for it, in the clear; crypto/tls can't fail
// otherwise than by its socket, whose errors are reported like those of any.
func (d *epoll) Send(slot int, data []byte) {
	c := &d.conns[slot]
	if d.tls != nil && c.connecting {
		c.unsent = append(c.unsent, data...)
		return
	}
	if c.tls != nil && c.fd >= 0 && c.err == nil {
		if _, err := c.tls.Write(data); err != nil && c.err == nil {
			d.fail(slot, err)
		}
		return
	}
	d.sendPlain(slot, data)
}

// sendPlain sends bytes as they are.
func (d *epoll) sendPlain(slot int, data []byte) {
	c := &d.conns[slot]
	if c.fd < 0 || c.err != nil {
		return
	}
	if len(c.unsent) == 0 && !c.connecting {
		n, errno := sendNow(c.fd, data)
		if errno != 0 && errno != unix.EAGAIN {
			d.fail(slot, fmt.Errorf("send: %w", errno))
			return
		}
		if data = data[n:]; len(data) == 0 {
			return
		}
	}
	if len(c.unsent)+len(data) > unsentMax {
		d.fail(slot, errUnsent)
		return
	}
	c.unsent = append(c.unsent, data...)
	d.watch(slot, unix.EPOLLIN|unix.EPOLLOUT)
}

func (d *epoll) fail(slot int, err error) {
	d.conns[slot].err = err
	d.failed = append(d.failed, slot)
}

// watch changes the events of a slot. It fails only for a file descriptor that isn't there, which would be a bug of ours.
func (d *epoll) watch(slot int, events uint32) {
	c := &d.conns[slot]
	if c.watching == events {
		return
	}
	c.watching = events
	if err := unix.EpollCtl(d.fd, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: events, Fd: int32(slot), Pad: c.generation}); err != nil {
		d.fail(slot, fmt.Errorf("epoll_ctl: %w", err))
	}
}

// Close implements Driver.
func (d *epoll) Close(slot int) {
	c := &d.conns[slot]
	c.connecting, c.tls = false, nil
	if c.fd >= 0 {
		unix.Close(c.fd)
		c.fd = -1
	}
}

// Wait implements Driver.
func (d *epoll) Wait(timeout time.Duration, h Handler) error {
	if len(d.failed) > 0 {
		d.report(h)
		timeout = 0
	}
	n, err := d.poll(timeout)
	if err != nil {
		return err
	}
	for i := range d.events[:n] {
		e := &d.events[i]
		slot := int(e.Fd)
		if slot == arrivalSlot {
			d.arrive(h)
			continue
		}
		// An event that was queued before its connection was closed, and maybe dialled again, is nobody's.
		if c := &d.conns[slot]; c.fd < 0 || c.generation != e.Pad || c.err != nil {
			continue
		}
		d.handle(slot, e.Events, h)
	}
	d.report(h)
	return nil
}

// report ends the connections whose sending failed.
func (d *epoll) report(h Handler) {
	for len(d.failed) > 0 {
		slot := d.failed[0]
		d.failed = d.failed[1:]
		if c := &d.conns[slot]; c.fd >= 0 && c.err != nil {
			d.end(slot, c.err, h)
		}
	}
	d.failed = d.failed[:0]
}

func (d *epoll) end(slot int, err error, h Handler) {
	d.Close(slot)
	h.Ended(slot, err)
}

func (d *epoll) handle(slot int, events uint32, h Handler) {
	c := &d.conns[slot]
	if c.connecting {
		if code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
			d.end(slot, fmt.Errorf("connect: %w", unix.Errno(code)), h)
			return
		}
		c.connecting = false
		if len(c.unsent) == 0 {
			d.watch(slot, unix.EPOLLIN)
		}
		h.Connected(slot)
	}
	if events&unix.EPOLLOUT != 0 && len(c.unsent) > 0 && c.fd >= 0 {
		d.flush(slot)
	}
	if events&(unix.EPOLLIN|unix.EPOLLHUP|unix.EPOLLERR|unix.EPOLLRDHUP) != 0 {
		d.receive(slot, c.generation, h)
	}
}

func (d *epoll) flush(slot int) {
	c := &d.conns[slot]
	n, errno := sendNow(c.fd, c.unsent)
	if errno != 0 && errno != unix.EAGAIN {
		d.fail(slot, fmt.Errorf("send: %w", errno))
		return
	}
	c.unsent = c.unsent[:copy(c.unsent, c.unsent[n:])]
	if len(c.unsent) == 0 {
		d.watch(slot, unix.EPOLLIN)
	}
}

// receive reads once: with a level-triggered epoll what is left comes with the next wake-up, when other connections have
// had their turn, and a second recv that finds nothing would double the cost of every small reply.
func (d *epoll) receive(slot int, generation int32, h Handler) {
	c := &d.conns[slot]
	if c.fd < 0 || c.generation != generation {
		return
	}
	n, errno := receiveNow(c.fd, d.buffer)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
	case errno != 0:
		d.end(slot, fmt.Errorf("receive: %w", errno), h)
	case n == 0:
		d.end(slot, io.EOF, h)
	case c.tls != nil:
		d.receiveTLS(slot, d.buffer[:n], h)
	default:
		h.Received(slot, d.buffer[:n])
	}
}

// Shutdown implements Driver.
func (d *epoll) Shutdown() error {
	for slot := range d.conns {
		d.Close(slot)
	}
	if d.arrivals != nil {
		d.arrivals.shutdown()
	}
	return unix.Close(d.fd)
}

// poll waits with the nanosecond resolution of epoll_pwait2, which an open loop's schedule needs. A wait of zero can't
// block, so it doesn't tell the Go scheduler either.
func (d *epoll) poll(timeout time.Duration) (int, error) {
	ts := unix.NsecToTimespec(max(0, timeout.Nanoseconds()))
	events, count, limit := uintptr(unsafe.Pointer(&d.events[0])), uintptr(len(d.events)), uintptr(unsafe.Pointer(&ts))
	var n uintptr
	var errno unix.Errno
	if timeout <= 0 {
		n, _, errno = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(d.fd), events, count, limit, 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(d.fd), events, count, limit, 0, 0)
	}
	switch errno {
	case 0:
		return int(n), nil
	case unix.EINTR:
		return 0, nil
	}
	return 0, fmt.Errorf("epoll_pwait2: %w", errno)
}

// sendNow and receiveNow are raw system calls: the sockets never block, so the Go scheduler needn't be told.
func sendNow(fd int, p []byte) (int, unix.Errno) {
	if len(p) == 0 {
		return 0, 0
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func receiveNow(fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
