package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/bench/capture"
	"github.com/crucible-cache/crucible/internal/bench/fake"
	"github.com/crucible-cache/crucible/internal/bench/wire"
	"github.com/crucible-cache/crucible/internal/retry"
)

// What the cross-check runs: a server whose every reply takes replyDelay, so that all who measure it have something to
// agree on that the weather of the machine doesn't change.
const (
	replyDelay       = 20 * time.Millisecond
	checkConnections = 8
	checkRequests    = 800
)

// exactly asks for agreement within exactTolerance, the highest percentiles too, which takes a machine with nothing else to
// do: make bench-check does. Without it only what a busy machine can't blur is judged, with plainTolerance: requests counted
// on both sides, and rates and latencies that would be off by factors if they were taken wrongly.
const (
	exactly        = "CRUCIBLE_BENCHMARK_EXACTLY"
	exactTolerance = 0.03
	plainTolerance = 0.5
)

// insideNamespace marks the process that TestCrossCheck starts in a network namespace of its own.
const insideNamespace = "CRUCIBLE_BENCHMARK_CROSSCHECK"

// TestCrossCheck holds load offered and latency reported against a packet capture of the same run, and against
// redis-benchmark and memcslap on the same server. It needs root, for the packet socket and the namespace.
func TestCrossCheck(t *testing.T) {
	if os.Getenv(insideNamespace) != "" {
		t.Skip("runs outside the namespace")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: a packet socket in a network namespace of its own")
	}
	command := []string{os.Args[0], "-test.run", "^TestInsideNamespace$", "-test.v"}
	if chrt, err := exec.LookPath("chrt"); err == nil {
		command = append([]string{chrt, "--rr", "1"}, command...) // little to do, but at once, whatever else the machine does
	}
	inside := exec.Command(command[0], command[1:]...)
	inside.Env = append(os.Environ(), insideNamespace+"=1")
	inside.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	out, err := inside.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// TestInsideNamespace is the part of TestCrossCheck in the namespace.
func TestInsideNamespace(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		t.Skip("TestCrossCheck starts it")
	}
	if err := loopbackUp(); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]func(*testing.T) []figure{
		"closed loop": checkClosedLoop, "open loop": checkOpenLoop, "redis-benchmark": checkRedisBenchmark, "memcslap": checkMemcslap,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			retry.Undisturbed(t, func() error { return disagreement(t, check(t)) })
		})
	}
}

// figure is one quantity as we report it and as somebody else does.
type figure struct {
	what         string
	ours, theirs float64
}

// tail is the name of the figure that one late wake-up in a hundred decides.
const tail = "p99 us"

// disagreement is an error of what is further apart than the tolerance.
func disagreement(t *testing.T, figures []figure) (apart error) {
	t.Helper()
	tolerance := plainTolerance
	if os.Getenv(exactly) != "" {
		tolerance = exactTolerance
	}
	for _, f := range figures {
		off := f.ours/f.theirs - 1
		t.Logf("%-12s ours %10.1f, theirs %10.1f: %+.2f %%", f.what, f.ours, f.theirs, 100*off)
		if f.what == tail && tolerance != exactTolerance {
			continue
		}
		if math.IsNaN(off) || math.Abs(off) > tolerance {
			apart = errors.Join(apart, fmt.Errorf("%s differs by %.1f %%", f.what, 100*off))
		}
	}
	return apart
}

// loopbackUp brings up the one interface a new network namespace has.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// slowServer serves with the delay, and returns its port.
func slowServer(t *testing.T, p wire.Protocol) (address string, port int) {
	t.Helper()
	f, err := fake.Start(p, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Kill)
	f.Delay(replyDelay)
	_, number, _ := net.SplitHostPort(f.Address())
	if port, err = strconv.Atoi(number); err != nil {
		t.Fatal(err)
	}
	return f.Address(), port
}

// ours loads the server the way the others do, and returns what is reported: latencies in microseconds.
func ours(t *testing.T, address string, args ...string) (rate, mean, p50, p99 float64) {
	t.Helper()
	args = append([]string{"--no-prefill", "--warmup", "0s", "-c", strconv.Itoa(checkConnections), "-n", strconv.Itoa(checkRequests)}, args...)
	status, printed, r := benchmark(t, address, args...)
	if status != 0 || r.Requests != checkRequests {
		t.Fatalf("status %d, %d requests:\n%s", status, r.Requests, printed)
	}
	return r.Throughput, r.Commands[0].Mean, r.Commands[0].P50, r.Commands[0].P99
}

