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
	Path string `json:"path"`
	Root string `json:"root"`
	// Engine and Profile are of ours only.
	Engine  string `json:"engine,omitempty"`
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
	// AsRoot says that this process is root: memcached must then be told to stay so.
	AsRoot bool
}

// Arguments returns the command line that makes the contender listen on 127.0.0.1:port.
func (c *Contender) Arguments(port int, s Settings) []string {
	p := strconv.Itoa(port)
	switch c.Family {
	case Memcached:
		args := []string{"-t", strconv.Itoa(s.Threads), "-m", strconv.Itoa(s.MemoryMiB), "-U", "0", "-l", "127.0.0.1", "-p", p, "-c", "4096"}
		if s.AsRoot {
			args = append(args, "-u", "root")
		}
		return args
	case Crucible:
		args := []string{c.Profile, "--listen", "127.0.0.1:" + p, "--threads", strconv.Itoa(s.Threads), "--maxmemory", fmt.Sprintf("%dmb", s.MemoryMiB)}
		if c.Engine != "" {
			args = append(args, "--engine", c.Engine)
		}
		return args
	}
	args := []string{"--bind", "127.0.0.1", "--port", p, "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", "/tmp"}
	if s.Threads > 1 {
		args = append(args, "--io-threads", strconv.Itoa(s.Threads))
	}
	return args
}

// CommandLine is what a person would type to start the contender the same way, pinning and change of root included.
func (c *Contender) CommandLine(port int, s Settings) string {
	var words []string
	if len(s.CPUs) > 0 {
		words = append(words, "taskset", "-c", cpuList(s.CPUs))
	}
	if c.Root != "/" {
		words = append(words, "chroot", filepath.Base(c.Root))
	}
	words = append(words, c.Path)
	for _, a := range c.Arguments(port, s) {
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
