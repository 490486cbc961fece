package config

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
)

// notifyHangup takes SIGHUP for the duration of a test.
func notifyHangup(t *testing.T) <-chan os.Signal {
	t.Helper()
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(c) })
	return c
}

func itoa(n int) string { return strconv.Itoa(n) }
