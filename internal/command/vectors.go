package command

import (
	"encoding/binary"
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object/vector"
)

// vectorRoom is what a worker needs for vectors.
type vectorRoom struct {
	scratch vector.Scratch
	given   []float32 // of the request
	reduced []float32 // its projection, or what an element has
}

// vectorKept bounds what is kept of it, in components.
const vectorKept = 1 << 14

// floatRoom returns room for n components in memory that is kept if it is not large.
func floatRoom(kept *[]float32, n int) []float32 {
	if cap(*kept) >= n {
		return (*kept)[:n]
	}
	room := make([]float32, n)
	if n <= vectorKept {
		*kept = room
	}
	return room
}

// vectorSet finds the vector set of a key. It is nil if there is no such key; ok is
// false if the key holds something else, which has been replied.
func (c *Client) vectorSet(k keyspace.Key) (s *vector.Set, ok bool) {
	it, found, ok := c.readTyped(k, keyspace.TypeVectorSet)
	if !ok || !found {
		return nil, ok
	}
	return c.W.Object(k, it).(*vector.Set), true
}

// peekVectorSet is vectorSet for commands that write: it counts nothing. In the
// reference server a module that opens a key to write to it has written to it.
func (c *Client) peekVectorSet(k keyspace.Key) (s *vector.Set, ok bool) {
	c.W.Touched(c.DB, k)
	c.hasEffect(false) // so far
	it, found, ok := c.peekTyped(k, keyspace.TypeVectorSet)
	if !ok || !found {
		return nil, ok
	}
	return c.W.Object(k, it).(*vector.Set), true
}

// wants reports whether a request has from least to most arguments; if not, that is
// replied. Commands of modules check it by themselves, after the request was taken
// for a good one: it may be part of a transaction.
func (c *Client) wants(args [][]byte, name string, least, most int) bool {
	if len(args) >= least && len(args) <= most {
		return true
	}
	c.Error(errArity(name))
	return false
}

// parseVector reads a vector, at args[i], and returns its components, which are good
// until the next, and the position behind it. ok is false if it is none.
func (c *Client) parseVector(args [][]byte, i int) (v []float32, next int, ok bool) {
	if i+1 >= len(args) {
		return nil, 0, false
	}
	switch {
	case equalName(args[i], "fp32"):
		blob := args[i+1]
		if len(blob) == 0 || len(blob)%4 != 0 || len(blob)/4 > vector.DimensionsMax {
			return nil, 0, false
		}
		v = floatRoom(&c.W.vectors.given, len(blob)/4)
		for k := range v {
			v[k] = math.Float32frombits(binary.LittleEndian.Uint32(blob[k*4:]))
		}
		return v, i + 2, true
	case equalName(args[i], "values"):
		n, ok := parseInt(args[i+1])
		i += 2
		if !ok || n <= 0 || n > vector.DimensionsMax || int(n) > len(args)-i {
			return nil, 0, false
		}
		v = floatRoom(&c.W.vectors.given, int(n))
		for k := range v {
			x, ok := parseScore(args[i+k])
			if !ok {
				return nil, 0, false
			}
			v[k] = float32(x)
		}
		return v, i + int(n), true
	}
	return nil, 0, false
}

func vcardCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VCARD", 2, 2) {
		return
	}
	s, ok := c.vectorSet(c.Key(args, 1))
	switch {
	case !ok:
	case s == nil:
		c.Reply.Int(0)
	default:
		c.Reply.Int(int64(s.Len()))
	}
}

func vdimCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VDIM", 2, 2) {
		return
	}
	s, ok := c.vectorSet(c.Key(args, 1))
	switch {
	case !ok:
	case s == nil:
		c.Error(errVectorNoKey)
	default:
		c.Reply.Int(int64(s.Shape().Dim))
	}
}

// vectorElement finds an element of the set of a key for a command that reads, by
// its name, which is args[2]. If there is none, found is false and nothing has been
// replied, unless ok is false.
func (c *Client) vectorElement(args [][]byte) (s *vector.Set, e vector.Element, found, ok bool) {
	if s, ok = c.vectorSet(c.Key(args, 1)); s != nil {
		e, found = s.Find(args[2])
	}
	return s, e, found, ok
}

func vismemberCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VISMEMBER", 3, 3) {
		return
	}
	if _, _, found, ok := c.vectorElement(args); ok {
		c.Reply.Bool(found)
	}
}

func vgetattrCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VGETATTR", 3, 3) {
		return
	}
	_, e, found, ok := c.vectorElement(args)
	switch {
	case !ok:
	case !found || len(e.Attributes()) == 0:
		c.Reply.Null()
	default:
		c.Reply.Bulk(e.Attributes())
	}
}

