package keyspace

import (
	"math/bits"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
)

// An entry of the index has 12 bits to tell how its item was used. What they
// are depends on what the policy tracks:
//
//   - TrackFew: uses 2 | scale 2 | clock 8: the number of uses, up to
//     store.FewUses, and when it was last used, as below.
//   - TrackFrequency: minute 4 | counter 8, as Redis' LFU has them: the counter
//     starts at freqInit and a use adds one with a chance that falls with what is
//     reached, so that 255 stands for about a million uses; each minute takes
//     one off. The minute it was last looked at, modulo 16, is kept beside it.
//     See [Keyspace.SetFrequencyScale] for other chances and longer minutes.
//   - TrackIdle: nothing 2 | scale 2 | clock 8: when it was last used, in units that grow
//     with the time since, so that few bits are exact to the second for two minutes
//     and to the hour or so for days. It lies where TrackFew has it, so that idle times outlast a
//     change between the two.
//
// Clocks of a few bits run over, so every entry is looked at at least once in
// agePeriodMS by its shard's worker, which takes decay into account or changes to
// a larger unit. A policy that goes by frequency after one that does not, or the other way round, finds
// figures that mean nothing until then, as in Redis.
const (
	freqInit   = store.FreshFrequency
	freqMask   = 1<<8 - 1
	periodMask = 1<<4 - 1
	minuteMS   = 60_000

	clockBits = 8
	clockMask = 1<<clockBits - 1
	usesShift = clockBits + 2 // above scale and clock
	idleMask  = 1<<usesShift - 1
	scaleMask = 1<<2 - 1
	oldest    = clockMask / 2 // units; what is idle for longer takes a larger one before its clock runs over

	// clockSkew is how far, in units, the clock of one worker may be ahead of
	// another's.
	clockSkew = 8

	agePeriodMS = 100_000
	ageBuckets  = 64 // between locking a shard and unlocking it
	ageBatches  = 64 // in one tick at most
)

// unitShift is the unit of idle time at each scale: 1, 8, 64 and 4096 seconds.
var unitShift = [scaleMask + 1]uint{0, 3, 6, 12}

// idleUse is what tells of an item that it was used some seconds ago, in the smallest unit that can.
func (w *Worker) idleUse(seconds int64) uint16 {
	for scale, shift := range unitShift {
		if seconds>>shift <= oldest {
			return uint16(scale)<<clockBits | uint16((w.NowMS/1000-seconds)>>shift&clockMask)
		}
	}
	const last = len(unitShift) - 1
	return uint16(last)<<clockBits | uint16((w.NowMS/1000>>unitShift[last]-oldest)&clockMask)
}

// fresh returns what to remember of the use of an item that is new.
func (w *Worker) fresh(track store.Tracking) uint16 {
	if track == store.TrackFrequency {
		return w.ks.scale.Load().period(w.NowMS)<<8 | freqInit
	}
	return uint16(w.NowMS / 1000 & clockMask)
}

// use marks an item as used once more.
func (w *Worker) use(slot index.Slot) uint16 {
	was, track := slot.Use(), w.ks.tracking()
	next := w.fresh(track)
	switch track {
	case store.TrackFew:
		next |= min(was>>usesShift+1, store.FewUses) << usesShift
	case store.TrackFrequency:
		next = w.count(w.decayed(was))
	}
	if next != was {
		slot.SetUse(next)
	}
	return next
}

// count adds a use to a frequency, or not, as chance has it.
func (w *Worker) count(use uint16) uint16 {
	f := use & freqMask
	if f == freqMask {
		return use
	}
	// One in (f-freqInit)*factor+1: that many times a number below 2^64 is below it.
	base := uint64(max(int(f)-freqInit, 0)) //nolint:gosec // not negative
	if above, _ := bits.Mul64(w.random(), base*w.ks.scale.Load().factor+1); above == 0 {
		use++
	}
	return use
}

// frequencyScale says what a frequency means. Its values stay; another setting
// is another scale.
type frequencyScale struct {
	factor   uint64 // a use of a frequency f counts with a chance of 1/((f-freqInit)*factor+1)
	periodMS int64  // takes one off, 0 = never
	sinceMS  int64  // when it came into force
	first    int64  // the period it was then
}

// Redis' own scale, until another is set.
var defaultScale = frequencyScale{factor: 10, periodMS: minuteMS}

// number counts the periods until a time. It goes on from what the scale before
// had reached, so that a change of scale costs no item anything.
func (f *frequencyScale) number(nowMS int64) int64 {
	if f.periodMS == 0 {
		return f.first
	}
	return f.first + (nowMS-f.sinceMS)/f.periodMS
}

func (f *frequencyScale) period(nowMS int64) uint16 {
	return uint16(f.number(nowMS) & periodMask) //nolint:gosec // four bits
}

