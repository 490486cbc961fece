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
	// parse puts the request at the start of buf in place i and returns its
	// length, 0 when it is not whole or wrong.
	parse(u *upcoming, i int, buf []byte) int
	// look starts to load what the request will read first, approach, when that
	// had time to arrive, what it will read then.
	look(u *upcoming, i int)
	approach(u *upcoming, i int)
	// gather starts to load the rest of a large value, when the second one before the
	// request is to be carried out, and reach, when the one before is, what had to be found in it.
	gather(u *upcoming, i int)
	reach(u *upcoming, i int)
	// execute carries the request out.
	execute(u *upcoming, i int)
	// beginGroup and endGroup stand around requests that are timed together, of
	// which i is the last.
	beginGroup()
	endGroup(u *upcoming, i int)
	fate() fate
}

// ahead carries out the requests at the start of buf, as many as are whole and
// have a place, and returns how many bytes they were. 0 leaves buf to the
// client's own parser: the first is incomplete or wrong.
func (s *Session) ahead(p scout, buf []byte) int {
	u := &s.worker.upcoming
	n := p.parse(u, 0, buf)
	if n == 0 || n == len(buf) || !prefetch.On {
		if n > 0 {
			p.execute(u, 0)
		}
		return n
	}
	u.end[0] = n
	p.look(u, 0)
	count := 1
	for count < lookahead && n < len(buf) {
		k := p.parse(u, count, buf[n:])
		if k == 0 {
			break
		}
		n += k
		u.end[count] = n
		p.look(u, count)
		count++
	}
	for i := range count {
		p.approach(u, i)
	}
	return s.carryOut(p, count)
}

// carryOut carries out the requests that were parsed, until something is in the
// way of the next, and returns how many bytes they were.
func (s *Session) carryOut(p scout, count int) int {
	u := &s.worker.upcoming
	p.beginGroup()
	i := 0
	if count > 1 {
		p.gather(u, 1)
	}
	for ; i < count-1; i++ {
		if i+2 < count {
			p.gather(u, i+2)
		}
		p.reach(u, i+1)
		p.execute(u, i)
		if p.fate() != goOn || !s.open() {
			p.endGroup(u, i)
			return u.end[i]
		}
	}
	p.execute(u, i)
	p.endGroup(u, i)
	return u.end[i]
}
