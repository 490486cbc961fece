package command

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// systemName returns the name and release of the system and the machine's type.
func systemName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return runtime.GOOS
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:]) + " " +
		unix.ByteSliceToString(u.Machine[:])
}

// ProcessSeconds returns the processor time of this process.
func ProcessSeconds() (system, user float64) { return cpuSeconds(false) }

// cpuSeconds returns the processor time of this process or its children.
func cpuSeconds(children bool) (system, user float64) {
	who := unix.RUSAGE_SELF
	if children {
		who = unix.RUSAGE_CHILDREN
	}
	var r unix.Rusage
	if unix.Getrusage(who, &r) != nil {
		return 0, 0
	}
	return timevalSeconds(r.Stime), timevalSeconds(r.Utime)
}

func timevalSeconds(t unix.Timeval) float64 { return float64(t.Nano()) / 1e9 }
