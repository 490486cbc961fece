package keyspace

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/store"
)

// A clock of a few bits tells how long ago an item was used, to within a unit,
// whatever time passes, if it is looked at often enough.
func TestIdleSeconds(t *testing.T) {
	for _, track := range []store.Tracking{store.TrackIdle, store.TrackFew} {
		rapid.Check(t, func(t *rapid.T) { checkIdle(t, track) })
	}
}

func checkIdle(t *rapid.T, track store.Tracking) {
	w := &Worker{NowMS: rapid.Int64Range(0, 1<<42).Draw(t, "now")}
	used := w.NowMS / 1000
	use := w.fresh(track)
	const sure = oldest - clockSkew // units
	for range rapid.IntRange(0, 3000).Draw(t, "rounds") {
		w.NowMS += rapid.Int64Range(0, agePeriodMS).Draw(t, "ms")
		use = w.aged(track, use)
		got, want := w.idleSec(use), w.NowMS/1000-used
		if most := int64(sure) << unitShift[scaleMask]; want > most {
			if got < most {
				t.Fatalf("idle for %d s, %d said", want, got)
			}
			continue
		}
		slack := int64(2)
		for i, shift := range unitShift[1:] {
			if want > sure<<unitShift[i] {
				slack = 2 << shift
			}
		}
		if got < want-slack || got > want+slack {
			t.Fatalf("idle for %d s, %d said", want, got)
		}
	}
}

// What RESTORE is told of an idle time is what OBJECT IDLETIME says next.
func TestIdleUse(t *testing.T) {
	w := &Worker{NowMS: 1_700_000_000_123}
	for _, seconds := range []int64{0, 1, 127, 128, 1000, 1016, 64 * 127, 4096 * 127} {
		if got := w.idleSec(w.idleUse(seconds)); got != seconds {
			t.Errorf("idle for %d s, %d said", seconds, got)
		}
	}
	if got := w.idleSec(w.idleUse(1 << 40)); got != oldest<<unitShift[scaleMask] {
		t.Errorf("idle for ever, %d said", got)
	}
}

// frequencyWorker returns a worker that counts uses on a scale.
func frequencyWorker(factor, decayMinutes int64) *Worker {
	w := &Worker{NowMS: 1e12, rand: 1, ks: &Keyspace{}}
	w.ks.scale.Store(&defaultScale)
	w.ks.SetFrequencyScale(factor, decayMinutes, w.NowMS)
	return w
}

// The chance that a use counts falls with the factor; without one each counts.
func TestFrequencyFactor(t *testing.T) {
	// A frequency f takes (f-5)^2*factor/2 uses, more or less.
	for _, c := range []struct {
		factor    int64
		uses      int
		low, high uint16
	}{
		{0, 100, 105, 105},
		{0, 300, 255, 255},
		{1, 5000, 85, 125},
		{100, 5000, 10, 21},
		{1<<31 - 1, 5000, 6, 6}, // the first is free, others next to impossible
	} {
		w := frequencyWorker(c.factor, 1)
		use := w.fresh(store.TrackFrequency)
		for range c.uses {
			use = w.count(use)
		}
		if f := use & freqMask; f < c.low || f > c.high {
			t.Errorf("factor %d: %d after %d uses, want %d to %d", c.factor, f, c.uses, c.low, c.high)
		}
	}
}

// Decay takes as many minutes as it is told to, or none, and is not touched by
// a change of that.
func TestFrequencyPeriod(t *testing.T) {
	w := frequencyWorker(10, 7)
	use := w.fresh(store.TrackFrequency)&^freqMask | 100
	pass := func(minutes int, want uint16) {
		t.Helper()
		for range minutes {
			w.NowMS += minuteMS
			use = w.aged(store.TrackFrequency, use)
		}
		if f := use & freqMask; f != want {
			t.Fatalf("%d after %d minutes, want %d", f, minutes, want)
		}
	}
	pass(6, 100)
	pass(1, 99)
	pass(700, 0)
	use |= 100
	w.ks.SetFrequencyScale(10, 0, w.NowMS)
	pass(1000, 100)
	w.ks.SetFrequencyScale(10, 1, w.NowMS)
	pass(0, 100)
	pass(9, 91)
}

// A frequency grows with use, loses one a minute, and is what Redis starts with.
func TestFrequencyDecays(t *testing.T) {
	w := frequencyWorker(10, 1)
	use := w.fresh(store.TrackFrequency)
	if f := use & freqMask; f != 5 {
		t.Fatalf("a new item starts at %d", f)
	}
	for range 100_000 {
		use = w.count(use)
	}
	high := use & freqMask
	if high < 80 || high > 240 {
		t.Fatalf("%d after 100000 uses", high)
	}
	for range 10 {
		w.NowMS += minuteMS
		use = w.aged(store.TrackFrequency, use)
	}
	if f := use & freqMask; f != high-10 {
		t.Fatalf("%d ten minutes after %d", f, high)
	}
	w.NowMS += 9 * minuteMS
	if f := w.decayed(use) & freqMask; f != high-19 {
		t.Fatalf("%d nineteen minutes after %d", f, high)
	}
}

// Every entry is looked at once in a period, however many there are.
func TestAging(t *testing.T) {
	ks := newKeyspace(t, Config{})
	defer ks.Close()
	ks.track.Store(uint32(store.TrackIdle))
	w := ks.NewWorker(0, 1)
	w.NowMS = 1e12
	const n = 100_000
	for i := range n {
		k := w.Key([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		w.LockKey(k)
		w.Set(i%2, k, nil, Options{})
		w.Unlock()
	}
	for range 1500 {
		w.NowMS += 1000
		w.age()
	}
	for db := range 2 {
		w.Each(db, func(it Item) bool {
			if idle := w.IdleSeconds(it); idle < 1400 || idle > 1600 {
				t.Fatalf("idle for %d s after 1500", idle)
			}
			return true
		})
	}
}
