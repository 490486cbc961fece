// Package spinlock has the lock of shards and arenas: held for well under a
// microsecond, by threads that are locked to loops.
//
// A sync.Mutex parks the goroutine when it is contended, which for a goroutine
// locked to its thread means two thread switches, tens of microseconds. This
// lock spins for about as long as a holder may take and then gives the CPU to
// whoever shares it, in case the holder was descheduled.
package spinlock

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Lock is unlocked when zero. It must not be copied after use.
type Lock struct{ held atomic.Uint32 }

// A waiter looks spins times, a microsecond or so, which is several times a
// critical section; then it yields its CPU to another thread yields times, in
// case the holder was descheduled by the kernel; then it yields to other
// goroutines, in case the holder was by the Go scheduler. A loop with a
// processor to itself never gets that far. After naps rounds it sleeps: a script
// may hold a lock for seconds.
const (
	spins  = 500
	yields = 8
	naps   = 1000
	nap    = 100 * time.Microsecond
)

// Lock acquires l. The holder may not block, do I/O or take l again.
func (l *Lock) Lock() {
	if !l.held.CompareAndSwap(0, 1) {
		l.wait()
	}
}

// TryLock acquires l if nobody holds it.
func (l *Lock) TryLock() bool { return l.held.CompareAndSwap(0, 1) }

// LockUnless acquires l, or gives up and reports false when stop is not 0 while
// it waits.
func (l *Lock) LockUnless(stop *atomic.Int32) bool {
	if l.TryLock() {
		return true
	}
	for round := 0; stop.Load() == 0; round++ {
		if l.round(round) {
			return true
		}
	}
	return false
}

// Unlock releases l.
func (l *Lock) Unlock() { release(&l.held) }

func (l *Lock) wait() {
	for round := 0; !l.round(round); round++ {
	}
}

// round is one round of waiting. It reports whether l was acquired.
func (l *Lock) round(n int) bool {
	for range spins {
		if l.held.Load() == 0 && l.held.CompareAndSwap(0, 1) {
			return true
		}
	}
	switch {
	case n < yields:
		yield()
	case n < naps:
		runtime.Gosched()
	default:
		time.Sleep(nap)
	}
	return false
}
