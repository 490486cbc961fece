package listen

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/crucible-cache/crucible/internal/config"
)

// Connections must come with the options of their listening socket, as the
// kernel hands them to accept.
func TestConnectionsInheritOptions(t *testing.T) {
	for _, idle := range []int{0, 120} {
		c := tcp("127.0.0.1:0")
		c.Keepalive = config.Seconds(idle)
		l := open(t, Options{}, c)[0]
		fd := acceptRaw(t, l)
		want := map[string][3]int{"TCP_NODELAY": {unix.IPPROTO_TCP, unix.TCP_NODELAY, 1}, "SO_KEEPALIVE": {unix.SOL_SOCKET, unix.SO_KEEPALIVE, min(idle, 1)}}
		if idle > 0 {
			want["TCP_KEEPIDLE"] = [3]int{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 120}
			want["TCP_KEEPINTVL"] = [3]int{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 40}
			want["TCP_KEEPCNT"] = [3]int{unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3}
		}
		for name, o := range want {
			if got, err := unix.GetsockoptInt(fd, o[0], o[1]); err != nil || got != o[2] {
				t.Errorf("keepalive %d: %s is %d, %v; want %d", idle, name, got, err, o[2])
			}
		}
	}
}

// acceptRaw connects to the listener and accepts without package net, which
// would set options of its own.
func acceptRaw(t *testing.T, l *Listener) int {
	t.Helper()
	sa, err := unix.Getsockname(l.FD)
	if err != nil {
		t.Fatal(err)
	}
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(client) })
	if err := unix.Connect(client, sa); err != nil {
		t.Fatal(err)
	}
	fd, _, err := unix.Accept(l.FD)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}
