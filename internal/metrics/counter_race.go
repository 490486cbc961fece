//go:build race

package metrics

import "sync/atomic"

// Add adds n. Only the owner thread may call it.
func (c *Counter) Add(n uint64) { atomic.AddUint64(&c.v, n) }

// Add moves the level by n. Only the owner thread may call it.
func (g *Gauge) Add(n int64) { atomic.AddInt64(&g.v, n) }

// Set replaces the level. Only the owner thread may call it.
func (g *Gauge) Set(n int64) { atomic.StoreInt64(&g.v, n) }
