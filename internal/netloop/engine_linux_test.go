package netloop

import (
	"crypto/tls"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// rawConn is a connection outside of Go's poller, so that nothing on the
// client's side allocates.
func rawConn(t *testing.T, addr string) int {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	f, err := nc.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	return fd
}

func TestRequestsDoNotAllocate(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		fd := rawConn(t, f.tcp)
		defer unix.Close(fd)
		ask := []byte(strings.Repeat("a line\n", 16) + "BIG 20000\n") // more than one chunk
		answer := make([]byte, 16*7+20001)
		round := func() {
			if _, err := unix.Write(fd, ask); err != nil {
				t.Fatal(err)
			}
			for got := 0; got < len(answer); {
				n, err := unix.Read(fd, answer[got:])
				if n <= 0 {
					t.Fatal(n, err)
				}
				got += n
			}
		}
		for range 100 {
			round() // buffers find their size
		}
		if n := testing.AllocsPerRun(300, round); n > 0 {
			t.Errorf("%v allocations for a batch of requests", n)
		}
	})
}

// Out of descriptors, clients wait and the engine does not spin.
func TestOutOfDescriptors(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	tight := limit
	tight.Cur = uint64(openFiles(t) + 100)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &tight); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) }()
	variants(t, func(t *testing.T, cfg Config) {
		cfg.Tick = 20 * time.Millisecond
		f := startFixture(t, cfg)
		defer f.stop(t)
		client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(client)
		giveBack := takeDescriptors()
		defer giveBack()
		var port int
		if _, err := fmt.Sscanf(f.tcp, "127.0.0.1:%d", &port); err != nil {
			t.Fatal(err)
		}
		if err := unix.Connect(client, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Write(client, []byte("hi\n")); err != nil {
			t.Fatal(err)
		}
		refused := func() uint64 { return f.Loops()[0].Stats().Refused.Load() }
		eventually(t, "accept failed", func() bool { return refused() > 0 })
		before, begin := refused(), time.Now()
		time.Sleep(200 * time.Millisecond)
		n := refused() - before
		if took := time.Since(begin); n > 2*uint64(took/cfg.Tick)+4 { // two listeners, a time every tick
			t.Errorf("accept was tried %d times in %v", n, took)
		}
		if len(f.live()) != 0 {
			t.Error("accepted without a descriptor")
		}
		giveBack()
		buf := make([]byte, 3)
		if n, err := unix.Read(client, buf); string(buf) != "hi\n" {
			t.Errorf("read %d bytes, %v", n, err)
		}
	})
}

// takeDescriptors takes all descriptors there are until giveBack.
func takeDescriptors() (giveBack func()) {
	var taken []int
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			break
		}
		taken = append(taken, fd)
	}
	return func() {
		for _, fd := range taken {
			_ = unix.Close(fd)
		}
		taken = nil
	}
}

// One listener for each loop: the connections stay where they came in.
func TestListenerOfItsOwnLoop(t *testing.T) {
	for _, engine := range engines(t) {
		f := &fixture{echoTest: newEchoTest(1 << 20)}
		var listeners []Listener
		var addrs []string
		for loop := range 2 {
			fd, addr := listenTCP(t, new(net.ListenConfig))
			listeners = append(listeners, Listener{FD: fd, ID: loop, Loop: loop})
			addrs = append(addrs, addr)
		}
		var err error
		if f.Engine, err = Start(Config{Engine: engine, Loops: 2}, listeners, f.worker); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			f.tcp = addrs[1]
			nc := f.dial(t, "tcp")
			send(t, nc, "x\n")
			expect(t, nc, "x\n")
		}
		if n := f.Loops()[1].Stats().Accepted.Load(); n != 10 {
			t.Errorf("%s: loop 1 has %d of 10 connections", engine, n)
		}
		f.stop(t)
	}
}

func TestStartRefuses(t *testing.T) {
	newListener := func() Listener {
		fd, _ := listenTCP(t, new(net.ListenConfig))
		return Listener{FD: fd, ID: 3, Loop: Anywhere}
	}
	worker := newEchoTest(1).worker
	for _, c := range []struct {
		name   string
		config Config
		change func(*Listener)
		want   string
	}{
		{"engine", Config{Engine: "iocp"}, nil, `engine "iocp": want one of "auto", "uring", "epoll", "goroutine"`},
		{"buffers", Config{Uring: UringConfig{BufferCount: 100}}, nil, "engine.uring.buffer_count = 100: want a power of two up to 4096"},
		{"buffer size", Config{Uring: UringConfig{BufferSize: 100}}, nil, "engine.uring.buffer_size = 100: want 512 to 16777216 bytes"},
		{"depth", Config{Uring: UringConfig{SQDepth: 1 << 20}}, nil, "engine.uring.sq_depth = 1048576: want a power of two up to 32768"},
		{"TLS", Config{Engine: Epoll}, func(l *Listener) { l.TLS = new(tls.Config) }, `listener 3: TLS is served by the engine "goroutine", not by "epoll"`},
		{"loop", Config{Engine: Epoll}, func(l *Listener) { l.Loop = 1 }, "listener 3: there is no loop 1 of 1"},
		{"CPU", Config{Engine: Epoll, Affinity: []int{999}}, nil, "loop 0: run on CPU 999: invalid argument: choose CPUs this process may use (taskset -p, cpuset cgroup)"},
		{"descriptor", Config{Engine: Epoll}, func(l *Listener) { _ = unix.Close(l.FD); l.FD = 1 << 20 }, "listener 3: getsockname: bad file descriptor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := openFiles(t)
			one := newListener()
			if c.change != nil {
				c.change(&one)
			}
			e, err := Start(c.config, []Listener{one}, worker)
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, %v\nwant %s", e, err, c.want)
			}
			eventually(t, "descriptors closed", func() bool { return openFiles(t) <= files })
		})
	}
}

// Auto says what runs and, when it is not the first choice, why.
func TestChooseAuto(t *testing.T) {
	c, err := Choose(Config{})
	if err != nil {
		t.Fatal(err)
	}
	_, noUring := Choose(Config{Engine: Uring})
	switch {
	case noUring == nil && c.Engine != Uring, noUring != nil && c.Engine != Epoll, c.Reason == "":
		t.Errorf("auto: %s, %s; io_uring: %v", c.Engine, c.Reason, noUring)
	case noUring != nil && !strings.Contains(c.Reason, strings.TrimPrefix(noUring.Error(), `engine "uring": `)):
		t.Errorf("the reason %q does not say %q", c.Reason, noUring)
	}
	t.Logf("%s: %s", c.Engine, c.Reason)
}

// The loops stay on the CPUs they were given.
func TestAffinity(t *testing.T) {
	for _, engine := range engines(t) {
		if engine == Goroutine {
			continue
		}
		f := startFixture(t, Config{Engine: engine, Loops: 3, Affinity: []int{0, runtime.NumCPU() - 1}})
		for i, l := range f.Loops() {
			got := make(chan unix.CPUSet)
			l.Post(func() {
				var set unix.CPUSet
				_ = unix.SchedGetaffinity(0, &set)
				got <- set
			})
			set, want := <-got, []int{0, runtime.NumCPU() - 1}[i%2]
			if set.Count() != 1 || !set.IsSet(want) {
				t.Errorf("%s: loop %d may run on %d CPUs, want CPU %d", engine, i, set.Count(), want)
			}
		}
		f.stop(t)
	}
}
