package memcached

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/protocol/memcache"
)

// stats answers with what is known here of what the reference server would
// tell: it leaves out what it has no equivalent of.
func (c *Client) stats(r *memcache.Request) {
	what := string(r.Args.Next())
	switch what {
	case "":
		c.general()
	case "settings":
		c.settings()
	case "reset":
		for _, w := range c.W.Server.Workers() {
			w.mark()
		}
		c.Out.Status(memcache.Reset)
		return
	case "items":
		c.items()
	case "slabs":
		c.slabs()
	case "extstore":
		// There is none, as in a reference server that was given no file.
	case "sizes":
		c.Out.Stat("sizes_status", "disabled")
	default:
		c.Out.Error(memcache.ErrCommand)
		return
	}
	c.Out.Status(memcache.End)
}

// counters lists the counters by the reference server's names, in its order.
var counters = []struct {
	name string
	of   func(*Stats) *metrics.Counter
}{
	{"cmd_get", func(s *Stats) *metrics.Counter { return &s.CmdGet }},
	{"cmd_set", func(s *Stats) *metrics.Counter { return &s.CmdSet }},
	{"cmd_flush", func(s *Stats) *metrics.Counter { return &s.CmdFlush }},
	{"cmd_touch", func(s *Stats) *metrics.Counter { return &s.CmdTouch }},
	{"get_hits", func(s *Stats) *metrics.Counter { return &s.GetHits }},
	{"get_misses", func(s *Stats) *metrics.Counter { return &s.GetMisses }},
	{"get_expired", func(s *Stats) *metrics.Counter { return &s.GetExpired }},
	{"delete_misses", func(s *Stats) *metrics.Counter { return &s.DeleteMisses }},
	{"delete_hits", func(s *Stats) *metrics.Counter { return &s.DeleteHits }},
	{"incr_misses", func(s *Stats) *metrics.Counter { return &s.IncrMisses }},
	{"incr_hits", func(s *Stats) *metrics.Counter { return &s.IncrHits }},
	{"decr_misses", func(s *Stats) *metrics.Counter { return &s.DecrMisses }},
	{"decr_hits", func(s *Stats) *metrics.Counter { return &s.DecrHits }},
	{"cas_misses", func(s *Stats) *metrics.Counter { return &s.CASMisses }},
	{"cas_hits", func(s *Stats) *metrics.Counter { return &s.CASHits }},
	{"cas_badval", func(s *Stats) *metrics.Counter { return &s.CASBadval }},
	{"touch_hits", func(s *Stats) *metrics.Counter { return &s.TouchHits }},
	{"touch_misses", func(s *Stats) *metrics.Counter { return &s.TouchMisses }},
	{"store_too_large", func(s *Stats) *metrics.Counter { return &s.StoreTooLarge }},
	{"store_no_memory", func(s *Stats) *metrics.Counter { return &s.StoreNoMemory }},
	{"total_items", func(s *Stats) *metrics.Counter { return &s.TotalItems }},
}

// Each visits the counters of all workers, summed, since the last reset.
func (s *Server) Each(visit func(name string, value uint64)) {
	for i, counter := range counters {
		n := uint64(0)
		for _, w := range s.Workers() {
			n += counter.of(&w.Stats).Load() - w.base[i].Load()
		}
		visit(counter.name, n)
	}
}

// mark makes what was counted so far the zero of the counters.
func (w *Worker) mark() {
	for i, counter := range counters {
		w.base[i].Store(counter.of(&w.Stats).Load())
	}
}

func (c *Client) general() {
	s, out := c.W.Server, &c.Out
	now := time.UnixMilli(c.W.NowMS)
	out.StatUint("pid", uint64(os.Getpid()))
	out.StatUint("uptime", uint64(now.Sub(s.Started)/time.Second))
	out.StatUint("time", uint64(now.Unix()))
	out.Stat("version", ReferenceVersion)
	out.StatUint("pointer_size", strconv.IntSize)
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) == nil {
		out.Stat("rusage_user", seconds(used.Utime))
		out.Stat("rusage_system", seconds(used.Stime))
	}
	out.StatUint("max_connections", uint64(s.Settings.MaxConnections))
	s.Each(out.StatUint)
	m := c.W.Keyspace().Memory()
	out.StatUint("limit_maxbytes", uint64(c.W.Keyspace().Maxmemory()))
	out.StatUint("threads", uint64(s.Settings.Threads))
	out.StatUint("bytes", uint64(m.LiveBytes))
	out.StatUint("curr_items", uint64(c.W.Len(database)))
	evicted := uint64(0)
	for _, w := range s.Workers() {
		evicted += w.Evicted()
	}
	out.StatUint("evictions", evicted)
	if s.Facts != nil {
		s.Facts(out.StatUint)
	}
}

// seconds prints a time as the reference server does.
func seconds(t unix.Timeval) string {
	return strconv.FormatFloat(float64(t.Nano())/1e9, 'f', 6, 64)
}

func (c *Client) settings() {
	s, out := c.W.Server.Settings, &c.Out
	out.StatUint("maxbytes", uint64(c.W.Keyspace().Maxmemory()))
	out.StatUint("maxconns", uint64(s.MaxConnections))
	out.StatUint("tcpport", uint64(s.Port))
	out.StatUint("udpport", 0)
	out.Stat("inter", orNull(s.Interface))
	out.StatUint("verbosity", uint64(c.W.Server.verbosity.Load()))
	out.Stat("evictions", onOff(c.W.Keyspace().Evicts()))
	out.Stat("domain_socket", orNull(s.UnixSocket))
	out.Stat("shutdown_command", "no")
	out.StatUint("num_threads", uint64(s.Threads))
	out.Stat("cas_enabled", "yes")
	out.StatUint("tcp_backlog", uint64(s.Backlog))
	out.Stat("binding_protocol", "ascii")
	out.Stat("auth_enabled_sasl", "no")
	out.Stat("auth_enabled_ascii", "no")
	out.StatUint("item_size_max", uint64(s.MaxItem))
	out.Stat("flush_enabled", "yes")
	out.Stat("dump_enabled", "no")
	out.StatUint("idle_timeout", uint64(s.IdleSeconds))
	out.StatUint("client_flags_size", 4)
}

func orNull(text string) string {
	if text == "" {
		return "NULL"
	}
	return text
}

func onOff(yes bool) string {
	if yes {
		return "on"
	}
	return "off"
}
