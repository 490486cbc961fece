package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// readOptions are the options of XREAD and XREADGROUP.
type readOptions struct {
	grouped         bool // it is XREADGROUP
	noAck           bool
	blocks          bool
	blockMS         int64 // 0 = for ever
	limit           int64 // 0 = none
	group, consumer []byte
	first, n        int // the keys are n arguments from first on, their IDs n more
}

// parse reads the options up to the IDs, or replies with an error.
func (o *readOptions) parse(c *Client, args [][]byte) bool {
	for i := 1; i < len(args) && o.first == 0; i++ {
		word, more := args[i], len(args)-i-1
		var ok bool
		switch {
		case more > 0 && equalName(word, "block"):
			i++
			o.blocks = true
			o.blockMS, ok = c.blockTime(args[i])
		case more > 0 && equalName(word, "count"):
			i++
			o.limit, ok = c.streamNumber(args[i], errNotInteger)
			o.limit = max(o.limit, 0)
		case more > 0 && equalName(word, "streams"):
			o.first, o.n = i+1, more/2
			if ok = more%2 == 0; !ok {
				c.Error(errUnbalanced(o.grouped))
			}
		case more > 1 && equalName(word, "group"):
			if ok = o.grouped; !ok {
				c.Error(errReadGroupOption)
			}
			o.group, o.consumer = args[i+1], args[i+2]
			i += 2
		case equalName(word, "noack"):
			if ok = o.grouped; !ok {
				c.Error(errReadNoAck)
			}
			o.noAck = true
		default:
			c.Error(errSyntax)
			return false
		}
		if !ok {
			return false
		}
	}
	return o.complete(c)
}

// readKeys finds the keys of a XREAD or XREADGROUP as parse does, given where the
// word STREAMS stands at the earliest.
func readKeys(from int) func(args [][]byte) (first, last int) {
	return func(args [][]byte) (first, last int) {
		for i := 1; i < len(args); i++ {
			switch word := args[i]; {
			case equalName(word, "block"), equalName(word, "count"):
				i++
			case equalName(word, "group"):
				i += 2
			case equalName(word, "noack"):
			case equalName(word, "streams") && i >= from:
				if n := len(args) - i - 1; n > 0 && n%2 == 0 {
					return i + 1, i + n/2
				}
				return 0, 0
			default:
				return 0, 0
			}
		}
		return 0, 0
	}
}

func (o *readOptions) complete(c *Client) bool {
	switch {
	case o.first == 0:
		c.Error(errSyntax)
	case o.grouped && o.group == nil:
		c.Error(errReadGroup)
	default:
		return true
	}
	return false
}

// blockTime reads a time to wait in milliseconds, or replies with an error.
func (c *Client) blockTime(arg []byte) (ms int64, ok bool) {
	ms, ok = parseInt(arg)
	switch {
	case !ok:
		c.Error(errBlockNumber)
	case ms < 0:
		c.Error(errBlockSign)
	case ms > math.MaxInt64-c.W.NowMS:
		c.Error(errBlockRange)
	default:
		return ms, true
	}
	return 0, false
}

// streamRead is one stream of a request to read.
type streamRead struct {
	key      keyspace.Key
	stream   *object.Stream // nil if there is no such key
	group    *object.StreamGroup
	consumer *object.StreamConsumer
	after    object.StreamID // the entries asked for come after it
	fresh    bool            // those that the group has not delivered
	serve    bool
}

// usualReads is how many streams a request may name before it allocates.
const usualReads = 8

func xreadCommand(c *Client, args [][]byte) { c.readOrWait(args, false) }

func xreadgroupCommand(c *Client, args [][]byte) { c.readOrWait(args, true) }

// readOrWait carries out XREAD or XREADGROUP. In a transaction nobody waits.
func (c *Client) readOrWait(args [][]byte, grouped bool) {
	o := readOptions{grouped: grouped}
	switch {
	case !o.parse(c, args) || c.read(args, &o):
	case !o.blocks || c.tx.running:
		c.Reply.NullArray()
	default:
		c.waitForEntries(args, &o)
	}
}

// read replies with what there is to read, or with an error, and reports whether
// there was any of that.
func (c *Client) read(args [][]byte, o *readOptions) (done bool) {
	var room [usualReads]streamRead
	reads := room[:min(o.n, usualReads)]
	if o.n > usualReads {
		reads = make([]streamRead, o.n)
	}
	for i := range reads {
		if !c.resolveRead(args, o, i, &reads[i]) {
			return true
		}
	}
	served := 0
	for i := range reads {
		c.decideRead(o, &reads[i])
		if reads[i].serve {
			served++
		}
	}
	if served > 0 {
		c.replyReads(args, o, reads, served)
	}
	return served > 0
}

