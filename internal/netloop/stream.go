package netloop

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// stream is one connection of the goroutine runtime. Its goroutine reads, and
// writes short replies; long ones, and those that come from a posted function,
// get a goroutine of their own for as long as they take. Everything from
// session on is guarded by the lock of the member.
type stream struct {
	member  *member
	raw     net.Conn // the socket
	wire    net.Conn // raw, or TLS over it
	created time.Time

	session Session
	out     *protocol.Output
	hold    hold
	changed sync.Cond // writing, paused or killed changed

	cause   error
	writing bool // somebody writes, and reads the chunks of out without the lock
	paused  bool // the session must not be fed
	done    bool // no more input is wanted
	ended   bool // no more input comes
	killed  bool // the socket was closed
	gone    bool // Closed was called

	pieces [][]byte    // of out, being written
	unsent net.Buffers // what is left of pieces
}

const (
	streamBuffer = 16 << 10  // most that is read at once, in bytes
	streamHold   = 64 << 10  // bytes held for a paused session before reading stops
	streamPieces = 64        // pieces of output written at once
	streamWrite  = 256 << 10 // bytes of them, so that a client that takes few at a time is seen to take some
	streamInline = 32 << 10  // bytes that the reading goroutine writes itself
)

func newStream(m *member, raw, wire net.Conn) *stream {
	s := &stream{member: m, raw: raw, wire: wire, created: m.now}
	s.changed.L = &m.mu
	return s
}

// serve reads until there is no more to read, and ends the connection.
func (s *stream) serve() {
	s.member.lock()
	s.react()
	s.settle()
	buf := make([]byte, streamBuffer)
	for s.wantsInput() {
		s.member.unlock()
		n, err := s.wire.Read(buf)
		s.member.lock()
		s.received(buf[:n])
		if err != nil {
			s.readFailed(err)
		}
		s.settle()
	}
	s.finish()
	s.member.unlock()
}

// wantsInput waits while the session is paused with as much input held as may
// be, and reports whether to read on.
func (s *stream) wantsInput() bool {
	for {
		switch {
		case s.killed || s.done || s.ended:
			return false
		case s.member.draining && s.paused && s.out.Len() == 0:
			return false // blocked
		case !s.paused || len(s.hold.mem) < streamHold:
			return true
		}
		s.changed.Wait()
	}
}

func (s *stream) received(data []byte) {
	if len(data) == 0 {
		return
	}
	s.member.stats.Receives.Add(1)
	s.member.stats.ReceivedB.Add(uint64(len(data)))
	switch {
	case s.done || s.killed:
	case s.paused:
		if err := s.hold.add(data, &s.member.stats.HeldB); err != nil {
			s.kill(err)
		}
	default:
		s.session.Feed(data)
		s.react()
	}
}

// readFailed says what an error of Read means.
func (s *stream) readFailed(err error) {
	switch {
	case s.killed || s.done:
	case s.member.draining && errors.Is(err, os.ErrDeadlineExceeded):
		// Nothing came in a while: idle, unless it is the client who has to
		// read before the session goes on with what it holds.
		s.done = !s.paused || s.out.Len() == 0
	case errors.Is(err, io.EOF):
		s.ended = true
		s.cause = io.EOF
		if s.paused && s.out.Len() == 0 {
			s.kill(io.EOF) // blocked
		}
	default:
		s.kill(err)
	}
}

// react looks at the session after it ran.
func (s *stream) react() {
	s.done = s.session.Done()
	if s.done || s.session.Paused() {
		s.paused = true
	}
	if s.done {
		_ = s.raw.SetReadDeadline(time.Now()) // the reader is to come back
	}
}

// revive lets a paused session go on when it can.
func (s *stream) revive() {
	if !s.paused || s.done || s.killed || s.session.Paused() {
		return
	}
	s.session.Resume()
	if s.react(); s.done || s.session.Paused() {
		return
	}
	if s.hold.mem != nil {
		s.session.Feed(s.hold.mem)
		s.hold.release(&s.member.stats.HeldB)
		if s.react(); s.done || s.session.Paused() {
			return
		}
	}
	s.paused = false
	s.changed.Broadcast()
}

// settle has written what there is to write: little of it right here, so that
// a request costs no hand-over; much of it aside, so that the end of the
// client is noticed meanwhile.
func (s *stream) settle() {
	if n := s.out.Len(); n > 0 && !s.writing && !s.killed {
		s.writing = true
		if n <= streamInline {
			s.write()
		} else {
			go s.writeAside()
		}
	}
	if s.member.draining && !s.killed {
		_ = s.raw.SetReadDeadline(time.Now().Add(drainStep))
	}
}

