//go:build !race

package prefetch

// On says whether looking ahead is worth it. What to load is read from shared
// memory without its lock: a stale word costs a useless load and nothing else.
// The race detector can't know that, so it is off there.
const On = true
