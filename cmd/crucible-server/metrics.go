package main

import (
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/netloop"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// What a scrape reads. Counters of loops are added up by the collector.
var (
	connections = counts("connections_accepted_total", "Client connections accepted.")
	connected   = gauges("connections", "Client connections open now.")
	rejected    = counts("connections_rejected_total", "Client connections refused because there were too many.")
	received    = counts("received_bytes_total", "Bytes received from clients.")
	sent        = counts("sent_bytes_total", "Bytes sent to clients.")
	noBuffers   = counts("uring_no_buffers_total", "Receives that found no buffer in the ring.")
	engineInfo  = gauges("engine_info", "1 for the engine that drives the sockets.", "engine")

	commands = counts("redis_commands_total", "Redis commands carried out.", "command")
	errs     = counts("redis_error_replies_total", "Error replies to Redis clients.")
	memc     = counts("memcached_events_total", "Memcached's own counters.", "name")

	hits     = counts("keyspace_hits_total", "Reads that found their key.")
	misses   = counts("keyspace_misses_total", "Reads that did not find their key.")
	expired  = counts("expired_keys_total", "Keys removed because their time was over.")
	evicted  = counts("evicted_keys_total", "Keys evicted to make room.")
	memory   = gauges("memory_bytes", "Bytes that may be resident, by purpose.", "purpose")
	maxBytes = gauges("maxmemory_bytes", "Bytes that the process may hold resident.")
	live     = gauges("live_bytes", "Bytes of items that can be read.")
	segments = gauges("segments", "Segments that hold items.")

	families = []*metrics.Family{
		connections, connected, rejected, received, sent, noBuffers, engineInfo,
		commands, errs, memc, hits, misses, expired, evicted, memory, maxBytes, live, segments,
	}
)

func counts(name, help string, labels ...string) *metrics.Family {
	return &metrics.Family{Name: "crucible_" + name, Help: help, Kind: metrics.Counts, Labels: labels}
}

func gauges(name, help string, labels ...string) *metrics.Family {
	return &metrics.Family{Name: "crucible_" + name, Help: help, Kind: metrics.Levels, Labels: labels}
}

// Families implements metrics.Source.
func (a *appliance) Families() []*metrics.Family { return families }

// Collect implements metrics.Source.
func (a *appliance) Collect(emit metrics.Emit) {
	emit(engineInfo, 1, a.server.Identity.Engine)
	for _, w := range a.workers {
		w.collect(emit)
	}
	for _, e := range a.engines {
		for _, l := range e.Loops() {
			collectLoop(l, emit)
		}
	}
	a.memcached.Each(func(name string, n uint64) { emit(memc, float64(n), name) })
	for _, p := range offheap.Purposes() {
		emit(memory, float64(offheap.Resident(p)), p.String())
	}
	m := a.keyspace.Memory()
	emit(memory, float64(a.keyspace.Foreign()), "process")
	emit(maxBytes, float64(a.keyspace.Maxmemory()))
	emit(live, float64(m.LiveBytes))
	emit(segments, float64(m.Segments))
}

func collectLoop(l netloop.Loop, emit metrics.Emit) {
	s := l.Stats()
	emit(connected, float64(s.Connections.Load()))
	emit(received, float64(s.ReceivedB.Load()))
	emit(sent, float64(s.SentB.Load()))
	emit(noBuffers, float64(s.NoBuffers.Load()))
}

func (w *loopWorker) collect(emit metrics.Emit) {
	c := w.Commands
	emit(connections, float64(c.Stats.Connections.Load()))
	emit(rejected, float64(c.Stats.Rejected.Load()))
	emit(errs, float64(c.Stats.ErrorReplies.Load()))
	c.EachCommand(func(name string, calls uint64) { emit(commands, float64(calls), name) })
	emit(hits, float64(c.Worker.Stats.Hits.Load()))
	emit(misses, float64(c.Worker.Stats.Misses.Load()))
	emit(expired, float64(c.Worker.Stats.Expired.Load()))
	emit(evicted, float64(c.Evicted()))
}
