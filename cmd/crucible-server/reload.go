package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/crucible-cache/crucible/internal/config"
)

// reloadable are the keys of the profile that a reload hands to the parameters
// of CONFIG SET, which know how to apply themselves.
var reloadable = []struct {
	key, param string
	value      func(*config.Config) string
}{
	{"cache.maxmemory", "maxmemory", func(c *config.Config) string { return decimal(c.Cache.Maxmemory.Bytes()) }},
	{"cache.policy", "maxmemory-policy", func(c *config.Config) string { return policyName(c.Cache.Policy) }},
	{"redis.maxclients", "maxclients", func(c *config.Config) string { return strconv.Itoa(c.Redis.Maxclients) }},
	{"redis.timeout", "timeout", func(c *config.Config) string { return decimal(int64(c.Redis.Timeout.Seconds())) }},
	{"redis.protected_mode", "protected-mode", func(c *config.Config) string { return yesNo(c.Redis.ProtectedMode) }},
	{"redis.maxmemory_clients", "maxmemory-clients", func(c *config.Config) string { return c.Redis.MaxmemoryClients.String() }},
	{"redis.requirepass", "requirepass", func(c *config.Config) string { return c.Redis.Requirepass }},
	{"redis.proto_max_bulk_len", "proto-max-bulk-len", func(c *config.Config) string { return decimal(maxBulk(c)) }},
	{"shutdown.drain_timeout", "shutdown-timeout", func(c *config.Config) string {
		return decimal(int64(c.Shutdown.DrainTimeout.Seconds()))
	}},
	{"logging.level", "loglevel", func(c *config.Config) string { return redisLevel(c.Logging.Level) }},
	{"redis.client_query_buffer_limit", "client-query-buffer-limit", func(c *config.Config) string {
		return decimal(c.Redis.ClientQueryBufferLimit.Bytes())
	}},
	{"redis.client_output_buffer_limit", "client-output-buffer-limit", func(c *config.Config) string {
		l := c.Redis.ClientOutputBufferLimit
		return fmt.Sprintf("normal %d %d %d", l.Hard.Bytes(), l.Soft.Bytes(), l.SoftSeconds)
	}},
}

func yesNo(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// Keys implements service.Option.
func (a *appliance) Keys() []string {
	keys := []string{parametersKey}
	for _, r := range reloadable {
		keys = append(keys, r.key)
	}
	return keys
}

// Apply implements service.Option: it sets what the profile changed, and
// leaves alone what CONFIG SET changed meanwhile and the profile did not. What
// was set before one is refused is set back.
func (a *appliance) Apply(next *config.Config) error {
	var undo []func()
	for _, r := range reloadable {
		old, value := r.value(a.applied), r.value(next)
		if value == old {
			continue
		}
		if err := a.server.Params.Set(r.param, value); err != nil {
			for _, back := range slices.Backward(undo) {
				back()
			}
			return fmt.Errorf("%s: %w", r.key, err)
		}
		undo = append(undo, func() { _ = a.server.Params.Set(r.param, old) })
	}
	if err := a.setParameters(a.applied, next); err != nil {
		for _, back := range slices.Backward(undo) {
			back()
		}
		return err
	}
	a.applied = next
	return nil
}

// parametersKey is the key of the parameters that have none of their own.
const parametersKey = "redis.parameters"

// setParameters sets those that the profile has and old, which may be nil, had
// not: all or none.
func (a *appliance) setParameters(old, next *config.Config) error {
	var pairs []string
	for _, p := range next.Redis.Parameters {
		if old == nil || !slices.Contains(old.Redis.Parameters, p) {
			pairs = append(pairs, p.Name, p.Value)
		}
	}
	set := a.server.Params.Set
	if old == nil {
		set = a.server.Params.Start
	}
	if err := set(pairs...); err != nil {
		return fmt.Errorf("%s: %w", parametersKey, err)
	}
	return nil
}
