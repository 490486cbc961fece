// Package session is one connected client without I/O: bytes in, replies out.
// The engine feeds a Session what arrived and sends what its Output holds; the
// Session cuts the bytes into requests and has them carried out.
//
// A Session speaks one dialect: RESP, Memcached's text protocol or ping, fixed
// by its listener or, on an "auto" listener, told apart by the first byte.
//
// Everything here runs on the thread of the connection's loop. Whole requests
// are parsed where they were received. Only the part of a request whose rest is
// still to come is copied, into memory mapped for the purpose input, and
// counted against the limit of the query buffer. A client whose replies pile
// up is not served further until it has read some: see outputBoundMin.
package session

import (
	"github.com/crucible-cache/crucible/internal/protocol"
)

// Peer is the connection as its session sees it.
type Peer interface {
	Post(fn func())
	Close()
	RemoteAddr() string
	LocalAddr() string
	FD() int
	Loop() int
	Flush()
}

// dialect is a protocol with the state of one client that speaks it.
type dialect interface {
	// step carries out the request at the start of buf and returns its length,
	// 0 when it is not whole. Bytes that are to be skipped count as a request.
	step(buf []byte) int

	// expect notes the request that buf is.
	expect(buf []byte)

	// need returns how many bytes the incomplete request lacks at least, 0
	// when that is not known.
	need() int

	// fate says what is to become of the connection.
	fate() fate

	// limits returns the bounds of this client's buffers.
	limits() limits

	// note tells the client what its buffers hold, for reports: bytes that are
	// held, the room left behind them, and replies that wait.
	note(held, room, waiting int)

	// active tells the client, for reports too, that something other than a
	// request came or went.
	active(nowMS int64)

	// close releases what the client holds elsewhere.
	close()
}

// fate is what is to become of a connection.
type fate uint8

const (
	goOn      fate = iota
	wait           // carry out nothing until the client is served
	finish         // close when all replies are sent
	breakdown      // close at once
)

// limits are the bounds that a client must not pass, in bytes and seconds; 0 is
// no bound.
type limits struct {
	input              int64 // of an incomplete request
	output, outputSoft int64 // of replies that wait
	outputSoftSeconds  int64
	idleSeconds        int64
}

// Session is one connected client.
type Session struct {
	worker  *Worker
	peer    Peer
	out     *protocol.Output
	dialect dialect // nil until the first byte tells, and of a refused client
	held    input
	paused  bool
	blocked bool // the client waits in a command
	done    bool
	noted   bool // the client was told of its buffers
	easeAt  int  // bytes of out at which a paused session goes on

	protocol Protocol // Auto until the first byte tells

	expected  int   // 1 + the place in worker.expected, 0 = none
	index     int   // in worker.sessions
	activeMS  int64 // when bytes last arrived, or were sent other than at once
	unsent    int   // bytes of out at the last tick
	overSince int64 // since when the output is over its soft limit, 0 = it is not
}

// Output returns the replies that wait to be sent.
func (s *Session) Output() *protocol.Output { return s.out }

// Done reports that no more input is wanted: the connection is to be closed
// when all replies are sent.
func (s *Session) Done() bool { return s.done }

// Paused reports that nothing may be fed now.
func (s *Session) Paused() bool { return s.blocked || s.paused && s.out.Len() > s.easeAt }

// Feed takes received bytes. They are not needed after the return.
func (s *Session) Feed(data []byte) {
	s.activeMS = s.worker.Commands.NowMS
	if s.done || len(data) == 0 {
		return
	}
	if s.dialect == nil {
		if s.detect(data[0]); s.done {
			return
		}
	}
	if s.expected > 0 && s.meet(data) {
		s.judge()
		return
	}
	if !s.paused {
		data = data[s.bridge(data):]
		if s.held.len() == 0 {
			data = data[s.consume(data):]
		}
	}
	s.hold(data)
	if s.held.len() > 0 {
		s.touch()
	}
	s.judge()
}

// Resume goes on with the input that was held back.
func (s *Session) Resume() {
	s.paused = false
	if s.dialect != nil {
		s.held.discard(s.consume(s.held.bytes()))
	}
	s.judge()
}

// poster is the connection as its client sees it. What a posted function did
// to the client, CLIENT KILL for one, takes effect at once.
type poster struct {
	Peer
	session *Session
}

// Post implements command.Peer.
func (p poster) Post(fn func()) {
	p.Peer.Post(func() {
		fn()
		p.session.judge()
	})
}

// Flush implements command.Peer.
func (p poster) Flush() {
	p.session.touch()
	p.session.judge()
	p.Peer.Flush()
}

// touch notes that the client isn't idle, for a reason other than a request.
func (s *Session) touch() {
	s.activeMS = s.worker.Commands.NowMS
	if s.dialect != nil {
		s.dialect.active(s.activeMS)
	}
}

// Closed is the last call: the connection is gone.
func (s *Session) Closed(error) {
	if s.dialect != nil {
		s.dialect.close()
	}
	s.held.release()
	s.worker.leave(s)
}

