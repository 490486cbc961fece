package workload

import "fmt"

// TTLs chooses times to live, in seconds, uniformly from Low..High. The zero value gives 0: no expiry, in a Memcached
// command; a Redis command with {ttl} wants at least 1.
type TTLs struct{ Low, High uint32 }

// ttlMax is what Memcached takes for a duration rather than a date: 30 days.
const ttlMax = 30 * 24 * 3600

func (t TTLs) validate() error {
	if t.High < t.Low || t.High > ttlMax {
		return fmt.Errorf("times to live from %d to %d seconds: at most %d, a longer one is a date to memcached", t.Low, t.High, ttlMax)
	}
	return nil
}

// Draw returns a time to live.
func (t TTLs) Draw(r *Random) uint32 {
	if t.Low == t.High {
		return t.Low
	}
	return t.Low + uint32(r.Below(uint64(t.High-t.Low)+1))
}
