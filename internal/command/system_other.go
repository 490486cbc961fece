//go:build !linux

package command

// machineBytes returns the memory of the machine, 0 as it isn't known.
func machineBytes() int64 { return 0 }
