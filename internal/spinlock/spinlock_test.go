package spinlock

import (
	"sync"
	"testing"
)

// Increments under the lock are never lost, with more goroutines than CPUs.
func TestMutualExclusion(t *testing.T) {
	const goroutines, rounds = 8, 20000
	var (
		l    Lock
		n    int
		done sync.WaitGroup
	)
	for range goroutines {
		done.Go(func() {
			for range rounds {
				l.Lock()
				n++
				l.Unlock()
			}
		})
	}
	done.Wait()
	if n != goroutines*rounds {
		t.Fatalf("%d increments of %d were kept", n, goroutines*rounds)
	}
}

func BenchmarkUncontended(b *testing.B) {
	var l Lock
	n := 0
	for b.Loop() {
		l.Lock()
		n++
		l.Unlock()
	}
}
