package command

import "golang.org/x/sys/unix"

// machineBytes returns the memory of the machine, 0 if it isn't known.
func machineBytes() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
