package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// claim is what XCLAIM and XAUTOCLAIM do to the pending entries that they hand
// to another consumer.
type claim struct {
	key      []byte
	stream   *object.Stream
	group    *object.StreamGroup
	consumer *object.StreamConsumer

	minIdle int64 // milliseconds
	timeMS  int64 // the time of delivery from now on; -1 = now
	count   int64 // the number of deliveries from now on; -1 = one more
	force   bool  // also what is not pending
	justID  bool
	lastID  object.StreamID
	told    bool // and with it the last ID of the group
}

// takes reports whether a pending entry has been idle for long enough.
func (m *claim) takes(d *object.Delivery, nowMS int64) bool {
	return m.minIdle == 0 || nowMS-d.TimeMS >= m.minIdle
}

// take hands a pending entry to the consumer.
func (c *Client) take(m *claim, id object.StreamID, d *object.Delivery) {
	d.TimeMS = m.timeMS
	if m.count >= 0 {
		d.Count = uint64(m.count)
	} else if !m.justID {
		d.Count++
	}
	m.group.Hand(id, d, m.consumer)
	m.consumer.ActiveMS = c.W.NowMS
	m.told = true
	c.tellDelivery(m.key, m.group, m.consumer, id, d)
}

// tellDelivery tells that an entry is pending for a consumer, as it is now. Where the entry does not exist that ends its
// being pending.
func (c *Client) tellDelivery(key []byte, g *object.StreamGroup, to *object.StreamConsumer, id object.StreamID, d *object.Delivery) {
	if !c.telling() {
		return
	}
	c.effect("XCLAIM", key, []byte(g.Name), []byte(to.Name), []byte("0"), id.Append(nil), []byte("TIME"), new(intText).format(d.TimeMS),
		[]byte("RETRYCOUNT"), new(intText).format(int64(d.Count)), //nolint:gosec // as much as there are deliveries
		[]byte("FORCE"), []byte("JUSTID"), []byte("LASTID"), g.LastID.Append(nil))
}

// tellGroup tells how far a group has read.
func (c *Client) tellGroup(key []byte, g *object.StreamGroup) {
	if c.telling() {
		c.effect("XGROUP", []byte("SETID"), key, []byte(g.Name), g.LastID.Append(nil), []byte("ENTRIESREAD"), new(intText).format(g.EntriesRead))
	}
}

// replyClaimed replies with an entry that was taken.
func (c *Client) replyClaimed(m *claim, id object.StreamID) {
	if m.justID {
		c.replyStreamID(id)
		return
	}
	it := m.stream.Range(id, id)
	it.Next()
	c.replyEntry(&it)
}

// join finds the consumer who claims, or makes it.
func (m *claim) join(c *Client, k keyspace.Key, name []byte) {
	m.key = k.Name
	if m.consumer = m.group.Consumer(name); m.consumer == nil {
		m.consumer = c.addConsumer(k, m.group, name)
	}
	m.consumer.SeenMS = c.W.NowMS
}

