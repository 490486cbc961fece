package netloop

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// member is a worker of the goroutine runtime and the lock that stands for
// its thread.
type member struct {
	index  int
	group  *group
	worker Worker
	stats  Stats
	load   atomic.Int32 // connections open and on their way here

	mail mailbox
	bell chan struct{} // rung when there is mail
	quit chan struct{} // closed to end the goroutine that reads it
	idle chan struct{} // closed when that has ended

	mu       sync.Mutex
	now      time.Time
	streams  map[*stream]struct{}
	draining bool
}

func newMember(g *group, index int, newWorker func(Loop) Worker) *member {
	m := &member{
		index: index, group: g, streams: make(map[*stream]struct{}),
		bell: make(chan struct{}, 1), quit: make(chan struct{}), idle: make(chan struct{}),
	}
	m.worker = newWorker(m)
	go m.run()
	return m
}

// lock makes the caller the thread of the worker.
func (m *member) lock() {
	m.mu.Lock()
	m.stats.Awake()
	m.now = time.Now()
	m.worker.Awake(m.now)
}

func (m *member) unlock() {
	m.stats.Rest()
	m.mu.Unlock()
}

// run reads the mail and ticks.
func (m *member) run() {
	defer close(m.idle)
	ticker := time.NewTicker(m.group.config.Tick)
	defer ticker.Stop()
	for {
		select {
		case <-m.bell:
			m.lock()
			for l := m.mail.take(); l != nil; l = l.next {
				m.stats.Mail.Add(1)
				l.fn()
			}
			m.unlock()
		case <-ticker.C:
			m.lock()
			m.worker.Tick()
			m.stats.TickNS.Add(uint64(time.Since(m.now))) //nolint:gosec // not negative
			m.unlock()
		case <-m.quit:
			return
		}
	}
}

// stop ends the member; its streams have ended.
func (m *member) stop() {
	close(m.quit)
	<-m.idle
	m.mail.seal()
	m.lock()
	m.worker.Stopped()
	m.unlock()
}

// adopt makes a stream of a connection, nil if the worker refuses it.
func (m *member) adopt(nc, wire net.Conn, listener int) *stream {
	m.lock()
	defer m.unlock()
	s := newStream(m, nc, wire)
	if m.draining {
		return nil
	}
	if s.session = m.worker.Accept(s, listener); s.session == nil {
		return nil
	}
	s.out = s.session.Output()
	m.streams[s] = struct{}{}
	m.stats.Accepted.Add(1)
	m.stats.Connections.Add(1)
	return s
}

// forget drops a stream that was closed.
func (m *member) forget(s *stream) {
	delete(m.streams, s)
	m.stats.Closed.Add(1)
	m.stats.Connections.Add(-1)
}

func (m *member) drain() {
	m.lock()
	defer m.unlock()
	m.draining = true
	for s := range m.streams {
		s.drain()
	}
}

func (m *member) killAll() {
	m.lock()
	defer m.unlock()
	for s := range m.streams {
		s.kill(nil)
	}
}

// Index implements Loop.
func (m *member) Index() int { return m.index }

// Post implements Loop.
func (m *member) Post(fn func()) {
	if !m.mail.push(&letter{fn: fn}) {
		return
	}
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

// Tell implements Loop.
func (m *member) Tell(other Loop, fn func()) { other.Post(fn) }

// Stats implements Loop.
func (m *member) Stats() *Stats { return &m.stats }

var _ Loop = (*member)(nil)