// SetFrequencyScale sets what policies that go by frequency count: a use of an
// item with the frequency f is counted with a chance of 1/((f-5)*factor+1), and
// decayMinutes without use take one off, none ever if 0. Redis calls these
// lfu-log-factor and lfu-decay-time. nowMS is the time, unix milliseconds. Any
// thread may call it, one at a time.
func (ks *Keyspace) SetFrequencyScale(factor, decayMinutes, nowMS int64) {
	ks.scale.Store(&frequencyScale{
		factor:   uint64(factor), //nolint:gosec // not negative
		periodMS: decayMinutes * minuteMS,
		sinceMS:  nowMS,
		first:    ks.scale.Load().number(nowMS),
	})
}

// decayed takes off a frequency what time took.
func (w *Worker) decayed(use uint16) uint16 {
	now := w.ks.scale.Load().period(w.NowMS)
	passed := (now - use>>8) & periodMask
	if passed == 0 || passed == periodMask { // the latter is a clock ahead of ours
		return use
	}
	f := use & freqMask
	return now<<8 | f - min(f, passed)
}

// idleSec returns how long ago, in seconds, an item was used.
func (w *Worker) idleSec(use uint16) int64 {
	shift := unitShift[use>>clockBits&scaleMask]
	passed := (w.NowMS/1000>>shift - int64(use)) & clockMask
	if passed > clockMask-clockSkew {
		passed = 0
	}
	return passed << shift
}

// aged returns a use with decay taken into account, or in a larger unit.
func (w *Worker) aged(track store.Tracking, use uint16) uint16 {
	if track == store.TrackFrequency {
		return w.decayed(use)
	}
	idle := w.idleSec(use)
	if idle>>unitShift[use>>clockBits&scaleMask] <= oldest {
		return use
	}
	return use&^idleMask | w.idleUse(idle)
}

// Frequency returns how often the item was used lately, on a scale from 0 to
// 255 if the policy tracks that.
func (w *Worker) Frequency(it Item) uint8 { return w.frequency(it.use) }

func (w *Worker) frequency(use uint16) uint8 {
	switch w.ks.tracking() {
	case store.TrackFew:
		return uint8(use >> usesShift)
	case store.TrackFrequency:
		return uint8(w.decayed(use) & freqMask)
	}
	return 0
}

// withFrequency returns use with another frequency.
func (w *Worker) withFrequency(use uint16, f uint8) uint16 {
	switch w.ks.tracking() {
	case store.TrackFew:
		return use&idleMask | uint16(f)<<usesShift
	case store.TrackFrequency:
		return w.decayed(use)&^freqMask | uint16(f)
	}
	return use
}

// IdleSeconds returns how long ago the item was last used, if the policy tracks
// that: to the second below two minutes, to eight below a quarter of an hour, to the minute below two hours, to the
// hour and some for six days, which is also the most.
func (w *Worker) IdleSeconds(it Item) int64 { return w.idleSec(it.use) }

// SetIdle makes the item of k one that was last used some seconds ago, if the
// policy tracks that. k's shard is locked.
func (w *Worker) SetIdle(db int, k Key, seconds int64) {
	slot, _, ok := w.live(db, k)
	if !ok || !w.ks.TracksIdle() {
		return
	}
	slot.SetUse(slot.Use()&^idleMask | w.idleUse(min(seconds, w.NowMS/1000)))
}

// SetFrequency makes the item of k one that is used so often, if the policy
// tracks that. k's shard is locked.
func (w *Worker) SetFrequency(db int, k Key, f uint8) {
	if slot, _, ok := w.live(db, k); ok && w.ks.tracking() == store.TrackFrequency {
		slot.SetUse(w.withFrequency(slot.Use(), f))
	}
}

// ager is where a worker stands in going through the entries of its shards.
type ager struct {
	shard, db int
	pos       uint64
	startMS   int64 // when it began with the first shard
}

// age looks at as many entries of the worker's shards as the time since the last
// tick asks for.
func (w *Worker) age() {
	track, a := w.ks.tracking(), &w.ager
	own := (Shards - w.id + w.of - 1) / w.of
	if a.shard >= own && w.NowMS-a.startMS >= agePeriodMS {
		*a = ager{startMS: w.NowMS}
	}
	due := int(min(w.NowMS-a.startMS, agePeriodMS) * int64(own) / agePeriodMS)
	for n := 0; n < ageBatches && a.shard < due; n++ {
		w.ageBatch(track)
	}
}

// ageBatch looks at the next few buckets.
func (w *Worker) ageBatch(track store.Tracking) {
	a := &w.ager
	n := a.shard*w.of + w.id
	w.withShard(n, func(s *shard) {
		t := w.ks.table(n, a.db)
		for range ageBuckets {
			if t == nil || a.pos >= index.ScanEnd {
				a.pos, a.db = 0, a.db+1
				break
			}
			a.pos = t.Scan(a.pos, func(slot index.Slot) {
				if was := slot.Use(); w.aged(track, was) != was {
					slot.SetUse(w.aged(track, was))
				}
			})
		}
	})
	if a.db >= len(w.ks.number) {
		a.db = 0
		a.shard++
	}
}
