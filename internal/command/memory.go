package command

import (
	"runtime/debug"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/resident"
)

// memoryUsageCommand replies with the bytes that a key takes, all told: its
// share of a segment or its chunk, its entry in the index and, of a large
// collection, the blocks that its elements lie in. All of that is counted, so
// SAMPLES, with which the reference server estimates, is checked and no more.
func memoryUsageCommand(c *Client, args [][]byte) {
	for i := 3; i < len(args); i += 2 {
		if !equalName(args[i], "samples") || i+1 == len(args) {
			c.Error(errSyntax)
			return
		}
		n, ok := parseInt(args[i+1])
		if !ok {
			c.Error(errNotInteger)
			return
		}
		if n < 0 {
			c.Error(errSyntax)
			return
		}
	}
	k := c.Key(args, 2)
	it, found := c.W.Inspect(c.DB, k)
	if !found {
		c.Reply.Null()
		return
	}
	c.Reply.Int(c.W.Weight(k, it))
}

// memoryPurgeCommand gives back what the stores and the Go runtime keep for
// their next use. The latter collects garbage for it, which takes this loop
// some milliseconds.
func memoryPurgeCommand(c *Client, _ [][]byte) {
	c.W.Server.Keyspace.Purge()
	debug.FreeOSMemory()
	c.Reply.SimpleString("OK")
}

// memoryReport is what INFO, MEMORY STATS and MEMORY DOCTOR know of memory,
// in bytes. Used is what counts against maxmemory: all that is mapped, and what
// was last measured of the Go runtime and the program.
type memoryReport struct {
	used, peak, startup int64
	dataset             int64 // items and collections, free space among them included
	live                int64 // of dataset: what can be read
	clients             int64 // requests received in part and replies that wait, but for replicas

	stream   int64 // what is kept of the stream of writes
	backlog  int64 // of stream: what is kept for those who come back
	replicas int64 // the rest, and what their connections have

	allocated int64 // of what is mapped: what is of use
	active    int64 // all that is mapped
	resident  int64 // with what the Go runtime holds
	rss       int64 // with all the rest
	process   resident.Memory
}

func (s *Server) memory() memoryReport {
	m := memoryReport{
		used:    s.Keyspace.Resident(),
		startup: s.StartupBytes,
		dataset: offheap.Resident(offheap.Items) + offheap.Resident(offheap.Collections),
		clients: offheap.Resident(offheap.Input) + offheap.Resident(offheap.Output),
		active:  offheap.Total(),
		process: resident.Read(),
	}
	m.stream = s.Stream.Mapped()
	m.backlog = m.stream
	for _, f := range s.followers.each() {
		m.replicas += f.client.memory()
		m.backlog = min(m.stream, s.Stream.Size())
	}
	m.clients = max(0, m.clients-m.replicas)
	m.replicas += m.stream - m.backlog
	m.peak = s.rates.peakBytes(m.used)
	k := s.Keyspace.Memory()
	m.live = k.LiveBytes + k.Collections
	m.allocated = m.active - offheap.Resident(offheap.Items) + k.LiveBytes
	m.resident = m.active + m.process.Go()
	if m.rss = m.process.Total; m.rss == 0 {
		m.rss = m.resident
	}
	return m
}

// overhead is everything but the data.
func (m *memoryReport) overhead() int64 { return m.used - m.dataset }

// grown is what came after the start.
func (m *memoryReport) grown() int64 { return max(m.used-m.startup, 0) }

// memoryStatsCommand replies with the report under the names of the reference
// server. What does not exist here is 0.
func memoryStatsCommand(c *Client, _ [][]byte) {
	w := c.W
	m := w.Server.memory()
	var keys, index int64
	type database struct {
		db    int
		index int64
	}
	var databases []database
	for db := range w.Server.Keyspace.Databases() {
		if n := w.Len(db); n > 0 {
			databases = append(databases, database{db, w.IndexBytes(db)})
			keys += n
		}
		index += w.IndexBytes(db)
	}
	const fields = 33
	c.Reply.MapLen(fields + len(databases))
	count := func(name string, n int64) { c.Reply.BulkString(name); c.Reply.Int(n) }
	share := func(name string, f float64) { c.Reply.BulkString(name); c.Reply.Double(f) }

	count("peak.allocated", m.peak)
	count("total.allocated", m.used)
	count("startup.allocated", m.startup)
	count("replication.backlog", m.backlog)
	count("replica.fullsync.buffer", 0)
	count("clients.slaves", m.replicas)
	count("clients.normal", m.clients)
	for _, name := range []string{"cluster.links", "aof.buffer", "lua.caches", "functions.caches", "script.VMs"} {
		count(name, 0)
	}
	for _, d := range databases {
		c.Reply.BulkString("db." + itoa(d.db))
		c.Reply.MapLen(2)
		count("overhead.hashtable.main", d.index)
		count("overhead.hashtable.expires", 0) // an item has its expiry in it
	}
	count("overhead.db.hashtable.lut", index)
	count("overhead.db.hashtable.rehashing", 0)
	count("overhead.total", m.overhead())
	count("db.dict.rehashing.count", 0)
	count("keys.count", keys)
	count("keys.bytes-per-key", m.grown()/max(keys, 1)*min(keys, 1))
	count("dataset.bytes", m.dataset)
	share("dataset.percentage", 100*ratio(m.dataset, m.grown()))
	share("peak.percentage", 100*ratio(m.used, m.peak))
	count("allocator.allocated", m.allocated)
	count("allocator.active", m.active)
	count("allocator.resident", m.resident)
	count("allocator.muzzy", 0)
	share("allocator-fragmentation.ratio", ratio(m.active, m.allocated))
	count("allocator-fragmentation.bytes", m.active-m.allocated)
	share("allocator-rss.ratio", ratio(m.resident, m.active))
	count("allocator-rss.bytes", m.resident-m.active)
	share("rss-overhead.ratio", ratio(m.rss, m.resident))
	count("rss-overhead.bytes", m.rss-m.resident)
	share("fragmentation", ratio(m.rss, m.used))
	count("fragmentation.bytes", m.rss-m.used)
}
