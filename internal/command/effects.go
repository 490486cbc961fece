package command

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/stream"
)

// unit is what one request, with all that it carries out, does to the data, in the words of requests that whoever
// follows the server carries out in its place: a transaction and a script are one unit, and so is serving
// a client that waited. Most requests are told as they came. One whose outcome depends on the time, on chance or
// on what a client waits for is told by a handler (Client.effect) in words that have the same outcome
// anywhere. Requests that changed nothing are not told.
//
// It is the worker's, and open only while somebody follows. It is appended to the log as a whole, before the locks of its
// keys are let go, so that the log has the effects on each key in the order in which they happened.
type unit struct {
	open  bool
	told  bool // the request at hand has said what it does
	mute  bool // what a script does is not for others: redis.set_repl
	bytes []byte
	ends  []told
	parts []stream.Part
}

// told is where a request ends in the bytes of its unit, and its database.
type told struct{ db, end int }

// The requests that enclose a unit of several.
var (
	multiRequest = appendRequest(nil, "MULTI")
	execRequest  = appendRequest(nil, "EXEC")
)

// followed reports whether what the client does is to be told. A replica has it from its master, who tells
// everybody.
func (w *Worker) followed() bool {
	return w.Server.attention.Load()&attendStream != 0 && !w.Server.isReplica()
}

// beginUnit opens the unit if what follows is to be told and is not part of one already.
func (w *Worker) beginUnit() (opened bool) {
	if w.unit.open || !w.followed() {
		return false
	}
	w.unit.open, w.unit.mute = true, false
	return true
}

// endUnit ends the unit if it is the caller's.
func (w *Worker) endUnit(opened bool) {
	if opened {
		w.tellUnit()
		w.unit.open = false
	}
}

// tellUnit appends what the unit has so far to the log, in one piece.
func (w *Worker) tellUnit() {
	u := &w.unit
	if len(u.ends) == 0 {
		return
	}
	parts, from := u.parts[:0], 0
	if len(u.ends) > 1 {
		parts = append(parts, stream.Part{DB: stream.AnyDB, Request: multiRequest})
	}
	for _, t := range u.ends {
		parts = append(parts, stream.Part{DB: t.db, Request: u.bytes[from:t.end]})
		from = t.end
	}
	if len(u.ends) > 1 {
		parts = append(parts, stream.Part{DB: stream.AnyDB, Request: execRequest})
	}
	w.Server.Stream.Append(parts)
	clear(parts)
	u.parts, u.ends, u.bytes = parts[:0], u.ends[:0], u.bytes[:0]
	if cap(u.bytes)+48*cap(u.parts) > scratchKept {
		u.parts, u.ends, u.bytes = nil, nil, nil
	}
}

// tell adds a request to the unit, which is open.
func (w *Worker) tell(db int, name string, args ...[]byte) {
	u := &w.unit
	if !u.mute {
		u.bytes = appendNamed(u.bytes, name, args...)
		u.ends = append(u.ends, told{db, len(u.bytes)})
	}
}

func appendNamed(b []byte, name string, args ...[]byte) []byte {
	b = append(strconv.AppendInt(append(b, '*'), int64(1+len(args)), 10), "\r\n"...)
	return appendWords(appendWords(b, name), args...)
}

// Tell tells of a write that was not made by a request of a client of this room, with what it wrote to locked.
func (s *Server) Tell(db int, name string, args ...[]byte) {
	if !s.isReplica() {
		s.Stream.Append([]stream.Part{{DB: db, Request: appendNamed(nil, name, args...)}})
	}
}

// runFollowed is runAlone for a request whose effects are told.
func (c *Client) runFollowed(s *Spec, args [][]byte) {
	w, u := c.W, &c.W.unit
	opened := w.beginUnit()
	before, writes, db := u.told, w.Writes, c.DB
	u.told = false
	c.runAlone(s, args)
	// Of what runs a script (SkipMonitor) it is the parts that are told.
	if u.open && !u.told && w.Writes != writes && s.Flags&(Write|MayReplicate) != 0 && s.Flags&SkipMonitor == 0 {
		w.tell(db, string(args[0]), args[1:]...)
	}
	u.told = before
	w.endUnit(opened)
}

// telling reports whether anybody wants to know what the request does: a handler that tells it in other words looks at this
// first, if finding these takes time.
func (c *Client) telling() bool { return c.W.unit.open }

// effect tells what the request does in place of itself. It may be called several times.
func (c *Client) effect(name string, args ...[]byte) {
	if !c.W.unit.open {
		return
	}
	c.W.unit.told = true
	c.W.tell(c.DB, name, args...)
}

// hasEffect says whether the request as it came is to be told, if keys were written to.
func (c *Client) hasEffect(yes bool) { c.W.unit.told = !yes }

// affects says that the request changed something though it wrote to no key, or for which keys have no
// word.
func (c *Client) affects() { c.W.Writes++ }

// effectDeleted tells that the request deleted a key, in the background if the parameter says so.
func (c *Client) effectDeleted(k keyspace.Key, lazy string) {
	if c.telling() {
		c.effect(c.W.Server.deletes(lazy), k.Name)
	}
}

// deletes names the command that deletes as the parameter lazy says.
func (s *Server) deletes(lazy string) string {
	if s.Params.value(lazy) == "yes" {
		return "UNLINK"
	}
	return "DEL"
}

// Lost implements keyspace.Observer.
func (s *Server) Lost(kw *keyspace.Worker, db int, k keyspace.Key, evicted bool) {
	lazy := "lazyfree-lazy-expire"
	if evicted {
		lazy = "lazyfree-lazy-eviction"
	}
	s.lost(kw, db, s.deletes(lazy), k.Name, nil)
}

// LostField implements keyspace.Observer.
func (s *Server) LostField(kw *keyspace.Worker, db int, k keyspace.Key, field []byte) {
	s.lost(kw, db, "HDEL", k.Name, field)
}

// lost tells of what went by itself. What a request came across is part of its unit. Other things are told at
// once, with the lock of their shard held, which is not one of those that the worker holds for a request.
func (s *Server) lost(kw *keyspace.Worker, db int, name string, key, field []byte) {
	if s.isReplica() {
		return
	}
	args := [][]byte{key, field}
	if field == nil {
		args = args[:1]
	}
	w := s.Workers()[kw.ID()]
	if w.unit.open && w.Holding() {
		w.tell(db, name, args...)
		return
	}
	s.Tell(db, name, args...)
}
