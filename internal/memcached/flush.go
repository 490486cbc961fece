package memcached

import "github.com/crucible-cache/crucible/internal/protocol/memcache"

// flushAll empties the cache, now or, with a delay, when a tick finds it due. A
// later flush_all takes the place of one that waits. One for a unix time before
// the server started, when there was nothing yet, does nothing.
func (c *Client) flushAll(r *memcache.Request) {
	s := c.W.Server
	c.W.Stats.CmdFlush.Add(1)
	switch at, gone := c.expireAt(r.Exptime); {
	case at != 0 && !gone:
		s.flushAt.Store(at)
	case at != 0 && at < s.Started.UnixMilli():
		s.flushAt.Store(0)
	default:
		s.flushAt.Store(0)
		c.W.flush()
	}
	c.Out.Status(memcache.OK)
}

func (w *Worker) flush() {
	w.LockAll()
	w.Flush(database)
	if tell := w.Server.Tell; tell != nil && w.Keyspace().Followed() {
		tell(database, "FLUSHDB")
	}
	w.Unlock()
}
