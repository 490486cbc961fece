// Package procstat measures what a process costs the machine: CPU time, resident memory, and how busy a CPU was with
// everything else. It also pins processes to CPUs, because a cost per request means little when the scheduler moves them.
//
// It owns no memory and keeps no state; any goroutine may call it. CPU time comes from the process' CPU clock
// (nanoseconds, ended threads included); the division into user and system time from /proc/PID/stat, whose unit is the
// kernel's clock tick (10 ms). Only Linux keeps these books; elsewhere every call answers ErrUnsupported.
package procstat

import (
	"errors"
	"time"
)

// ErrUnsupported is returned where the operating system has no /proc and no CPU affinity.
var ErrUnsupported = errors.New("process accounting and CPU pinning need Linux")

// CPU is the processor time of one process since it started, all its threads together.
type CPU struct {
	// Total has nanosecond resolution; User and System are ticks of 10 ms and add up to Total only roughly.
	Total, User, System time.Duration
}

// Sub returns the time spent between an earlier reading and c.
func (c CPU) Sub(earlier CPU) CPU {
	return CPU{c.Total - earlier.Total, c.User - earlier.User, c.System - earlier.System}
}

// Memory is the resident memory of one process in bytes.
type Memory struct {
	// Resident is what it holds now, Peak the most it ever held.
	Resident, Peak uint64
}
