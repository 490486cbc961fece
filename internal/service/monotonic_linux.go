package service

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// monotonicLine is the time stamp that Type=notify-reload wants with
// RELOADING, or a harmless line where there is no such clock.
func monotonicLine() string {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return statusLine("reloading")
	}
	return fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000)
}
