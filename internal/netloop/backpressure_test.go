package netloop

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/offheap"
)

func TestLargeReplies(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			want := strings.Repeat("x", 1<<20) + "\n"
			for range 10 {
				send(t, nc, "BIG 1048576\nand\n")
				expect(t, nc, want+"and\n")
			}
		})
	})
}

// A client that sends and never reads must not make its replies pile up, and
// must find all of them when it reads at last.
func TestSlowReaderIsHeldBack(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			const commands = 3000 // 30 MB of replies
			sent := make(chan error)
			go func() {
				_, err := io.WriteString(nc, strings.Repeat("BIG 9999\n", commands))
				sent <- err
			}()
			eventually(t, "a session paused", func() bool {
				for _, s := range f.live() {
					if s.maxOut.Load() > int64(f.soft) {
						return true
					}
				}
				return false
			})
			time.Sleep(50 * time.Millisecond)
			if out := offheap.Resident(offheap.Output); out > 16<<20 {
				t.Errorf("%d bytes of output are held for a client that does not read", out)
			}
			if in := offheap.Resident(offheap.Input); in > 4<<20 {
				t.Errorf("%d bytes of input are held for a client that does not read", in)
			}
			expect(t, nc, strings.Repeat(strings.Repeat("x", 9999)+"\n", commands))
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			for _, s := range f.live() {
				if most := s.maxOut.Load(); most > int64(f.soft)+20000 {
					t.Errorf("output grew to %d bytes over a bound of %d", most, f.soft)
				}
			}
			send(t, nc, "after\n")
			expect(t, nc, "after\n")
		})
	})
}

func TestConnectionsKilledMidRequest(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		for i := range 200 {
			nc := f.dial(t, "tcp")
			send(t, nc, []string{"half a li", "BIG 10000000\n", "BLOCK\n", "a\nb\nBIG 300000\n"}[i%4])
			_ = nc.(*net.TCPConn).SetLinger(0) // RST
			if i%8 > 3 {
				time.Sleep(time.Millisecond)
			}
			nc.Close()
		}
		eventually(t, "all sessions closed", func() bool { return len(f.live()) == 0 })
		nc := f.dial(t, "tcp")
		send(t, nc, "alive\n")
		expect(t, nc, "alive\n")
	})
}
