package netloop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestChurn(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		const clients, rounds = 16, 125
		var wg sync.WaitGroup
		for id := range clients {
			wg.Go(func() {
				for i := range rounds {
					network, addr := "tcp", f.tcp
					if i%2 == 0 {
						network, addr = "unix", f.unix
					}
					nc, err := net.Dial(network, addr)
					if err != nil {
						t.Error(err)
						return
					}
					want := fmt.Sprintf("%d/%d\n", id, i)
					fmt.Fprint(nc, want)
					got, err := bufio.NewReader(nc).ReadString('\n')
					if got != want {
						t.Errorf("got %q, %v; want %q", got, err, want)
					}
					nc.Close()
				}
			})
		}
		wg.Wait()
		eventually(t, "every connection counted as accepted and closed", func() bool {
			var accepted, closed uint64
			var open int64
			for _, l := range f.Loops() {
				accepted += l.Stats().Accepted.Load()
				closed += l.Stats().Closed.Load()
				open += l.Stats().Connections.Load()
			}
			return accepted == clients*rounds && closed == accepted && open == 0
		})
		for _, err := range f.closedErrors() {
			if err != io.EOF {
				t.Fatalf("closed with %v", err)
			}
		}
	})
}

// A client that shuts down its sending side after its requests still gets
// all replies, and then the end.
func TestHalfClose(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			send(t, nc, "first\nBIG 3000000\nBIG 3000000\nlast\n")
			if err := nc.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			got, err := io.ReadAll(nc)
			if err != nil || len(got) != 6+2*3000001+5 || !bytes.HasSuffix(got, []byte("\nlast\n")) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		})
	})
}

// A client that is gone must not stay blocked, whatever it had sent before.
func TestBlockedClientHangsUp(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			for _, text := range []string{"BLOCK\n", "BLOCK\nmore\n", "BLOCK\nmore"} {
				nc := f.dial(t, network)
				send(t, nc, text)
				eventually(t, "accepted", func() bool { return len(f.live()) == 1 })
				time.Sleep(5 * time.Millisecond)
				send(t, nc, "even more\n")
				time.Sleep(5 * time.Millisecond)
				if n := len(f.live()); n != 1 {
					t.Fatalf("%d sessions", n)
				}
				nc.Close()
				eventually(t, "session closed", func() bool { return len(f.live()) == 0 })
			}
		})
	})
}

func TestQuitAndKill(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			send(t, nc, "BIG 2000000\nQUIT\nignored\n")
			got, err := io.ReadAll(nc)
			if (err != nil && !errors.Is(err, unix.ECONNRESET)) || !bytes.HasSuffix(got, []byte("x\nBYE\n")) {
				t.Fatalf("%d bytes, ending %.20q, %v", len(got), got[max(0, len(got)-20):], err)
			}
			nc = f.dial(t, network)
			send(t, nc, "KILL\nnot echoed\n")
			if got, _ := io.ReadAll(nc); bytes.Contains(got, []byte("x")) {
				t.Fatalf("a killed connection said %q", got)
			}
			nc = f.dial(t, network)
			send(t, nc, "hi\n")
			expect(t, nc, "hi\n")
			for _, s := range f.live() {
				s.peer.Post(func() { s.out.WriteString("lost\n"); s.peer.Close() })
			}
			if got, _ := io.ReadAll(nc); len(got) > 0 {
				t.Fatalf("a killed connection said %q", got)
			}
			eventually(t, "all closed", func() bool { return len(f.live()) == 0 })
		})
	})
}

func TestRefusedConnection(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		f.refuse.Store(refuseSilently)
		nc := f.dial(t, "tcp")
		if n, err := nc.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Fatalf("read %d bytes, %v", n, err)
		}
		f.refuse.Store(refuseWithReply)
		nc = f.dial(t, "tcp")
		if got, err := io.ReadAll(nc); string(got) != "FULL\n" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		f.refuse.Store(0)
		nc = f.dial(t, "tcp")
		send(t, nc, "hi\n")
		expect(t, nc, "hi\n")
	})
}

func TestDrain(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		idle, blocked, slow := f.dial(t, "tcp"), f.dial(t, "unix"), f.dial(t, "tcp")
		send(t, idle, "hi\n")
		expect(t, idle, "hi\n")
		send(t, blocked, "BLOCK\n")
		send(t, slow, "BIG 20000000\n")
		eventually(t, "all requests taken", func() bool {
			var n uint64
			for _, l := range f.Loops() {
				n += l.Stats().ReceivedB.Load()
			}
			return n == uint64(len("hi\nBLOCK\nBIG 20000000\n"))
		})
		down := make(chan error)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			down <- f.Shutdown(ctx)
		}()
		for _, nc := range []net.Conn{idle, blocked} {
			if n, err := nc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Fatalf("idle connection: read %d, %v", n, err)
			}
		}
		eventually(t, "connections refused", func() bool {
			nc, err := net.Dial("tcp", f.tcp)
			if err == nil {
				nc.Close()
			}
			return err != nil
		})
		expect(t, slow, strings.Repeat("x", 20000000)+"\n")
		if err := <-down; err != nil {
			t.Error(err)
		}
		if f.stopped != 2 {
			t.Errorf("%d workers stopped", f.stopped)
		}
		if late := f.Loops()[0]; true {
			late.Post(func() { t.Error("posted function ran after the end") })
		}
	})
}

func TestDrainCutsOffAtTheDeadline(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		slow := f.dial(t, "tcp")
		send(t, slow, "BIG 50000000\n")
		eventually(t, "request taken", func() bool { return len(f.live()) == 1 && f.live()[0].maxOut.Load() > 0 })
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if err := f.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v", err)
		}
		if took := time.Since(begin); took > 50*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A client that sends no more and does not take its replies is not waited for
// for ever.
func TestLingerEnds(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		cfg.Linger = 200 * time.Millisecond
		f := startBounded(t, cfg, 1<<30)
		defer f.stop(t)
		quits, hangsUp := f.dial(t, "tcp"), f.dial(t, "tcp")
		send(t, quits, "BIG 50000000\nQUIT\n")
		send(t, hangsUp, "BIG 50000000\n")
		if err := hangsUp.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "sessions closed", func() bool { return len(f.closedErrors()) == 2 })
	})
}
