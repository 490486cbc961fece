package metrics

import (
	"sync"
	"testing"
)

// A reader that polls while the owner counts must see values that only grow
// and must end on the exact sum.
func TestCounterOneWriterManyReaders(t *testing.T) {
	const total = 200_000
	var c Counter
	var g Gauge
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			var last uint64
			for {
				now := c.Load()
				if now < last {
					t.Errorf("counter went back from %d to %d", last, now)
					return
				}
				last = now
				if lvl := g.Load(); lvl < 0 || lvl > total {
					t.Errorf("gauge out of range: %d", lvl)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		}()
	}
	for range total {
		c.Add(1)
		g.Add(1)
	}
	close(done)
	readers.Wait()
	if c.Load() != total || g.Load() != total {
		t.Fatalf("counter %d, gauge %d, want %d", c.Load(), g.Load(), total)
	}
	g.Set(-3)
	if g.Load() != -3 {
		t.Fatalf("gauge after Set(-3) = %d", g.Load())
	}
}

func TestCounterDoesNotAllocate(t *testing.T) {
	var c Counter
	if n := testing.AllocsPerRun(100, func() { c.Add(2); _ = c.Load() }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
