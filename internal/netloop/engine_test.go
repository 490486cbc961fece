package netloop

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPartialInputAtAnyByte(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			const text = "one\nBIG 3\ntwo\n"
			for cut := range len(text) {
				send(t, nc, text[:cut])
				time.Sleep(time.Millisecond)
				send(t, nc, text[cut:])
				expect(t, nc, "one\nxxx\ntwo\n")
			}
		})
	})
}

func TestPipeline(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			var text strings.Builder
			for i := range 100_000 {
				fmt.Fprintf(&text, "line number %d\n", i)
			}
			go io.WriteString(nc, text.String())
			expect(t, nc, text.String())
		})
	})
}

func TestManyClientsAtOnce(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		var wg sync.WaitGroup
		for id := range 100 {
			nc := f.dial(t, []string{"tcp", "unix"}[id%2])
			wg.Go(func() {
				r := bufio.NewReader(nc)
				for i := range 100 {
					want := fmt.Sprintf("client %d line %d\n", id, i)
					fmt.Fprintf(nc, "%s", want)
					if got, err := r.ReadString('\n'); got != want {
						t.Errorf("got %q, %v; want %q", got, err, want)
						return
					}
				}
			})
		}
		wg.Wait()
		spread := 0
		for _, l := range f.Loops() {
			if l.Stats().Accepted.Load() >= 40 {
				spread++
			}
		}
		if spread != 2 {
			t.Errorf("connections are not spread over the loops")
		}
	})
}

func TestPostFromOtherGoroutines(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			for i := range 300 {
				send(t, nc, fmt.Sprintf("before %d\nOFFLOOP posted %d\nafter %d\n", i, i, i))
			}
			for i := range 300 {
				expect(t, nc, fmt.Sprintf("before %d\nposted %d\nafter %d\n", i, i, i))
			}
		})
	})
}

// Every session sends to every other, across loops.
func TestTellAcrossLoops(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		const clients, messages = 10, 50
		conns := make([]net.Conn, clients)
		for i := range conns {
			conns[i] = f.dial(t, "tcp")
			send(t, conns[i], "hello\n")
			expect(t, conns[i], "hello\n")
		}
		all := f.live()
		for _, from := range all {
			for m := range messages {
				from.peer.Post(func() {
					for _, to := range all {
						from.worker.loop.Tell(to.worker.loop, func() {
							to.out.WriteString("m\n")
							to.peer.Flush()
						})
					}
				})
				if m%10 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}
		for _, nc := range conns {
			expect(t, nc, strings.Repeat("m\n", clients*messages))
		}
	})
}

func TestTick(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		cfg.Tick = 10 * time.Millisecond
		begin := time.Now()
		f := startFixture(t, cfg)
		time.Sleep(300 * time.Millisecond)
		f.stop(t)
		most := 2*int(time.Since(begin)/cfg.Tick) + 15
		if f.ticks < 2 || f.ticks > most { // fewer than that while others have the machine
			t.Errorf("%d ticks of 10 ms on 2 loops, want up to %d", f.ticks, most)
		}
	})
}

func TestAddresses(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		both(t, func(t *testing.T, network string) {
			nc := f.dial(t, network)
			remote, local, id := nc.LocalAddr().String(), f.tcp, 1
			if network == "unix" {
				remote, local, id = f.unix+":0", f.unix+":0", 2
			}
			eventually(t, "session", func() bool { return len(f.live()) == 1 })
			s := f.live()[0]
			got := make(chan string)
			s.peer.Post(func() {
				nodelay := 1
				if network == "tcp" {
					nodelay, _ = unix.GetsockoptInt(s.peer.FD(), unix.IPPROTO_TCP, unix.TCP_NODELAY)
				}
				go func(text string) { got <- text }(fmt.Sprintln(s.peer.RemoteAddr(), s.peer.LocalAddr(), s.listener,
					nodelay, time.Since(s.peer.Created()) < time.Minute, s.peer.Loop() == s.worker.loop.Index()))
			})
			if text, want := <-got, fmt.Sprintln(remote, local, id, 1, true, true); text != want {
				t.Errorf("got  %s\nwant %s", text, want)
			}
			nc.Close()
			eventually(t, "session closed", func() bool { return len(f.live()) == 0 })
		})
	})
}

// Nobody is served a byte twice or in the wrong order whatever the sizes.
func TestRandomTraffic(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		var wg sync.WaitGroup
		for id := range 8 {
			nc := f.dial(t, []string{"tcp", "unix"}[id%2])
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(id), 7))
				var ask, want strings.Builder
				for range 400 {
					n := 1 << rnd.IntN(15)
					switch rnd.IntN(4) {
					case 0:
						fmt.Fprintf(&ask, "BIG %d\n", n)
						want.WriteString(strings.Repeat("x", n) + "\n")
					case 1:
						fmt.Fprintf(&ask, "OFFLOOP %d\n", n)
						fmt.Fprintf(&want, "%d\n", n)
					default:
						line := strings.Repeat(string(rune('a'+rnd.IntN(26))), n) + "\n"
						ask.WriteString(line)
						want.WriteString(line)
					}
				}
				go func() {
					for text := ask.String(); text != ""; {
						n := min(len(text), 1+rnd.IntN(40000))
						_, _ = io.WriteString(nc, text[:n])
						text = text[n:]
						if rnd.IntN(10) == 0 {
							time.Sleep(time.Millisecond)
						}
					}
				}()
				got := make([]byte, want.Len())
				if _, err := io.ReadFull(nc, got); err != nil || string(got) != want.String() {
					t.Errorf("client %d: replies differ, %v", id, err)
				}
			})
		}
		wg.Wait()
	})
}
