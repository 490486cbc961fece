package memcached

import "github.com/crucible-cache/crucible/internal/protocol/memcache"

// flushAll empties the cache, now or, with a delay, when a tick finds it due. A
// later flush_all takes the place of one that waits.
func (c *Client) flushAll(r *memcache.Request) {
	c.W.Stats.CmdFlush.Add(1)
	if at, gone := c.expireAt(r.Exptime); at != 0 && !gone {
		c.W.Server.flushAt.Store(at)
	} else {
		c.W.Server.flushAt.Store(0)
		c.W.flush()
	}
	c.Out.Status(memcache.OK)
}

func (w *Worker) flush() {
	w.LockAll()
	w.Flush(database)
	w.Unlock()
}
