//go:build !amd64 || race

package spinlock

import "sync/atomic"

// release makes the lock free.
func release(held *atomic.Uint32) { held.Store(0) }
