package command

import (
	"fmt"
	"hash/crc64"
	"os"
	"runtime"
	"slices"
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/ticks"
)

const secondsPerDay = 24 * 60 * 60

func infoServer(i *infoWriter) {
	id, p := &i.w.Server.Identity, i.w.Server.Params
	uptime := i.w.NowMS/1000 - id.Started.Unix()
	i.text("redis_version", RedisVersion)
	i.text("crucible_version", id.Version)
	i.text("redis_git_sha1", "00000000")
	i.num("redis_git_dirty", 0)
	i.text("redis_build_id", fmt.Sprintf("%016x", crc64.Checksum([]byte(id.Build), crc64.MakeTable(crc64.ECMA))))
	i.text("redis_mode", i.w.Server.mode())
	i.text("os", systemName())
	i.num("arch_bits", strconv.IntSize)
	i.text("monotonic_clock", ticks.Source())
	i.text("multiplexing_api", id.Engine)
	i.text("atomicvar_api", "sync/atomic")
	i.text("gcc_version", "0.0.0") // as Redis where another compiler made it
	i.text("go_version", runtime.Version())
	i.num("process_id", int64(os.Getpid()))
	i.text("process_supervised", supervisor())
	i.text("run_id", id.RunID)
	i.text("tcp_port", p.value("port"))
	i.num("server_time_usec", i.w.NowUS)
	i.num("uptime_in_seconds", uptime)
	i.num("uptime_in_days", uptime/secondsPerDay)
	i.text("hz", p.value("hz"))
	i.text("configured_hz", p.value("hz"))
	i.num("lru_clock", i.w.NowMS/1000&lruClockMask)
	i.text("executable", id.Executable)
	i.text("config_file", id.ConfigFile)
	i.num("workers", int64(len(i.w.Server.Workers())))
	i.num("io_threads_active", 0)
	for n, l := range *p.sockets.listed.Load() {
		i.text("listener"+itoa(n), l.String())
	}
}

// Sockets are those that clients of one kind come to: "tcp", "tls" or "unix".
type Sockets struct {
	Kind string
	Bind []string // addresses, or the path
	Port int      // 0 of unix
}

// String shows them as INFO does.
func (s Sockets) String() string {
	text := "name=" + s.Kind
	for _, address := range s.Bind {
		text += ",bind=" + address
	}
	if s.Port != 0 {
		text += ",port=" + itoa(s.Port)
	}
	return text
}

// lruClockMask cuts the seconds to what Redis keeps of them with a key.
const lruClockMask = 1<<24 - 1

// supervisor names who watches the process, as Redis does.
func supervisor() string {
	if os.Getenv("NOTIFY_SOCKET") != "" {
		return "systemd"
	}
	return "no"
}

func infoClients(i *infoWriter) {
	clients := i.w.Server.Clients.snapshot()
	var watching, keys, listening, tracking, timed, replicas, input, output int64
	for _, c := range clients {
		input = max(input, c.Buffers.Query.Load()+c.Buffers.QueryFree.Load())
		output = max(output, c.Buffers.Output.Load())
		if c.redirection() >= 0 {
			tracking++
		}
		switch c.Class() {
		case ClassPubSub:
			listening++
		case ClassReplica:
			replicas++
		}
		if x := c.waiter.Load(); x != nil && x.deadline != 0 {
			timed++
		}
		if n := c.seen.watching.Load(); n > 0 {
			watching++
			keys += n
		}
	}
	i.num("connected_clients", int64(len(clients))-replicas)
	i.num("cluster_connections", 0)
	i.num("maxclients", i.w.Server.Params.Maxclients())
	i.num("client_recent_max_input_buffer", input)
	i.num("client_recent_max_output_buffer", output)
	i.num("blocked_clients", i.w.Server.blocked.Load()+i.w.Server.pause.waiting.Load())
	i.num("tracking_clients", tracking)
	i.num("pubsub_clients", listening)
	i.num("clients_in_timeout_table", timed)
	i.num("watching_clients", watching)
	i.num("total_watched_keys", keys)
	awaited, untilGone := i.w.awaitedKeys()
	i.num("total_blocking_keys", awaited)
	i.num("total_blocking_keys_on_nokey", untilGone)
}

// awaitedKeys counts the keys that clients wait for, and those of them whose
// end ends a wait, too.
func (w *Worker) awaitedKeys() (awaited, untilGone int64) {
	if w.Server.blocked.Load() == 0 {
		return 0, 0
	}
	w.EachAwaited(func(queue []keyspace.Waiter) {
		awaited++
		if slices.ContainsFunc(queue, func(x keyspace.Waiter) bool { return x.(*waiter).untilGone }) {
			untilGone++
		}
	})
	return awaited, untilGone
}

// noHistory is the second replication ID of a server that never was a replica.
const noHistory = "0000000000000000000000000000000000000000"

func infoCluster(i *infoWriter) {
	enabled := int64(0)
	if i.w.Server.cluster != nil {
		enabled = 1
	}
	i.num("cluster_enabled", enabled)
}

func infoCPU(i *infoWriter) {
	for _, of := range []struct {
		suffix   string
		children bool
	}{{"", false}, {"_children", true}} {
		sys, user := cpuSeconds(of.children)
		i.float("used_cpu_sys"+of.suffix, sys, 6)
		i.float("used_cpu_user"+of.suffix, user, 6)
	}
	loops := i.w.Server.LoopSeconds
	if loops == nil {
		loops = ProcessSeconds
	}
	sys, user := loops() // what the main thread does in Redis, the loops do
	i.float("used_cpu_sys_main_thread", sys, 6)
	i.float("used_cpu_user_main_thread", user, 6)
}
