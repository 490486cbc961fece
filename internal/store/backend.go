package store

import "github.com/crucible-cache/crucible/internal/metrics"

// Backend decides where items lie and which of them go when memory is full.
// The package comment says what an implementation must do.
type Backend interface {
	// NewWriter returns a writer for one loop, with keys to ask about items.
	NewWriter(keys Keys) Writer

	// Free tells that the item of size bytes at loc left the index. Its shard
	// is locked.
	Free(loc Loc, size int)

	// Resize asks whether the item at loc, which takes from bytes, may take to
	// bytes where it lies; they differ. If it says yes the accounting is done
	// and what is no longer covered is filled; the caller writes the header
	// next. Its shard is locked.
	Resize(loc Loc, from, to int) bool

	// Takes returns how many bytes of memory an item of size bytes takes here.
	Takes(size int) int

	// SetPolicy chooses what is evicted. The error names what there is.
	SetPolicy(name string) (Policy, error)

	// Policies lists the names that SetPolicy takes, the default first.
	Policies() []string

	// Usage reports what is stored.
	Usage() Usage

	// Check reports the first thing in the bookkeeping that does not add up.
	// Nothing else may run meanwhile.
	Check() error
}

// Writer places items for one loop and empties memory on its behalf.
type Writer interface {
	// Alloc returns memory for an item of size bytes, a multiple of Align. The
	// caller formats it before it unlocks the shard of its key. Shards are locked.
	Alloc(size int, h Hint) Loc

	// Reclaim does a bounded step of making room: it walks about budget bytes of
	// items, a whole segment if budget is not positive. It reports false when
	// nothing can be had: all that is stored is live and may not be evicted. No
	// shard is locked.
	Reclaim(budget int) bool

	// Tick does housekeeping about ten times a second, such as recycling what
	// expired as a whole. No shard is locked.
	Tick(nowMS int64)

	// Fits reports whether Alloc can place an item of about n bytes, all told,
	// without taking a segment from the arena.
	Fits(n int) bool

	// Ahead is called after a command that wrote, with no shard locked: it may
	// do a small share of the work that Reclaim will soon be asked for, so that
	// no request has to wait for all of it.
	Ahead()

	// Seal gives up what the writer keeps for itself, so that all that is not
	// live can be reclaimed. For tests and before a writer is dropped.
	Seal()

	// Counts are the writer's counters.
	Counts() *Counts
}

// Counts counts what a writer did. Its thread adds; anyone may read.
type Counts struct {
	Evicted metrics.Counter // items evicted to make room
	Moved   metrics.Counter // items moved to make room
	Cleaned metrics.Counter // segments emptied without evicting
	Dropped metrics.Counter // segments emptied by evicting
	Expired metrics.Counter // segments recycled because all in them was over
}

// Hint is what Alloc may take into account.
type Hint struct {
	NowMS    int64 // the writer's clock, unix milliseconds
	ExpireAt int64 // unix ms, 0 = never
	Ghost    bool  // the key was evicted not long ago, and is back
}

// Keys is the keyspace as a writer sees it.
type Keys interface {
	// Visit calls decide for the item at loc if it is indexed and not expired,
	// and does as decide says. No shard is locked.
	Visit(loc Loc, decide func(Entry) Fate)

	// Sample shows ask a few items, picked at random from all, perhaps none.
	// No shard is locked.
	Sample(ask func(Entry))
}

// Entry is a stored item as decide sees it, its shard locked.
type Entry struct {
	Item      Item
	Size      int   // bytes a copy of it takes, at most what it takes now
	ExpireAt  int64 // unix ms, 0 = never
	Frequency uint8 // how often it was used, in the unit of the policy's Tracking
	IdleSec   int64 // since it was last used, if the policy tracks that
}

// Fate is what becomes of an item.
type Fate struct {
	Do        Verb
	To        Loc   // for Move: where, from Alloc with Entry.Size
	Frequency uint8 // for Keep and Move: its frequency from now on
	Ghost     bool  // for Evict: remember that the key was here
}

// Verb says what to do with an item.
type Verb uint8

// What can become of an item.
const (
	Keep  Verb = iota // it stays where it is
	Move              // it goes to Fate.To
	Evict             // it leaves the index
)

// Usage is what a backend holds, for reports.
type Usage struct {
	Segments  int   // in use, those that writers have open not counted
	LiveBytes int64 // of indexed items
}

// Tracking says what the index remembers of the use of an item.
type Tracking uint8

// The ways to remember use.
const (
	// TrackFew counts uses up to FewUses, of which only a policy takes some off,
	// and remembers when an item was last used.
	TrackFew Tracking = iota
	// TrackFrequency counts uses on a logarithmic scale that decays with time.
	TrackFrequency
	// TrackIdle remembers when an item was last used.
	TrackIdle
)

// FewUses is where TrackFew stops counting.
const FewUses = 3

// FreshFrequency is the frequency that an item starts with under TrackFrequency.
// It sinks below with time.
const FreshFrequency = 5

// Policy is what the keyspace needs to know about an eviction policy.
type Policy struct {
	Name         string
	Evicts       bool // something is evicted when memory is full
	VolatileOnly bool // but nothing without a time to live
	Track        Tracking
}
