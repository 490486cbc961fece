package netloop

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// keepsAlive returns after how long the other end of a connection sends its first probe, 0 if it sends none. The
// kernel tells of a socket's timer: kind 2 is that of probes, which runs down in hundredths of a second.
func keepsAlive(t *testing.T, nc net.Conn) time.Duration {
	t.Helper()
	local, remote := nc.LocalAddr().(*net.TCPAddr).Port, nc.RemoteAddr().(*net.TCPAddr).Port
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Skip(err)
	}
	const loopback = "0100007F:"
	ends := fmt.Sprintf("%s%04X %s%04X ", loopback, remote, loopback, local)
	_, line, found := strings.Cut(string(table), ends)
	if !found {
		t.Fatalf("no socket %s in\n%s", ends, table)
	}
	timer := strings.Fields(line)[2] // after the state and the queues
	kind, when, _ := strings.Cut(timer, ":")
	if kind != "02" {
		return 0
	}
	hundredths, err := strconv.ParseInt(when, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(hundredths) * 10 * time.Millisecond
}

// Probes that are set while the engine runs are those of clients that come later.
func TestSetKeepAlive(t *testing.T) {
	variants(t, func(t *testing.T, cfg Config) {
		f := startFixture(t, cfg)
		defer f.stop(t)
		connected := func() net.Conn {
			nc := f.dial(t, "tcp")
			send(t, nc, "a\n")
			expect(t, nc, "a\n")
			return nc
		}
		first := connected()
		for _, want := range []time.Duration{100 * time.Second, 0, 20000 * time.Second} {
			for id := range 3 {
				f.SetKeepAlive(id, want)
			}
			eventually(t, fmt.Sprintf("probes after %v", want), func() bool {
				got := keepsAlive(t, connected())
				return got <= want && got > want-want/10 || got == want
			})
		}
		if got := keepsAlive(t, first); got != 0 {
			t.Errorf("a client that was there before is probed after %v", got)
		}
	})
}
