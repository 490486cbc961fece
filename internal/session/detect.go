package session

import (
	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// tooManyClients is what Redis says to a client beyond maxclients.
const tooManyClients = "-ERR max number of clients reached\r\n"

// speak begins to serve the session in its protocol.
func (s *Session) speak() {
	switch s.protocol {
	case Memcache:
		s.worker.MemcacheStats.Connections.Add(1)
		s.dialect = s.newMemcache()
	case Ping:
		s.worker.Commands.Stats.Connections.Add(1)
		s.dialect = &pingClient{out: s.out}
	default:
		if s.worker.Commands.Server.Denies(s.peer.RemoteAddr) {
			s.done = true
			s.worker.Commands.Stats.Rejected.Add(1)
			s.out.WriteString(command.DeniedText)
			return
		}
		s.worker.Commands.Stats.Connections.Add(1)
		s.dialect = s.newRESP()
	}
}

// detect fixes the dialect by the first byte of a connection. An array is
// RESP, and so is a word in capitals, typed by hand; Memcached's commands are
// words in small letters.
//
// Only now it is known which limit the connection falls under, so that it may
// be refused only now.
func (s *Session) detect(first byte) {
	s.worker.Shared.leave(Auto)
	s.protocol = Memcache
	if first == '*' || ('A' <= first && first <= 'Z') {
		s.protocol = RESP
	}
	if s.worker.Shared.enter(s.protocol) {
		s.speak()
	} else {
		s.refuse()
	}
}

// refuse tells a client that there are too many, in the words of the server
// that it expects. Nothing is said before it is known which that is. A refused
// connection is not counted among those received.
func (s *Session) refuse() {
	s.done = true
	if s.protocol == Memcache {
		s.worker.MemcacheStats.Rejected.Add(1)
		w := memcache.Writer{Out: s.out}
		w.Error(memcache.ErrTooManyConnections)
		return
	}
	s.worker.Commands.Stats.Rejected.Add(1)
	if s.protocol == RESP {
		s.out.WriteString(tooManyClients)
	}
}
