// Package epoll is the driver over epoll, for kernels and containers without
// io_uring.
//
// A Driver owns one epoll instance, level-triggered: what a wake-up leaves
// unread is reported by the next one. A socket is registered once and its
// registration changes only when something is out of the ordinary: a send that the
// socket did not take whole, data for a session that is paused, the end of
// the input. So a request costs a share of an epoll_wait, one recv and one
// send.
//
// Threads: as package driver says; Wake writes to an eventfd. Memory: one
// mapped receive buffer for all sockets, which therefore stays in the cache,
// and the vector of a send.
package epoll

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/offheap"
)

const (
	eventsMax  = 256       // events taken from the kernel in one wake-up
	bufferSize = 64 << 10  // most that is received at once, in bytes
	acceptMax  = 64        // connections taken from one listener in one wake-up
	vectorMax  = 64        // pieces of output sent at once
	quickMax   = 128 << 10 // bytes a send may have to copy and still be a raw system call
)

// Ops of the tokens that events carry.
const (
	opSocket uint8 = iota
	opListener
	opWake
)

// Driver implements driver.Driver.
type Driver struct {
	fd, wakeFD int
	host       driver.Host
	stats      *driver.Stats
	table      driver.Table
	listeners  []int // fd by number, -1 when not accepting
	events     []unix.EpollEvent
	buffer     []byte
	pieces     [][]byte
	vector     []unix.Iovec
	message    unix.Msghdr // points at vector
	timeout    unix.Timespec
	coarse     bool // the kernel has no epoll_pwait2
}

// New returns the driver of the loop h, whose thread it is called from.
func New(h driver.Host, stats *driver.Stats) (*Driver, error) {
	d := &Driver{
		host: h, stats: stats, wakeFD: -1,
		events: make([]unix.EpollEvent, eventsMax),
		pieces: make([][]byte, 0, vectorMax),
		vector: make([]unix.Iovec, vectorMax),
	}
	d.message.Iov = &d.vector[0]
	var err error
	if d.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll_create1: %w: raise LimitNOFILE", err)
	}
	if d.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		_ = unix.Close(d.fd)
		return nil, fmt.Errorf("eventfd: %w: raise LimitNOFILE", err)
	}
	if d.buffer, err = offheap.Map(offheap.Rings, bufferSize); err == nil {
		err = d.control(unix.EPOLL_CTL_ADD, d.wakeFD, unix.EPOLLIN, driver.MakeToken(opWake, 0))
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// control registers fd, or changes what is reported of it.
func (d *Driver) control(op, fd int, events uint32, token driver.Token) error {
	e := unix.EpollEvent{Events: events, Fd: int32(token), Pad: int32(token >> 32)}
	if err := unix.EpollCtl(d.fd, op, fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// Wait implements driver.Driver.
func (d *Driver) Wait(timeout time.Duration) error {
	n, errno := d.wait(timeout)
	d.host.Awake()
	switch errno {
	case 0:
	case unix.EINTR:
		return nil // the loop comes back after it looked at its clock
	default:
		return fmt.Errorf("epoll_wait: %w", errno)
	}
	for i := range d.events[:n] {
		d.handle(&d.events[i])
	}
	return nil
}

// wait rounds the timeout up to milliseconds: down would poll through the
// last one. One of less than a millisecond is kept to the nanosecond where the
// kernel can (5.11). Only a brief wait is a raw system call.
func (d *Driver) wait(timeout time.Duration) (int, syscall.Errno) {
	if timeout > 0 && timeout < time.Millisecond && !d.coarse {
		d.timeout = unix.NsecToTimespec(int64(timeout))
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(d.fd), uintptr(unsafe.Pointer(&d.events[0])), eventsMax, uintptr(unsafe.Pointer(&d.timeout)), 0, 0)
		if errno != unix.ENOSYS {
			return int(n), errno
		}
		d.coarse = true
	}
	events := uintptr(unsafe.Pointer(&d.events[0]))
	if timeout <= 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(d.fd), events, eventsMax, 0, 0, 0)
		return int(n), errno
	}
	ms := (timeout + time.Millisecond - 1) / time.Millisecond
	if timeout <= driver.BriefWait {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(d.fd), events, eventsMax, uintptr(ms), 0, 0)
		return int(n), errno
	}
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(d.fd), events, eventsMax, uintptr(ms), 0, 0)
	return int(n), errno
}

func (d *Driver) handle(e *unix.EpollEvent) {
	token := driver.Token(uint32(e.Pad))<<32 | driver.Token(uint32(e.Fd))
	switch token.Op() {
	case opSocket:
		if s := d.table.Find(token); s != nil {
			d.ready(s, e.Events)
		}
	case opListener:
		d.accept(int(token.Arg()))
	case opWake:
		var count [8]byte
		_, _ = unix.Read(d.wakeFD, count[:]) // only resets it
	}
}

// Wake implements driver.Driver.
func (d *Driver) Wake() {
	one := [8]byte{1}
	_, _ = unix.Write(d.wakeFD, one[:]) // EAGAIN: it is awake 2^64 times over
}

// WakeOther implements driver.Driver.
func (d *Driver) WakeOther(other driver.Driver) { other.Wake() }

// Close implements driver.Driver.
func (d *Driver) Close() {
	_ = unix.Close(d.fd)
	_ = unix.Close(d.wakeFD)
	if d.buffer != nil {
		offheap.Unmap(offheap.Rings, d.buffer)
		d.buffer = nil
	}
}

var _ driver.Driver = (*Driver)(nil)
