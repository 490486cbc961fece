package memcached

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// itemOverhead is what Prepare allows for an item beside its key and value, in bytes.
const itemOverhead = 64

// store is set, add, replace, append, prepend and cas.
func (c *Client) store(r *memcache.Request, k keyspace.Key) {
	w := c.W
	w.Stats.CmdSet.Add(1)
	if w.Prepare(len(r.Key)+len(r.Data)+itemOverhead) != nil {
		w.Stats.StoreNoMemory.Add(1)
		if r.Op == memcache.OpSet {
			// What could not be stored must not be hidden by what it was to replace.
			c.remove(k)
		}
		c.Out.Error(memcache.ErrOutOfMemoryStore)
		return
	}
	w.LockKey(k)
	var it keyspace.Item
	status := memcache.Stored
	if r.Op != memcache.OpSet { // which stores whatever is there
		var exists bool
		it, exists = w.Peek(database, k)
		status = c.judge(r, k, it, exists)
	}
	if status == memcache.Stored {
		w.Stats.TotalItems.Add(1)
		status = c.write(r, k, it)
	}
	w.Unlock()
	w.Settle()
	c.Out.Status(status)
}

// judge says whether a request may store, given what is there.
func (c *Client) judge(r *memcache.Request, k keyspace.Key, it keyspace.Item, exists bool) memcache.Status {
	stats := &c.W.Stats
	switch r.Op {
	case memcache.OpAdd:
		if exists {
			// A failed add counts as a use, as in the reference server.
			c.W.Get(database, k)
			return memcache.NotStored
		}
	case memcache.OpReplace, memcache.OpAppend, memcache.OpPrepend:
		if !exists || !readable(it) {
			return memcache.NotStored
		}
	case memcache.OpCAS:
		switch {
		case !exists:
			stats.CASMisses.Add(1)
			return memcache.NotFound
		case it.CAS() == 0 || it.CAS() != r.CAS:
			stats.CASBadval.Add(1)
			return memcache.Exists
		}
		stats.CASHits.Add(1)
	}
	return memcache.Stored
}

// write stores what the request brings.
func (c *Client) write(r *memcache.Request, k keyspace.Key, it keyspace.Item) memcache.Status {
	if r.Op == memcache.OpAppend || r.Op == memcache.OpPrepend {
		return c.extend(r, k, it)
	}
	at, gone := c.expireAt(r.Exptime)
	if gone {
		c.drop(k)
		return memcache.Stored
	}
	c.W.Set(database, k, r.Data, keyspace.Options{ExpireAt: at, Flags: r.Flags})
	c.tellStored(k, r.Data, at)
	return memcache.Stored
}

// extend is append and prepend: flags and expiry stay.
func (c *Client) extend(r *memcache.Request, k keyspace.Key, it keyspace.Item) memcache.Status {
	had, more := it.Len(), len(r.Data)
	if memcache.ItemSize(len(k.Name), had+more, it.Flags()) > c.W.Server.Settings.MaxItem {
		return memcache.NotStored
	}
	value := c.W.Resize(database, k, it, had+more, keyspace.Options{KeepTTL: true, Flags: it.Flags()})
	if r.Op == memcache.OpAppend {
		copy(value[had:], r.Data)
		if c.told(k) {
			c.tell("APPEND", k, r.Data)
		}
	} else {
		copy(value[more:], value[:had])
		copy(value, r.Data)
		c.tellEdited(k, value)
	}
	return memcache.Stored
}
