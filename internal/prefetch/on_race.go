//go:build race

package prefetch

// On is false under the race detector; see on_norace.go.
const On = false
