package command

import (
	"github.com/crucible-cache/crucible/internal/hyperloglog"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

func pfdebugCommand(c *Client, args [][]byte) {
	if equalName(args[1], "simd") {
		c.debugSketchSIMD(args[2])
		return
	}
	k := c.Key(args, 2)
	it, found := c.W.Peek(c.DB, k)
	if !found {
		c.Error(errNoSketch)
		return
	}
	if !c.isSketch(it) {
		return
	}
	switch word := args[1]; {
	case equalName(word, "getreg"):
		c.debugRegisters(k, it)
	case equalName(word, "decode"):
		c.debugRuns(it.Value())
	case equalName(word, "encoding"):
		c.Reply.SimpleString(sketchEncoding(it.Value()))
	case equalName(word, "todense"):
		if changed, ok := c.makeDense(k, it); ok {
			c.replyChanged(changed)
		}
	default:
		c.Error(errSketchDebug(word))
	}
}

// debugSketchSIMD has nothing to switch: it answers as the reference server does
// on a processor without vector instructions.
func (c *Client) debugSketchSIMD(word []byte) {
	if !equalName(word, "on") && !equalName(word, "off") {
		c.Error(errSketchSIMD)
		return
	}
	c.Reply.SimpleString("disabled")
}

// debugRegisters shows all registers, and leaves the value dense.
func (c *Client) debugRegisters(k keyspace.Key, it keyspace.Item) {
	if _, ok := c.makeDense(k, it); !ok {
		return
	}
	it, _ = c.W.Peek(c.DB, k)
	value := it.Value()
	c.Reply.ArrayLen(hyperloglog.Registers)
	for i := range hyperloglog.Registers {
		c.Reply.Int(int64(hyperloglog.Register(value, i)))
	}
}

func (c *Client) debugRuns(value []byte) {
	if hyperloglog.Dense(value) {
		c.Error(errSketchDense)
		return
	}
	c.Reply.Bulk(hyperloglog.AppendRuns(nil, value))
}

func sketchEncoding(value []byte) string {
	if hyperloglog.Dense(value) {
		return "dense"
	}
	return "sparse"
}

// makeDense makes the value of a key dense and reports whether it wasn't. ok is
// false if it is corrupt, which has been replied.
func (c *Client) makeDense(k keyspace.Key, it keyspace.Item) (changed, ok bool) {
	if hyperloglog.Dense(it.Value()) {
		return false, true
	}
	s := c.copySketch(k, it, true)
	var err error
	if s.value, err = hyperloglog.ToDense(s.value); err != nil {
		c.Error(errCorruptSketch)
		return false, false
	}
	c.storeSketch(&s)
	return true, true
}

func pfselftestCommand(c *Client, _ [][]byte) {
	if err := hyperloglog.SelfTest(); err != nil {
		c.Error(errSketchTest(err))
		return
	}
	c.Reply.Raw(resp.OK)
}
