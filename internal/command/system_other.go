//go:build !linux

package command

// residentBytes returns the resident set of the process, 0 as it isn't known.
func residentBytes() int64 { return 0 }

// machineBytes returns the memory of the machine, 0 as it isn't known.
func machineBytes() int64 { return 0 }