// open reports whether requests may be carried out.
func (s *Session) open() bool {
	if s.paused || s.blocked || s.done {
		return false
	}
	n := s.out.Len()
	if n <= protocol.MaxReserve {
		return true
	}
	if s.worker.full(n) {
		s.paused, s.easeAt = true, min(n, s.worker.bound)/2
		return false
	}
	// One who is to be cut off gets nothing more done.
	bound := s.OutputBound()
	return bound == 0 || n < bound
}

// OutputBound implements protocol.Bounder: what waits for the client beyond it is lost,
// for it is cut off.
func (s *Session) OutputBound() int {
	if s.dialect == nil {
		return 0
	}
	return int(s.dialect.limits().output)
}

// consume carries out the requests that are whole in buf, as many as may be,
// and returns how many bytes they were.
func (s *Session) consume(buf []byte) int {
	n := 0
	for n < len(buf) && s.open() {
		k := s.dialect.step(buf[n:])
		s.obey()
		if k == 0 {
			break
		}
		n += k
	}
	return n
}

// bridgeStep is how much is added at a time to a request that is held in part
// and whose length is not known, in bytes.
const bridgeStep = 512

// bridge completes the request that is held in part with as little of data as
// it takes, so that what follows is parsed in place, and returns how much of
// data it used.
func (s *Session) bridge(data []byte) int {
	used := 0
	for s.held.len() > 0 && used < len(data) && s.open() {
		had := s.held.len()
		k := min(len(data)-used, max(s.dialect.need(), bridgeStep))
		s.held.append(data[used:used+k], s.dialect.need())
		n := s.dialect.step(s.held.bytes())
		s.obey()
		if n == 0 {
			used += k
			continue
		}
		if n >= had {
			used += n - had
			s.held.empty()
			continue
		}
		// What was held begins with bytes that were skipped.
		used += k
		s.held.discard(n)
	}
	return used
}

// hold keeps the rest of data for later.
func (s *Session) hold(data []byte) {
	if s.done || len(data) == 0 {
		return
	}
	need := 0
	if !s.paused {
		if need = s.dialect.need(); need > 0 {
			need += len(data) // which was looked at
		}
	}
	s.held.append(data, need)
}

// obey does what the dialect's fate asks for.
func (s *Session) obey() {
	f := s.dialect.fate()
	if waits := f == wait; waits != s.blocked {
		s.blocked = waits
		s.touch() // it has its reply now, however long ago the request was
	}
	if f > wait {
		s.end(f)
	}
}

// end stops serving the client.
func (s *Session) end(f fate) {
	s.done = true
	s.held.release()
	if f == breakdown {
		s.peer.Close()
	}
}

// judge ends the session if something said so, or if a buffer passed what the
// client may have waiting.
func (s *Session) judge() {
	if s.done || s.dialect == nil {
		return
	}
	if s.obey(); s.done {
		return
	}
	// What a few small requests leave for the time of a wake-up is not worth a look.
	worth := s.held.len() > 0 || s.out.Len() > protocol.MaxReserve
	if !worth {
		s.overSince = 0
	} else if s.judgeBuffers(); s.done {
		return
	}
	// Only then the others may have to make room for what it has.
	if worth || s.noted {
		s.dialect.note(s.held.len(), s.held.room(), s.out.Len())
		s.noted = worth
		s.obey()
	}
}

// judgeBuffers ends a client of which more is held, or for which more waits, than may be.
func (s *Session) judgeBuffers() {
	l := s.dialect.limits()
	if l.input > 0 && int64(s.held.len()) > l.input {
		s.worker.CutOff.Input.Add(1)
		s.end(breakdown)
		return
	}
	s.judgeOutput(l)
}

// judgeOutput ends a client that does not read its replies.
func (s *Session) judgeOutput(l limits) {
	n, now := int64(s.out.Len()), s.worker.Commands.NowMS
	switch {
	case s.out.Overflowed(), l.output > 0 && n >= l.output:
		s.cutOff()
	case l.outputSoft <= 0 || n < l.outputSoft:
		s.overSince = 0
	case s.overSince == 0:
		s.overSince = now
	case now-s.overSince > l.outputSoftSeconds*1000:
		s.cutOff()
	}
}

// cutOff ends a client for whom too many replies wait.
func (s *Session) cutOff() {
	s.worker.CutOff.Output.Add(1)
	s.end(breakdown)
}

// tick looks at what time brings: limits that are passed by waiting, and room for
// input that is not needed any more. A client that takes long to read its replies is
// not idle.
func (s *Session) tick(nowMS int64) {
	left := s.out.Len()
	if left < s.unsent {
		s.touch()
	}
	s.unsent = left
	if s.held.buf != nil && nowMS-s.activeMS > restMS {
		s.held.shrink()
		s.noted = true // it is told what it has now
	}
	s.judge()
	if s.done || s.dialect == nil {
		return
	}
	if idle := s.dialect.limits().idleSeconds; idle > 0 && !s.blocked && nowMS-s.activeMS > idle*1000 {
		s.end(breakdown)
	}
}
