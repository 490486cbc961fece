package netloop

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
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
