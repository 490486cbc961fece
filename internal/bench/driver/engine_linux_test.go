package driver

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/netloop"
)

// recorder writes down what the driver reports.
type recorder struct {
	connected map[int]int
	received  map[int][]byte
	ended     map[int]error
}

func newRecorder() *recorder {
	return &recorder{map[int]int{}, map[int][]byte{}, map[int]error{}}
}

func (r *recorder) Connected(slot int)          { r.connected[slot]++ }
func (r *recorder) Received(slot int, b []byte) { r.received[slot] = append(r.received[slot], b...) }
func (r *recorder) Ended(slot int, err error)   { r.ended[slot] = err }

// until drives d until the condition holds.
func until(t *testing.T, d Driver, r *recorder, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !condition() {
		if err := d.Wait(10*time.Millisecond, r); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 10 s; ended: %v", what, r.ended)
		}
	}
}

// serve runs one function per accepted connection.
func serve(t *testing.T, network, address string, each func(net.Conn)) Endpoint {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); each(c) }()
		}
	}()
	return Endpoint{network, l.Addr().String()}
}

// engineUnderTest is what open opens. All tests run under every engine of this build and kernel.
var engineUnderTest string

func TestMain(m *testing.M) {
	code := 0
	for _, engineUnderTest = range []string{netloop.Epoll, netloop.Uring} {
		if _, err := netloop.Choose(netloop.Config{Engine: engineUnderTest}); err != nil {
			fmt.Println("not under", err)
			continue
		}
		code = max(code, m.Run())
	}
	os.Exit(code)
}

func open(t *testing.T, to Endpoint, slots int) Driver {
	t.Helper()
	return openTLS(t, to, slots, nil)
}

func openTLS(t *testing.T, to Endpoint, slots int, config *tls.Config) Driver {
	t.Helper()
	runtime.LockOSThread() // a driver belongs to one thread; never unlocked, since its ring must die with it
	d, err := New(engineUnderTest, to, slots, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Shutdown() })
	for slot := range slots {
		if err := d.Dial(slot); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// More than any socket buffer holds, through every kind of socket: the unsent rest must arrive, in order.
func TestEchoLargerThanSocketBuffers(t *testing.T) {
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "s")} {
		to := serve(t, network, address, func(c net.Conn) { io.Copy(c, c) })
		d, r := open(t, to, 3), newRecorder()
		data := make([]byte, 8<<20)
		for i := range data {
			data[i] = byte(i * 7 >> 3)
		}
		for slot := range 3 {
			d.Send(slot, data[:len(data)/2])
			d.Send(slot, data[len(data)/2:])
		}
		until(t, d, r, network+" echo", func() bool {
			return len(r.received[0]) >= len(data) && len(r.received[1]) >= len(data) && len(r.received[2]) >= len(data)
		})
		for slot := range 3 {
			if !bytes.Equal(r.received[slot], data) || r.connected[slot] != 1 {
				t.Errorf("%s slot %d: %d bytes differ, connected %d times", network, slot, len(r.received[slot]), r.connected[slot])
			}
		}
	}
}

func TestEndings(t *testing.T) {
	to := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) {
		b := make([]byte, 1)
		io.ReadFull(c, b)
		if b[0] == 'r' {
			c.(*net.TCPConn).SetLinger(0) // a reset rather than an orderly end
		}
	})
	d, r := open(t, to, 2), newRecorder()
	d.Send(0, []byte("x"))
	d.Send(1, []byte("r"))
	until(t, d, r, "endings", func() bool { return r.ended[0] != nil && r.ended[1] != nil })
	if r.ended[0] != io.EOF || !errors.Is(r.ended[1], syscall.ECONNRESET) {
		t.Errorf("ended with %v and %v", r.ended[0], r.ended[1])
	}
	// The slot can be used again, and what it meets is its own.
	if err := d.Dial(0); err != nil {
		t.Fatal(err)
	}
	until(t, d, r, "second life", func() bool { return r.connected[0] == 2 })
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := Endpoint{"tcp", l.Addr().String()}
	l.Close()
	for _, to := range []Endpoint{to, {"unix", filepath.Join(t.TempDir(), "nobody")}} {
		d, r := open(t, to, 1), newRecorder()
		until(t, d, r, "refusal", func() bool { return r.ended[0] != nil })
		if r.connected[0] != 0 {
			t.Errorf("%s: connected to nobody", to.Network)
		}
	}
}

// A server that never reads must not make the load grow without bound.
func TestUnsentIsBounded(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	to := serve(t, "tcp", "127.0.0.1:0", func(net.Conn) { <-stop })
	d, r := open(t, to, 1), newRecorder()
	until(t, d, r, "connect", func() bool { return r.connected[0] == 1 })
	data := make([]byte, 1<<20)
	for range 2 * unsentMax >> 20 {
		d.Send(0, data)
	}
	until(t, d, r, "refusal to buffer more", func() bool { return errors.Is(r.ended[0], errUnsent) })
}

func TestWaitTimesOut(t *testing.T) {
	to := serve(t, "tcp", "127.0.0.1:0", func(c net.Conn) { io.Copy(io.Discard, c) })
	d, r := open(t, to, 1), newRecorder()
	until(t, d, r, "connect", func() bool { return r.connected[0] == 1 })
	start := time.Now()
	if err := d.Wait(20*time.Millisecond, r); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 19*time.Millisecond {
		t.Errorf("nothing happened, but Wait returned after %v", took)
	}
}

func TestParseEndpoint(t *testing.T) {
	for in, want := range map[string]Endpoint{
		"127.0.0.1:6379": {"tcp", "127.0.0.1:6379"}, ":6379": {"tcp", "127.0.0.1:6379"}, "[::1]:1": {"tcp", "[::1]:1"},
		"/run/x.sock": {"unix", "/run/x.sock"}, "unix:/run/x.sock": {"unix", "/run/x.sock"},
	} {
		if got, err := ParseEndpoint(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "127.0.0.1", "127.0.0.1:x"} {
		if _, err := ParseEndpoint(bad); err == nil {
			t.Errorf("%q must be refused", bad)
		}
	}
}
