package config

import (
	"fmt"
	"slices"
	"strings"
)

// A choice is one word that a key accepts. A word that the product knows but
// this version cannot do is refused by name, so that a profile written for a
// later version fails with a reason.
type choice struct {
	name      string
	available bool
}

// backends is the one table of what [cache] backend and policy can be. To
// offer a backend or a policy, set its available.
var backends = []struct {
	choice
	policies []choice // the default first
}{
	{choice{"segment", true}, words(
		"s3fifo", "fifo", "random", "cte", "merge", "noeviction",
		"allkeys-lru", "allkeys-lfu", "allkeys-random",
		"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	)},
	{choice{"slab", true}, words(
		"lra", "lrc", "random", "none", "noeviction",
		"allkeys-lru", "allkeys-lfu", "allkeys-random",
		"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	)},
	{choice{"heap", true}, words(
		"s3fifo", "lfu", "noeviction",
		"allkeys-lru", "allkeys-lfu", "allkeys-random",
		"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	)},
}

// Words of the other keys that choose one of several.
var (
	protocols      = words("resp", "memcache", "ping", "auto")
	whoMay         = words("no", "local", "yes")
	pubsubDefaults = words("resetchannels", "allchannels")
	drivers        = words("auto", "uring", "epoll", "goroutine")
	acceptModes    = words("auto", "reuseport", "handover")
	recvModes      = words("multishot", "oneshot")
	hugepages      = words("none", "transparent", "2mb", "1gb")
	logLevels      = words("debug", "info", "warn", "error")
	logFormats     = words("text", "json")
	clientAuths    = words("required", "optional", "off")
	tlsVersions    = words("1.2", "1.3")
)

func words(names ...string) []choice {
	out := make([]choice, len(names))
	for i, n := range names {
		out[i] = choice{n, true}
	}
	return out
}

// pick checks that value is one of the available choices. The error starts
// with what, the noun of the value.
func pick(what, value string, from []choice) error {
	var names, available []string
	for _, c := range from {
		names = append(names, c.name)
		if c.available {
			available = append(available, c.name)
		}
	}
	switch {
	case slices.Contains(available, value):
		return nil
	case slices.Contains(names, value):
		return fmt.Errorf("%s %s is not available in this version; available: %s", what, value, strings.Join(available, ", "))
	}
	hint := ""
	if near := nearest(value, available); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return fmt.Errorf("%s %q does not exist; available: %s%s", what, value, strings.Join(available, ", "), hint)
}

// pickBackend checks a backend and one of its policies.
func pickBackend(backend, policy string) (key string, err error) {
	all := make([]choice, len(backends))
	for i, b := range backends {
		all[i] = b.choice
	}
	if err := pick("backend", backend, all); err != nil {
		return "cache.backend", err
	}
	for _, b := range backends {
		if b.name == backend {
			return "cache.policy", pick("policy", policy, b.policies)
		}
	}
	return "", nil
}

// Pair is a backend with one of its policies.
type Pair struct{ Backend, Policy string }

// Pairs lists every pair, the default of each backend first.
func Pairs() (all []Pair) {
	for _, b := range backends {
		for _, p := range b.policies {
			all = append(all, Pair{b.name, p.name})
		}
	}
	return all
}

// defaultPolicy returns the first policy of a backend, "" if there is no such
// backend.
func defaultPolicy(backend string) string {
	for _, b := range backends {
		if b.name == backend {
			return b.policies[0].name
		}
	}
	return ""
}

// hasAdmissionQueue reports whether small_queue_percent means anything.
func hasAdmissionQueue(policy string) bool { return policy == "s3fifo" || policy == "allkeys-lfu" }
