package load

import (
	"math/bits"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// pending is one request in flight.
type pending struct {
	// due is when it was sent, or in an open loop when it should have been; nanoseconds of the run's clock.
	due int64
	key uint64
	// version is the one a write carries, or the oldest a read may return.
	version uint64
	// keys is how many keys it named; command indexes the workload's commands.
	keys    uint16
	command uint8
}

// conn is one connection: its requests in flight, oldest first, in a ring whose capacity is a power of two.
type conn struct {
	parser     wire.Parser
	hitter     wire.Hitter // the parser, when it is one
	ring       []pending
	head, tail uint32
	// token is the CAS token that the last read brought, of tokenKey; 0 before the first.
	token, tokenKey uint64
	// up says that it may be loaded: connected, and greeted.
	up bool
	// greetings is how many replies to the greeting are outstanding, life how many requests are left before it is churned.
	greetings, life int
	// redialAt is when a lost connection is tried again, 0 while it is up or being dialled.
	redialAt int64
}

func newConn(p wire.Protocol, pipeline int) conn {
	c := conn{parser: p.NewParser(), ring: make([]pending, 1<<bits.Len(uint(pipeline-1)))}
	c.hitter, _ = c.parser.(wire.Hitter)
	return c
}

func (c *conn) inFlight() int { return int(c.tail - c.head) }

func (c *conn) push(p pending) {
	c.ring[c.tail&uint32(len(c.ring)-1)] = p
	c.tail++
}

func (c *conn) first() *pending { return &c.ring[c.head&uint32(len(c.ring)-1)] }

func (c *conn) pop() pending {
	p := c.ring[c.head&uint32(len(c.ring)-1)]
	c.head++
	return p
}
