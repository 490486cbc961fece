package main

import (
	"log/slog"
	"slices"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/service"
)

// places is how many clients of each protocol may be connected at once: what
// the profile says, or less where the limit of open files asks for it.
type places struct{ resp, memcache int64 }

// fitPlaces makes the limits of the protocols that are served fit the limit of
// open files, which it raises as far as it may.
func fitPlaces(c *config.Config) places {
	p := places{int64(c.Redis.Maxclients), int64(c.Memcached.MaxConnections)}
	speak := func(protocols ...string) bool {
		return slices.ContainsFunc(c.Listeners, func(l config.Listener) bool {
			return slices.Contains(protocols, l.Protocol)
		})
	}
	wanted := int64(0)
	if speak("resp", "ping", "auto") {
		wanted += p.resp
	}
	if speak("memcache", "auto") {
		wanted += p.memcache
	}
	fit, err := service.FitClients(int(wanted))
	if err != nil {
		slog.Warn(err.Error())
		p.resp, p.memcache = p.resp*int64(fit)/wanted, p.memcache*int64(fit)/wanted
	}
	return p
}
