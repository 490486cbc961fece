//go:build uring

package uring

import (
	"runtime"
	"testing"
	"time"

	"github.com/pawelgaczynski/giouring"
	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/netloop/driver"
	"github.com/crucible-cache/crucible/internal/protocol"
)

// newDriver makes a driver on the thread of the test.
func newDriver(t *testing.T, cfg Config) *Driver {
	t.Helper()
	if err := Probe(cfg); err != nil {
		t.Skipf("*** NOT TESTED: %v", err)
	}
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	d, err := New(cfg, new(probe), new(driver.Stats))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

var small = Config{SQDepth: 64, BufferCount: 4, BufferSize: 4096}

// peer is a socket of a driver and the client's end of it.
type peer struct {
	probe
	client int
}

func attach(t *testing.T, d *Driver, pool *protocol.Pool) *peer {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{client: pair[1]}
	p.out = protocol.NewOutput(pool)
	p.socket = driver.Socket{FD: pair[0], Endpoint: p, Output: p.out}
	if err := d.Attach(&p.socket); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Detach(&p.socket)
		if err := p.wait(d, "detach", func() bool { return p.detached }); err != nil {
			t.Error(err)
		}
		p.out.Release()
		_, _ = unix.Close(pair[0]), unix.Close(pair[1])
	})
	return p
}

// promptly fails if d does not wake up long before its time is over.
func promptly(t *testing.T, d *Driver, what string) {
	t.Helper()
	begin := time.Now()
	if err := d.Wait(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("%s: woke up after %v", what, took)
	}
}

func TestWake(t *testing.T) {
	d, other := newDriver(t, small), newDriver(t, small)
	for range 3 {
		woken := make(chan struct{})
		go func() {
			d.Wake()
			close(woken)
		}()
		promptly(t, d, "wake")
		<-woken
		other.WakeOther(d)
		if err := other.Wait(0); err != nil {
			t.Fatal(err)
		}
		promptly(t, d, "wake by another ring")
	}
	if len(other.others) != 1 {
		t.Errorf("one driver is listed %d times", len(other.others))
	}
}

// Waking works as well when every entry of the queue was a send before, and what reads
// the eventfd waits again afterwards.
func TestWakeAfterSends(t *testing.T) {
	d := newDriver(t, small)
	var pool protocol.Pool
	defer pool.Close()
	p := attach(t, d, &pool)
	for range 2 * small.SQDepth {
		p.out.WriteString(".")
		p.sending = true
		d.Send(&p.socket)
		if err := d.Wait(0); err != nil || p.sending {
			t.Fatalf("sending %v, %v", p.sending, err)
		}
	}
	for range 3 {
		d.Wake()
		promptly(t, d, "wake")
		if err := d.enter(0); err != nil {
			t.Fatal(err)
		}
		if n := d.ring.CQReady(); n > 0 {
			t.Fatalf("%d completions of what should wait", n)
		}
	}
}

// A message that does not get through is replaced by a write to the eventfd.
func TestWakeOtherFallsBack(t *testing.T) {
	d, other := newDriver(t, small), newDriver(t, small)
	noRing := &Driver{ring: giouring.NewRing(), wakeFD: d.wakeFD} // descriptor 0 is no ring
	other.WakeOther(noRing)
	promptly(t, other, "failed message")
	promptly(t, d, "wake by eventfd")
}

// A send that the socket takes whole is reported by the wait that submits it,
// and no completion is spent on it.
func TestSendCostsNoCompletion(t *testing.T) {
	d := newDriver(t, small)
	var pool protocol.Pool
	defer pool.Close()
	p := attach(t, d, &pool)
	if err := d.Wait(0); err != nil { // the receive is armed
		t.Fatal(err)
	}
	for range 3 {
		p.out.WriteString("reply")
		p.sending = true
		d.Send(&p.socket)
		if err := d.enter(0); err != nil {
			t.Fatal(err)
		}
		completions := d.ring.CQReady()
		if err := d.Wait(0); err != nil {
			t.Fatal(err)
		}
		if p.sending || p.out.Len() != 0 || completions != 0 {
			t.Errorf("sending %v, %d bytes left, %d completions", p.sending, p.out.Len(), completions)
		}
	}
	got := make([]byte, 32)
	if n, err := unix.Read(p.client, got); string(got[:n]) != "replyreplyreply" {
		t.Errorf("%q, %v", got[:n], err)
	}
}

// More sockets with data at once than there are buffers: nothing is lost, and
// the ring grows.
func TestBuffersGrow(t *testing.T) {
	d := newDriver(t, Config{SQDepth: 64, BufferCount: 1, BufferSize: 4096})
	var pool protocol.Pool
	defer pool.Close()
	peers := make([]*peer, 12)
	for i := range peers {
		peers[i] = attach(t, d, &pool)
	}
	if err := d.Wait(0); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		for _, p := range peers {
			p.received = 0
			if _, err := unix.Write(p.client, make([]byte, 5000)); err != nil {
				t.Fatal(err)
			}
		}
		for i, p := range peers {
			if err := p.wait(d, "receive", func() bool { return p.received == 5000 }); err != nil {
				t.Fatalf("socket %d has %d bytes: %v", i, p.received, err)
			}
		}
	}
	if d.stats.NoBuffers.Load() == 0 || d.buffers.count < 2 || d.buffers.count > growthMax {
		t.Errorf("ran out %d times, %d buffers", d.stats.NoBuffers.Load(), d.buffers.count)
	}
	if got := d.stats.Buffers.Load(); got != int64(d.buffers.count) {
		t.Errorf("reported %d buffers of %d", got, d.buffers.count)
	}
}

// The completion of an operation on a socket that is gone is not taken for one
// on the socket that has its slot now, and its buffer comes back.
func TestStaleCompletion(t *testing.T) {
	d := newDriver(t, small)
	var pool protocol.Pool
	defer pool.Close()
	old := attach(t, d, &pool)
	stale := old.socket.Token(opReceive)
	d.Detach(&old.socket)
	if err := old.wait(d, "detach", func() bool { return old.detached }); err != nil {
		t.Fatal(err)
	}
	next := attach(t, d, &pool)
	if uint32(next.socket.Token(opReceive)) != uint32(stale) {
		t.Fatal("the slot was not used again")
	}
	bits, flying := next.socket.Bits, next.socket.InFlight
	d.completion(&giouring.CompletionQueueEvent{UserData: uint64(stale), Res: 3, Flags: giouring.CQEFBuffer | 2<<giouring.CQEBufferShift})
	if next.received != 0 || next.socket.Bits != bits || next.socket.InFlight != flying {
		t.Error("a stale completion reached the next socket")
	}
	if d.buffers.added != 1 {
		t.Errorf("%d buffers were given back", d.buffers.added)
	}
	d.buffers.added = 0 // that one was never taken
	old.detached = false
	d.table.Add(&old.socket) // for its cleanup
}
