package main

import (
	"cmp"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/memcached"
	"github.com/crucible-cache/crucible/internal/netloop"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
	"github.com/crucible-cache/crucible/internal/session"
)

// settings are the parameters as CONFIG GET first shows them.
func (a *appliance) settings() command.Settings {
	c := a.config
	s := command.Settings{
		Maxmemory:              c.Cache.Maxmemory.Bytes(),
		MaxmemoryPolicy:        policyName(c.Cache.Policy),
		Maxclients:             a.places.resp,
		TimeoutSeconds:         int64(c.Redis.Timeout.Seconds()),
		KeepaliveSeconds:       int64(c.Listeners[0].Keepalive.Seconds()),
		Databases:              c.Redis.DatabaseCount(),
		ClusterEnabled:         c.Redis.ClusterEnabled,
		ClusterConfigFile:      c.Redis.ClusterConfigFile,
		Requirepass:            c.Redis.Requirepass,
		MaxmemoryClients:       int64(c.Redis.MaxmemoryClients),
		ProtectedMode:          c.Redis.ProtectedMode,
		EnableDebugCommand:     c.Redis.EnableDebugCommand,
		EnableModuleCommand:    c.Redis.EnableModuleCommand,
		EnableProtectedConfigs: c.Redis.EnableProtectedConfigs,
		ACLFile:                c.Redis.ACLFile,
		ACLPubsubDefault:       c.Redis.ACLPubsubDefault,
		ACLLogMaxLen:           int64(c.Redis.AcllogMaxLen),
		ProtoMaxBulkLen:        maxBulk(c),
		QueryBufferLimit:       c.Redis.ClientQueryBufferLimit.Bytes(),
		OutputLimit: command.OutputLimit{
			Hard:        c.Redis.ClientOutputBufferLimit.Hard.Bytes(),
			Soft:        c.Redis.ClientOutputBufferLimit.Soft.Bytes(),
			SoftSeconds: int64(c.Redis.ClientOutputBufferLimit.SoftSeconds),
		},
		LogLevel:     redisLevel(c.Logging.Level),
		DrainSeconds: int64(c.Shutdown.DrainTimeout.Seconds()),
		TCPBacklog:   c.Listeners[0].Backlog,
		Logfile:      c.Logging.File,
		IOThreads:    1,
	}
	if c.Origin("workers.threads").IsSet() {
		s.IOThreads = c.Workers.Threads
	}
	s.Persistence = command.PersistenceSettings{
		Dir:         absolute(cmp.Or(c.Persistence.Dir, ".")),
		DBFilename:  c.Persistence.DBFilename,
		Save:        c.Persistence.Save,
		Compression: c.Persistence.RDBCompression,
		Checksum:    c.Persistence.RDBChecksum,
		StopWrites:  c.Persistence.StopWritesOnBgsaveError,
	}
	for _, l := range a.sockets.open {
		s.TCPBacklog = l.Config.Backlog
		if addr, isUnix := l.Addr.(*net.UnixAddr); isUnix {
			s.Unixsocket = addr.Name
		}
	}
	s.Addresses = a.sockets.current
	if m := a.sockets.models[secure]; m.certificates != nil {
		s.TLS = tlsSettings(m.listener.TLS)
	}
	s.Listeners = a.listed()
	return s
}

// maxBulk is the longest argument of a Redis request, in bytes.
func maxBulk(c *config.Config) int64 {
	return min(c.Redis.ProtoMaxBulkLen.Bytes(), c.Cache.MaxValueSize.Bytes())
}

// executable is shown by INFO; empty when the system does not tell.
func executable() string {
	path, _ := os.Executable()
	return path
}

