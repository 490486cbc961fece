package netloop

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func threadID() int64 { return int64(unix.Gettid()) }

// Busy returns the processor time that a thread has taken, by its Stats.Thread: of a loop,
// the time it did not wait. 0 if there is no such thread.
func Busy(thread int64) time.Duration {
	// The clock of a thread (CPUCLOCK_SCHED, CPUCLOCK_PERTHREAD), see clock_getres(2).
	const scheduled, perThread = 2, 4
	var t unix.Timespec
	if thread <= 0 || unix.ClockGettime(int32(^thread<<3|scheduled|perThread), &t) != nil { //nolint:gosec // numbers of threads have 22 bits
		return 0
	}
	return time.Duration(t.Nano())
}

// BusySplit is Busy in two, to a hundredth of a second: what the kernel did for the thread
// and what it did itself.
func BusySplit(thread int64) (system, user time.Duration) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", thread))
	_, after, found := bytes.Cut(text, []byte(") ")) // a name may have anything in it
	fields := bytes.Fields(after)
	const utime, stime, tick = 11, 12, time.Second / 100 // USER_HZ is 100 wherever Go runs
	if err != nil || !found || len(fields) <= stime {
		return 0, 0
	}
	var n [2]int64
	_, _ = fmt.Sscan(string(fields[stime]), &n[0])
	_, _ = fmt.Sscan(string(fields[utime]), &n[1])
	return time.Duration(n[0]) * tick, time.Duration(n[1]) * tick
}
