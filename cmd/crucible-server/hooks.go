package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/command"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/service"
)

// hooks carry what CONFIG SET changes to the rooms that it concerns.
func (a *appliance) hooks() command.Hooks {
	if a.copies.copied {
		return command.Hooks{MaxmemoryPolicy: a.setPolicy} // it has no sockets and no log of its own
	}
	return command.Hooks{
		Maxmemory:       a.setMaxmemory,
		Maxclients:      a.setMaxclients,
		MaxmemoryPolicy: a.setPolicy,
		LogLevel:        a.setLogLevel,
		TLS:             a.setTLS,
		Addresses:       a.setAddresses,
		Keepalive:       a.setKeepalive,
		DrainTimeout: func(seconds int64) error {
			a.drain.Set(time.Duration(seconds) * time.Second)
			return nil
		},
	}
}

// setMaxmemory takes any bound, as Redis does. 0, for Redis no bound, is what the machine can
// give; more than the machine has is the machine; where
// the process is over the bound with nothing stored, nothing can be stored.
func (a *appliance) setMaxmemory(n int64) error {
	machine := config.ThisMachine()
	if n == 0 {
		n = machine.Most().Bytes()
	}
	if n == 0 {
		return errors.New("the memory of this machine could not be found out, and it must be bounded")
	}
	if machine.MemoryBytes > 0 {
		n = min(n, machine.MemoryBytes)
	}
	a.keyspace.SetMaxmemory(n)
	return nil
}

// setMaxclients refuses more clients than there can be files, as Redis does.
func (a *appliance) setMaxclients(n int64) error {
	wanted := int(n + a.places.memcache)
	if fit, err := service.FitClients(wanted); err != nil {
		return fmt.Errorf("The operating system is not able to handle the specified number of clients, try with %d", //nolint:revive,staticcheck // Redis' text
			max(1, int64(fit)-a.places.memcache))
	}
	return nil
}

// setKeepalive changes how soon TCP probes Redis' clients that come from now on.
func (a *appliance) setKeepalive(seconds int64) error {
	a.sockets.keepalive.Store(seconds)
	for i := range len(a.config.Listeners) + 1 {
		if i < len(a.config.Listeners) && a.config.Listeners[i].Protocol == "memcache" {
			continue
		}
		for _, e := range a.engines() {
			e.SetKeepAlive(i, time.Duration(seconds)*time.Second)
		}
	}
	return nil
}

// policyName is what CONFIG GET maxmemory-policy calls a policy of the profile:
// those that Redis has no word for evict from all keys.
func policyName(policy string) string {
	if policy == "noeviction" || strings.HasPrefix(policy, "allkeys-") || strings.HasPrefix(policy, "volatile-") {
		return policy
	}
	return "allkeys-" + policy
}

// setPolicy is the way back: a policy by Redis' name if the backend has it, else
// by its own.
func (a *appliance) setPolicy(name string) error {
	if !slices.Contains(a.keyspace.Policies(), name) {
		name = strings.TrimPrefix(name, "allkeys-")
	}
	return a.keyspace.SetPolicy(name)
}

// levels are the log levels by Redis' names and by ours.
var levels = []struct {
	redis, ours string
	level       slog.Level
}{
	{"debug", "debug", slog.LevelDebug},
	{"verbose", "debug", slog.LevelDebug},
	{"notice", "info", slog.LevelInfo},
	{"warning", "warn", slog.LevelWarn},
	{"nothing", "error", slog.LevelError},
}

func redisLevel(ours string) string {
	for _, l := range levels {
		if l.ours == ours {
			return l.redis
		}
	}
	return ours
}

func (a *appliance) setLogLevel(name string) error {
	for _, l := range levels {
		if l.redis == name {
			a.log.SetLevel(l.level)
		}
	}
	return nil
}

// randomID names a run of the server, or its data, as INFO shows it.
func randomID() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
