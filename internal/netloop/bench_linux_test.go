package netloop

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// loadEnv makes the test binary a load generator: a process of its own, so
// that the CPU time of the benchmark's process is the server's.
const loadEnv = "CRUCIBLE_NETLOOP_LOAD"

func TestMain(m *testing.M) {
	if order := os.Getenv(loadEnv); order != "" {
		if err := runLoad(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const echoLine = "the quick brown fox jumps over the lazy dog, and so it does......\n"

// runLoad does what loadEnv says.
func runLoad(order string) error {
	var kind, addr string
	var clients, pipeline, total int
	if _, err := fmt.Sscan(order, &kind, &addr, &clients, &pipeline, &total); err != nil {
		return err
	}
	_ = pinThread(runtime.NumCPU() - 1) // threads made later inherit it
	if kind == "churn" {
		return loadChurn(addr, clients, total)
	}
	return loadEcho(addr, clients, pipeline, total)
}

// loadEcho has connections that each send a batch of lines and wait for all of
// the batch to come back, from one thread, as redis-benchmark does.
func loadEcho(addr string, clients, pipeline, total int) error {
	runtime.LockOSThread()
	poll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	fds, missing := make([]int, clients), make([]int, clients)
	batch := bytes.Repeat([]byte(echoLine), pipeline)
	for i := range fds {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		f, err := nc.(*net.TCPConn).File()
		if err != nil {
			return err
		}
		fds[i] = int(f.Fd())
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fds[i], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			return err
		}
	}
	sent, done := 0, 0
	ask := func(i int) error {
		if sent >= total {
			return nil
		}
		sent += pipeline
		missing[i] = len(batch)
		_, err := unix.Write(fds[i], batch)
		return err
	}
	for i := range fds {
		if err := ask(i); err != nil {
			return err
		}
	}
	buf, events := make([]byte, 64<<10), make([]unix.EpollEvent, clients)
	for done < sent {
		n, err := unix.EpollWait(poll, events, 5000)
		if err == unix.EINTR { //nolint:errorlint // a bare number
			continue
		}
		if n == 0 || err != nil {
			return fmt.Errorf("nothing came back for 5 s: %w", err)
		}
		for _, e := range events[:n] {
			i := int(e.Fd)
			n, err := unix.Read(fds[i], buf)
			if n <= 0 {
				return fmt.Errorf("connection lost: %w", err)
			}
			if missing[i] -= n; missing[i] == 0 {
				done += pipeline
				if err := ask(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// BenchmarkEcho reports, besides the time, the CPU time that the server
// spends on a request, in user and kernel mode (cpu-us/op), and how many
// requests a wake-up serves.
func BenchmarkEcho(b *testing.B) {
	for _, engine := range engines(b) {
		for _, pipeline := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/P%d", engine, pipeline), func(b *testing.B) {
				benchmarkEcho(b, Config{Engine: engine, Affinity: []int{0}}, pipeline, 50)
			})
		}
	}
}

func benchmarkEcho(b *testing.B, cfg Config, pipeline, clients int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	f := startFixture(b, cfg)
	defer f.stop(b)
	spent := underLoad(b, "echo", f.tcp, clients, pipeline, b.N)
	var wakeups, received uint64
	for _, l := range f.Loops() {
		wakeups += l.Stats().Wakeups.Load()
		received += l.Stats().ReceivedB.Load()
	}
	ops := float64(received) / float64(len(echoLine))
	b.ReportMetric(spent.Seconds()*1e6/ops, "cpu-us/op")
	b.ReportMetric(ops/float64(wakeups), "ops/wakeup")
}

// underLoad runs a load generator and returns the CPU time that this process
// spent meanwhile.
func underLoad(b *testing.B, kind, addr string, clients, pipeline, total int) time.Duration {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	load := exec.Command(self)
	load.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %d %d", loadEnv, kind, addr, clients, pipeline, total))
	load.Stderr = os.Stderr
	b.ResetTimer()
	before := cpuTime(b)
	if err := load.Run(); err != nil {
		b.Fatal(err)
	}
	spent := cpuTime(b) - before
	b.StopTimer()
	return spent
}

func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
