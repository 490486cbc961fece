package session

import "github.com/crucible-cache/crucible/internal/protocol/memcache"

// tooManyClients is what Redis says to a client beyond maxclients.
const tooManyClients = "-ERR max number of clients reached\r\n"

// speak fixes the dialect of the session.
func (s *Session) speak(p Protocol) {
	switch p {
	case Memcache:
		s.dialect = s.newMemcache()
	case Ping:
		s.dialect = &pingClient{out: s.out}
	default:
		s.dialect = s.newRESP()
	}
}

// detect fixes the dialect by the first byte of a connection. An array is
// RESP, and so is a word in capitals, typed by hand; Memcached's commands are
// words in small letters.
func (s *Session) detect(first byte) {
	if first == '*' || ('A' <= first && first <= 'Z') {
		s.speak(RESP)
	} else {
		s.speak(Memcache)
	}
}

// refuse tells a client that there are too many, in the words of the server
// that it expects. Nothing is said before it is known which that is.
func (s *Session) refuse(p Protocol) {
	s.done = true
	switch p {
	case Memcache:
		w := memcache.Writer{Out: s.out}
		w.Error(memcache.ErrTooManyConnections)
	case RESP:
		s.out.WriteString(tooManyClients)
	}
}
