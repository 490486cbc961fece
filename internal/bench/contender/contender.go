// Package contender finds the servers that can be compared on this machine, starts one with the same settings as the
// others, and ends it whatever happens.
//
// A Process has one goroutine on a thread of its own, which started the server and waits for its end; the kernel ends
// the server when that thread dies, so that not even a killed benchmark leaves one behind. Any goroutine may call Stop,
// any number of times. Of a server's output the last outputMax bytes are kept, for the error message.
package contender

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Family is a kind of server.
type Family string

// The families known by name. Anything else is started by a command line the user gives.
const (
	Redis     Family = "redis"
	Valkey    Family = "valkey"
	Memcached Family = "memcached"
	Crucible  Family = "crucible"
)

// Contender is one server that can be started.
type Contender struct {
	// Name is unique in a comparison: family and version, and for ours the engine.
	Name    string `json:"name"`
	Family  Family `json:"family"`
	Version string `json:"version"`
	// Protocol is what it is loaded with.
	Protocol wire.Protocol `json:"protocol"`
	// Path is its executable, as seen from Root; Root is "/" or a directory to change the root to, which needs root's rights.
	// It is a path of this machine and stays out of reports.
	Path string `json:"path"`
	Root string `json:"-"`
	// Policy is what is evicted when memory is full; empty leaves it to our profile, and a Redis without a limit.
	Policy string `json:"policy,omitempty"`
	// Engine, Backend and Profile are of ours only; empty leaves it to the profile.
	Engine  string `json:"engine,omitempty"`
	Backend string `json:"backend,omitempty"`
	Profile string `json:"profile,omitempty"`
}

// Incumbent reports whether the contender is something to be compared with rather than ours.
func (c *Contender) Incumbent() bool { return c.Family != Crucible }

// Settings are the same for all servers of a comparison.
type Settings struct {
	// Threads is the number of threads that serve requests, MemoryMiB the limit of the store.
	Threads   int
	MemoryMiB int
	// CPUs pins the server; empty leaves it to the scheduler.
	CPUs []int
	// Transport is how it is reached; empty is TCP.
	Transport Transport
	// Metrics is where ours serves its metrics, as HOST:PORT; empty is any port.
	Metrics string
	// Env is added to the environment of the server.
	Env []string
	// AsRoot says that this process is root: memcached must then be told to stay so.
	AsRoot bool
}

// arguments returns the command line that makes the contender listen at a place.
func (c *Contender) arguments(at *place, s Settings) []string {
	switch c.Family {
	case Memcached:
		return append(c.memcachedPlace(at), c.memcachedSettings(s)...)
	case Crucible:
		return append(c.cruciblePlace(at), c.crucibleSettings(s)...)
	}
	args := append(c.redisPlace(at), "--save", "", "--appendonly", "no", "--daemonize", "no",
		// Some server of another version may have left its dump.rdb there.
		"--dir", "/tmp", "--dbfilename", "crucible-benchmark.rdb")
	if c.Policy != "" { // without one it has no limit
		args = append(args, "--maxmemory", fmt.Sprintf("%dmb", s.MemoryMiB), "--maxmemory-policy", c.Policy)
	}
	if s.Threads > 1 {
		args = append(args, "--io-threads", strconv.Itoa(s.Threads))
	}
	return args
}

func (c *Contender) redisPlace(at *place) []string {
	switch at.transport {
	case Unix:
		return []string{"--port", "0", "--unixsocket", at.socket()}
	case TLS:
		return []string{
			"--bind", "127.0.0.1", "--port", "0", "--tls-port", strconv.Itoa(at.port), "--tls-cert-file", at.cert(), "--tls-key-file", at.key(),
			"--tls-ca-cert-file", at.cert(), "--tls-auth-clients", "no",
		}
	}
	return []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(at.port)}
}

func (c *Contender) memcachedPlace(at *place) []string {
	if at.transport == Unix {
		return []string{"-s", at.socket(), "-a", "0700"}
	}
	args := []string{"-l", "127.0.0.1", "-p", strconv.Itoa(at.port), "-U", "0"}
	if at.transport == TLS {
		args = append(args, "-Z", "-o", "ssl_chain_cert="+at.cert()+",ssl_key="+at.key())
	}
	return args
}

func (c *Contender) memcachedSettings(s Settings) []string {
	args := []string{"-t", strconv.Itoa(s.Threads), "-m", strconv.Itoa(s.MemoryMiB), "-c", "4096"}
	if s.AsRoot {
		args = append(args, "-u", "root")
	}
	return args
}

func (c *Contender) cruciblePlace(at *place) []string {
	switch at.transport {
	case Unix:
		return []string{c.Profile, "--listen", "unix:" + at.socket()}
	case TLS:
		return []string{at.profile()}
	}
	return []string{c.Profile, "--listen", at.address()}
}

func (c *Contender) crucibleSettings(s Settings) []string {
	// Any port for the metrics: another server on this machine may have the usual one.
	metrics := s.Metrics
	if metrics == "" {
		metrics = "127.0.0.1:0"
	}
	args := []string{"--threads", strconv.Itoa(s.Threads), "--maxmemory", fmt.Sprintf("%dmb", s.MemoryMiB), "--metrics", metrics}
	for _, f := range [][2]string{{"--engine", c.Engine}, {"--backend", c.Backend}, {"--policy", c.Policy}} {
		if f[1] != "" {
			args = append(args, f[0], f[1])
		}
	}
	return args
}

// commandLine is what a person would type to start the contender the same way, pinning and change of root included.
func (c *Contender) commandLine(at *place, s Settings) string {
	var words []string
	if len(s.CPUs) > 0 {
		words = append(words, "taskset", "-c", cpuList(s.CPUs))
	}
	if c.Root != "/" {
		words = append(words, "chroot", filepath.Base(c.Root))
	}
	words = append(words, c.Path)
	for _, a := range c.arguments(at, s) {
		if a == "" || strings.ContainsAny(a, " '\"") {
			a = "'" + a + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func cpuList(cpus []int) string {
	words := make([]string, len(cpus))
	for i, cpu := range cpus {
		words[i] = strconv.Itoa(cpu)
	}
	return strings.Join(words, ",")
}
