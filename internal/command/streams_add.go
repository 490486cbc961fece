package command

import (
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// xaddOptions are the options of XADD and XTRIM.
type xaddOptions struct {
	noStream bool // NOMKSTREAM
	trims    bool
	trim     object.StreamTrim
	limited  bool // LIMIT was given

	trimAt int // the argument that is MAXLEN or MINID

	auto    bool // the ID is *
	autoSeq bool // the ID is ms-*
	id      object.StreamID
}

// parse reads the options and, for XADD, the ID behind them, and returns the
// position of what follows. ok is false if an error was replied.
func (o *xaddOptions) parse(c *Client, args [][]byte, add bool) (next int, ok bool) {
	i := 2
	for done := false; i < len(args) && !done; i++ {
		word, more := args[i], i+1 < len(args)
		switch {
		case add && len(word) == 1 && word[0] == '*':
			o.auto, done = true, true
		case more && equalName(word, "maxlen"), more && equalName(word, "minid"):
			i, ok = o.parseTrim(c, args, i)
			if !ok {
				return 0, false
			}
		case more && equalName(word, "limit"):
			i++
			if !o.parseLimit(c, args[i]) {
				return 0, false
			}
		case add && equalName(word, "nomkstream"):
			o.noStream = true
		case add:
			if !o.parseID(c, word) {
				return 0, false
			}
			done = true
		default:
			c.Error(errSyntax)
			return 0, false
		}
	}
	return i, o.check(c, add)
}

// parseTrim reads MAXLEN or MINID, at i, and returns the position of its last word.
func (o *xaddOptions) parseTrim(c *Client, args [][]byte, i int) (last int, ok bool) {
	if o.trims {
		c.Error(errTrimBoth)
		return 0, false
	}
	o.trims, o.trimAt = true, i
	o.trim.ByID = equalName(args[i], "minid")
	i++
	if sign := string(args[i]); i+1 < len(args) && (sign == "~" || sign == "=") {
		o.trim.Approx = sign == "~"
		i++
	}
	if o.trim.ByID {
		o.trim.MinID, ok = c.streamID(args[i])
		return i, ok
	}
	n, ok := c.streamNumber(args[i], errNotInteger)
	if ok && n < 0 {
		c.Error(errTrimMaxlen)
		ok = false
	}
	o.trim.MaxLen = int(n)
	return i, ok
}

func (o *xaddOptions) parseLimit(c *Client, arg []byte) bool {
	n, ok := c.streamNumber(arg, errNotInteger)
	if ok && n < 0 {
		c.Error(errTrimLimit)
		ok = false
	}
	o.limited, o.trim.Limit = true, int(n)
	return ok
}

// parseID reads the ID of XADD, in which seq may be *.
func (o *xaddOptions) parseID(c *Client, arg []byte) (ok bool) {
	if n := len(arg); n > 2 && n <= streamIDTextMax && string(arg[n-2:]) == "-*" {
		o.autoSeq = true
		o.id.MS, ok = parseUnsigned(arg[:n-2])
		if !ok {
			c.Error(errStreamID)
		}
		return ok
	}
	o.id, ok = c.streamID(arg)
	return ok
}

// Without LIMIT an approximate trim removes up to trimNodes nodes' worth of
// entries, within these bounds.
const (
	trimNodes      = 100
	trimDefault    = 10000 // if nodes are not limited by entries
	trimDefaultMax = 1000000
)

// check makes the checks that need all options.
func (o *xaddOptions) check(c *Client, add bool) bool {
	text := ""
	switch {
	case !o.trims && o.trim.Limit > 0:
		text = errTrimStrategy
	case !o.trims && !add:
		text = errTrimNone
	case o.limited && !o.trim.Approx:
		text = errTrimExact
	}
	if text != "" {
		c.Error(text)
		return false
	}
	if o.trim.Approx && !o.limited {
		o.trim.Limit = trimDefault
		if n := c.W.Server.Params.streamLimits().Entries; n > 0 {
			o.trim.Limit = min(n, trimDefaultMax/trimNodes) * trimNodes
		}
	}
	return true
}

func xaddCommand(c *Client, args [][]byte) {
	var o xaddOptions
	first, ok := o.parse(c, args, true)
	if !ok {
		return
	}
	if n := len(args) - first; n < 2 || n%2 != 0 {
		c.Error(errArity("xadd"))
		return
	}
	if !o.auto && !o.autoSeq && o.id.IsZero() {
		c.Error(errStreamIDZero)
		return
	}
	k := c.Key(args, 1)
	it, found, ok := c.peekTyped(k, keyspace.TypeStream)
	if !ok {
		return
	}
	var s *object.Stream
	switch {
	case found:
		s = c.W.Object(k, it).(*object.Stream)
	case o.noStream:
		c.Reply.Null()
		return
	}
	id, text := o.nextID(s, c.W.NowMS)
	if text == "" && requestBytes(args[first:]) > object.StreamEntryMax {
		text = errStreamEntryLarge
	}
	if text != "" {
		c.Error(text)
		return
	}
	if !found {
		s = c.newStream(k)
	}
	s.Append(id, args[first:], c.W.Server.Params.streamLimits())
	if found {
		c.W.Lead(it, object.Back, s.Lead())
	}
	c.notify(keyspace.StreamEvent, "xadd", k)
	if o.trims && s.Trim(o.trim) > 0 {
		c.notify(keyspace.StreamEvent, "xtrim", k)
	}
	c.W.Touched(c.DB, k)
	if c.telling() {
		c.tellXadd(args, &o, first, id, s)
	}
	c.replyStreamID(id)
}

// tellXadd tells of an entry with the ID that it was given, and of what an approximate trim left.
func (c *Client) tellXadd(args [][]byte, o *xaddOptions, first int, id object.StreamID, s *object.Stream) {
	if !o.auto && !o.autoSeq && !(o.trims && o.trim.Approx) {
		return
	}
	rest := slices.Clone(args[1:])
	if o.auto || o.autoSeq {
		rest[first-2] = id.Append(nil)
	}
	o.settle(rest, s)
	c.effect(string(args[0]), rest...)
}

// settle makes an approximate trim among the arguments behind the name the exact one that it came to.
func (o *xaddOptions) settle(rest [][]byte, s *object.Stream) {
	if !o.trims || !o.trim.Approx {
		return
	}
	rest[o.trimAt] = []byte("=")
	if !o.trim.ByID {
		rest[o.trimAt+1] = new(intText).format(int64(s.Len()))
		return
	}
	least := object.MaxStreamID // of an empty stream
	if it := s.Range(object.StreamID{}, object.MaxStreamID); it.Next() {
		least = it.ID
	}
	rest[o.trimAt+1] = least.Append(nil)
}

// nextID returns the ID of an entry that is added to s, which is nil if it is to
// be made, or the error reply.
func (o *xaddOptions) nextID(s *object.Stream, nowMS int64) (id object.StreamID, text string) {
	var last object.StreamID
	if s != nil {
		last = s.LastID
	}
	if last == object.MaxStreamID {
		return id, errStreamExhausted
	}
	id = o.id
	switch {
	case o.auto:
		id = object.StreamID{MS: uint64(nowMS)}
		if id.MS <= last.MS {
			id, _ = last.Next()
		}
	case o.autoSeq && id.MS == last.MS:
		if last.Seq == math.MaxUint64 {
			return id, errStreamIDSmall
		}
		id.Seq = last.Seq + 1
	}
	if !last.Less(id) {
		return id, errStreamIDSmall
	}
	return id, ""
}

// streamLimits are the limits of a node of a stream.
func (p *Params) streamLimits() object.StreamLimits {
	return object.StreamLimits{Bytes: int(p.packing.streamBytes.Load()), Entries: int(p.packing.streamNodes.Load())}
}

func xsetidCommand(c *Client, args [][]byte) {
	id, ok := c.streamID(args[2])
	if !ok {
		return
	}
	added, maxDeleted := int64(-1), object.StreamID{}
	for i := 3; i < len(args); i += 2 {
		more := i+1 < len(args)
		switch {
		case more && equalName(args[i], "entriesadded"):
			if added, ok = c.streamNumber(args[i+1], errNotInteger); !ok {
				return
			}
			if added < 0 {
				c.Error(errSetIDAddedSign)
				return
			}
		case more && equalName(args[i], "maxdeletedid"):
			if maxDeleted, ok = c.streamID(args[i+1]); !ok {
				return
			}
			if id.Less(maxDeleted) {
				c.Error(errSetIDMaxDeleted)
				return
			}
		default:
			c.Error(errSyntax)
			return
		}
	}
	k := c.Key(args, 1)
	s, ok := c.peekStream(k)
	if !ok {
		return
	}
	if text := setIDProblem(s, id, added); text != "" {
		c.Error(text)
		return
	}
	s.LastID = id
	if added >= 0 {
		s.Added = uint64(added)
	}
	if !maxDeleted.IsZero() {
		s.MaxDeletedID = maxDeleted
	}
	c.notify(keyspace.StreamEvent, "xsetid", k)
	c.affects()
	c.Reply.Raw(resp.OK)
}

// setIDProblem says why a stream, nil if there is none, can't have that last ID
// and number of entries added; "" if it can.
func setIDProblem(s *object.Stream, id object.StreamID, added int64) string {
	switch {
	case s == nil:
		return errNoKey
	case id.Less(s.MaxDeletedID):
		return errSetIDDeleted
	case s.Len() == 0:
		return ""
	}
	if top := s.TopID(); id.Less(top) {
		return errSetIDTop
	}
	if added >= 0 && int64(s.Len()) > added {
		return errSetIDAdded
	}
	return ""
}
