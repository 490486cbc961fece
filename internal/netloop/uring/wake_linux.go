//go:build uring

package uring

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/pawelgaczynski/giouring"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// armWake has the ring read the eventfd.
func (d *Driver) armWake() {
	if d.wakeFD < 0 {
		return // closing
	}
	e := d.entry()
	e.PrepareRead(d.wakeFD, uintptr(unsafe.Pointer(&d.wakeWord[0])), 8, 0)
	e.UserData = uint64(driver.MakeToken(opWake, 0))
	d.pending++
}

// Wake implements driver.Driver. A loop whose message did not get through may call it when this one has ended.
func (d *Driver) Wake() {
	d.waking.Lock()
	defer d.waking.Unlock()
	if d.wakeFD < 0 {
		return
	}
	one := [8]byte{1}
	_, _ = unix.Write(d.wakeFD, one[:]) // it cannot fail
}

// WakeOther implements driver.Driver. The message is a completion in the other
// ring, one for any number of calls between two waits: the caller asks but once.
func (d *Driver) WakeOther(other driver.Driver) {
	target := other.(*Driver)
	n := slices.Index(d.others, target)
	if n < 0 {
		n = len(d.others)
		d.others = append(d.others, target)
	}
	e := d.entry()
	e.PrepareMsgRing(target.ring.RingFd(), 0, uint64(driver.MakeToken(opWoken, 0)), 0)
	e.Flags |= giouring.SqeCQESkipSuccess
	e.UserData = uint64(driver.MakeToken(opWakeOther, uint32(n)))
}
