package main

import (
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
	{"redis.requirepass", "requirepass", func(c *config.Config) string { return c.Redis.Requirepass }},
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// Keys implements service.Option.
func (a *appliance) Keys() []string {
	keys := make([]string, len(reloadable))
	for i, r := range reloadable {
		keys[i] = r.key
	}
	return keys
}

// Apply implements service.Option: it sets what the profile changed, and
// leaves alone what CONFIG SET changed meanwhile and the profile did not.
func (a *appliance) Apply(next *config.Config) error {
	for _, r := range reloadable {
		value := r.value(next)
		if value == r.value(a.config) {
			continue
		}
		if err := a.server.Params.Set(r.param, value); err != nil {
			return err
		}
	}
	a.config = next
	return nil
}
