//go:build amd64 && !race

package spinlock

import (
	"sync/atomic"
	"unsafe"
)

// release makes the lock free. On this architecture no store is seen before an earlier load or store of the same
// thread, nor does the compiler move one across another, so that an ordinary store lets go of what was done
// under the lock. That of sync/atomic is an exchange, which waits until all stores before it are done, those
// to memory that is not in the cache among them: nobody needs it, for who takes the lock next does so by
// a locked instruction. The race detector has to be told, and is.
func release(held *atomic.Uint32) { *(*uint32)(unsafe.Pointer(held)) = 0 }
