package command

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/acl"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/pubsub"
)

func percent(part, whole int64) string {
	return strconv.FormatFloat(100*ratio(part, whole), 'f', 2, 64) + "%"
}

// absent are figures of Redis about what there is not here, forks, a
// defragmenter, I/O threads and sockets kept for MIGRATE: dashboards read them.
var absent = []string{
	"total_net_repl_input_bytes",
	"latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys",
	"active_defrag_hits", "active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses",
	"total_active_defrag_time", "current_active_defrag_time",
	"io_threaded_reads_processed", "io_threaded_writes_processed",
	"reply_buffer_shrinks", "reply_buffer_expands", // replies lie in chunks from the first byte on
	"unexpected_error_replies", // to what a replica sends or a file of commands says
}

// stalePercent is how much of what expires was over when the ticks came by, of
// all workers about the same.
func (i *infoWriter) stalePercent() float64 {
	var sum, tidy int64
	for _, w := range i.w.Server.Workers() {
		if w.Tidies() {
			sum, tidy = sum+w.Worker.Stats.Stale.Load(), tidy+1
		}
	}
	return float64(sum) / float64(max(1, tidy)) / 1e4
}

// commandNS is how long commands took, in nanoseconds.
func (t *totals) commandNS() (ns uint64) {
	for i := range t.perCommand {
		ns += t.perCommand[i].ns
	}
	return ns
}

// infoThreads shows what each loop does, which is what an I/O thread of Redis
// does and more.
func infoThreads(i *infoWriter) {
	if i.w.Server.Threads == nil {
		return
	}
	for n, t := range i.w.Server.Threads() {
		i.text("io_thread_"+itoa(n), fmt.Sprintf("clients=%d,reads=%d,writes=%d", t.Clients, t.Reads, t.Writes))
	}
}

func infoStats(i *infoWriter) {
	t := i.totals
	rate := i.w.Server.rates.perSecond()
	exceeded, now := i.w.Server.rates.exceeding(i.w.NowMS)
	i.count("total_connections_received", t.connections)
	i.count("total_commands_processed", t.commands)
	i.num("instantaneous_ops_per_sec", int64(rate.commands))
	i.count("total_net_input_bytes", t.input)
	i.count("total_net_output_bytes", t.output)
	i.float("instantaneous_input_kbps", rate.input/1024, 2)
	i.float("instantaneous_output_kbps", rate.output/1024, 2)
	x := &i.w.Server.followers
	i.num("total_net_repl_output_bytes", x.bytesSent())
	i.count("sync_full", x.full.Load())
	i.count("sync_partial_ok", x.partial.Load())
	i.count("sync_partial_err", x.refused.Load())
	i.count("rejected_connections", t.rejected)
	i.count("expired_subkeys", t.expiredFields)
	i.count("expired_keys", t.expired)
	i.float("expired_stale_perc", i.stalePercent(), 2)
	i.count("expired_time_cap_reached_count", t.expiryCut)
	i.count("expire_cycle_cpu_milliseconds", t.expiryNS/1e6)
	i.count("evicted_keys", t.evicted)
	i.num("total_eviction_exceeded_time", exceeded)
	i.num("current_eviction_exceeded_time", now)
	i.count("evicted_clients", t.evictedClients)
	i.count("evicted_scripts", i.w.Server.scripts.cache.Facts().Evicted)
	i.count("keyspace_hits", t.hits)
	i.count("keyspace_misses", t.misses)
	broker := i.w.Server.Broker
	i.num("pubsub_channels", broker.Count(pubsub.Channel))
	i.num("pubsub_patterns", broker.Count(pubsub.Pattern))
	i.num("pubsubshard_channels", broker.Count(pubsub.Shard))
	trackedKeys, copies := i.w.Server.Keyspace.Tracked()
	i.num("tracking_total_keys", trackedKeys)
	i.num("tracking_total_items", copies)
	i.num("tracking_total_prefixes", int64(len(i.w.Server.trackers.list())))
	i.count("total_error_replies", t.errors)
	for _, name := range slices.Sorted(maps.Keys(t.elsewhere)) {
		i.count(name, t.elsewhere[name])
	}
	i.count("dump_payload_sanitizations", t.payloads)
	i.count("eventloop_duration_cmd_sum", t.commandNS()/1000)
	i.num("instantaneous_eventloop_cycles_per_sec", int64(rate.cycles))
	i.num("instantaneous_eventloop_duration_usec", int64(rate.busy*1e6/max(rate.cycles, 1)))
	for _, name := range absent {
		i.num(name, 0)
	}
	i.text("instantaneous_input_repl_kbps", "0.00")
	i.text("instantaneous_output_repl_kbps", "0.00")
	denied := &i.w.Server.Users.Log.Counts // since the start: CONFIG RESETSTAT leaves them alone
	i.count("acl_access_denied_auth", denied[acl.DeniedAuth].Load())
	i.count("acl_access_denied_cmd", denied[acl.DeniedCommand].Load())
	i.count("acl_access_denied_key", denied[acl.DeniedKey].Load())
	i.count("acl_access_denied_channel", denied[acl.DeniedChannel].Load())
}

