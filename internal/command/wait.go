package command

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// waiters are the clients in WAIT and WAITAOF, on all loops.
type waiters struct {
	mu    sync.Mutex
	list  []*waiter
	count atomic.Int32
	owed  atomic.Bool // replicas are to be asked how far they are, when the server isn't paused any more
}

// acks is what such a client waits for: replicas that have the stream up to an offset.
type acks struct {
	server   *Server
	offset   int64
	replicas int64
	durable  bool // they have it on disk
}

// have returns how many there are.
func (a *acks) have() (n int64) {
	for _, f := range a.server.followers.each() {
		at := f.acked.Load()
		if a.durable {
			at = f.durable.Load()
		}
		if f.state() == stageOnline && at >= a.offset {
			n++
		}
	}
	return n
}

// reply is what the client reads when there are n.
func (a *acks) reply(n int64) string {
	number := ":" + strconv.FormatInt(n, 10) + "\r\n"
	if a.durable {
		return "*2\r\n:0\r\n" + number
	}
	return number
}

func waitCommand(c *Client, args [][]byte) {
	if c.W.Server.isReplica() {
		c.Error(errReplicaWait)
		return
	}
	replicas, isInt := parseInt(args[1])
	if !isInt {
		c.Error(errNotInteger)
		return
	}
	if ms, ok := c.blockTime(args[2]); ok {
		c.waitForReplicas(args, acks{replicas: replicas}, ms)
	}
}

func waitaofCommand(c *Client, args [][]byte) {
	if c.W.Server.isReplica() {
		c.Error(errReplicaWaitAOF)
		return
	}
	local, isInt := parseInt(args[1])
	switch {
	case !isInt:
		c.Error(errNotInteger)
		return
	case local < 0 || local > 1:
		c.Error(errLocalRange)
		return
	}
	replicas, isInt := parseInt(args[2])
	if !isInt || replicas < 0 {
		c.Error(errNotPositive)
		return
	}
	ms, ok := c.blockTime(args[3])
	switch {
	case !ok:
	case local > 0:
		c.Error(errWaitLocal)
	default:
		c.waitForReplicas(args, acks{replicas: replicas, durable: true}, ms)
	}
}

// waitForReplicas replies how many replicas have what the client wrote, when they are as many as it asks for, or after ms
// milliseconds, 0 for ever.
func (c *Client) waitForReplicas(args [][]byte, a acks, ms int64) {
	s := c.W.Server
	a.server, a.offset = s, c.wrote
	if n := a.have(); n >= a.replicas || c.tx.running {
		c.Reply.Raw(a.reply(n))
		return
	}
	b := blocking{first: 1, acks: &a} // it waits for no key
	if ms > 0 {
		b.deadline = c.W.NowMS + ms
	}
	c.block(args, b)
	l := &s.followers.waiters
	l.mu.Lock()
	l.list = append(l.list, c.waiter.Load())
	l.count.Add(1)
	l.mu.Unlock()
	l.owed.Store(true)
	l.ask(s, c.W.NowMS)
	l.look() // one may have said so meanwhile
}

// ask has the replicas say how far they are, if somebody wants to know.
func (l *waiters) ask(s *Server, nowMS int64) {
	if !s.paused(nowMS) && l.owed.Swap(false) && s.followers.count.Load() > 0 {
		s.tellFollowers("REPLCONF", "GETACK", "*")
	}
}

// look serves those who have what they wait for. Any thread calls it.
func (l *waiters) look() {
	if l.count.Load() == 0 {
		return
	}
	l.mu.Lock()
	list := slices.Clone(l.list)
	l.mu.Unlock()
	for _, x := range list {
		if n := x.acks.have(); n >= x.acks.replicas && x.cancel() {
			x.post([]byte(x.acks.reply(n)))
		}
	}
}

// remove forgets one that waits no more.
func (l *waiters) remove(x *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.list, x); i >= 0 {
		l.list = slices.Delete(l.list, i, i+1)
		l.count.Add(-1)
	}
}
