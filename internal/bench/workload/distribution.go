package workload

import "fmt"

// Distribution chooses keys. An implementation is shared by all threads and must not change; what must be remembered
// between draws lives in the thread's Random.
type Distribution interface {
	// Draw returns a key number.
	Draw(r *Random) uint64
}

// UniformAccess chooses every key equally often.
type UniformAccess struct{ Count uint64 }

// Draw implements Distribution.
func (u UniformAccess) Draw(r *Random) uint64 { return r.Below(u.Count) }

// SequentialAccess goes through the keys in order, over and over, each thread from a place of its own.
type SequentialAccess struct{ Count uint64 }

// Draw implements Distribution.
func (s SequentialAccess) Draw(r *Random) uint64 { return r.Turn() % s.Count }

// HotspotAccess gives a share of the requests to a share of the keys; both parts are uniform within. The hot keys are
// scattered over the keyspace.
type HotspotAccess struct {
	hotRequests float64
	hot, count  uint64
	scatter     scatter
}

// NewHotspotAccess takes the hot shares of keys and requests, both within 0..1.
func NewHotspotAccess(count uint64, hotKeys, hotRequests float64) (*HotspotAccess, error) {
	hot := uint64(hotKeys * float64(count))
	if hot < 1 || hot >= count || !(hotRequests >= 0 && hotRequests <= 1) {
		return nil, fmt.Errorf("hotspot of %v of %d keys with %v of the requests: want shares of at least one key and less than all", hotKeys, count, hotRequests)
	}
	return &HotspotAccess{hotRequests, hot, count, newScatter(count)}, nil
}

// Draw implements Distribution.
func (h *HotspotAccess) Draw(r *Random) uint64 {
	if r.Unit() < h.hotRequests {
		return h.scatter.key(r.Below(h.hot))
	}
	return h.scatter.key(h.hot + r.Below(h.count-h.hot))
}

// scatter is a fixed permutation of the key numbers, so that popularity doesn't follow key order: rank*step mod count,
// with a step that has no factor in common with count.
type scatter struct{ step, count uint64 }

func newScatter(count uint64) scatter {
	const golden = 0.6180339887498949
	step := uint64(float64(count)*golden) | 1
	for gcd(step, count) != 1 {
		step += 2
	}
	return scatter{step % max(count, 1), count}
}

// key returns the key of a rank below count; keyCountMax keeps the product in range.
func (s scatter) key(rank uint64) uint64 { return (rank*s.step + s.step>>1) % s.count }

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
