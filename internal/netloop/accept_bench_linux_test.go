package netloop

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The two ways to bring connections to loops, measured for
// docs/decisions/001-accept.md.
const (
	handOver  = "handover"  // loop 0 accepts, each connection goes to the loop with fewest
	reusePort = "reuseport" // a listener for each loop, the kernel chooses by hash
)

// startSpread starts two loops with one of the two.
func startSpread(b *testing.B, engine, way string) *fixture {
	b.Helper()
	f := &fixture{echoTest: newEchoTest(256 << 10)}
	lc := &net.ListenConfig{Control: func(_, _ string, rc syscall.RawConn) error {
		return rc.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	fd, addr := listenTCP(b, lc)
	f.tcp = addr
	listeners := []Listener{{FD: fd, ID: 1, Loop: Anywhere}}
	if way == reusePort {
		ln, err := lc.Listen(context.Background(), "tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		second := detachFD(b, ln.(*net.TCPListener))
		listeners = []Listener{{FD: fd, ID: 1, Loop: 0}, {FD: second, ID: 1, Loop: 1}}
	}
	e, err := Start(Config{Engine: engine, Loops: 2, Affinity: []int{0, 1}}, listeners, f.worker)
	if err != nil {
		b.Fatal(err)
	}
	f.Engine = e
	return f
}

// BenchmarkAcceptChurn opens a connection for each request: what a
// connection costs the server (cpu-us/conn).
func BenchmarkAcceptChurn(b *testing.B) {
	eachWay(b, func(b *testing.B, engine, way string) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
		f := startSpread(b, engine, way)
		defer f.stop(b)
		spent := underLoad(b, "churn", f.tcp, 16, 1, b.N)
		b.ReportMetric(spent.Seconds()*1e6/float64(b.N), "cpu-us/conn")
	})
}

// BenchmarkAcceptSpread opens 50 connections that stay: how many more than its
// half the fuller loop gets (imbalance-%), on average and at worst.
func BenchmarkAcceptSpread(b *testing.B) {
	const clients = 50
	eachWay(b, func(b *testing.B, engine, way string) {
		sum, worst := 0.0, 0.0
		for range b.N {
			f := startSpread(b, engine, way)
			for range clients {
				nc := f.dial(b, "tcp")
				send(b, nc, "x\n")
				expect(b, nc, "x\n")
			}
			most := max(f.Loops()[0].Stats().Connections.Load(), f.Loops()[1].Stats().Connections.Load())
			percent := 100 * (float64(most)/(clients/2) - 1)
			sum, worst = sum+percent, max(worst, percent)
			f.stop(b)
		}
		b.ReportMetric(sum/float64(b.N), "imbalance-%")
		b.ReportMetric(worst, "worst-%")
	})
}

func eachWay(b *testing.B, run func(b *testing.B, engine, way string)) {
	for _, engine := range engines(b) {
		if engine == Goroutine {
			continue // it has no loops to choose from
		}
		for _, way := range []string{handOver, reusePort} {
			b.Run(engine+"/"+way, func(b *testing.B) { run(b, engine, way) })
		}
	}
}

// loadChurn has clients that connect, ask once, and disconnect. Addresses
// all over 127/8 keep them from running out of ports in TIME_WAIT.
func loadChurn(addr string, clients, total int) error {
	var left atomic.Int64
	left.Store(int64(total))
	var wg sync.WaitGroup
	failed := make(chan error, clients)
	for id := range clients {
		wg.Go(func() {
			buf := make([]byte, len(echoLine))
			for n := 0; left.Add(-1) >= 0; n++ {
				local := &net.TCPAddr{IP: net.IPv4(127, byte(id+1), byte(n>>8), byte(n))}
				nc, err := (&net.Dialer{LocalAddr: local}).Dial("tcp", addr)
				if err != nil {
					failed <- err
					return
				}
				_, _ = io.WriteString(nc, echoLine)
				if _, err := io.ReadFull(nc, buf); err != nil {
					failed <- fmt.Errorf("connection lost: %w", err)
				}
				nc.Close()
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}
