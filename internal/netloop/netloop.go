// Package netloop is the engine: it moves bytes between sockets and sessions
// and knows no command.
//
// A loop is one thread that owns a share of the connections. It waits for the
// kernel, hands what arrived to the sessions, and, after everything that this
// wake-up brought was handled, sends each connection's replies at once. Two
// native drivers implement the waiting, package uring over io_uring and package
// epoll over epoll; a third runtime drives the same sessions with a goroutine for each
// connection over net.Conn, for TLS and for systems other than Linux.
//
// Threads: every method of [Session] and [Worker] is called by one thread at a
// time and, under a native driver, always by the thread of its loop. What may
// be called from elsewhere ([Peer.Post], [Loop.Post], [Stats]) says so.
//
// Memory: what the kernel reads or writes while an operation is in flight is
// mapped by package offheap: receive buffers and vectors under the purpose
// rings, replies under output, input that arrived for a paused session under
// input. A request that comes and a reply that goes allocate nothing.
//
// Limits: for a paused connection the engine holds what input was already on
// its way, at most the receive buffers of its loop; then nothing is read from
// its socket. A loop keeps no queue of its own for requests: what is not read
// waits in the socket. Replies are bounded by the session, which pauses and, past
// a hard bound, closes.
//
// GOMAXPROCS: a native loop occupies a thread whether it waits or works, and
// its wait counts as a system call. The caller sets GOMAXPROCS to the number
// of loops plus 2 or more, so that the garbage collector and the goroutines
// that log, scrape and save find a processor without taking one from a loop.
package netloop

import (
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// Session is one connected client, without its socket. All calls come from
// the thread of the connection's loop, and none comes from within another: a
// call to [Peer.Close] from inside Feed leads to Closed later.
//
// The calls of one connection are, in order: any number of Feed, Resume and
// functions that were posted to its Peer, then Closed. After each of them the
// engine looks at Output, Done and Paused, in that order.
type Session interface {
	// Expect shows bytes that Feed will most likely hand over in this wake-up,
	// after other sessions were fed, at the same place: what they ask for can be
	// loaded meanwhile. It may be left out, and must have no effect to be seen.
	Expect(data []byte)

	// Feed hands over received bytes, cut anywhere. The slice is valid only
	// during the call; the session consumes or copies all of it, also when it
	// becomes paused half way through.
	Feed(data []byte)

	// Output returns the replies that wait to be sent, always the same one.
	// The engine sends from its front and discards what was sent; the session
	// only appends and truncates what it appended since the engine last
	// looked. After Closed the engine releases it.
	Output() *protocol.Output

	// Done reports that the session wants no more input (QUIT, a protocol
	// error): the connection is closed once Output is empty.
	Done() bool

	// Paused reports that the session must not be fed now: its output is over
	// the soft bound, or a command blocks it. The engine then stops reading from
	// the socket. A client that hangs up while its session is paused with
	// an empty Output is gone at once, as a blocked client is in Redis.
	Paused() bool

	// Resume follows when Paused turned false after bytes were sent or a
	// posted function ran: the session goes on with the input it held back.
	Resume()

	// Closed is the last call. The socket is still open but carries nothing
	// any more. err is nil when the session was Done or the loop is shut down,
	// io.EOF when the client hung up, else what went wrong.
	Closed(err error)
}

// Worker is what the sessions of one loop share. The caller makes one for each
// loop. All calls come from the thread of the loop.
type Worker interface {
	// Accept returns the session of a new connection of the listener with
	// this ID. The client of a session that is Done from the start gets its
	// Output and is disconnected: that is how a connection over maxclients is
	// refused. nil closes the socket without a word.
	Accept(p Peer, listener int) Session

	// Awake starts a wake-up, before anything else is called. now carries the
	// wall clock and the monotonic clock; whoever needs the time in this wake-up
	// takes this one.
	Awake(now time.Time)

	// Tick is called about ten times a second ([Config.Tick]), after Awake.
	Tick()

	// Stopped is the last call, when every session was Closed: the worker
	// gives back what it holds for the loop, such as its protocol.Pool.
	Stopped()
}

// Peer is the connection as its session sees it.
type Peer interface {
	// Post has the connection's loop run fn on its thread, after which the
	// session is looked at as if it had been fed. Any thread may call it. fn
	// is dropped if the connection is gone by then; functions posted by one
	// thread run in order.
	Post(fn func())

	// Flush has the loop look at Output before it next waits, and send what
	// somebody else than the session itself, another client's request for one,
	// appended to it. From the loop's thread.
	Flush()

	// Close disconnects without sending what is left in Output (output buffer
	// limit, CLIENT KILL). From the loop's thread; takes effect, with Closed,
	// before the loop next waits.
	Close()

	// RemoteAddr and LocalAddr return host:port of a TCP connection, path:0
	// of a unix one, as Redis prints them. They ask the kernel on the first
	// call. From the loop's thread, until Closed returns.
	RemoteAddr() string
	LocalAddr() string

	// FD returns the file descriptor, -1 if there is none of its own.
	FD() int

	// Loop returns the index of the loop the connection lives on.
	Loop() int

	// Created returns when the connection was accepted.
	Created() time.Time
}

// Loop is one loop as its worker and its caller see it.
type Loop interface {
	// Index returns the number of the loop, from 0.
	Index() int

	// Post has the loop run fn on its thread. Any thread may call it. Once the
	// loop has ended fn is dropped.
	Post(fn func())

	// Tell is other.Post(fn) for a caller on this loop's thread: the other
	// loop, of whatever engine, is woken together with everything else this
	// wake-up submits. Command handlers that have something for clients of
	// another loop use it; see [Peer.Flush].
	Tell(other Loop, fn func())

	// Stats returns the loop's counters. Any thread may read them.
	Stats() *Stats
}
