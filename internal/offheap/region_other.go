//go:build !linux

package offheap

// Elsewhere than on Linux pages are taken lazily without a flag, there is no
// huge page advice, and MADV_DONTNEED does not promise zeros: a discarded range
// is cleared by hand and stays resident.
const mapNoReserve = 0

func adviseNoHuge([]byte) {}
func adviseHuge([]byte)   {}
func discard(b []byte)    { clear(b) }
