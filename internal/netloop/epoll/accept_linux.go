package epoll

import (
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Listen implements driver.Driver.
func (d *Driver) Listen(l, fd int) error {
	for len(d.listeners) <= l {
		d.listeners = append(d.listeners, -1)
	}
	d.listeners[l] = fd
	return d.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN, driver.MakeToken(opListener, uint32(l)))
}

// Unlisten implements driver.Driver.
func (d *Driver) Unlisten(l int) {
	_ = d.control(unix.EPOLL_CTL_DEL, d.listeners[l], 0, 0) // it was added: cannot fail
	d.listeners[l] = -1
}

// accept takes what waits on listener l, within limits: the clients that are
// already connected have their turn, too.
func (d *Driver) accept(l int) {
	for range acceptMax {
		fd := d.listeners[l]
		if fd < 0 {
			return
		}
		n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			d.host.Accepted(l, int(n))
		case unix.EINTR, unix.ECONNABORTED:
		case unix.EAGAIN:
			return
		default:
			d.Unlisten(l)
			d.host.AcceptFailed(l, errno)
			return
		}
	}
}
