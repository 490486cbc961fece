// Package generator sets load generators side by side: what redis-benchmark, memcslap and this program each spend of
// their own CPU time on a request to the same server.
//
// A generator is run as a process, pinned like the others, and its CPU time is what the kernel says it used from its start
// to its end. How many requests it made is asked of the server, not of the generator. One goroutine does it all.
package generator

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/procstat"
	"github.com/crucible-cache/crucible/internal/bench/sample"
	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Load is what every generator of a comparison is asked for: reads of values that are there.
type Load struct {
	Requests, Keys, ValueSize, Connections, Pipeline int
}

// Generator is a program that loads a server.
type Generator struct {
	Name string
	// Command is its command line for a load of a server on a port of 127.0.0.1.
	Command func(port int, l Load) []string
}

// Self is this program, whose executable is given.
func Self(executable string, p wire.Protocol) Generator {
	return Generator{"crucible-benchmark", func(port int, l Load) []string {
		return []string{
			executable, "--protocol", string(p), "--target", fmt.Sprintf("127.0.0.1:%d", port), "-n", strconv.Itoa(l.Requests), "--warmup", "0s", "--no-prefill", "-q", "--stall-limit", "0s",
			"-c", strconv.Itoa(l.Connections), "-P", strconv.Itoa(l.Pipeline), "--keys", strconv.Itoa(l.Keys), "--value-size", strconv.Itoa(l.ValueSize),
		}
	}}
}

// Rival is the usual generator of a protocol; ok is false when it isn't installed.
func Rival(p wire.Protocol) (g Generator, ok bool) {
	name := map[wire.Protocol]string{wire.RESP: "redis-benchmark", wire.Memcache: "memcslap"}[p]
	path, err := exec.LookPath(name)
	if err != nil {
		return Generator{}, false
	}
	if p == wire.RESP {
		return Generator{name, func(port int, l Load) []string {
			return []string{
				path, "-p", strconv.Itoa(port), "-n", strconv.Itoa(l.Requests), "-r", strconv.Itoa(l.Keys), "-d", strconv.Itoa(l.ValueSize),
				"-c", strconv.Itoa(l.Connections), "-P", strconv.Itoa(l.Pipeline), "-t", "get", "-q",
			}
		}}, true
	}
	// It has a thread for each connection and one request in flight on each, and stores its own keys first.
	return Generator{name, func(port int, l Load) []string {
		return []string{
			path, "-s", fmt.Sprintf("127.0.0.1:%d", port), "-t", "get", "-c", strconv.Itoa(l.Connections), "-e", strconv.Itoa(l.Requests / l.Connections),
		}
	}}, true
}

// Use is what one generator spent.
type Use struct {
	Generator string `json:"generator"`
	// CPU is its CPU time per request in microseconds, Rate requests per second, a value per repetition.
	CPU  sample.Series `json:"cpu_us_per_request"`
	Rate sample.Series `json:"requests_per_second"`
}

// PerCore is how many requests a core of load makes in a second.
func (u *Use) PerCore() float64 { return 1e6 / u.CPU.Median() }

// measure runs one generator once on a running server.
func (u *Use) measure(ctx context.Context, g Generator, server *contender.Process, p wire.Protocol, l Load, cpus []int) error {
	_, port, _ := strings.Cut(server.Endpoint.Address, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	before, err := served(server, p)
	if err != nil {
		return err
	}
	words := g.Command(number, l)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	if err := procstat.WithPinned(cpus, cmd.Start); err != nil {
		return err
	}
	began := time.Now()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(words, " "), err)
	}
	took := time.Since(began)
	after, err := served(server, p)
	if err != nil {
		return err
	}
	spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.CPU = append(u.CPU, float64(spent.Microseconds())/float64(after-before))
	u.Rate = append(u.Rate, float64(after-before)/took.Seconds())
	return nil
}

// served asks the server how many requests it has had.
func served(server *contender.Process, p wire.Protocol) (uint64, error) {
	conn, err := server.Dial()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return wire.Served(conn, p)
}
