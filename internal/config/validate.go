package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// problems collects what is wrong with a Config: every complaint names the
// key, where its value came from, and what to do.
type problems struct {
	c    *Config
	errs []error
}

func (p *problems) add(key, format string, args ...any) {
	where := ""
	if p.c.isSet(key) {
		where = " (" + p.c.Origin(key).String() + ")"
	}
	p.errs = append(p.errs, fmt.Errorf("%s%s: %w", key, where, fmt.Errorf(format, args...)))
}

// check adds err, if there is one, under the key.
func (p *problems) check(key string, err error) {
	if err != nil {
		p.add(key, "%w", err)
	}
}

// within checks lo <= v <= hi.
func (p *problems) within(key string, v, lo, hi int) {
	if v < lo || v > hi {
		p.add(key, "%d is out of range: set it from %d to %d", v, lo, hi)
	}
}

// sized checks lo <= v <= hi.
func (p *problems) sized(key string, v, lo, hi Size) {
	if v < lo || v > hi {
		p.add(key, "%s is out of range: set it from %s to %s", v, lo, hi)
	}
}

// warn notes what is odd but allowed.
func (c *Config) warn(format string, args ...any) {
	c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
}

// Validate checks the resolved values against each other and against the
// machine. All that is wrong is reported at once, joined.
func (c *Config) Validate(m Machine) error {
	p := &problems{c: c}
	p.workers(m)
	p.cache(m)
	p.engine()
	p.protocols()
	p.listeners()
	p.operations()
	p.persistence()
	if len(p.errs) == 0 {
		p.fit()
	}
	return errors.Join(p.errs...)
}

func (p *problems) workers(m Machine) {
	w := p.c.Workers
	p.within("workers.threads", w.Threads, 1, MaxThreads)
	cpus, err := w.CPUAffinity.CPUs()
	p.check("workers.cpu_affinity", err)
	for _, cpu := range cpus {
		if len(m.CPUs) > 0 && !slices.Contains(m.CPUs, cpu) {
			p.add("workers.cpu_affinity", "this process may not run on CPU %d: it may use %v (taskset, cpuset or systemd's CPUAffinity= decide)", cpu, m.CPUs)
			break
		}
	}
	if n := len(cpus); n > 0 && w.Threads > n {
		p.c.warn("workers.threads is %d but workers.cpu_affinity has %d CPUs: loops will share them", w.Threads, n)
	}
}

func (p *problems) cache(m Machine) {
	k := p.c.Cache
	key, err := pickBackend(k.Backend, k.Policy)
	p.check(key, err)
	p.check("cache.hugepages", pick("hugepages", k.Hugepages, hugepages))
	_, _, err = k.Nodes(nil)
	p.check("cache.numa", err)
	p.within("cache.slab_growth_percent", k.SlabGrowthPercent, 2, 300)
	p.sized("cache.segment_size", k.SegmentSize, minSegmentBytes, maxSegmentBytes)
	if k.SegmentSize&(k.SegmentSize-1) != 0 {
		p.add("cache.segment_size", "%s is not a power of two: set 1mb or 2mb, for example", k.SegmentSize)
	}
	p.within("cache.small_queue_percent", k.SmallQueuePercent, 1, 50)
	if p.c.isSet("cache.small_queue_percent") && !hasAdmissionQueue(k.Policy) {
		p.c.warn("cache.small_queue_percent has no effect with policy %s", k.Policy)
	}
	if k.Maxmemory < 0 {
		p.add("cache.maxmemory", "%d is negative: set a size, or 0 for %d %% of the machine", int64(k.Maxmemory), memoryPercent)
	}
	if m.MemoryBytes > 0 && k.Maxmemory > Size(m.MemoryBytes) {
		p.add("cache.maxmemory", "%s does not fit: the limit is %dmb (%s); lower maxmemory or raise that limit", k.Maxmemory, m.MemoryBytes>>20, limitName(m))
	}
	if k.MaxValueSize < 0 || k.MaxValueSize > k.Maxmemory {
		p.add("cache.max_value_size", "%s does not fit in a maxmemory of %s: lower it, or set 0 to have it chosen", k.MaxValueSize, k.Maxmemory)
	}
}

func limitName(m Machine) string {
	if m.MemoryFrom == "machine" {
		return "the memory of this machine"
	}
	return m.MemoryFrom
}

func (p *problems) engine() {
	e := p.c.Engine
	p.check("engine.driver", pick("driver", e.Driver, drivers))
	p.check("engine.accept", pick("accept", e.Accept, acceptModes))
	p.check("engine.uring.recv_mode", pick("recv_mode", e.Uring.RecvMode, recvModes))
	p.within("engine.uring.buffer_count", e.Uring.BufferCount, 2, maxBufferCount)
	p.powerOfTwo("engine.uring.buffer_count", e.Uring.BufferCount)
	p.sized("engine.uring.buffer_size", e.Uring.BufferSize, minBufferBytes, maxBufferBytes)
	p.within("engine.uring.sq_depth", e.Uring.SQDepth, minQueueDepth, maxQueueDepth)
	p.powerOfTwo("engine.uring.sq_depth", e.Uring.SQDepth)
}