// write writes until Output is empty. The caller holds the lock and has set
// writing; the lock is released while a write waits.
func (s *stream) write() {
	for s.out.Len() > 0 && !s.killed {
		if s.done || s.ended {
			s.limitWrite()
		}
		s.pieces = atMost(s.out.Vector(s.pieces[:0], streamPieces), streamWrite)
		s.member.unlock()
		n, err := s.writePieces()
		s.member.lock()
		s.sent(n, err)
	}
	s.writing = false
	s.changed.Broadcast()
}

// atMost cuts pieces off after n bytes.
func atMost(pieces [][]byte, n int) [][]byte {
	for i, p := range pieces {
		if len(p) >= n {
			pieces[i] = p[:n]
			return pieces[:i+1]
		}
		n -= len(p)
	}
	return pieces
}

func (s *stream) writePieces() (int, error) {
	if len(s.pieces) == 1 {
		return s.wire.Write(s.pieces[0])
	}
	s.unsent = s.pieces
	n, err := s.unsent.WriteTo(s.wire)
	return int(n), err
}

// limitWrite gives the client the time of Config.Linger to take something.
func (s *stream) limitWrite() {
	_ = s.raw.SetWriteDeadline(time.Now().Add(s.member.group.config.Linger))
}

func (s *stream) sent(n int, err error) {
	s.out.Discard(n)
	s.member.stats.Sends.Add(1)
	s.member.stats.SentB.Add(uint64(n))
	if err != nil {
		s.kill(err)
		return
	}
	s.revive()
}

// kill closes the socket, which ends whatever waits for it.
func (s *stream) kill(cause error) {
	if s.killed {
		return
	}
	s.killed, s.cause = true, cause
	_ = s.raw.Close()
	s.changed.Broadcast()
}

// finish sees the last replies off and ends the session. Called with the lock held.
func (s *stream) finish() {
	s.limitWrite()
	for !s.killed && (s.writing || s.out.Len() > 0) {
		if !s.writing {
			s.writing = true
			s.write()
			continue
		}
		s.changed.Wait()
	}
	for s.writing {
		s.changed.Wait()
	}
	s.gone = true
	s.session.Closed(s.cause)
	s.out.Release()
	s.hold.release(&s.member.stats.HeldB)
	s.member.forget(s)
}

// drain has the stream end when nothing comes any more.
func (s *stream) drain() {
	_ = s.raw.SetReadDeadline(time.Now().Add(drainStep))
	s.changed.Broadcast()
}

// Post implements Peer.
func (s *stream) Post(fn func()) {
	s.member.Post(func() {
		if s.gone || s.killed {
			return
		}
		fn()
		s.react()
		s.revive()
		s.Flush()
	})
}

// Flush implements Peer.
func (s *stream) Flush() {
	if s.out.Len() > 0 && !s.writing && !s.killed && !s.gone {
		s.writing = true
		go s.writeAside()
	}
}

// writeAside is write for a goroutine of its own.
func (s *stream) writeAside() {
	s.member.lock()
	s.write()
	s.member.unlock()
}

// Close implements Peer.
func (s *stream) Close() { s.kill(nil) }

// RemoteAddr implements Peer.
func (s *stream) RemoteAddr() string { return addrText(s.raw.RemoteAddr(), s.raw.LocalAddr()) }

// LocalAddr implements Peer.
func (s *stream) LocalAddr() string { return addrText(s.raw.LocalAddr(), s.raw.LocalAddr()) }

// addrText returns a in Redis' form; clients of a unix socket have no name,
// and Redis shows the socket's path for them.
func addrText(a, local net.Addr) string {
	if a.Network() == "unix" {
		return local.String() + ":0"
	}
	return a.String()
}

// FD implements Peer.
func (s *stream) FD() int {
	fd := -1
	if sc, can := s.raw.(syscall.Conn); can {
		if rc, err := sc.SyscallConn(); err == nil {
			_ = rc.Control(func(n uintptr) { fd = int(n) })
		}
	}
	return fd
}

// Loop implements Peer.
func (s *stream) Loop() int { return s.member.index }

// Created implements Peer.
func (s *stream) Created() time.Time { return s.created }

var _ Peer = (*stream)(nil)
