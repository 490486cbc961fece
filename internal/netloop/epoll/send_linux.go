package epoll

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Send implements driver.Driver. It sends at once; when the socket has no room
// the answer comes when it has.
func (d *Driver) Send(s *driver.Socket) {
	n, size, errno := d.send(s)
	switch errno {
	case 0:
		if n < size {
			d.stats.ShortSends.Add(1)
		}
		s.Endpoint.Sent(n, nil)
	case unix.EAGAIN:
		d.set(s, blocked, 0)
	case unix.EINTR:
		s.Endpoint.Sent(0, nil)
	default:
		s.Endpoint.Sent(0, fmt.Errorf("send: %w", errno))
	}
}

// send hands the kernel what Output holds, in one call, and returns how much it took of
// how much it was offered.
func (d *Driver) send(s *driver.Socket) (n, size int, errno syscall.Errno) {
	front := s.Output.Front()
	if len(front) == s.Output.Len() {
		n, errno = sendOne(s.FD, front)
		return n, len(front), errno
	}
	d.pieces = s.Output.Vector(d.pieces[:0], vectorMax)
	for i, p := range d.pieces {
		d.vector[i].Base = &p[0]
		d.vector[i].SetLen(len(p))
		size += len(p)
	}
	d.message.SetIovlen(len(d.pieces))
	n, errno = call(size, unix.SYS_SENDMSG, uintptr(s.FD), uintptr(unsafe.Pointer(&d.message)), unix.MSG_NOSIGNAL, 0)
	return n, size, errno
}

func sendOne(fd int, b []byte) (int, syscall.Errno) {
	return call(len(b), unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL)
}

// call makes a system call that copies size bytes and does not wait. A short one
// is made without telling the Go scheduler, which would cost as much again.
// Pointers among the arguments are to memory that does not move: mapped, or
// part of the Driver, never on the stack.
func call(size int, number, a, b, c, e uintptr) (int, syscall.Errno) {
	var n uintptr
	var errno syscall.Errno
	if size <= quickMax {
		n, _, errno = unix.RawSyscall6(number, a, b, c, e, 0, 0)
	} else {
		n, _, errno = unix.Syscall6(number, a, b, c, e, 0, 0)
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}
