package session

import (
	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/prefetch"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// lookahead is how many requests of a pipeline are parsed before the first of
// them is carried out, so that the memory that they need is loaded meanwhile.
const lookahead = 16

// upcoming are requests that were parsed ahead. It belongs to a worker and
// serves its sessions in turn, for between two calls of step it is empty.
type upcoming struct {
	end      [lookahead]int // behind each request
	resp     [lookahead]resp.Parser
	command  [lookahead]command.Ahead
	memcache [lookahead]memcache.Parser
	get      [lookahead]memcached.Ahead
}

// scout is a dialect that can parse ahead.
type scout interface {
	// parse puts the request at the start of buf in place i and starts to load
	// what it will read. It returns its length, 0 when it is not whole or wrong.
	parse(u *upcoming, i int, buf []byte) int
	// approach goes on loading where parse stopped.
	approach(u *upcoming, i int)
	// execute carries the request out.
	execute(u *upcoming, i int)
	fate() fate
}

// ahead carries out the requests at the start of buf, if two or more are whole,
// and returns how many bytes they were. 0 leaves buf to the client's own parser.
func (s *Session) ahead(p scout, buf []byte) int {
	if !prefetch.On {
		return 0
	}
	u := &s.worker.upcoming
	count, n := 0, 0
	for count < lookahead && n < len(buf) {
		k := p.parse(u, count, buf[n:])
		if k == 0 {
			break
		}
		n += k
		u.end[count] = n
		count++
	}
	if count < 2 {
		return 0
	}
	for i := range count {
		p.approach(u, i)
	}
	for i := range count {
		p.execute(u, i)
		if p.fate() != goOn || !s.open() {
			return u.end[i]
		}
	}
	return n
}
