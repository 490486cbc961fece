package memcached

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// retrieve is get, gets, gat and gats.
func (c *Client) retrieve(r *memcache.Request, k keyspace.Key) {
	touches := r.Op == memcache.OpGat || r.Op == memcache.OpGats
	withCAS := r.Op == memcache.OpGets || r.Op == memcache.OpGats
	if r.Count == 1 {
		c.retrieveKey(r, k, withCAS, touches)
	} else {
		for keys := r.Keys; ; {
			ahead := c.lookTogether(&keys)
			if len(ahead) == 0 {
				break
			}
			for i := range ahead {
				if i+1 < len(ahead) {
					c.Gather(&ahead[i+1])
				}
				c.retrieveKey(r, ahead[i].key, withCAS, touches)
			}
		}
	}
	if withCAS || touches {
		c.W.Settle()
	}
	c.Out.Status(memcache.End)
}

func (c *Client) retrieveKey(r *memcache.Request, k keyspace.Key, withCAS, touches bool) {
	stats := &c.W.Stats
	c.W.LockKey(k)
	expired := c.W.Worker.Stats.Expired.Load()
	it, ok := c.W.Get(database, k)
	if c.W.Worker.Stats.Expired.Load() != expired {
		stats.GetExpired.Add(1)
	}
	ok = ok && readable(it)
	if ok {
		c.value(k, it, withCAS)
		if touches {
			c.retime(k, r.Exptime)
		}
	}
	c.W.Unlock()
	// To the reference server a gat is a touch, and no get.
	if touches {
		stats.CmdTouch.Add(1)
		count(ok, &stats.TouchHits, &stats.TouchMisses)
	} else {
		stats.CmdGet.Add(1)
		count(ok, &stats.GetHits, &stats.GetMisses)
	}
}

// readable reports whether an item holds what this protocol can show: a string.
func readable(it keyspace.Item) bool { return it.Type() == keyspace.TypeString }

// value appends an item that was found. Its shard is locked.
func (c *Client) value(k keyspace.Key, it keyspace.Item, withCAS bool) {
	unique := uint64(0)
	if withCAS {
		unique = c.W.CAS(database, k, it)
		it, _ = c.W.Peek(database, k)
	}
	c.Out.Value(k.Name, it.Flags(), it.Value(), unique, withCAS)
}

// retime changes when the item of k expires, if there is one. Its shard is locked.
func (c *Client) retime(k keyspace.Key, exptime int64) {
	it, ok := c.W.Peek(database, k)
	if !ok {
		return
	}
	if at, gone := c.expireAt(exptime); gone {
		c.drop(k)
	} else {
		c.W.SetExpire(database, k, it, at)
		c.tellTimed(k, at)
	}
}

func (c *Client) touch(r *memcache.Request, k keyspace.Key) {
	c.W.LockKey(k)
	it, ok := c.W.Get(database, k)
	if ok = ok && readable(it); ok {
		c.retime(k, r.Exptime)
	}
	c.W.Unlock()
	c.W.Settle()
	c.W.Stats.CmdTouch.Add(1)
	count(ok, &c.W.Stats.TouchHits, &c.W.Stats.TouchMisses)
	if ok {
		c.Out.Status(memcache.Touched)
	} else {
		c.Out.Status(memcache.NotFound)
	}
}

func (c *Client) delete(k keyspace.Key) {
	ok := c.remove(k)
	count(ok, &c.W.Stats.DeleteHits, &c.W.Stats.DeleteMisses)
	if ok {
		c.Out.Status(memcache.Deleted)
	} else {
		c.Out.Status(memcache.NotFound)
	}
}

func (c *Client) remove(k keyspace.Key) bool {
	c.W.LockKey(k)
	ok := c.drop(k)
	c.W.Unlock()
	return ok
}
