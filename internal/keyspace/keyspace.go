package keyspace

import (
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/prefetch"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// The index and the stores have the same idea of a place.
const (
	_ = uint(index.PlaceBits - store.LocBits)
	_ = uint(store.LocBits - index.PlaceBits)
)

// Shards is the number of shards: well above any core count, so that loops
// seldom meet at one.
const Shards = 1 << index.ShardBits

// MaxDatabases is how many databases an item's header can tell apart.
const MaxDatabases = 256

// Config says how a keyspace is laid out.
type Config struct {
	Databases   int
	Maxmemory   int64 // bytes the process may hold resident
	Ceiling     int64 // the most Maxmemory may be raised to later, bytes
	SegmentSize int   // bytes, a power of two

	Backend string // where items lie; "" is segment
	Policy  string // what is evicted when memory is full; "" is noeviction

	SlabGrowthPercent int // see slab.Options; 0 is the default
	SmallQueuePercent int // of memory, for items that were not used yet; 0 is the default
}

// Item is a view of a stored item; see the package comment for how long it is valid.
type Item struct {
	store.Item
	use uint16 // see use.go
}

// Type is what kind of value a key holds.
type Type = store.Type

// TypeString is a string of bytes.
const TypeString = store.TypeString

// Key is the name of a key with its hash, computed once per request.
type Key struct {
	Name []byte
	hash uint64
}

// Hash is where the key is found: equal keys have equal ones, as long as the
// process runs.
func (k Key) Hash() uint64 { return k.hash }

func (k Key) shard() int { return int(k.hash >> (64 - index.ShardBits)) }

// shard is the part of all databases whose keys hash to it. Everything in it
// is guarded by lock. It is a cache line.
type shard struct {
	lock      spinlock.Lock
	broadcast bool // every write is told of
	followed  bool // likewise, and every loss
	heeded    bool // see heed
	watched   map[watchedKey][]watch
	objects   *objects // large collections, nil until there is one
	waiters   *waiters // nil while there are none
	tracked   map[string][]Tracker
	timed     []timedKey
}

// table is the share that one shard has of one database. What a lookup needs comes first.
type table struct {
	index.Index
	expires int // items with a time to live
	timed   int // hashes of which a field has one
	crawl   uint64
	sizes   *histogram
	_       [tableLines*prefetch.LineSize - 32 - unsafe.Sizeof(index.Index{})]byte // begins a cache line
}

// tableLines is how many cache lines a table takes.
const tableLines = 3

// database is what all shards have of one: a lookup goes from its number to a table without
// a step in between.
type database struct {
	space  *index.Space
	tables [Shards]table
}

// Keyspace is the set of all databases.
type Keyspace struct {
	seed   maphash.Seed
	shards [Shards]shard

	// number maps a database to its table number, so that SWAPDB need not
	// touch items. Read with any shard locked, written with all of them.
	number    []uint8
	databases []atomic.Pointer[database] // by table number; nil until first used
	making    spinlock.Lock              // of databases

	extending atomic.Int32 // see Extend
	frozen    atomic.Int32 // see Freeze
	kept      atomic.Bool  // see Keep
	occupied  atomic.Bool  // see Occupy

	arena   *store.Arena
	backend store.Backend
	heap    *object.Heap
	reaper  reaper
	policy  atomic.Pointer[store.Policy]
	track   atomic.Uint32 // the policy's Tracking, read at every use
	scale   atomic.Pointer[frequencyScale]

	tracked  tracking
	events   atomic.Uint32 // the classes that observer is told of
	observer Observer
	// epoch is that of items which need not be saved any more. Read with any
	// shard locked, written with all of them.
	epoch    uint8
	snapshot atomic.Pointer[Snapshot] // the one being taken

	ceiling   int64
	maxmemory atomic.Int64
	foreign   atomic.Int64 // resident bytes outside offheap, as last measured
	divided   atomic.Int64 // of heap, when memory was last divided
	casBlock  atomic.Uint64

	lazy atomic.Bool // no active expiry, see SetActiveExpire
}

// New makes an empty keyspace.
func New(c Config) (*Keyspace, error) {
	if c.Databases < 1 || c.Databases > MaxDatabases {
		return nil, fmt.Errorf("databases %d: want 1 to %d", c.Databases, MaxDatabases)
	}
	c.Ceiling = max(c.Ceiling, c.Maxmemory)
	arena, err := store.NewArena(c.Ceiling, c.SegmentSize)
	if err != nil {
		return nil, err
	}
	heap, err := object.NewHeap(c.Ceiling)
	if err != nil {
		arena.Close()
		return nil, err
	}
	ks := &Keyspace{
		heap:      heap,
		seed:      maphash.MakeSeed(),
		number:    make([]uint8, c.Databases),
		databases: make([]atomic.Pointer[database], c.Databases),
		arena:     arena,
		ceiling:   c.Ceiling,
	}
	ks.scale.Store(&defaultScale)
	for db := range ks.number {
		ks.number[db] = uint8(db)
	}
	if err := ks.openBackend(c); err != nil {
		arena.Close()
		heap.Close()
		return nil, err
	}
	ks.SetMaxmemory(c.Maxmemory)
	return ks, nil
}

// Close unmaps everything. No worker may be in use any more.
func (ks *Keyspace) Close() {
	for i := range ks.databases {
		if d := ks.databases[i].Load(); d != nil {
			for n := range d.tables {
				d.tables[n].Reset()
			}
			d.space.Close()
		}
	}
	ks.arena.Close()
	ks.heap.Close()
}

// Databases returns how many databases there are.
func (ks *Keyspace) Databases() int { return len(ks.number) }

// Key hashes name. The Key is valid as long as name is.
func (ks *Keyspace) Key(name []byte) Key {
	return Key{name, maphash.Bytes(ks.seed, name)}
}

// table returns the table of db in shard n, nil if db was never written to.
func (ks *Keyspace) table(n, db int) *table { return ks.numbered(n, ks.number[db]) }

// numbered is table for the number that an item has.
func (ks *Keyspace) numbered(n int, number uint8) *table {
	if d := ks.databases[number].Load(); d != nil {
		return &d.tables[n]
	}
	return nil
}

// reach returns the table of db in shard n, made if need be.
func (ks *Keyspace) reach(n, db int) *table {
	if t := ks.table(n, db); t != nil {
		return t
	}
	return &ks.makeDatabase(ks.number[db]).tables[n]
}

func (ks *Keyspace) makeDatabase(number uint8) *database {
	ks.making.Lock()
	defer ks.making.Unlock()
	if d := ks.databases[number].Load(); d != nil {
		return d
	}
	space, err := index.NewSpace(Shards, ks.ceiling)
	if err != nil {
		// Address space for every database is some hundred terabytes away
		// from being exhausted; a limit on it is refused by New for the first.
		panic(err)
	}
	d := &database{space: space}
	sizes := make([]histogram, Shards)
	for n := range d.tables {
		d.tables[n].sizes = &sizes[n]
		d.tables[n].Index = space.Index(n, ks.hashAt)
	}
	ks.databases[number].Store(d)
	return d
}

// hashAt returns the hash of the key of the item at place.
func (ks *Keyspace) hashAt(place uint64) uint64 {
	return maphash.Bytes(ks.seed, ks.arena.Item(store.Loc(place)).Name())
}

// Len returns the number of keys in db, expired ones included until they are
// collected.
func (w *Worker) Len(db int) (n int64) {
	w.eachTable(db, func(t *table) { n += int64(t.Len()) })
	return n
}

// Expires returns how many keys in db have a time to live.
func (w *Worker) Expires(db int) (n int64) {
	w.eachTable(db, func(t *table) { n += int64(t.expires) })
	return n
}

// TimedHashes returns how many hashes in db have a field with a time to live.
func (w *Worker) TimedHashes(db int) (n int64) {
	w.eachTable(db, func(t *table) { n += int64(t.timed) })
	return n
}

// eachTable visits the tables of db with their shards locked, one at a time
// unless all are held.
func (w *Worker) eachTable(db int, visit func(*table)) {
	for i := range w.ks.shards {
		w.withShard(i, func(s *shard) {
			if t := w.ks.table(i, db); t != nil {
				visit(t)
			}
		})
	}
}

// Flush empties db. All shards are locked.
func (w *Worker) Flush(db int) {
	w.flush(db)
	w.forgetTracked()
}

func (w *Worker) flush(db int) {
	w.spoilSnapshot()
	for i := range w.ks.shards {
		s := &w.ks.shards[i]
		w.touchDatabase(s, db)
		s.wakeDatabase(db)
		if t := w.ks.table(i, db); t != nil && t.Len() > 0 {
			w.clear(t)
		}
	}
}

// clear removes every item of t and frees its memory.
func (w *Worker) clear(t *table) {
	for pos := uint64(0); pos < index.ScanEnd; {
		pos = t.Scan(pos, func(s index.Slot) {
			loc := store.Loc(s.Place())
			it := w.ks.arena.Item(loc)
			if it.Encoding() == EncodingObject {
				w.ks.reaper.take(w.detach(w.Key(it.Name()).hash, it))
			}
			w.ks.backend.Free(loc, it.Size())
		})
	}
	t.Reset()
	t.expires, t.timed, *t.sizes = 0, 0, histogram{}
}

// FlushAll empties every database. All shards are locked.
func (w *Worker) FlushAll() {
	for db := range w.ks.number {
		w.flush(db)
	}
	w.forgetTracked()
}

// Swap exchanges two databases. All shards are locked.
func (w *Worker) Swap(a, b int) {
	for i := range w.ks.shards {
		w.touchSwapped(&w.ks.shards[i], a, b)
		w.ks.shards[i].wakeDatabase(a)
		w.ks.shards[i].wakeDatabase(b)
	}
	n := w.ks.number
	n[a], n[b] = n[b], n[a]
}

// Resident returns the bytes of the process that count against maxmemory: what
// is mapped here and what was last measured elsewhere.
func (ks *Keyspace) Resident() int64 { return offheap.Total() + ks.foreign.Load() }

// Foreign returns the bytes that SetForeign was last told of.
func (ks *Keyspace) Foreign() int64 { return ks.foreign.Load() }
