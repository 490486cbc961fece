package config

// Limits of what a profile may ask for. They keep a typing error from
// becoming an outage; none of them is where performance ends.
const (
	// maxProfileBytes bounds the profile that is read into memory.
	maxProfileBytes = 1 << 20
	// MaxThreads bounds the loops: more than any machine has cores.
	MaxThreads = 1024
	// maxListeners bounds the listeners of a profile.
	maxListeners = 64
	// maxDatabases bounds the SELECTable databases: an item's header has a byte
	// for the number.
	maxDatabases = 256
	// MaxBulkBytes is the longest value the RESP protocol carries by default,
	// as in Redis.
	MaxBulkBytes = 512 << 20
	// minBulkBytes is the smallest proto_max_bulk_len Redis accepts.
	minBulkBytes = 1 << 20
	// minSegmentBytes and maxSegmentBytes bound segment_size.
	minSegmentBytes = 64 << 10
	maxSegmentBytes = 32 << 20
	// maxGoodSegmentBytes is the segment size unless a profile says otherwise, and
	// goodSegments how many of them memory should hold: a policy that evicts whole
	// segments is hardly better than its segments are many.
	maxGoodSegmentBytes = 1 << 20
	goodSegments        = 256
	// processBytes is what a server takes that stores nothing: the Go runtime,
	// the executable, an empty index. Measured: 32 MB with two loops.
	processBytes = 32 << 20
	// loopSegments is how many segments each loop holds open or in reserve.
	loopSegments = 2
	// minSegments is the least number of segments beside those for a cache that
	// does not evict most of itself at once.
	minSegments = 8
	// minItemBytes is the smallest -I that memcached accepts.
	minItemBytes = 1024
	// maxItemBytes is the largest -I that memcached accepts.
	maxItemBytes = 1 << 30
	// maxAcllog bounds the entries of ACL LOG, each of which is a kilobyte.
	maxAcllog = 1 << 20
	// maxConnections bounds the client limits of both protocols.
	maxConnections = 1 << 20
	// maxBufferCount is the largest provided-buffer ring we set up.
	maxBufferCount = 4096
	// minBufferBytes and maxBufferBytes bound one provided buffer.
	minBufferBytes = 1 << 10
	maxBufferBytes = 1 << 20
	// minQueueDepth and maxQueueDepth bound the submission queue.
	minQueueDepth = 16
	maxQueueDepth = 32768
	// maxBacklog is what a kernel could be configured to honour.
	maxBacklog = 1 << 16
	// maxUnixPath is what fits sun_path on every system we build for,
	// terminator included (104 on Darwin, 108 on Linux).
	maxUnixPath = 104
	// memoryPercent of the machine or cgroup is the default of maxmemory. The
	// rest is for the kernel's socket buffers, the page cache and neighbours.
	memoryPercent = 60
)
