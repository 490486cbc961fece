package command

import (
	"math"
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

const (
	// embeddedMax is the longest string that the reference server keeps in one
	// allocation with its object, which is what it calls embstr.
	embeddedMax = 44

	// sharedIntegers is how many small integers the reference server makes once
	// and refers to from every key that holds one; they count as many references
	// as the field can say.
	sharedIntegers = 10000
	sharedRefcount = math.MaxInt32
)

// object looks up the key of an OBJECT subcommand, or replies that there is none.
func (c *Client) object(args [][]byte) (it keyspace.Item, found bool) {
	it, found = c.countUntouched(c.Key(args, 2))
	if !found {
		c.Reply.Null()
	}
	return it, found
}

func objectEncodingCommand(c *Client, args [][]byte) {
	if it, found := c.object(args); found {
		c.Reply.BulkString(encoding(it))
	}
}

// encoding says how the reference server would keep a string.
func encoding(it keyspace.Item) string {
	if it.Type() != keyspace.TypeString {
		return collectionEncoding(it)
	}
	if it.Encoding() == keyspace.EncodingRaw {
		return "raw"
	}
	if _, ok := parseInt(it.Value()); ok && it.Encoding() == keyspace.EncodingAuto {
		return "int"
	}
	if len(it.Value()) <= embeddedMax {
		return "embstr"
	}
	return "raw"
}

func objectRefcountCommand(c *Client, args [][]byte) {
	if it, found := c.object(args); found {
		c.Reply.Int(c.refcount(it))
	}
}

// refcount is what the reference server would have: it shares small integers,
// except under policies that mark the use of each value.
func (c *Client) refcount(it keyspace.Item) int64 {
	n, ok := parseInt(it.Value())
	ok = ok && it.Type() == keyspace.TypeString
	policy := c.W.Server.Params.MaxmemoryPolicy()
	marks := strings.HasSuffix(policy, "lru") || strings.HasSuffix(policy, "lfu")
	if ok && it.Encoding() == keyspace.EncodingAuto && n >= 0 && n < sharedIntegers && !marks {
		return sharedRefcount
	}
	return 1
}

// objectFreqCommand replies with the counter that eviction goes by. A policy
// that goes by idle time has none.
func objectFreqCommand(c *Client, args [][]byte) {
	it, found := c.object(args)
	switch {
	case !found:
	case c.W.Keyspace().TracksIdle():
		c.Error(errFrequency)
	default:
		c.Reply.Int(int64(c.W.Frequency(it)))
	}
}

// objectIdletimeCommand replies for how many seconds the key was not used. A
// policy that counts uses does not know.
func objectIdletimeCommand(c *Client, args [][]byte) {
	it, found := c.object(args)
	switch {
	case !found:
	case c.W.Keyspace().TracksIdle():
		c.Reply.Int(c.W.IdleSeconds(it))
	default:
		c.Error(errIdleTime)
	}
}