// resolveRead finds the stream and the group of read i and what is asked of
// them, or replies with an error.
func (c *Client) resolveRead(args [][]byte, o *readOptions, i int, r *streamRead) (ok bool) {
	at := o.first + i
	key, id, k := args[at], args[at+o.n], c.Key(args, at)
	r.key = k
	if !c.W.Holds(k) {
		return true // it was not written to, see waitForEntries
	}
	if r.stream, ok = c.stream(k); !ok {
		return false
	}
	if o.grouped {
		if r.stream != nil {
			r.group = r.stream.Group(o.group)
		}
		if r.group == nil {
			c.Error(errNoGroupRead(key, o.group))
			return false
		}
	}
	text := ""
	switch mark := streamMark(id); {
	case mark == '$' && o.grouped:
		text = errReadDollar
	case mark == '$':
		if r.stream != nil {
			r.after = r.stream.LastID
		}
	case mark == '+' && o.grouped:
		text = errReadPlus
	case mark == '+':
		if r.stream != nil && r.stream.Len() > 0 {
			r.after, _ = r.stream.TopID().Prev()
		}
	case mark == '>' && !o.grouped:
		text = errReadNew
	case mark == '>':
		r.after = object.MaxStreamID
	default:
		if r.after, ok = c.streamID(id); !ok {
			return false
		}
	}
	r.fresh = o.grouped && r.after == object.MaxStreamID
	if text != "" {
		c.Error(text)
		return false
	}
	return true
}

// decideRead finds out whether a read has anything to reply with. History is
// always replied, if only that there is none.
func (c *Client) decideRead(o *readOptions, r *streamRead) {
	s := r.stream
	switch {
	case s == nil:
		return
	case !o.grouped:
		r.serve = s.Follows(r.after)
		return
	}
	if r.consumer = r.group.Consumer(o.consumer); r.consumer == nil {
		r.consumer = c.addConsumer(r.key, r.group, o.consumer)
		if o.noAck {
			c.effect("XGROUP", []byte("CREATECONSUMER"), r.key.Name, []byte(r.group.Name), o.consumer)
		}
	}
	r.consumer.SeenMS = c.W.NowMS
	if !r.fresh {
		r.serve = true
		return
	}
	r.after = r.group.Ahead()
	if r.serve = s.Follows(r.after); r.serve && o.n > 1 {
		// The same stream may be named again: then it goes on from here.
		r.group.SetAhead(s.After(r.after, countLimit(o.limit)))
	}
}

// replyReads replies with the reads that have something.
func (c *Client) replyReads(args [][]byte, o *readOptions, reads []streamRead, served int) {
	if c.Reply.Proto >= 3 {
		c.Reply.MapLen(served)
	} else {
		c.Reply.ArrayLen(served)
	}
	for i := range reads {
		r := &reads[i]
		if !r.serve {
			continue
		}
		if c.Reply.Proto < 3 {
			c.Reply.ArrayLen(2)
		}
		c.Reply.Bulk(args[o.first+i])
		switch {
		case o.grouped && !r.fresh:
			c.replyHistory(r, countLimit(o.limit))
		default:
			c.replyNew(o, r)
		}
	}
}

// replyNew replies with the entries after r.after and, for a group, makes them
// pending.
func (c *Client) replyNew(o *readOptions, r *streamRead) {
	start, _ := r.after.Next()
	it := r.stream.Range(start, object.MaxStreamID)
	n := it.Count(countLimit(o.limit))
	if !o.grouped {
		c.replyEntries(&it, n)
		return
	}
	w := c.startEntries(n)
	for range n {
		it.Next()
		w.entry(&it)
		if r.group.LastID.Less(it.ID) {
			r.stream.Advance(r.group, it.ID)
		}
		if !o.noAck {
			r.group.Deliver(it.ID, r.consumer, c.W.NowMS)
			r.consumer.ActiveMS = c.W.NowMS
			if c.telling() {
				c.tellDelivery(r.key.Name, r.group, r.consumer, it.ID, r.group.Lookup(it.ID))
			}
		}
	}
	w.end()
	if n > 0 {
		c.tellGroup(r.key.Name, r.group)
	}
	r.group.SetAhead(object.StreamID{})
}

// replyHistory replies with the entries after r.after that are pending for the
// consumer, as delivered once more. Those that are deleted come without fields.
func (c *Client) replyHistory(r *streamRead, limit int) {
	start, ok := r.after.Next()
	if !ok {
		c.Reply.ArrayLen(0)
		return
	}
	n := r.consumer.CountPending(start, limit)
	c.Reply.ArrayLen(n)
	for range n {
		id, _ := r.consumer.NextPending(start)
		it := r.stream.Range(id, id)
		if it.Next() {
			c.replyEntry(&it)
			d := r.group.Lookup(id)
			d.TimeMS = c.W.NowMS
			d.Count++
		} else {
			c.Reply.ArrayLen(2)
			c.replyStreamID(id)
			c.Reply.NullArray()
		}
		start, _ = id.Next()
	}
}
