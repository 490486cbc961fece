// Package driver is the contract between a loop and the native drivers that
// move its bytes: io_uring in package uring, epoll in package epoll.
//
// The contract is that of a proactor: the loop asks for an operation, the
// driver reports later, or before the call returns, what became of it. Epoll
// fits into it by doing the operation when the socket is ready.
//
// A driver belongs to one loop. All of its methods are called by the thread
// of the loop, which must also be the one that made the driver, and all reports
// are made on it; [Driver.Wake] alone may be called by any thread.
package driver

import (
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// Driver waits for one loop and does its socket operations.
type Driver interface {
	// Listen has connections of the listening socket fd reported as
	// Host.Accepted with the number l, a small one, until Unlisten.
	Listen(l, fd int) error

	// Unlisten stops accepting from l. Connections that were already taken may
	// still be reported by the next Wait. fd is free to be closed when it returns.
	Unlisten(l int)

	// Attach starts receiving from s.
	Attach(s *Socket) error

	// Pause says that data of s is unwanted for now. It costs nothing: the
	// driver stops receiving when data comes all the same. What was already on
	// its way may still be reported. If the client hangs up after that, its
	// Endpoint is told HungUp, at most once for each Pause.
	Pause(s *Socket)

	// Resume ends a Pause.
	Resume(s *Socket)

	// Send sends from the front of s.Output, which holds something. One Sent
	// follows, maybe before Send returns; until then there is no other Send.
	Send(s *Socket)

	// Detach gives s up: Detached follows, maybe before Detach returns, when
	// the kernel has no more use for the socket and its memory. In between
	// nothing is reported.
	Detach(s *Socket)

	// Wait hands everything that was asked for to the kernel and waits until
	// something happens, at most for timeout: 0 or less does not wait; see
	// BriefWait for the choice of a short one. It then
	// calls Host.Awake, and reports everything that happened. An error is
	// fatal for the loop.
	Wait(timeout time.Duration) error

	// Wake ends the current or the next Wait. Any thread may call it, until Close.
	Wake()

	// WakeOther wakes the driver of another loop, of the same kind, with the
	// next Wait of this one.
	WakeOther(other Driver)

	// Close frees everything. Every Socket is detached and every listener
	// unlistened by then.
	Close()
}

// BriefWait is the longest wait that a driver makes without telling Go's
// scheduler. That saves the scheduler's bookkeeping, and the scheduler's
// monitor thread can't take the loop's processor away meanwhile, which it is
// quick to do and which costs both dearly. The price is that a stop of the
// world, for garbage collection, has to interrupt the wait with a signal; it waits no
// longer than this if the signal should not come through. So a loop makes brief
// waits while it is busy, and leaves its processor to others when it is not.
//
// It is longer than a tick of the kernel (1 to 10 ms, mostly 4): a timer that is due before
// the next tick has to be set in hardware by each wait and taken back by each wake-up,
// which for a guest is a way out to the hypervisor.
const BriefWait = 10 * time.Millisecond

// Host is told what concerns the loop as a whole.
type Host interface {
	// Awake is called once in each Wait, before any report.
	Awake()

	// Accepted reports a connection that listener l took. It owns fd.
	Accepted(l, fd int)

	// AcceptFailed reports that listener l could not take a connection. Listener l
	// is unlistened; the host may listen again.
	AcceptFailed(l int, err error)
}

// Endpoint is told what happens to its socket.
type Endpoint interface {
	// Expect shows data that Received will most likely hand over in this Wait,
	// so that what it asks for can be loaded meanwhile. A driver may do without.
	Expect(data []byte)

	// Received hands over data that is valid only during the call.
	Received(data []byte)

	// Ended reports, once, that nothing more will be received: io.EOF when the client
	// has shut down its sending side, else the error.
	Ended(err error)

	// HungUp reports that the client of a paused socket has shut down its
	// sending side; there may be data before that end.
	HungUp()

	// Sent answers Send: n bytes were taken from Output, which is left to the
	// endpoint to discard, or err says why no more can be sent.
	Sent(n int, err error)

	// Detached answers Detach.
	Detached()
}

// Socket is one connection as a driver sees it. Its maker sets the exported
// fields before Attach; the rest belongs to the driver.
type Socket struct {
	FD       int
	Endpoint Endpoint
	Output   *protocol.Output

	slot, gen uint32 // where it stands in the driver's Table

	// Bits is the state of the socket, with a meaning of the driver's own.
	Bits uint32

	// InFlight counts the operations whose last completion is still to come.
	InFlight int32

	// Offered is the number of bytes handed to the operation that sends.
	Offered int
}
