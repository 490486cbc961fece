package netloop

import (
	"bytes"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/protocol"
)

// echoWorker runs echoSessions, which speak a protocol of lines:
//
//	<text>     is answered with itself
//	BIG n      with n times 'x'
//	BLOCK      with nothing, until somebody posts echoSession.unblock
//	QUIT       with BYE and the end of the connection
//	KILL       with the end of the connection
//	OFFLOOP t  with t, posted by a goroutine, the session being paused until then
type echoWorker struct {
	loop Loop
	pool *protocol.Pool
	now  time.Time
	test *echoTest
}

// echoTest is what the sessions of all workers tell the test.
type echoTest struct {
	soft   int // bound on Output above which a session is paused
	refuse atomic.Int32

	mu       sync.Mutex
	sessions map[*echoSession]bool
	closed   []error
	stopped  int
	ticks    int
}

// The values of echoTest.refuse, besides 0.
const (
	refuseSilently = iota + 1
	refuseWithReply
)

func newEchoTest(soft int) *echoTest {
	return &echoTest{soft: soft, sessions: make(map[*echoSession]bool)}
}

func (t *echoTest) worker(l Loop) Worker {
	return &echoWorker{loop: l, pool: new(protocol.Pool), test: t}
}

func (t *echoTest) live() []*echoSession {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*echoSession
	for s := range t.sessions {
		all = append(all, s)
	}
	return all
}

func (t *echoTest) closedErrors() []error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]error(nil), t.closed...)
}

func (w *echoWorker) Accept(p Peer, listener int) Session {
	refuse := w.test.refuse.Load()
	if refuse == refuseSilently {
		return nil
	}
	s := &echoSession{worker: w, peer: p, listener: listener, out: protocol.NewOutput(w.pool)}
	if refuse == refuseWithReply {
		s.out.WriteString("FULL\n")
		s.done = true
	}
	w.test.mu.Lock()
	w.test.sessions[s] = true
	w.test.mu.Unlock()
	return s
}

func (w *echoWorker) Awake(now time.Time) { w.now = now }

func (w *echoWorker) Tick() {
	w.test.mu.Lock()
	w.test.ticks++
	w.test.mu.Unlock()
}

func (w *echoWorker) Stopped() {
	w.pool.Close()
	w.test.mu.Lock()
	w.test.stopped++
	w.test.mu.Unlock()
}

type echoSession struct {
	worker   *echoWorker
	peer     Peer
	listener int
	out      *protocol.Output
	held     []byte // input not handled yet
	blocked  bool
	done     bool
	maxOut   atomic.Int64 // most that out ever held
}

func (s *echoSession) Output() *protocol.Output { return s.out }
func (s *echoSession) Done() bool               { return s.done }
func (s *echoSession) Paused() bool             { return s.blocked || s.out.Len() > s.worker.test.soft }
func (s *echoSession) Resume()                  { s.Feed(nil) }

func (s *echoSession) Expect([]byte) {}

func (s *echoSession) Feed(data []byte) {
	if len(s.held) > 0 {
		s.held = append(s.held, data...)
		data = s.held
	}
	for !s.done && !s.Paused() {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			break
		}
		s.command(line)
		data = rest
	}
	s.held = append(s.held[:0], data...)
}

func (s *echoSession) command(line []byte) {
	switch word, arg, _ := bytes.Cut(line, []byte(" ")); string(word) {
	case "BIG":
		n, _ := strconv.Atoi(string(arg))
		for n > 0 {
			k := min(n, len(exes))
			s.out.Write(exes[:k])
			n -= k
		}
		s.out.Write([]byte("\n"))
	case "BLOCK":
		s.blocked = true
	case "QUIT":
		s.out.WriteString("BYE\n")
		s.done = true
	case "KILL":
		s.peer.Close()
	case "OFFLOOP":
		s.blocked = true
		text := string(arg) + "\n"
		go s.peer.Post(func() { s.unblock(text) })
	default:
		s.out.Write(line)
		s.out.Write([]byte("\n"))
	}
	if n := int64(s.out.Len()); n > s.maxOut.Load() {
		s.maxOut.Store(n)
	}
}

var exes = bytes.Repeat([]byte("x"), 4096)

func (s *echoSession) unblock(text string) {
	s.blocked = false
	s.out.WriteString(text)
}

func (s *echoSession) Closed(err error) {
	t := s.worker.test
	t.mu.Lock()
	delete(t.sessions, s)
	t.closed = append(t.closed, err)
	t.mu.Unlock()
}
