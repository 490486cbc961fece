//go:build uring

package uring

import (
	"golang.org/x/sys/unix"

	"github.com/pawelgaczynski/giouring"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// listener is a listening socket.
type listener struct {
	fd    int
	open  bool // connections are wanted
	armed bool // the accept is in flight
}

// Listen implements driver.Driver.
func (d *Driver) Listen(l, fd int) error {
	for len(d.listeners) <= l {
		d.listeners = append(d.listeners, listener{})
	}
	d.listeners[l].fd = fd
	d.listeners[l].open = true
	d.armAccept(l)
	return nil
}

// Unlisten implements driver.Driver. The operation in flight has its own hold
// on the socket.
func (d *Driver) Unlisten(l int) {
	d.listeners[l].open = false
	if d.listeners[l].armed {
		d.cancel(driver.MakeToken(opAccept, uint32(l)))
	}
}

func (d *Driver) armAccept(l int) {
	one := &d.listeners[l]
	if one.armed || !one.open {
		return
	}
	e := d.entry()
	e.PrepareMultishotAccept(one.fd, 0, 0, unix.SOCK_CLOEXEC)
	e.UserData = uint64(driver.MakeToken(opAccept, uint32(l)))
	one.armed = true
	d.pending++
}

func (d *Driver) accepted(l int, res int32, flags uint32) {
	one := &d.listeners[l]
	if flags&giouring.CQEFMore == 0 {
		one.armed = false
		d.pending--
	}
	switch {
	case res >= 0:
		d.host.Accepted(l, int(res))
	case res == -int32(unix.ECANCELED), res == -int32(unix.ECONNABORTED), res == -int32(unix.EINTR), res == -int32(unix.EAGAIN):
	default:
		one.open = false
		d.host.AcceptFailed(l, unix.Errno(-res))
	}
	d.armAccept(l)
}
