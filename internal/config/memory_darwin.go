package config

import "golang.org/x/sys/unix"

// memorySize returns the installed memory in bytes.
func memorySize() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
