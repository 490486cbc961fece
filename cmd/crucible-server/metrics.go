package main

import (
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/netloop"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/resident"
	"github.com/crucible-cache/crucible/internal/session"
)

// What a scrape reads. Counters of loops are added up by the collector.
var (
	engineInfo = gauges("engine_info", "1 for the engine that drives the sockets.", "engine")

	connections = counts("connections_accepted_total", "Client connections served.", "protocol")
	rejected    = counts("connections_rejected_total", "Client connections refused because there were too many.", "protocol")
	connected   = gauges("connections", "Client connections open now; none stands for those that have not said anything.", "protocol")
	cutOff      = counts("clients_cut_off_total", "Clients disconnected because a buffer passed its limit.", "buffer")

	commands = counts("redis_commands_total", "Redis commands carried out.", "command")
	errs     = counts("redis_error_replies_total", "Error replies to Redis clients.")
	memc     = counts("memcached_events_total", "Memcached's own counters.", "name")

	hits     = counts("keyspace_hits_total", "Reads that found their key.")
	misses   = counts("keyspace_misses_total", "Reads that did not find their key.")
	expired  = counts("expired_keys_total", "Keys removed because their time was over.")
	evicted  = counts("evicted_keys_total", "Keys evicted to make room.")
	memory   = gauges("memory_bytes", "Bytes that are resident, by purpose; unaccounted is what is resident beyond all others, or was mapped and never written to if negative.", "purpose")
	rss      = gauges("resident_bytes", "Bytes that the process has resident.")
	maxBytes = gauges("maxmemory_bytes", "Bytes that the process may hold resident.")
	live     = gauges("live_bytes", "Bytes of items that can be read.")
	segments = gauges("segments", "Segments that hold items.")
)

// loopCounts are the counters that the engine keeps for each loop.
var loopCounts = []struct {
	family *metrics.Family
	of     func(*netloop.Stats) *metrics.Counter
}{
	{counts("received_bytes_total", "Bytes received from clients."), func(s *netloop.Stats) *metrics.Counter { return &s.ReceivedB }},
	{counts("sent_bytes_total", "Bytes sent to clients."), func(s *netloop.Stats) *metrics.Counter { return &s.SentB }},
	{counts("receives_total", "Receives that brought data."), func(s *netloop.Stats) *metrics.Counter { return &s.Receives }},
	{counts("sends_total", "Sends completed, short ones included."), func(s *netloop.Stats) *metrics.Counter { return &s.Sends }},
	{counts("short_sends_total", "Sends that took less than they were given: the client reads slowly."), func(s *netloop.Stats) *metrics.Counter { return &s.ShortSends }},
	{counts("wakeups_total", "Times a loop returned from waiting."), func(s *netloop.Stats) *metrics.Counter { return &s.Wakeups }},
	{counts("loop_messages_total", "Functions that loops ran for each other."), func(s *netloop.Stats) *metrics.Counter { return &s.Mail }},
	{counts("loop_wakes_total", "Times a loop woke another."), func(s *netloop.Stats) *metrics.Counter { return &s.WakesSent }},
	{counts("connections_closed_total", "Client connections that ended."), func(s *netloop.Stats) *metrics.Counter { return &s.Closed }},
	{counts("tls_handshake_failures_total", "TLS handshakes that failed or took too long."), func(s *netloop.Stats) *metrics.Counter { return &s.Unsecured }},
	{counts("accept_failures_total", "Accepts that failed for want of file descriptors or memory."), func(s *netloop.Stats) *metrics.Counter { return &s.Refused }},
	{counts("read_stops_total", "Times reading from a client stopped until it has read its replies."), func(s *netloop.Stats) *metrics.Counter { return &s.ReadStops }},
	{counts("uring_no_buffers_total", "Receives that found no buffer in the ring."), func(s *netloop.Stats) *metrics.Counter { return &s.NoBuffers }},
}

