//go:build uring

package uring

import (
	"fmt"
	"io"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// Bits of a socket.
const (
	receiving uint32 = 1 << iota // a receive is in flight
	paused                       // data is unwanted
	stopped                      // paused, and data came: no receive is to be armed
	polling                      // the poll for the client's end is in flight
	ended                        // no more input
	detaching                    // Detached is due when nothing is in flight
	failed                       // the opSendNow of this wake-up was answered by a failure
	crowded                      // the socket's buffer was full: the next send is to wait
)

// Attach implements driver.Driver.
func (d *Driver) Attach(s *driver.Socket) error {
	s.Bits, s.InFlight = 0, 0
	d.table.Add(s)
	d.receive(s)
	return nil
}

// receive arms a receive, if one is due.
func (d *Driver) receive(s *driver.Socket) {
	if s.Bits&(receiving|stopped|ended|detaching) != 0 {
		return
	}
	e := d.entry()
	if d.config.OneShot {
		e.PrepareRecv(s.FD, 0, 0, 0)
	} else {
		e.PrepareRecvMultishot(s.FD, 0, 0, 0)
	}
	e.Flags |= giouring.SqeBufferSelect
	e.BufIG = bufferGroup
	e.UserData = uint64(s.Token(opReceive))
	s.Bits |= receiving
	s.InFlight++
}

// expect shows what a receive brought to the endpoint that will have it.
func (d *Driver) expect(c *giouring.CompletionQueueEvent) {
	token := driver.Token(c.UserData)
	if token.Op() != opReceive || c.Res <= 0 {
		return
	}
	if s := d.table.Find(token); s != nil && s.Bits&detaching == 0 {
		s.Endpoint.Expect(d.buffers.data(int(c.Flags>>giouring.CQEBufferShift), int(c.Res)))
	}
}

// received handles a completion of a receive. Its buffer goes back to the
// ring whatever became of the socket.
func (d *Driver) received(s *driver.Socket, res int32, flags uint32) {
	if s != nil {
		d.deliver(s, res, flags)
	}
	if flags&giouring.CQEFBuffer != 0 {
		d.buffers.giveBack(int(flags >> giouring.CQEBufferShift))
	}
}

func (d *Driver) deliver(s *driver.Socket, res int32, flags uint32) {
	if flags&giouring.CQEFMore == 0 {
		s.Bits &^= receiving
		s.InFlight--
	}
	if s.Bits&detaching != 0 {
		d.detachWhenIdle(s)
		return
	}
	switch {
	case res > 0:
		if s.Bits&paused != 0 {
			d.stop(s)
		}
		s.Endpoint.Received(d.buffers.data(int(flags>>giouring.CQEBufferShift), int(res)))
	case res == 0:
		d.end(s, io.EOF)
	case res == -int32(unix.ENOBUFS):
		d.starved = true
		d.stats.NoBuffers.Add(1)
	case res == -int32(unix.ECANCELED), res == -int32(unix.EAGAIN), res == -int32(unix.EINTR):
		// Canceled by stop, or nothing there: armed again if due.
	default:
		d.end(s, fmt.Errorf("recv: %w", unix.Errno(-res)))
	}
	d.receive(s)
}

func (d *Driver) end(s *driver.Socket, err error) {
	s.Bits |= ended
	s.Endpoint.Ended(err)
}

// stop ends receiving for a paused socket to which data came all the same, and
// watches for the client's end in its place.
func (d *Driver) stop(s *driver.Socket) {
	if s.Bits&stopped != 0 {
		return
	}
	d.stats.ReadStops.Add(1)
	s.Bits |= stopped
	if s.Bits&receiving != 0 {
		d.cancel(s.Token(opReceive))
	}
	d.poll(s)
}

// Pause implements driver.Driver.
func (d *Driver) Pause(s *driver.Socket) { s.Bits |= paused }

// Resume implements driver.Driver. A receive or a poll whose cancellation is
// on its way is armed again when it has ended, if it is due then.
func (d *Driver) Resume(s *driver.Socket) {
	s.Bits &^= paused | stopped
	if s.Bits&polling != 0 {
		d.cancel(s.Token(opHangUp))
	}
	d.receive(s)
}

// poll waits for the client's end.
func (d *Driver) poll(s *driver.Socket) {
	if s.Bits&polling != 0 {
		return
	}
	e := d.entry()
	e.PreparePollAdd(s.FD, unix.POLLRDHUP)
	e.UserData = uint64(s.Token(opHangUp))
	s.Bits |= polling
	s.InFlight++
}

func (d *Driver) polled(s *driver.Socket, res int32) {
	if s == nil {
		return
	}
	s.Bits &^= polling
	s.InFlight--
	switch {
	case s.Bits&detaching != 0:
		d.detachWhenIdle(s)
	case s.Bits&stopped == 0:
	case res > 0:
		s.Endpoint.HungUp()
	case res == -int32(unix.ECANCELED):
		d.poll(s) // paused anew before the cancellation of Resume came through
	}
}

// cancel asks for the end of one operation. It answers with a completion of
// its own.
func (d *Driver) cancel(token driver.Token) {
	e := d.entry()
	e.PrepareCancel64(uint64(token), 0)
	e.Flags |= giouring.SqeCQESkipSuccess
	e.UserData = uint64(driver.MakeToken(opIgnore, 0))
}

// Detach implements driver.Driver.
func (d *Driver) Detach(s *driver.Socket) {
	s.Bits |= detaching
	if s.InFlight > 0 {
		e := d.entry()
		e.PrepareCancelFd(s.FD, giouring.AsyncCancelAll)
		e.Flags |= giouring.SqeCQESkipSuccess
		e.UserData = uint64(driver.MakeToken(opIgnore, 0))
	}
	d.detachWhenIdle(s)
}

func (d *Driver) detachWhenIdle(s *driver.Socket) {
	if s.InFlight == 0 {
		d.table.Remove(s)
		s.Endpoint.Detached()
	}
}
