package command

import (
	"testing"
	"time"
)

// What INFO tells per second is the growth over the samples, what it tells of time over
// maxmemory follows them.
func TestRatesOfLoops(t *testing.T) {
	s := newTestServer(t, 1, Hooks{}).Server
	var cycles uint64
	s.Threads = func() []ThreadFacts {
		cycles += 50
		return []ThreadFacts{{Cycles: cycles, Busy: time.Duration(cycles) * time.Millisecond}}
	}
	for ms := range int64(10) {
		s.sample(1000 + 100*ms)
	}
	if r := s.rates.perSecond(); r.cycles != 500 || r.busy != 0.5 {
		t.Errorf("%+v, want 500 cycles that take half of the time", r)
	}
	s.Keyspace.SetForeign(1 << 20)
	bound := s.Keyspace.Maxmemory()
	s.Keyspace.SetMaxmemory(1)
	s.sample(3000)
	s.sample(3100)
	if all, now := s.rates.exceeding(3250); all != 250 || now != 250 {
		t.Errorf("%d and %d ms over maxmemory, want 250", all, now)
	}
	s.Keyspace.SetMaxmemory(bound)
	s.sample(3300)
	if all, now := s.rates.exceeding(4000); all != 300 || now != 0 {
		t.Errorf("%d and %d ms over maxmemory, want 300 and none now", all, now)
	}
	s.ResetStats()
	if all, _ := s.rates.exceeding(4000); all != 0 {
		t.Errorf("%d ms over maxmemory since the figures began anew", all)
	}
}
