//go:build uring

package uring

import (
	"fmt"
	"unsafe"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// A send that may wait for room completes with an entry in the completion queue,
// and since nearly all of them complete at once, the wait that follows in the
// same io_uring_enter would end with them, before any request has come: two
// system calls for each round. So a send is first tried with MSG_DONTWAIT,
// which makes it end during the submission, and with IOSQE_CQE_SKIP_SUCCESS
// and MSG_WAITALL, which make it complete only when it did not take
// everything. What has no completion when io_uring_enter has returned was
// sent. A socket whose buffer was full is sent to in the ordinary, waiting
// way until there was room.
//
// With SQPOLL nobody knows when a submission is through, and sends take
// the ordinary way.
const (
	sendFlags = unix.MSG_NOSIGNAL
	nowFlags  = sendFlags | unix.MSG_DONTWAIT | unix.MSG_WAITALL
)

// Send implements driver.Driver.
func (d *Driver) Send(s *driver.Socket) {
	op, flags := opSendNow, nowFlags
	if s.Bits&(crowded|failed) != 0 || d.config.SQPoll {
		op, flags = opSend, sendFlags
	}
	e := d.prepareSend(s, flags)
	e.UserData = uint64(s.Token(op))
	s.InFlight++
	if op == opSendNow {
		e.Flags |= giouring.SqeCQESkipSuccess
		d.now = append(d.now, s)
		// Nothing will tell when it is over; if that is waited for, the
		// driver must not wait.
		d.prompt = d.prompt || s.Offered < s.Output.Len() || s.Bits&(paused|ended) != 0
	}
}

// prepareSend offers what Output holds: one piece as it is, several as a
// vector, which costs little more than half of sending them one after another.
// The kernel copies the vector when it takes the entry, except under SQPOLL,
// where piece after piece is sent.
func (d *Driver) prepareSend(s *driver.Socket, flags int) *giouring.SubmissionQueueEntry {
	e := d.entry() // may submit, and so comes before a vector is taken
	front := s.Output.Front()
	if len(front) < s.Output.Len() && !d.config.SQPoll && !d.vectors.full() {
		message, size := d.vectors.take(s.Output)
		s.Offered = size
		e.PrepareSendMsg(s.FD, message, uint32(flags))
		return e
	}
	s.Offered = len(front)
	e.PrepareSend(s.FD, uintptr(unsafe.Pointer(&front[0])), uint32(len(front)), flags)
	return e
}

// sendFailed handles the completion of a send that did not take everything
// there and then.
func (d *Driver) sendFailed(c *giouring.CompletionQueueEvent) {
	token := driver.Token(c.UserData)
	if token.Op() != opSendNow {
		return
	}
	s := d.table.Find(token)
	s.InFlight--
	s.Bits |= failed
	if c.Res >= 0 || c.Res == -int32(unix.EAGAIN) {
		s.Bits |= crowded
	}
	d.report(s, c.Res)
}

// settle reports the sends that were tried without waiting and of which
// nothing was heard: they are done. The submission queue is empty, and every
// failure was handled.
func (d *Driver) settle() {
	for _, s := range d.now {
		if s.Bits&failed != 0 {
			s.Bits &^= failed
			continue
		}
		s.InFlight--
		d.report(s, int32(s.Offered))
	}
	clear(d.now)
	d.now = d.now[:0]
}

// sent handles the completion of a send that could wait.
func (d *Driver) sent(s *driver.Socket, res int32) {
	if s == nil {
		return
	}
	s.InFlight--
	s.Bits &^= crowded
	d.report(s, res)
}

// report tells the endpoint what became of a send.
func (d *Driver) report(s *driver.Socket, res int32) {
	switch {
	case s.Bits&detaching != 0:
		d.detachWhenIdle(s)
	case res >= 0:
		if int(res) < s.Offered {
			d.stats.ShortSends.Add(1)
		}
		s.Endpoint.Sent(int(res), nil)
	case res == -int32(unix.EAGAIN), res == -int32(unix.EINTR):
		s.Endpoint.Sent(0, nil)
	default:
		s.Endpoint.Sent(0, fmt.Errorf("send: %w", unix.Errno(-res)))
	}
}
