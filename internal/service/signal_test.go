//go:build unix

package service

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

// self sends a signal to this process.
func self(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}

func newLife(t *testing.T) *Life {
	t.Helper()
	l := NewLife(NewNotifier(quiet()), quiet())
	t.Cleanup(l.Close)
	return l
}

// Two reloads, then the end, with what the manager hears of it.
func TestServeReloadsAndStops(t *testing.T) {
	m := newManager(t)
	l := newLife(t)
	reloaded, reason := make(chan struct{}), make(chan string)
	go func() { reason <- l.Serve("serving", func() { reloaded <- struct{}{} }) }()
	m.expect("READY=1\nSTATUS=serving")
	for range 2 {
		self(t, syscall.SIGHUP)
		m.expect("RELOADING=1")
		<-reloaded
		m.expect("READY=1")
	}
	self(t, syscall.SIGTERM)
	if got := <-reason; got != "terminated" {
		t.Errorf("stopped because of %q", got)
	}
}

func TestStopEndsServe(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	l := newLife(t)
	l.Stop("first")
	l.Stop("second")
	if got := l.Serve("", func() { t.Error("reloaded") }); got != "first" {
		t.Errorf("stopped because of %q", got)
	}
}

func TestDrain(t *testing.T) {
	m := newManager(t)
	untilEnd := func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	t.Run("ends when the clients are gone", func(t *testing.T) {
		if err := newLife(t).Drain("test", time.Hour, func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
		m.expect("STOPPING=1")
	})
	t.Run("ends at the timeout", func(t *testing.T) {
		if err := newLife(t).Drain("test", time.Millisecond, untilEnd); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	t.Run("ends at a second signal, but not at a hangup", func(t *testing.T) {
		l := newLife(t)
		err := l.Drain("test", time.Hour, func(ctx context.Context) error {
			self(t, syscall.SIGHUP)
			select {
			case <-ctx.Done():
				t.Error("a hangup ended the drain")
			case <-time.After(50 * time.Millisecond):
			}
			self(t, syscall.SIGTERM)
			return untilEnd(ctx)
		})
		if !errors.Is(err, ErrHurried) {
			t.Error(err)
		}
	})
}
