package session

import (
	"errors"

	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// memcacheClient speaks Memcached's text protocol.
type memcacheClient struct {
	session *Session
	parser  memcache.Parser
	client  memcached.Client
}

func (s *Session) newMemcache() dialect {
	m := &memcacheClient{session: s}
	m.client.W = s.worker.Memcached
	m.client.Out.Out = s.out
	settings := &s.worker.Memcached.Server.Settings
	m.parser.MaxItem, m.parser.MaxLine = settings.MaxItem, settings.MaxLine
	return m
}

func (m *memcacheClient) step(buf []byte) int {
	if !m.parser.Partial() {
		if n := m.session.ahead(m, buf); n > 0 {
			return n
		}
	}
	n, err := m.parser.Parse(buf)
	if err != nil {
		var refused *memcache.Error
		if errors.As(err, &refused) {
			m.client.Refused(&m.parser.Request, refused)
		}
		return n
	}
	if n > 0 {
		m.client.Execute(&m.parser.Request, &memcached.Ahead{})
	}
	return n
}

func (m *memcacheClient) expect(buf []byte) {
	if !m.parser.Partial() {
		m.session.worker.expected.add(m.session, m, buf)
	}
}

func (m *memcacheClient) parse(u *upcoming, i int, buf []byte) int {
	u.get[i] = memcached.Ahead{}
	p := &u.memcache[i]
	p.MaxItem, p.MaxLine = m.parser.MaxItem, m.parser.MaxLine
	n, err := p.Parse(buf)
	if n == 0 || err != nil {
		p.Reset()
		return 0
	}
	return n
}

func (m *memcacheClient) look(u *upcoming, i int) {
	u.get[i] = m.client.LookAhead(&u.memcache[i].Request)
}

func (m *memcacheClient) approach(u *upcoming, i int) { m.client.Approach(&u.get[i]) }

func (m *memcacheClient) gather(u *upcoming, i int) { m.client.Gather(&u.get[i]) }

// reach has nothing to do: values are strings.
func (m *memcacheClient) reach(*upcoming, int) {}

func (m *memcacheClient) execute(u *upcoming, i int) {
	m.client.Execute(&u.memcache[i].Request, &u.get[i])
}

// Memcached has no record of slow commands.
func (m *memcacheClient) beginGroup() {}

func (m *memcacheClient) endGroup(*upcoming, int) {}

func (m *memcacheClient) need() int { return m.parser.Need() }

func (m *memcacheClient) fate() fate {
	if m.client.Closing {
		return finish
	}
	return goOn
}

// limits leaves the input unbounded, for the parser bounds it: by the longest
// line and the largest item.
func (m *memcacheClient) limits() limits {
	return limits{idleSeconds: m.client.W.Server.Settings.IdleSeconds}
}

func (m *memcacheClient) note(int, int, int) {}

func (m *memcacheClient) active(int64) {}

func (m *memcacheClient) close() {}
