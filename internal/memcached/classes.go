package memcached

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/store"
)

// slabs answers "stats slabs": of each size class what memory it has. What the
// reference server counts of requests by class is left out. A backend that has no
// classes reports the total only.
func (c *Client) slabs() {
	classes := c.W.Keyspace().Classes()
	for _, k := range classes {
		all := k.Spans * k.Chunks
		c.classStat("", k, "chunk_size", k.ChunkSize)
		c.classStat("", k, "chunks_per_page", k.Chunks)
		c.classStat("", k, "total_pages", k.Spans)
		c.classStat("", k, "total_chunks", all)
		c.classStat("", k, "used_chunks", k.Used)
		c.classStat("", k, "free_chunks", max(all-k.Used, 0))
		c.classStat("", k, "free_chunks_end", 0)
	}
	c.Out.StatUint("active_slabs", uint64(len(classes)))
	c.Out.StatUint("total_malloced", uint64(max(c.W.Keyspace().Memory().Used, 0)))
}

// items answers "stats items": how many each size class has. There is no LRU by
// class to report on.
func (c *Client) items() {
	for _, k := range c.W.Keyspace().Classes() {
		if k.Used > 0 {
			c.classStat("items:", k, "number", k.Used)
			c.classStat("items:", k, "mem_requested", int(k.LiveBytes))
		}
	}
}

func (c *Client) classStat(prefix string, k store.Class, name string, n int) {
	c.Out.StatUint(prefix+strconv.Itoa(k.Number)+":"+name, uint64(n))
}
