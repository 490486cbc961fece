package netloop

import (
	"github.com/crucible-cache/crucible/internal/metrics"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// hold keeps input that reached the loop after its session was paused, until
// the session goes on. A driver that completes receives on its own account can
// deliver at most one buffer ring's worth of it; one that reads on demand
// never uses it.
type hold struct {
	mem []byte // mapped; len is what is held
}

const holdUnit = 16 << 10 // first size of a hold, in bytes; it doubles

// add appends data.
func (h *hold) add(data []byte, held *metrics.Gauge) error {
	if need := len(h.mem) + len(data); need > cap(h.mem) {
		size := max(holdUnit, 2*cap(h.mem))
		for size < need {
			size *= 2
		}
		mem, err := offheap.Map(offheap.Input, size)
		if err != nil {
			return err
		}
		mem = mem[:copy(mem, h.mem)]
		if h.mem != nil {
			offheap.Unmap(offheap.Input, h.mem)
		}
		h.mem = mem
	}
	h.mem = append(h.mem, data...)
	held.Add(int64(len(data)))
	return nil
}

// release gives the memory back.
func (h *hold) release(held *metrics.Gauge) {
	if h.mem == nil {
		return
	}
	held.Add(-int64(len(h.mem)))
	offheap.Unmap(offheap.Input, h.mem)
	h.mem = nil
}
