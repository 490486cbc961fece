//go:build !linux && !darwin

package config

// memorySize returns 0, unknown: maxmemory has to be given on these systems.
func memorySize() int64 { return 0 }