// loopLevels are the levels that the engine keeps for each loop.
var loopLevels = []struct {
	family *metrics.Family
	of     func(*netloop.Stats) *metrics.Gauge
}{
	{gauges("sockets", "Client sockets open now."), func(s *netloop.Stats) *metrics.Gauge { return &s.Connections }},
	{gauges("held_input_bytes", "Bytes that arrived for clients that must first read their replies."), func(s *netloop.Stats) *metrics.Gauge { return &s.HeldB }},
	{gauges("uring_buffers", "Receive buffers in the rings."), func(s *netloop.Stats) *metrics.Gauge { return &s.Buffers }},
}

func counts(name, help string, labels ...string) *metrics.Family {
	return &metrics.Family{Name: "crucible_" + name, Help: help, Kind: metrics.Counts, Labels: labels}
}

func gauges(name, help string, labels ...string) *metrics.Family {
	return &metrics.Family{Name: "crucible_" + name, Help: help, Kind: metrics.Levels, Labels: labels}
}

// Families implements metrics.Source.
func (a *appliance) Families() []*metrics.Family {
	all := []*metrics.Family{
		engineInfo, connections, rejected, connected, cutOff, commands, errs, memc,
		hits, misses, expired, evicted, memory, rss, maxBytes, live, segments,
	}
	for _, c := range loopCounts {
		all = append(all, c.family)
	}
	for _, l := range loopLevels {
		all = append(all, l.family)
	}
	return all
}

// Collect implements metrics.Source.
func (a *appliance) Collect(emit metrics.Emit) {
	emit(engineInfo, 1, a.server.Identity.Engine)
	for _, w := range a.loopWorkers() {
		w.collect(emit)
	}
	for _, l := range a.loops() {
		for _, c := range loopCounts {
			emit(c.family, float64(c.of(l.Stats()).Load()))
		}
		for _, g := range loopLevels {
			emit(g.family, float64(g.of(l.Stats()).Load()))
		}
	}
	emit(connected, float64(a.shared.Connected(session.RESP)), "resp")
	emit(connected, float64(a.shared.Connected(session.Memcache)), "memcache")
	emit(connected, float64(a.shared.Connected(session.Ping)), "ping")
	emit(connected, float64(a.shared.Connected(session.Auto)), "none")
	a.memcached.Each(func(name string, n uint64) { emit(memc, float64(n), name) })
	a.collectMemory(emit)
}

func (a *appliance) collectMemory(emit metrics.Emit) {
	for _, p := range offheap.Purposes() {
		emit(memory, float64(offheap.Resident(p)), p.String())
	}
	r := resident.Read()
	emit(memory, float64(r.GoHeap), "go_heap")
	emit(memory, float64(r.GoStacks), "go_stacks")
	emit(memory, float64(r.GoRuntime), "go_runtime")
	emit(memory, float64(r.Program), "program")
	if r.Total > 0 {
		emit(memory, float64(r.Total-offheap.Total()-r.Go()-r.Program), "unaccounted")
		emit(rss, float64(r.Total))
	}
	emit(maxBytes, float64(a.keyspace.Maxmemory()))
	m := a.keyspace.Memory()
	emit(live, float64(m.LiveBytes))
	emit(segments, float64(m.Segments))
}

func (w *loopWorker) collect(emit metrics.Emit) {
	c := w.Commands
	emit(connections, float64(c.Stats.Connections.Load()), "resp")
	emit(rejected, float64(c.Stats.Rejected.Load()), "resp")
	emit(connections, float64(w.MemcacheStats.Connections.Load()), "memcache")
	emit(rejected, float64(w.MemcacheStats.Rejected.Load()), "memcache")
	emit(cutOff, float64(w.CutOff.Input.Load()), "input")
	emit(cutOff, float64(w.CutOff.Output.Load()), "output")
	emit(errs, float64(c.Stats.ErrorReplies.Load()))
	c.EachCommand(func(name string, calls uint64) { emit(commands, float64(calls), name) })
	emit(hits, float64(c.Worker.Stats.Hits.Load()))
	emit(misses, float64(c.Worker.Stats.Misses.Load()))
	emit(expired, float64(c.Worker.Stats.Expired.Load()))
	emit(evicted, float64(c.Evicted()))
}