// powerOfTwo checks what the kernel requires of a ring.
func (p *problems) powerOfTwo(key string, n int) {
	if n > 0 && n&(n-1) != 0 {
		p.add(key, "%d is not a power of two, which the kernel requires: set 64 or 1024, for example", n)
	}
}

func (p *problems) protocols() {
	r, m := p.c.Redis, p.c.Memcached
	p.within("redis.databases", r.Databases, 1, maxDatabases)
	_, _, err := r.Master()
	p.check("redis.replicaof", err)
	p.check("redis.acl_pubsub_default", pick("acl_pubsub_default", r.ACLPubsubDefault, pubsubDefaults))
	for key, value := range map[string]string{
		"enable_debug_command":     r.EnableDebugCommand,
		"enable_module_command":    r.EnableModuleCommand,
		"enable_protected_configs": r.EnableProtectedConfigs,
	} {
		p.check("redis."+key, pick(key, value, whoMay))
	}
	for _, pair := range r.RenameCommand {
		if n := len(strings.Fields(pair)); n != 1 && n != 2 {
			p.add("redis.rename_command", "%q is not a command and its new name: write \"CONFIG new-name\", or \"CONFIG\" to take it away", pair)
		}
	}
	p.within("redis.acllog_max_len", r.AcllogMaxLen, 0, maxAcllog)
	if r.ACLFile != "" && len(r.Users) > 0 {
		p.add("redis.users", "redis.aclfile holds the users: move them there, or remove it")
	}
	p.within("redis.maxclients", r.Maxclients, 1, maxConnections)
	p.sized("redis.proto_max_bulk_len", r.ProtoMaxBulkLen, minBulkBytes, 1<<40)
	p.sized("redis.client_query_buffer_limit", r.ClientQueryBufferLimit, 1<<20, 1<<40)
	l := r.ClientOutputBufferLimit
	if l.Hard < 0 || l.Soft < 0 || l.Hard > 0 && l.Soft > l.Hard {
		p.add("redis.client_output_buffer_limit", "the soft limit %s is above the hard limit %s: lower it", l.Soft, l.Hard)
	}
	p.sized("memcached.max_item_size", m.MaxItemSize, minItemBytes, maxItemBytes)
	if m.MaxItemSize > p.c.Cache.Maxmemory/2 {
		p.add("memcached.max_item_size", "%s is more than half of maxmemory (%s): lower it or raise maxmemory", m.MaxItemSize, p.c.Cache.Maxmemory)
	}
	if m.MaxItemSize > p.c.Cache.MaxValueSize {
		p.add("memcached.max_item_size", "%s is more than cache.max_value_size (%s): lower it or raise that", m.MaxItemSize, p.c.Cache.MaxValueSize)
	}
	p.within("memcached.max_connections", m.MaxConnections, 1, maxConnections)
}

func (p *problems) operations() {
	p.check("logging.level", pick("level", p.c.Logging.Level, logLevels))
	p.check("logging.format", pick("format", p.c.Logging.Format, logFormats))
	if a := p.c.Metrics.Address; a != "" {
		p.check("metrics.address", checkAddress(a))
	} else if p.c.Metrics.Pprof {
		p.add("metrics.pprof", "there is no address to serve it on: set metrics.address too")
	}
}

// fit checks that the fixed costs leave room for a cache that works.
func (p *problems) fit() {
	k, u, threads := p.c.Cache, p.c.Engine.Uring, Size(p.c.Workers.Threads)
	if need := processBytes + threads*p.c.loopBytes() + minSegments*k.SegmentSize; need > k.Maxmemory {
		p.add("cache.maxmemory", "%s is too small: the process, threads = %d with %d buffers of %s each, and %d segments of %s need %dmb; raise maxmemory or lower one of these",
			k.Maxmemory, threads, u.BufferCount, u.BufferSize, minSegments+loopSegments*threads, k.SegmentSize, need>>20)
	}
}

// loopBytes is what a loop takes whatever is stored: its receive buffers and
// its share of segments.
func (c *Config) loopBytes() Size {
	return Size(c.Engine.Uring.BufferCount)*c.Engine.Uring.BufferSize + loopSegments*c.Cache.SegmentSize
}

// checkAddress checks HOST:PORT. Names are resolved when the socket is opened.
func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		var detail *net.AddrError
		if errors.As(err, &detail) {
			err = errors.New(detail.Err)
		}
		return fmt.Errorf("%q is not an address (%w): write HOST:PORT, such as 127.0.0.1:6379 or [::1]:6379", address, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port number from 0 to 65535", address)
	}
	return nil
}
