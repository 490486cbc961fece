package session

import "github.com/crucible-cache/crucible/internal/prefetch"

// expected are requests of different sessions that are about to be fed, one
// of each, parsed before the first of them is carried out, so that the
// memory that they need is loaded meanwhile. A pipeline is looked ahead in by
// itself. It belongs to a worker.
type expected struct {
	upcoming
	of    [lookahead]expectation
	count int
	met   bool // the first was fed: what is added now begins anew
}

// expectation says whose a request is and where it was seen.
type expectation struct {
	session *Session
	scout   scout
	first   *byte
}

// Expect implements netloop.Session.
func (s *Session) Expect(data []byte) {
	s.expected = 0
	if prefetch.On && len(data) > 0 && s.dialect != nil && s.held.len() == 0 && !s.paused && !s.blocked && !s.done {
		s.dialect.expect(data)
	}
}

// add notes that data, if it is one whole request, is about to be fed to s.
func (e *expected) add(s *Session, p scout, data []byte) {
	if e.met {
		e.clear()
	}
	if e.count == lookahead || p.parse(&e.upcoming, e.count, data) != len(data) {
		return
	}
	p.look(&e.upcoming, e.count)
	e.of[e.count] = expectation{s, p, &data[0]}
	e.count++
	s.expected = e.count
}

// clear forgets what is left: data that was not fed after all.
func (e *expected) clear() {
	for i := range e.of[:e.count] {
		e.of[i].session.expected = 0
		e.of[i] = expectation{}
	}
	e.count, e.met = 0, false
}

// meet carries out the request that was expected of s, if it is the one that
// came, and reports whether it was.
func (s *Session) meet(data []byte) bool {
	e, i := &s.worker.expected, s.expected-1
	s.expected = 0
	if !e.met {
		e.met = true
		for i := range e.count {
			e.of[i].scout.approach(&e.upcoming, i)
		}
		if e.count > 1 {
			e.of[1].scout.gather(&e.upcoming, 1)
		}
	}
	if e.of[i].first != &data[0] || !s.open() {
		return false
	}
	if next := i + 2; next < e.count {
		e.of[next].scout.gather(&e.upcoming, next)
	}
	if next := i + 1; next < e.count {
		e.of[next].scout.reach(&e.upcoming, next)
	}
	e.of[i].scout.execute(&e.upcoming, i)
	s.obey()
	return true
}
