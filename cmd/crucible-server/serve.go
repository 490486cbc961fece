package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/admin"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/service"
	"github.com/crucible-cache/crucible/internal/version"
)

// patience is how long a loop may go without a tick before the service manager
// is told that it hangs. Ticks come ten times a second; the longest command
// that a client can send takes seconds.
const patience = 15 * time.Second

// serve runs the server from start to stop.
func serve(cfg *config.Config) error {
	log, err := service.OpenLog(cfg.Logging, os.Stderr)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the process ends
	slog.SetDefault(log.Logger)
	for _, w := range cfg.Warnings() {
		slog.Warn(w)
	}
	notify := service.NewNotifier(slog.Default())
	life := service.NewLife(notify, slog.Default())
	defer life.Close()

	socket, err := listenAdmin(cfg)
	if err != nil {
		return err
	}
	a, err := newAppliance(cfg, log, life)
	if err != nil {
		return err
	}
	reloader := service.NewReloader(cfg, log, a.drain, a,
		&service.CertificatesOption{Listeners: a.sockets.all})
	state := admin.NewState(a.pulse.Alive)
	stopAdmin, err := serveAdmin(socket, cfg, state, a)
	if err != nil {
		_ = a.close(context.Background())
		return err
	}
	background, cancel := context.WithCancel(context.Background())
	defer cancel()
	go notify.Watchdog(background, a.pulse.Alive)
	go a.measure(background)

	if host, port, _ := cfg.Redis.Master(); host != "" { // it was validated
		a.server.Follow(host, port)
	}
	state.Enter(admin.Serving)
	// The words that those wait for who start a Redis and read what it logs.
	slog.Info("Ready to accept connections", "version", version.String(), "profile", cfg.File(), "maxmemory", cfg.Cache.Maxmemory, "maxclients", a.places.resp, "max_connections", a.places.memcache)
	reason := life.Serve(a.status(), func() { reload(reloader) })

	state.Enter(admin.Draining)
	err = life.Drain(reason, a.drain.Timeout(), func(ctx context.Context) error {
		cancel()
		return a.close(ctx)
	})
	if err != nil {
		// Whoever was cut off had longer than the drain allows.
		slog.Warn("drain ended early", "error", err)
	}
	stopAdmin()
	slog.Info("stopped")
	return nil
}

// listenAdmin binds the address of the admin server, nil if there is to be none.
func listenAdmin(cfg *config.Config) (net.Listener, error) {
	if cfg.Metrics.Address == "" {
		return nil, nil //nolint:nilnil // no address, no socket, no error
	}
	return admin.Listen(cfg.Metrics)
}

// serveAdmin starts the admin server if it has a socket.
func serveAdmin(socket net.Listener, cfg *config.Config, state *admin.State, a *appliance) (stop func(), err error) {
	if socket == nil {
		return func() {}, nil
	}
	server, err := admin.Serve(socket, cfg.Metrics, state, []metrics.Source{a}, slog.Default())
	if err != nil {
		return nil, err
	}
	slog.Info("admin server started", "address", server.Addr())
	return func() { _ = server.Close(context.Background()) }, nil
}

// reload reads the profile again, under the environment and the flags of the
// start, and applies what can change.
func reload(reloader *service.Reloader) {
	next, err := reloader.Current().Reload()
	if err != nil {
		slog.Error("reload refused", "error", err)
		return
	}
	report, err := reloader.Change(next)
	if err != nil {
		slog.Error("reload failed in part", "error", err)
	}
	slog.Info("reloaded", "applied", strings.Join(report.Applied, " "), "needs_restart", strings.Join(report.Restart, " "))
}

// status is the line that the service manager shows.
func (a *appliance) status() string {
	var on []string
	for _, l := range a.sockets.all() {
		on = append(on, l.String())
	}
	return fmt.Sprintf("serving %s (%s)", strings.Join(on, ", "), a.server.Identity.Engine)
}