// vembCommand replies with the vector of an element, or with RAW what is kept of it.
func vembCommand(c *Client, args [][]byte) {
	if len(args) < 3 {
		c.Error(errArity("VEMB"))
		return
	}
	raw := len(args) > 3
	for _, word := range args[3:] {
		if !equalName(word, "raw") {
			c.Error(errVectorRaw)
			return
		}
	}
	s, e, found, ok := c.vectorElement(args)
	switch {
	case !ok:
	case !found:
		c.Reply.Null()
	case raw:
		c.replyRaw(s, e)
	default:
		v := floatRoom(&c.W.vectors.reduced, s.Shape().Dim)
		e.Vector(v)
		c.Reply.ArrayLen(len(v))
		for _, x := range v {
			c.Reply.Double(float64(x))
		}
	}
}

func (c *Client) replyRaw(s *vector.Set, e vector.Element) {
	b, length, largest := e.Raw()
	quant := s.Shape().Quant
	if quant == vector.Int8 {
		c.Reply.ArrayLen(4)
	} else {
		c.Reply.ArrayLen(3)
	}
	c.Reply.SimpleString(quant.String())
	c.Reply.Bulk(b)
	c.Reply.Double(float64(length))
	if quant == vector.Int8 {
		c.Reply.Double(float64(largest))
	}
}

func vlinksCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VLINKS", 3, 4) {
		return
	}
	withScores := len(args) == 4
	if withScores && !equalName(args[3], "withscores") {
		c.Error(errArity("VLINKS"))
		return
	}
	_, e, found, ok := c.vectorElement(args)
	switch {
	case !ok:
		return
	case !found:
		c.Reply.Null()
		return
	}
	c.Reply.ArrayLen(e.Level() + 1)
	for layer := e.Level(); layer >= 0; layer-- {
		if withScores {
			c.Reply.MapLen(e.Links(layer))
			e.EachLink(layer, func(to vector.Element, distance float32) {
				c.Reply.Bulk(to.Name())
				c.Reply.Double(float64(1 - distance/2))
			})
			continue
		}
		c.Reply.ArrayLen(e.Links(layer))
		e.EachLinked(layer, func(to vector.Element) { c.Reply.Bulk(to.Name()) })
	}
}

func vinfoCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VINFO", 2, 2) {
		return
	}
	s, ok := c.vectorSet(c.Key(args, 1))
	switch {
	case !ok:
		return
	case s == nil:
		c.Reply.NullArray()
		return
	}
	shape := s.Shape()
	fields := []struct {
		name  string
		value int64
	}{
		{"hnsw-m", int64(shape.Links)},
		{"vector-dim", int64(shape.Dim)},
		{"projection-input-dim", int64(shape.Input)},
		{"size", int64(s.Len())},
		{"max-level", int64(s.Height())},
		{"attributes-count", int64(s.Attributed())},
		{"vset-uid", int64(s.Number())},          //nolint:gosec // a count
		{"hnsw-max-node-uid", int64(s.LastID())}, //nolint:gosec // a count
	}
	c.Reply.MapLen(1 + len(fields))
	c.Reply.SimpleString("quant-type")
	c.Reply.SimpleString(shape.Quant.String())
	for _, f := range fields {
		c.Reply.SimpleString(f.name)
		c.Reply.Int(f.value)
	}
}

func vrandmemberCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VRANDMEMBER", 2, 3) {
		return
	}
	count, counted := int64(1), len(args) == 3
	if counted {
		var ok bool
		if count, ok = parseInt(args[2]); !ok || count == math.MinInt64 {
			c.Error(errVectorCount)
			return
		}
	}
	if count == 0 {
		c.Reply.ArrayLen(0) // whatever the key holds
		return
	}
	s, ok := c.vectorSet(c.Key(args, 1))
	switch {
	case !ok:
	case s == nil && counted:
		c.Reply.ArrayLen(0)
	case s == nil:
		c.Reply.Null()
	case !counted:
		c.Reply.Bulk(s.Random().Name())
	case count < 0:
		c.Reply.ArrayLen(int(-count))
		for ; count < 0 && !c.Reply.Out.Overflowed(); count++ {
			c.Reply.Bulk(s.Random().Name())
		}
	default:
		c.replyVectorSample(s, int(min(count, int64(s.Len()))))
	}
}

// replyVectorSample replies with count different elements. Many are picked on a walk
// over all; few by lot.
func (c *Client) replyVectorSample(s *vector.Set, count int) {
	c.Reply.ArrayLen(count)
	if count >= s.Len()/sampleShare {
		p := picker{left: s.Len(), want: count}
		for i := 0; p.want > 0; i++ {
			if p.picks() {
				c.Reply.Bulk(s.At(i).Name())
			}
		}
		return
	}
	for seen := make(map[vector.Element]struct{}, count); len(seen) < count; {
		e := s.Random()
		if _, twice := seen[e]; !twice {
			seen[e] = struct{}{}
			c.Reply.Bulk(e.Name())
		}
	}
}
