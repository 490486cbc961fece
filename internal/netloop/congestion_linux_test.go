package netloop

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// Connections from this machine need no congestion control; others keep the machine's.
func TestCongestionControlOfListeners(t *testing.T) {
	for _, c := range []struct {
		address  string
		loopback bool
	}{{"127.0.0.1:0", true}, {"[::1]:0", true}, {"0.0.0.0:0", false}} {
		l, err := net.Listen("tcp", c.address)
		if err != nil {
			if c.address == "[::1]:0" {
				t.Logf("no IPv6 here: %v", err)
				continue
			}
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		fd := int(f.Fd())
		was := congestionControl(t, fd)
		if err := prepareListener(Listener{FD: fd}); err != nil {
			t.Fatal(err)
		}
		want := was
		if c.loopback {
			want = "reno"
		}
		if got := congestionControl(t, fd); got != want {
			t.Errorf("%s: congestion control %q, want %q", c.address, got, want)
		}
	}
}

func congestionControl(t *testing.T, fd int) string {
	name, err := unix.GetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION)
	if err != nil {
		t.Fatal(err)
	}
	return name
}
