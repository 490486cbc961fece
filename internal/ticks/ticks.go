// Package ticks tells short times apart by the processor's own counter.
//
// Reading the counter costs a third of reading the system's clock, which is
// what lets every command be timed. A tick is whatever the counter counts;
// [Nanoseconds] turns a difference of two readings into time.
//
// The counter is used where the kernel itself keeps time by it, so that it runs
// at one rate on all processors; elsewhere [Now] reads the clock and a tick is
// a nanosecond.
//
// Threads: any may call anything. Memory: none.
package ticks

import (
	"math/bits"
	"runtime"
	"sync/atomic"
	"time"
)

// start is the moment of reference: the rate is what has passed since, by the
// counter and by the clock.
var (
	started    = time.Now()
	startTicks = Now()
)

// perTick is the nanoseconds of a tick times 2^32.
var perTick atomic.Uint64

// shortest is how long the first calibration takes at least: the error of one
// reading, below a microsecond, is then under a thousandth.
const shortest = time.Millisecond

// Calibrate measures the rate of the counter. It has to be called once before
// Nanoseconds, and makes the rate more exact when it is called again later.
func Calibrate() {
	if !counting {
		perTick.Store(1 << 32)
		return
	}
	for time.Since(started) < shortest {
		time.Sleep(shortest)
	}
	passed, counted := uint64(time.Since(started)), Now()-startTicks //nolint:gosec // not negative
	// passed << 32 has 96 bits after some seconds.
	rate, _ := bits.Div64(passed>>32, passed<<32, max(counted, 1))
	perTick.Store(rate)
}

// Now returns the count of this moment. Of two readings, the later one is the
// larger.
func Now() uint64 {
	if counting {
		return counter()
	}
	return uint64(time.Since(started)) //nolint:gosec // not negative
}

// Source names what Now reads, as Redis names what it reads.
func Source() string {
	switch {
	case !counting:
		return "POSIX clock_gettime"
	case runtime.GOARCH == "arm64":
		return "ARM CNTVCT"
	}
	return "X86 TSC"
}

// Nanoseconds returns the time of so many ticks, not below 0: two processors
// may be apart by less than it takes to go from one to the other.
func Nanoseconds(n uint64) int64 {
	if int64(n) < 0 { //nolint:gosec // a difference below zero
		return 0
	}
	high, low := bits.Mul64(n, perTick.Load())
	return int64(high<<32 | low>>32) //nolint:gosec // 292 years
}
