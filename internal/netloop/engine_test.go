package netloop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// engines lists what can run here, and says loudly what cannot.
func engines(tb testing.TB) []string {
	tb.Helper()
	var all []string
	for _, name := range []string{Uring, Epoll, Goroutine} {
		if _, err := Choose(Config{Engine: name}); err != nil {
			tb.Logf("*** NOT TESTED: %v", err)
			continue
		}
		all = append(all, name)
	}
	return all
}

// fixture is a running engine with one TCP and one unix listener.
type fixture struct {
	*Engine
	*echoTest
	tcp, unix string
}

func listenTCP(tb testing.TB, lc *net.ListenConfig) (fd int, addr string) {
	tb.Helper()
	return listenOn(tb, lc, "127.0.0.1:0")
}

func listenOn(tb testing.TB, lc *net.ListenConfig, address string) (fd int, addr string) {
	tb.Helper()
	ln, err := lc.Listen(context.Background(), "tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	return detachFD(tb, ln.(*net.TCPListener)), ln.Addr().String()
}

// detachFD takes the descriptor of a net.Listener out of Go's hands.
func detachFD(tb testing.TB, ln interface {
	File() (*os.File, error)
	Close() error
},
) int {
	tb.Helper()
	f, err := ln.File()
	if err != nil {
		tb.Fatal(err)
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		tb.Fatal(err)
	}
	_, _ = f.Close(), ln.Close()
	return fd
}

func startFixture(tb testing.TB, cfg Config) *fixture {
	tb.Helper()
	return startBounded(tb, cfg, 256<<10)
}

// startBounded is startFixture with sessions that pause over soft bytes of output.
func startBounded(tb testing.TB, cfg Config, soft int) *fixture {
	tb.Helper()
	f := &fixture{echoTest: newEchoTest(soft)}
	fd, addr := listenTCP(tb, new(net.ListenConfig))
	f.tcp = addr
	f.unix = filepath.Join(tb.TempDir(), "s")
	ul, err := net.ListenUnix("unix", &net.UnixAddr{Name: f.unix, Net: "unix"})
	if err != nil {
		tb.Fatal(err)
	}
	ul.SetUnlinkOnClose(false)
	ufd := detachFD(tb, ul)
	e, err := Start(cfg, []Listener{{FD: fd, ID: 1, Loop: Anywhere}, {FD: ufd, ID: 2, Loop: Anywhere}}, f.worker)
	if err != nil {
		tb.Fatal(err)
	}
	f.Engine = e
	return f
}

func (f *fixture) stop(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := f.Shutdown(ctx); err != nil {
		tb.Errorf("shutdown: %v", err)
	}
}

func (f *fixture) dial(tb testing.TB, network string) net.Conn {
	tb.Helper()
	addr := f.tcp
	if network == "unix" {
		addr = f.unix
	}
	nc, err := net.Dial(network, addr)
	if err != nil {
		tb.Fatal(err)
	}
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	tb.Cleanup(func() { nc.Close() })
	return nc
}

// eventually waits for a condition that the engine brings about.
func eventually(tb testing.TB, what string, cond func() bool) {
	tb.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if cond() {
			return
		}
	}
	buf := make([]byte, 1<<20)
	tb.Fatalf("never happened: %s\n%s", what, buf[:runtime.Stack(buf, true)])
}

// netpoll makes Go's own poller, which keeps two descriptors from the first pipe or socket on.
var netpoll = sync.OnceValue(func() error {
	r, w, err := os.Pipe()
	return errors.Join(err, r.Close(), w.Close())
})

// openFiles returns how many descriptors are open.
func openFiles(tb testing.TB) int {
	tb.Helper()
	if err := netpoll(); err != nil {
		tb.Fatal(err)
	}
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		tb.Skip(err)
	}
	return len(list)
}

// variants runs a test on every engine and asserts that it gives back every
// descriptor and every mapped byte.
func variants(t *testing.T, run func(t *testing.T, cfg Config)) {
	for _, name := range engines(t) {
		configs := map[string]Config{"": {Engine: name, Loops: 2}}
		if name == Uring {
			// So small that queues are full, buffers run out and completions overflow.
			tiny := UringConfig{BufferCount: 2, BufferSize: 4096, SQDepth: 8}
			configs["/tiny"] = Config{Engine: name, Loops: 2, Uring: tiny}
			tiny.OneShot = true
			configs["/oneshot"] = Config{Engine: name, Loops: 2, Uring: tiny}
			configs["/sqpoll"] = Config{Engine: name, Loops: 2, Uring: UringConfig{SQPoll: true}}
		}
		for suffix, cfg := range configs {
			t.Run(name+suffix, func(t *testing.T) {
				files, mapped := openFiles(t), offheap.Total()
				t.Run("", func(t *testing.T) { run(t, cfg) })
				eventually(t, "descriptors closed", func() bool { return openFiles(t) <= files })
				if now := offheap.Total(); now != mapped {
					t.Errorf("mapped memory: %d bytes before, %d after", mapped, now)
				}
			})
		}
	}
}

func both(t *testing.T, run func(t *testing.T, network string)) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) { run(t, network) })
	}
}

func expect(tb testing.TB, r io.Reader, want string) {
	tb.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); err != nil || string(got) != want {
		tb.Fatalf("read %.100q (%d of %d bytes), %v; want %.100q", got[:n], n, len(want), err, want)
	}
}

func send(tb testing.TB, w io.Writer, text string) {
	tb.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
}

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

func TestTick(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		cfg.Tick = 10 * time.Millisecond
		f := startFixture(t, cfg)
		begin := time.Now()
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
