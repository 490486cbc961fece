package command

import (
	"slices"
	"sync"
	"sync/atomic"
)

// pause is CLIENT PAUSE: requests are put off until it is over, all of them or
// those that may write.
type pause struct {
	mu    sync.Mutex
	on    bool
	all   atomic.Bool
	endMS atomic.Int64

	waiting atomic.Int64 // clients whose requests are put off
}

// postponed are the clients of a worker whose requests are put off, in the order
// in which they came.
type postponed struct{ clients []*Client }

func clientPauseCommand(c *Client, args [][]byte) {
	if len(args) > 4 {
		c.Error(errSubcommandSyntax("CLIENT", args))
		return
	}
	all := len(args) == 3 || equalName(args[3], "all")
	if !all && !equalName(args[3], "write") {
		c.Error(errPauseMode)
		return
	}
	ms, ok := parseInt(args[2])
	switch {
	case !ok || ms > maxInt64-c.W.NowMS:
		c.Error(errTimeoutInteger)
	case ms < 0:
		c.Error(errTimeoutNegative)
	default:
		c.W.Server.endPause(c.W.NowMS) // of one that is over nothing stays
		c.W.Server.beginPause(c.W.NowMS+ms, all)
		c.Reply.SimpleString("OK")
	}
}

func clientUnpauseCommand(c *Client, _ [][]byte) {
	c.W.Server.endPause(maxInt64)
	c.W.wakePostponed()
	c.Reply.SimpleString("OK")
}

// beginPause begins a pause, or makes the one in force longer or stricter.
func (s *Server) beginPause(endMS int64, all bool) {
	p := &s.pause
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.on {
		p.on = true
		p.all.Store(false)
		p.endMS.Store(0)
		s.Keyspace.Freeze()
		s.hindered.Add(1)
	}
	if all {
		p.all.Store(true)
	}
	p.endMS.Store(max(p.endMS.Load(), endMS))
}

// endPause ends the pause if its time is over.
func (s *Server) endPause(nowMS int64) {
	p := &s.pause
	if p.endMS.Load() > nowMS {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on && p.endMS.Load() <= nowMS {
		p.on = false
		p.endMS.Store(0)
		s.Keyspace.Thaw()
		s.hindered.Add(-1)
	}
}

// paused reports whether requests are put off, some or all. Any thread may ask.
func (s *Server) paused(nowMS int64) bool { return s.pause.endMS.Load() > nowMS }

// heldUp deals with a request that may not be carried out now, while a script is
// busy, replicas are lacking or the server is paused, and reports whether it was one.
func (c *Client) heldUp(s *Spec, args [][]byte) bool {
	if c.ofMaster || c.follower.Load() != nil {
		return false
	}
	if busy := c.W.Server.scripts.busy.Load(); busy != nil && s.Flags&AllowBusy == 0 {
		c.reject(s, busy.refusal())
		return true
	}
	if c.lacksReplicas(s) || c.W.Server.isReplica() && c.refuseReplica(s, args) {
		return true
	}
	p := &c.W.Server.pause
	if p.endMS.Load() <= c.W.NowMS || !p.all.Load() && !c.mayWrite(s, args) {
		return false
	}
	c.putOff(cloneArgs(args))
	c.W.postponed.clients = append(c.W.postponed.clients, c)
	c.W.remind(p.endMS.Load())
	return true
}

// putOff notes the request that is put off, nil once it isn't any more. A client that waits so counts as blocked.
func (c *Client) putOff(args [][]byte) {
	if waits := args != nil; waits != (c.put != nil) {
		step := int64(1)
		if !waits {
			step = -1
		}
		c.W.Server.pause.waiting.Add(step)
		c.seen.setFlag(seenBlocked, waits)
	}
	c.put = args
}

// mayWrite reports whether a request counts as one that writes.
func (c *Client) mayWrite(s *Spec, args [][]byte) bool {
	if s == c.W.Server.Table.exec {
		return slices.ContainsFunc(c.tx.queue, func(q queued) bool { return c.mayWrite(q.spec, q.args) })
	}
	return s.Flags&(Write|MayReplicate) != 0 || s.Flags&Scripted != 0 && s.Flags&ReadOnly == 0 && s.parent == nil && !c.scriptOnlyReads(s, args)
}

// goOnPostponed carries out what was put off, when the pause is over.
func (w *Worker) goOnPostponed() {
	if len(w.postponed.clients) == 0 {
		return
	}
	w.Server.endPause(w.NowMS)
	if end := w.Server.pause.endMS.Load(); end > w.NowMS {
		w.remind(end)
		return
	}
	clients := w.postponed.clients
	w.postponed.clients = nil
	for _, c := range clients {
		args := c.put
		c.Peer.Post(func() {
			c.putOff(nil)
			c.Execute(args)
		})
	}
}

// wakePostponed has all loops look at what they put off.
func (w *Worker) wakePostponed() {
	if w.Rouse == nil {
		w.goOnPostponed()
		return
	}
	for _, other := range w.Server.Workers() {
		w.Rouse(other)
	}
}

// forgetPostponed drops what was put off for a client that is gone.
func (c *Client) forgetPostponed() {
	if c.put == nil {
		return
	}
	c.putOff(nil)
	list := &c.W.postponed.clients
	if i := slices.Index(*list, c); i >= 0 {
		*list = slices.Delete(*list, i, i+1)
	}
}