// captured runs ours under a capture, and compares.
func captured(t *testing.T, args ...string) []figure {
	t.Helper()
	address, port := slowServer(t, wire.RESP)
	c, err := capture.Start(port)
	if err != nil {
		t.Fatal(err)
	}
	rate, mean, p50, p99 := ours(t, address, args...)
	exchanges := c.Stop()
	// The precheck's PING and INFO come first, on a connection of their own.
	exchanges = exchanges[max(0, len(exchanges)-checkRequests):]
	if len(exchanges) != checkRequests {
		t.Fatalf("%d requests on the wire, %d were made", len(exchanges), checkRequests)
	}
	var latencies []float64
	var sum float64
	first, last := exchanges[0].Sent, exchanges[0].Sent
	for _, e := range exchanges {
		us := float64(e.Latency) / 1e3
		latencies, sum = append(latencies, us), sum+us
		if e.Sent.Before(first) {
			first = e.Sent
		}
		if end := e.Sent.Add(e.Latency); end.After(last) {
			last = end
		}
	}
	slices.Sort(latencies)
	return []figure{
		{"requests/s", rate, checkRequests / last.Sub(first).Seconds()},
		{"mean us", mean, sum / checkRequests},
		{"p50 us", p50, latencies[checkRequests/2]},
		// A request paired with another's reply would be shorter than the server takes.
		{"shortest us", latencies[0], float64(replyDelay.Microseconds())},
		{tail, p99, latencies[checkRequests*99/100]},
	}
}

func checkClosedLoop(t *testing.T) []figure { return captured(t) }

// In an open loop well below what the server can do nothing waits, and latency from the intended start is that on the wire,
// but for the highest percentiles: there it holds how late the request left, too, which the report gives as slip.
func checkOpenLoop(t *testing.T) []figure {
	t.Helper()
	const asked = 200
	figures := captured(t, "--rate", strconv.Itoa(asked))
	return append(figures[:4], figure{"asked for/s", figures[0].ours, asked})
}

func checkRedisBenchmark(t *testing.T) []figure {
	t.Helper()
	path, err := exec.LookPath("redis-benchmark")
	if err != nil {
		t.Skip("redis-benchmark isn't installed")
	}
	address, port := slowServer(t, wire.RESP)
	out, err := exec.Command(path, "-p", strconv.Itoa(port), "-c", strconv.Itoa(checkConnections), "-n", strconv.Itoa(checkRequests), "-t", "get", "--csv").Output()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v:\n%s", err, out)
	}
	theirs := map[string]float64{}
	for i, name := range rows[0] {
		theirs[name], _ = strconv.ParseFloat(rows[1][i], 64) // the test's name isn't one
	}
	rate, mean, p50, p99 := ours(t, address)
	return []figure{
		{"requests/s", rate, theirs["rps"]},
		{"mean us", mean, 1e3 * theirs["avg_latency_ms"]},
		{"p50 us", p50, 1e3 * theirs["p50_latency_ms"]},
		{tail, p99, 1e3 * theirs["p99_latency_ms"]},
	}
}

var memcslapTime = regexp.MustCompile(`Time to get +(\d+) keys by +\d+ threads: +([\d.]+) seconds`)

// memcslap reports how long all its threads took: the rate, and by it the mean latency.
func checkMemcslap(t *testing.T) []figure {
	t.Helper()
	path, err := exec.LookPath("memcslap")
	if err != nil {
		t.Skip("memcslap isn't installed")
	}
	address, _ := slowServer(t, wire.Memcache)
	out, err := exec.Command(path, "-s", address, "-t", "get", "-c", strconv.Itoa(checkConnections), "-e", strconv.Itoa(checkRequests/checkConnections)).CombinedOutput()
	found := memcslapTime.FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	count, errCount := strconv.ParseFloat(string(found[1]), 64)
	seconds, errSeconds := strconv.ParseFloat(string(found[2]), 64)
	if errCount != nil || errSeconds != nil || count != checkRequests {
		t.Fatalf("%s", out)
	}
	rate, mean, _, _ := ours(t, address, "--protocol", "memcache")
	return []figure{{"requests/s", rate, count / seconds}, {"mean us", mean, 1e6 * checkConnections * seconds / count}}
}