// infoDebug tells of the loops what the reference server tells of its one: what is due now and then of all of them
// together, and the longest wake-up and the most commands that one of them had in one.
func infoDebug(i *infoWriter) {
	var longest time.Duration
	var most uint64
	if i.w.Server.Threads != nil {
		for _, t := range i.w.Server.Threads() {
			longest = max(longest, t.Longest)
		}
	}
	for _, w := range i.w.Server.Workers() {
		most = max(most, w.Stats.mostCommands.Load())
	}
	i.num("eventloop_duration_aof_sum", 0) // no file of commands is written
	i.num("eventloop_duration_cron_sum", i.totals.ticking.Microseconds())
	i.num("eventloop_duration_max", longest.Microseconds())
	i.count("eventloop_cmd_per_cycle_max", most)
	eval, functions := i.w.Server.interpreters()
	i.num("allocator_allocated_lua", eval+functions)
	i.num("allocator_active_lua", eval+functions)
	i.num("allocator_resident_lua", eval+functions)
	i.num("allocator_frag_bytes_lua", 0) // interpreters have no memory apart from Go's heap
}

func infoCommandstats(i *infoWriter) {
	for _, s := range i.w.Server.Table.all {
		c := &i.totals.perCommand[s.index]
		if c.calls == 0 && c.rejected == 0 {
			continue
		}
		us := c.ns / 1000
		i.text("cmdstat_"+s.fullname, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			c.calls, us, float64(us)/float64(max(c.calls, 1)), c.rejected, c.failed))
	}
}

// infoLatencystats shows percentiles of how long calls took, as far as
// latency-tracking was on.
func infoLatencystats(i *infoWriter) {
	percentiles := *i.w.Server.Params.percentiles.Load()
	for _, s := range i.w.Server.Table.all {
		c := &i.totals.perCommand[s.index]
		if c.latency.Total() == 0 {
			continue
		}
		var shown []string
		for _, p := range percentiles {
			shown = append(shown, "p"+strconv.FormatFloat(p, 'g', -1, 64)+"="+
				strconv.FormatFloat(float64(c.latency.Percentile(p))/1000, 'f', 3, 64))
		}
		i.text("latency_percentiles_usec_"+s.fullname, strings.Join(shown, ","))
	}
}

func infoErrorstats(i *infoWriter) {
	counts := i.w.Server.errorsByCode()
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		i.text("errorstat_"+code, fmt.Sprintf("count=%d", counts[code]))
	}
}

func infoKeyspace(i *infoWriter) {
	for db := range i.w.Server.Keyspace.Databases() {
		if keys := i.w.Len(db); keys > 0 {
			expires := i.w.Expires(db)
			i.text("db"+itoa(db), fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d,subexpiry=%d",
				keys, expires, i.averageTTL(db, expires), i.w.TimedHashes(db)))
		}
	}
}

// ttlSample is how many keys the average time to live is estimated from.
const ttlSample = 64

// averageTTL estimates, in milliseconds, how long the keys that expire have to
// live: the first keys of a scan come in the order of their hashes, which is
// as good as drawing lots.
func (i *infoWriter) averageTTL(db int, expires int64) int64 {
	if expires == 0 {
		return 0
	}
	var sum, n int64
	i.w.Scan(db, 0, ttlSample, func(it keyspace.Item) {
		if at := it.ExpireAt(); at != 0 {
			sum += at - i.w.NowMS
			n++
		}
	})
	return sum / max(n, 1)
}