// parseOptions reads the options of XCLAIM behind its IDs, or replies with an error.
func (m *claim) parseOptions(c *Client, options [][]byte) (ok bool) {
	for i := 0; i < len(options); i++ {
		word, more := options[i], i+1 < len(options)
		ok = true
		switch {
		case equalName(word, "force"):
			m.force = true
		case equalName(word, "justid"):
			m.justID = true
		case more && equalName(word, "idle"):
			i++
			m.timeMS, ok = c.streamNumber(options[i], errClaimIdle)
			m.timeMS = c.W.NowMS - m.timeMS
		case more && equalName(word, "time"):
			i++
			m.timeMS, ok = c.streamNumber(options[i], errClaimTime)
		case more && equalName(word, "retrycount"):
			i++
			m.count, ok = c.streamNumber(options[i], errClaimRetry)
		case more && equalName(word, "lastid"):
			i++
			m.lastID, ok = c.streamID(options[i])
		default:
			c.Error(errClaimOption(word))
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

func xclaimCommand(c *Client, args [][]byte) {
	m := claim{timeMS: -1, count: -1}
	var ok bool
	if m.stream, m.group, ok = c.pendingGroup(args); !ok {
		return
	}
	if m.minIdle, ok = c.streamNumber(args[4], errClaimMinIdle); !ok {
		return
	}
	m.minIdle = max(m.minIdle, 0)
	last := 5
	for last < len(args) {
		if _, ok := parseStreamID(args[last], 0); !ok {
			break
		}
		last++
	}
	if !m.parseOptions(c, args[last:]) {
		return
	}
	advances := m.group.LastID.Less(m.lastID)
	if advances {
		m.group.LastID = m.lastID
	}
	if m.timeMS < 0 || m.timeMS > c.W.NowMS {
		m.timeMS = c.W.NowMS
	}
	m.join(c, c.Key(args, 1), args[3])
	c.claimAll(&m, args[5:last])
	if advances && !m.told {
		c.tellGroup(m.key, m.group)
	}
}

// claimed is a set of positions among the IDs of a request.
type claimed []uint64

// usualClaims is how many IDs a request may name before it allocates.
const usualClaims = 256

func (s claimed) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s claimed) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// claimAll hands over the entries of those IDs and replies with them. What is
// pending and deleted ceases to be pending on the way.
func (c *Client) claimAll(m *claim, ids [][]byte) {
	var room [usualClaims / 64]uint64
	taken, n := claimed(room[:]), 0
	if len(ids) > usualClaims {
		taken = make(claimed, (len(ids)+63)/64)
	}
	for i, arg := range ids {
		id, _ := parseStreamID(arg, 0)
		if c.claimOne(m, id) {
			taken.add(i)
			n++
		}
	}
	c.Reply.ArrayLen(n)
	for i, arg := range ids {
		if taken.has(i) {
			id, _ := parseStreamID(arg, 0)
			c.replyClaimed(m, id)
		}
	}
}

// claimOne hands over the entry of an ID if that may be.
func (c *Client) claimOne(m *claim, id object.StreamID) bool {
	d := m.group.Lookup(id)
	switch exists := m.stream.Has(id); {
	case !exists && d != nil:
		m.told = true
		c.tellDelivery(m.key, m.group, m.group.Owner(d), id, d)
		m.group.Ack(id)
		return false
	case !exists, d == nil && !m.force, d != nil && !m.takes(d, c.W.NowMS):
		return false
	case d == nil:
		m.group.Deliver(id, m.consumer, c.W.NowMS)
		d = m.group.Lookup(id)
	}
	c.take(m, id, d)
	return true
}

// autoClaimFactor is how many pending entries XAUTOCLAIM looks at for each that
// it may claim.
const autoClaimFactor = 10

func xautoclaimCommand(c *Client, args [][]byte) {
	m := claim{count: -1, timeMS: c.W.NowMS}
	var ok bool
	if m.minIdle, ok = c.streamNumber(args[4], errAutoClaimMinIdle); !ok {
		return
	}
	m.minIdle = max(m.minIdle, 0)
	start, ok := c.streamStart(args[5])
	if !ok {
		return
	}
	limit := int64(100)
	for i := 6; i < len(args); i++ {
		switch {
		case i+1 < len(args) && equalName(args[i], "count"):
			i++
			if limit, ok = parseInt(args[i]); !ok || limit < 1 || limit > math.MaxInt64/16 {
				c.Error(errClaimCount)
				return
			}
		case equalName(args[i], "justid"):
			m.justID = true
		default:
			c.Error(errSyntax)
			return
		}
	}
	if m.stream, m.group, ok = c.pendingGroup(args); !ok {
		return
	}
	m.join(c, c.Key(args, 1), args[3])
	c.autoClaim(&m, start, limit)
}

// autoClaim hands over what has been idle from start on, until limit entries
// were claimed or found to be deleted. It is found out first what those are, for
// the reply begins with where to go on and how many there are.
func (c *Client) autoClaim(m *claim, start object.StreamID, limit int64) {
	found, deleted := 0, 0
	var next object.StreamID
	attempts := min(limit, math.MaxInt64/autoClaimFactor) * autoClaimFactor
	m.group.EachPending(start, object.MaxStreamID, func(id object.StreamID, d *object.Delivery) bool {
		if attempts == 0 || int64(found+deleted) == limit {
			next = id
			return false
		}
		attempts--
		if !m.stream.Has(id) {
			deleted++
		} else if m.takes(d, c.W.NowMS) {
			found++
		}
		return true
	})
	c.Reply.ArrayLen(3)
	c.replyStreamID(next)
	end := object.MaxStreamID
	if !next.IsZero() {
		end, _ = next.Prev()
	}
	c.Reply.ArrayLen(found)
	m.group.EachPending(start, end, func(id object.StreamID, d *object.Delivery) bool {
		if m.takes(d, c.W.NowMS) && m.stream.Has(id) {
			c.take(m, id, d)
			c.replyClaimed(m, id)
		} else if c.telling() && !m.stream.Has(id) {
			c.tellDelivery(m.key, m.group, m.group.Owner(d), id, d)
		}
		return true
	})
	c.Reply.ArrayLen(deleted)
	for id := start; deleted > 0; {
		id, _ = m.group.NextPending(id)
		if !m.stream.Has(id) {
			m.group.Ack(id)
			c.replyStreamID(id)
			deleted--
		}
		id, _ = id.Next()
	}
}
