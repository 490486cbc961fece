package netloop

import (
	"errors"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
)

// conn is one connection of a native loop: the socket the driver works on,
// the session the bytes go to, and the rules that hold between them. It is the
// session's Peer and the driver's Endpoint.
type conn struct {
	socket  driver.Socket
	loop    *loop
	session Session
	created time.Time
	hold    hold

	place int   // index in loop.conns
	cause error // why it is being closed

	dirty    bool // in loop.dirty
	sending  bool // the driver has a Send of this connection
	paused   bool // the session must not be fed; the driver was told
	done     bool // the session wants no more input
	ended    bool // the socket brings no more input
	hungUp   bool // the client hung up while the session was paused
	killed   bool // to be closed as it is, cause says why
	detached bool // the driver was told to give it up
	gone     bool // Closed was called

	// While a connection lingers (done or ended with replies left to
	// send) it must take some of them until this time.
	lingering bool
	deadline  time.Time

	remote, local string
}

// Expect implements driver.Endpoint.
func (c *conn) Expect(data []byte) {
	if !c.done && !c.killed && !c.paused {
		c.session.Expect(data)
	}
}

// Received implements driver.Endpoint.
func (c *conn) Received(data []byte) {
	c.loop.stats.Receives.Add(1)
	c.loop.stats.ReceivedB.Add(uint64(len(data)))
	switch {
	case c.done || c.killed:
	case c.paused:
		if err := c.hold.add(data, &c.loop.stats.HeldB); err != nil {
			c.kill(err)
		}
	default:
		c.session.Feed(data)
		c.react()
	}
}

// Ended implements driver.Endpoint.
func (c *conn) Ended(err error) {
	c.ended = true
	if !errors.Is(err, io.EOF) {
		c.kill(err)
	}
	c.mark()
}

// HungUp implements driver.Endpoint.
func (c *conn) HungUp() {
	c.hungUp = true
	c.mark()
}

// Sent implements driver.Endpoint.
func (c *conn) Sent(n int, err error) {
	c.sending = false
	if n > 0 {
		c.socket.Output.Discard(n)
		c.loop.stats.Sends.Add(1)
		c.loop.stats.SentB.Add(uint64(n))
		if c.lingering {
			c.deadline = c.loop.now.Add(c.loop.config.Linger)
		}
	}
	if err != nil {
		c.kill(err)
		return
	}
	c.revive()
	if c.socket.Output.Len() > 0 || c.done || c.ended || c.hungUp {
		c.mark()
	}
}

// react looks at the session after it was fed or resumed.
func (c *conn) react() {
	c.done = c.session.Done()
	if !c.paused && (c.done || c.session.Paused()) {
		c.paused = true
		c.loop.driver.Pause(&c.socket)
	}
	c.mark()
}

// revive lets a paused session go on when it can: first with the input it
// holds itself, then with what the loop holds for it, then from the socket.
func (c *conn) revive() {
	if !c.paused || c.done || c.killed || c.session.Paused() {
		return
	}
	c.session.Resume()
	if c.react(); c.done || c.session.Paused() {
		return
	}
	if c.hold.mem != nil {
		c.session.Feed(c.hold.mem)
		c.hold.release(&c.loop.stats.HeldB)
		if c.react(); c.done || c.session.Paused() {
			return
		}
	}
	c.paused = false
	if !c.ended {
		c.loop.driver.Resume(&c.socket)
	}
}

// run runs a posted function.
func (c *conn) run(fn func()) {
	if c.killed || c.detached {
		return
	}
	fn()
	c.react()
	c.revive()
}

// kill has the connection closed as it is when the loop next flushes.
func (c *conn) kill(cause error) {
	if c.killed {
		return
	}
	c.killed, c.cause = true, cause
	c.mark()
}

// mark has the loop look at the connection before it waits.
func (c *conn) mark() {
	if !c.dirty {
		c.dirty = true
		c.loop.dirty = append(c.loop.dirty, c)
	}
}

// flush does what is due for the connection at the end of a wake-up: send
// what is there to send, or close it.
func (c *conn) flush() {
	switch {
	case c.detached:
	case c.killed:
		c.detach(c.cause)
	case c.sending:
		c.linger()
	case c.socket.Output.Len() > 0:
		c.linger()
		c.sending = true
		c.loop.driver.Send(&c.socket)
	case c.done:
		c.detach(nil)
	case c.ended, c.hungUp && c.paused:
		// Paused with nothing to send is blocked: that a client who
		// is gone waits for something is of no use to anybody.
		c.detach(io.EOF)
	}
}

// linger starts the clock for replies that a client which sends no more
// has still to take.
func (c *conn) linger() {
	if !c.lingering && (c.done || c.ended) {
		c.lingering = true
		c.deadline = c.loop.now.Add(c.loop.config.Linger)
		c.loop.lingering = append(c.loop.lingering, c)
	}
}

func (c *conn) detach(cause error) {
	c.detached, c.cause = true, cause
	c.loop.driver.Detach(&c.socket)
}

// Detached implements driver.Endpoint: the end of the connection.
func (c *conn) Detached() {
	c.gone = true
	c.session.Closed(c.cause)
	c.socket.Output.Release()
	c.hold.release(&c.loop.stats.HeldB)
	_ = unix.Close(c.socket.FD) // the descriptor is gone whatever it says
	c.loop.forget(c)
}

// Post implements Peer.
func (c *conn) Post(fn func()) { c.loop.post(&letter{to: c, fn: fn}) }

// Flush implements Peer.
func (c *conn) Flush() {
	if !c.killed && !c.detached {
		c.mark()
	}
}

// Close implements Peer.
func (c *conn) Close() { c.kill(nil) }

// FD implements Peer.
func (c *conn) FD() int { return c.socket.FD }

// Loop implements Peer.
func (c *conn) Loop() int { return c.loop.index }

// Created implements Peer.
func (c *conn) Created() time.Time { return c.created }

// RemoteAddr implements Peer.
func (c *conn) RemoteAddr() string {
	if c.remote == "" {
		c.remote = remoteAddr(c.socket.FD)
	}
	return c.remote
}

// LocalAddr implements Peer.
func (c *conn) LocalAddr() string {
	if c.local == "" {
		c.local = localAddr(c.socket.FD)
	}
	return c.local
}
