//go:build unix

package service

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// manager plays the service manager: it returns what it is told.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newManager(t *testing.T) *manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return &manager{t, conn}
}

// message returns the next message, "" if none comes within wait.
func (m *manager) message(wait time.Duration) string {
	m.t.Helper()
	buffer := make([]byte, 1024)
	m.conn.SetReadDeadline(time.Now().Add(wait))
	n, err := m.conn.Read(buffer)
	if err != nil && !os.IsTimeout(err) {
		m.t.Fatal(err)
	}
	return string(buffer[:n])
}

func (m *manager) expect(want string) {
	m.t.Helper()
	if got := m.message(time.Minute); !strings.HasPrefix(got, want) {
		m.t.Errorf("told %q, want %q", got, want)
	}
}

func TestNotifierTellsTheManager(t *testing.T) {
	m := newManager(t)
	n := NewNotifier(quiet())
	n.Ready("serving\ntwo lines")
	m.expect("READY=1\nSTATUS=serving two lines")
	n.Status("full")
	m.expect("STATUS=full")
	n.Stopping("draining")
	m.expect("STOPPING=1\nSTATUS=draining")
	n.Reloading()
	m.expect("RELOADING=1\n")
}

func TestNotifierWithoutAManager(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	var log bytes.Buffer
	n := NewNotifier(slog.New(slog.NewTextHandler(&log, nil)))
	n.Ready("x")
	if log.Len() != 0 {
		t.Errorf("logged: %s", log.String())
	}
	t.Setenv("NOTIFY_SOCKET", "/nonexistent/notify")
	n.Ready("x")
	if !strings.Contains(log.String(), "READY=1") {
		t.Errorf("an undelivered message was not logged: %s", log.String())
	}
}

// The watchdog is quiet as long as the loops live, and no longer.
func TestWatchdog(t *testing.T) {
	m := newManager(t)
	t.Setenv("WATCHDOG_USEC", "60000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	var alive atomic.Bool
	alive.Store(true)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		NewNotifier(quiet()).Watchdog(ctx, alive.Load)
		close(ended)
	}()
	for range 3 {
		m.expect("WATCHDOG=1")
	}
	alive.Store(false)
	// What was sent before still comes, and one that was being sent.
	for n := 0; m.message(150*time.Millisecond) != ""; n++ {
		if n == 100 {
			t.Fatal("a dead server says that it lives")
		}
	}
	alive.Store(true)
	m.expect("WATCHDOG=1")
	cancel()
	<-ended
}

func TestWatchdogWhenNoneIsSet(t *testing.T) {
	m := newManager(t)
	for _, pid := range []string{"", "1"} {
		t.Setenv("WATCHDOG_USEC", map[string]string{"": "", "1": "1000"}[pid])
		t.Setenv("WATCHDOG_PID", pid)
		NewNotifier(quiet()).Watchdog(context.Background(), func() bool { return true }) // returns
	}
	if got := m.message(10 * time.Millisecond); got != "" {
		t.Errorf("told %q", got)
	}
}

func TestPulse(t *testing.T) {
	now := time.Unix(0, 0)
	counts := []uint64{7, 7}
	p := &Pulse{patience: 2 * time.Second, count: func(i int) uint64 { return counts[i] }, now: func() time.Time { return now }, beats: []beat{{7, now}, {7, now}}}
	step := func(d time.Duration, want bool, moved ...int) {
		t.Helper()
		now = now.Add(d)
		for _, i := range moved {
			counts[i]++
		}
		if p.Alive() != want {
			t.Errorf("at %s with counts %v: alive is not %t", now.UTC().Format("05"), counts, want)
		}
	}
	step(time.Second, true)          // nothing moved, within the patience
	step(time.Second, true, 0, 1)    // both moved
	step(2*time.Second, true, 0)     // loop 1 stands still, not for long
	step(time.Second, false, 0)      // too long
	step(time.Second, true, 0, 1)    // it came back
	step(time.Hour, true, 0, 1)      // nobody asked for an hour
	step(time.Hour, false)           // an hour without a wake-up
	step(time.Millisecond, false, 0) // one is not enough
	step(time.Millisecond, true, 1)  // both
}

func TestNewPulseIsAlive(t *testing.T) {
	if !NewPulse(3, time.Minute, func(i int) uint64 { return uint64(i) }).Alive() {
		t.Error("a pulse starts dead")
	}
}
