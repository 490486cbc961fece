package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/node"
	"github.com/crucible-cache/crucible/internal/script"
)

// refuseSlots answers a request whose keys are of several hash slots, or of one that the
// server can't serve now, or an EXEC of such a transaction, and reports whether it did.
// It is asked of members of a cluster.
func (c *Client) refuseSlots(s *Spec, args [][]byte) bool {
	problem := c.slotProblem(s, args)
	if problem == slotsFine {
		return false
	}
	c.W.Stats.PerCommand[s.index].Rejected.Add(1)
	if s == c.W.Server.Table.exec {
		c.discard()
	} else {
		c.spoil()
	}
	c.Error(problem.refusal())
	return true
}

// slotProblem says what keeps a request from being carried out, and notes its slot.
func (c *Client) slotProblem(s *Spec, args [][]byte) slotProblem {
	slot, same := s.slotOf(args, noSlot)
	exec := s == c.W.Server.Table.exec && c.tx.active
	if exec {
		for i := range c.tx.queue {
			if q := &c.tx.queue[i]; same {
				slot, same = q.spec.slotOf(q.args, slot)
			}
		}
	}
	c.slot = slot
	if cl := c.W.Server.cluster; slot != noSlot && cl.open.Load() {
		switch st := cl.state.Load(); {
		case !st.Owned.Has(slot):
			return slotUnserved
		case same && exec:
			return c.openSlotProblem(st, slot, s, args, c.tx.queue)
		case same:
			return c.openSlotProblem(st, slot, s, args, []queued{{s, args}})
		}
	}
	if !same {
		return slotsCrossed
	}
	return slotsFine
}

// openSlotProblem is slotProblem of a slot that the server owns while it doesn't own
// all, or while some are on their way. requests are what has the keys.
func (c *Client) openSlotProblem(st *node.State, slot int, s *Spec, args [][]byte, requests []queued) slotProblem {
	p, ofShard := c.W.Server.Params, s.Flags&PubSub != 0
	if !c.W.Server.clusterServes(st) {
		switch {
		case ofShard && p.shardChannelsWhenDown.Load() == 0:
			return slotsDown
		case ofShard:
		case p.readsWhenDown.Load() == 0:
			return slotsDown
		case c.writes(s, args):
			return slotsReadOnly
		}
	}
	moving := st.Migrating.Has(slot) && !ofShard && s.Name != "migrate"
	if moving && (c.scripting() || c.W.Server.scripts.busy.Load() == nil) && c.hasSome(requests) {
		return slotsMoving
	}
	return slotsFine
}

// hasSome reports whether of the keys of requests some are there and some aren't. Of a slot
// on its way the others may be at its target.
func (c *Client) hasSome(requests []queued) bool {
	w, there, gone := c.W, false, false
	for _, q := range requests {
		for i := range q.spec.Keys {
			first, last, ok := q.spec.Keys[i].bounds(q.args)
			for at := first; ok && at <= last; at += q.spec.Keys[i].step() {
				if w.exists(c.DB, q.args[at]) {
					there = true
				} else {
					gone = true
				}
			}
		}
	}
	return there && gone
}

// exists looks for a key. Either no shard is locked, or the worker runs a script.
func (w *Worker) exists(db int, name []byte) bool {
	k := w.Worker.Key(name)
	if w.Holding() {
		w.Extend([]keyspace.Key{k})
	} else {
		w.LockKey(k)
		defer w.Unlock()
	}
	_, there := w.Peek(db, k)
	return there
}

// writes reports whether a command writes. Of a script that declares what it does that
// counts; of one that doesn't, what it calls will be looked at.
func (c *Client) writes(s *Spec, args [][]byte) bool {
	if s.Flags&Scripted != 0 {
		return c.scriptFlags(s, args)&(script.NoWrites|script.Compat) == 0
	}
	return s.Flags&Write != 0
}

// slotProblem is what keeps the keys of a request from being served.
type slotProblem uint8

const (
	slotsFine     slotProblem = iota
	slotsCrossed              // they are of several slots
	slotUnserved              // nobody has their slot
	slotsDown                 // other slots are missing, so that none is served
	slotsReadOnly             // likewise, and reads are
	slotsMoving               // some of the keys may be elsewhere already
)

// refusal is what a client is told.
func (p slotProblem) refusal() string {
	return [...]string{"", errCrossSlot, errSlotUnserved, errClusterDown, errClusterDownWrite, errTryAgain}[p]
}

// scriptRefusal is what a script is told that called s.
func (p slotProblem) scriptRefusal(s *Spec) string {
	switch p {
	case slotsCrossed:
		return errScriptCrossSlot(s)
	case slotsMoving:
		return errScriptMoving(s)
	}
	return [...]string{"", "", errScriptUnserved, errScriptDown, errScriptDownWrite, ""}[p]
}

// redirectBlocked ends the waits for keys that the server can't serve any more.
func (w *Worker) redirectBlocked() {
	cl := w.Server.cluster
	if cl == nil || !cl.open.Load() {
		return
	}
	st := cl.state.Load()
	serves := w.Server.clusterServes(st)
	for i := len(w.blocked) - 1; i >= 0; i-- {
		x := w.blocked[i]
		problem := slotsFine
		switch {
		case x.served || x.first > x.last: // not for keys
		case !serves:
			problem = slotsDown
		case !st.Owned.Has(hashSlot(x.args[x.first])):
			problem = slotUnserved
		}
		if problem != slotsFine && x.cancel() {
			w.countError(problem.refusal())
			w.countFailed(x)
			x.post([]byte("-" + problem.refusal() + "\r\n"))
		}
	}
}