func absolute(path string) string {
	if path == "" {
		return ""
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// memcachedSettings are the options as "stats settings" shows them.
func (a *appliance) memcachedSettings() memcached.Settings {
	c := a.config
	s := memcached.Settings{
		MaxItem:        int(c.Memcached.MaxItemSize.Bytes()),
		MaxLine:        memcache.DefaultMaxLine,
		MaxConnections: a.places.memcache,
		Threads:        c.Workers.Threads,
		IdleSeconds:    int64(c.Memcached.IdleTimeout.Seconds()),
	}
	for _, l := range a.sockets.open {
		if l.Config.Protocol != "memcache" {
			continue
		}
		s.Backlog = l.Config.Backlog
		switch addr := l.Addr.(type) {
		case *net.TCPAddr:
			s.Port, s.Interface = addr.Port, addr.IP.String()
		case *net.UnixAddr:
			s.UnixSocket = addr.Name
		}
	}
	return s
}

// network returns the bytes received from and sent to all clients.
func (a *appliance) network() (received, sent uint64) {
	for _, l := range a.loops() {
		received += l.Stats().ReceivedB.Load()
		sent += l.Stats().SentB.Load()
	}
	return received, sent
}

// counters adds to INFO what the engine and the sessions count.
func (a *appliance) counters(put func(name string, n uint64)) {
	var reads, writes, input, output, wakeups uint64
	var busy time.Duration
	for _, t := range a.threads() {
		reads += t.Reads
		writes += t.Writes
		wakeups += t.Cycles
		busy += t.Busy
	}
	for _, w := range a.loopWorkers() {
		input += w.CutOff.Input.Load()
		output += w.CutOff.Output.Load()
	}
	put("total_reads_processed", reads)
	put("total_writes_processed", writes)
	put("eventloop_cycles", wakeups)
	put("eventloop_duration_sum", uint64(busy.Microseconds())) //nolint:gosec // not negative
	put("client_query_buffer_limit_disconnections", input)
	put("client_output_buffer_limit_disconnections", output)
}

// threads tells of each loop. Where loops have no threads of their own, the first is
// said to be busy whenever the process is.
func (a *appliance) threads() []command.ThreadFacts {
	var all []command.ThreadFacts
	var busy time.Duration
	for _, l := range a.loops() {
		s := l.Stats()
		all = append(all, command.ThreadFacts{
			Clients: s.Connections.Load(), Reads: s.Receives.Load(), Writes: s.Sends.Load(),
			Cycles: s.Wakeups.Load(), Busy: netloop.Busy(s.Thread.Load()),
			Ticking: time.Duration(s.TickNS.Load()), Longest: time.Duration(s.Longest()), //nolint:gosec // 292 years
		})
		busy += all[len(all)-1].Busy
	}
	if busy == 0 && len(all) > 0 {
		system, user := command.ProcessSeconds()
		all[0].Busy = time.Duration((system + user) * float64(time.Second))
	}
	return all
}

// forgetPeaks has what was the most until now not count any more.
func (a *appliance) forgetPeaks() {
	for _, l := range a.loops() {
		l.Stats().ForgetLongest()
	}
}

// loopSeconds returns the processor time of the loops.
func (a *appliance) loopSeconds() (system, user float64) {
	for _, l := range a.loops() {
		s, u := netloop.BusySplit(l.Stats().Thread.Load())
		system, user = system+s.Seconds(), user+u.Seconds()
	}
	if system+user == 0 {
		return command.ProcessSeconds()
	}
	return system, user
}

// memcachedFacts adds to "stats" what the engine counts.
func (a *appliance) memcachedFacts(put func(name string, value uint64)) {
	var total, rejected uint64
	for _, w := range a.loopWorkers() {
		total += w.MemcacheStats.Connections.Load()
		rejected += w.MemcacheStats.Rejected.Load()
	}
	read, written := a.network()
	connected := uint64(max(0, a.shared.Connected(session.Memcache))) //nolint:gosec // not negative
	put("curr_connections", connected)
	put("connection_structures", connected) // none is kept for later
	put("accepting_conns", 1)
	put("total_connections", total)
	put("rejected_connections", rejected)
	put("bytes_read", read)
	put("bytes_written", written)
}
