package metrics

import "sync/atomic"

// Counter counts events of one thread for any number of readers.
//
// Exactly one thread may call [Counter.Add] (and the read-modify-write that it
// is made of): a loop owns its counters. Any goroutine may call
// [Counter.Load] at any time.
//
// Add is a plain addition in a normal build. An atomic addition is a locked
// instruction, which costs some twenty cycles and orders the memory accesses
// around it; a request bumps several counters and a scrape reads them once in
// fifteen seconds, so the writer should not pay for the reader. It is sound
// because a 64-bit aligned word is never torn on the architectures we build
// for (amd64 and arm64) and because with a single writer no increment can be
// lost; a reader sees a value that was true a moment ago, and later reads
// never go back. Under the race detector Add is a real atomic addition, so
// that a run with -race reports what is a mistake and nothing else.
//
// The zero Counter is ready for use. A Counter must not be copied once it is
// in use. Counters of different threads belong on different cache lines: pad
// the struct that holds them.
type Counter struct{ v uint64 }

// Load returns the count. Any goroutine may call it.
func (c *Counter) Load() uint64 { return atomic.LoadUint64(&c.v) }

// Gauge is a level with exactly one writer thread, such as the number of
// connections of a loop. The rules of [Counter] apply to it.
type Gauge struct{ v int64 }

// Load returns the level. Any goroutine may call it.
func (g *Gauge) Load() int64 { return atomic.LoadInt64(&g.v) }
