package service

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Life turns signals into the life of the server: SIGHUP reloads, SIGTERM and
// SIGINT drain, and a second one of them ends the drain at once.
type Life struct {
	signals chan os.Signal
	stop    chan string
	notify  *Notifier
	log     *slog.Logger
}

// NewLife takes over the signals. Make it before the server is ready, so that
// an early SIGTERM is not lost. SIGPIPE is ignored: a reader of our log that
// goes away must not end the server.
func NewLife(notify *Notifier, log *slog.Logger) *Life {
	l := &Life{signals: make(chan os.Signal, 4), stop: make(chan string, 1), notify: notify, log: log}
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(l.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	return l
}

// Close gives the signals back.
func (l *Life) Close() { signal.Stop(l.signals) }

// Stop ends Serve as SIGTERM does, for a SHUTDOWN that a client sent. Any
// goroutine may call it; of several reasons the first counts.
func (l *Life) Stop(reason string) {
	select {
	case l.stop <- reason:
	default:
	}
}

// Serve blocks until a signal or Stop ends the service and returns the reason.
// It calls reload for each SIGHUP; status is what the service manager shows
// meanwhile.
func (l *Life) Serve(status string, reload func()) (reason string) {
	l.notify.Ready(status)
	for {
		select {
		case reason := <-l.stop:
			return reason
		case s := <-l.signals:
			if s != syscall.SIGHUP {
				return s.String()
			}
			l.notify.Reloading()
			reload()
			l.notify.Ready(status)
		}
	}
}

// ErrHurried is the cause of the end of a drain when a second signal came.
var ErrHurried = errors.New("a second signal ended the drain")

// Drain calls drain, which returns when the last client is gone or its context
// ends: after the timeout, or at a second SIGTERM or SIGINT.
func (l *Life) Drain(reason string, timeout time.Duration, drain func(context.Context) error) error {
	l.log.Info("stopping", "reason", reason, "drain_timeout", timeout)
	l.notify.Stopping("draining clients")
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	ctx, hurry := context.WithCancelCause(ctx)
	defer hurry(nil)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-l.signals:
				if s != syscall.SIGHUP {
					hurry(ErrHurried)
					return
				}
			}
		}
	}()
	return drain(ctx)
}
