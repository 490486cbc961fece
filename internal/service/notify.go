// Package service is how the process lives under a service manager: it says
// when it is ready, reloading and stopping, proves that it is alive, turns
// signals into calls, and keeps the log.
//
// Threads: one goroutine waits for signals, one keeps the watchdog quiet;
// callers may be any. No loop enters.
//
// Memory: Go heap, next to nothing.
//
// Limits: one signal is handled at a time; those that come meanwhile are
// joined by the runtime.
package service

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Notifier tells systemd about the service (Type=notify). Without a service
// manager its methods do nothing. A message that cannot be delivered is
// logged; the server goes on. Any goroutine may call the methods.
type Notifier struct{ log *slog.Logger }

// NewNotifier returns a notifier that logs to log.
func NewNotifier(log *slog.Logger) *Notifier { return &Notifier{log} }

// Ready says that clients are served, at the start and after a reload. status
// is what "systemctl status" shows.
func (n *Notifier) Ready(status string) { n.send(daemon.SdNotifyReady, statusLine(status)) }

// Status replaces the line that "systemctl status" shows.
func (n *Notifier) Status(status string) { n.send(statusLine(status)) }

// Reloading says that a reload has begun; Ready ends it.
func (n *Notifier) Reloading() { n.send(daemon.SdNotifyReloading, monotonicLine()) }

// Stopping says that the server drains and will end.
func (n *Notifier) Stopping(status string) { n.send(daemon.SdNotifyStopping, statusLine(status)) }

func statusLine(status string) string { return "STATUS=" + strings.ReplaceAll(status, "\n", " ") }

func (n *Notifier) send(lines ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		n.log.Warn("service manager was not notified", "message", lines[0], "error", err)
	}
}

// Watchdog keeps the watchdog of systemd (WatchdogSec=) quiet for as long as
// alive returns true: a server whose loops hang is restarted. It returns when
// ctx ends, or at once when no watchdog is set.
func (n *Notifier) Watchdog(ctx context.Context, alive func() bool) {
	timeout, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		n.log.Warn("watchdog is not served", "error", err)
	}
	if timeout == 0 {
		return
	}
	ticker := time.NewTicker(timeout / 3) // two chances to be late
	defer ticker.Stop()
	for {
		if alive() {
			n.send(daemon.SdNotifyWatchdog)
		} else {
			n.log.Error("a loop does not make progress; the watchdog will restart the service")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
