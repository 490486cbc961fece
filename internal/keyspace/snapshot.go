package keyspace

import (
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/rdb"
	"github.com/crucible-cache/crucible/internal/spinlock"
	"github.com/crucible-cache/crucible/internal/store"
)

// Snapshot is all databases as they were at one moment, encoded bit by bit while
// workers go on.
//
// Each item has the epoch of its last write, one bit. To begin, the keyspace
// changes its epoch with all shards locked; from then on an item of the old epoch
// is one to be saved. A walk saves and marks them, bucket by bucket. Whoever is
// about to change one first does that in its stead, to the backlog, as in
// Dragonfly's snapshots: each item is saved once, as it was at the beginning. What
// is evicted or expires before its turn is not saved.
//
// A large object is encoded in slices. Whoever changes it meanwhile encodes the
// rest first, and whoever changes one that the walk has not come to all of it:
// that takes about a millisecond for each megabyte, once in a snapshot.
//
// Next and Close are called by one goroutine.
type Snapshot struct {
	ks        *Keyspace
	databases []int // by table number, at the beginning
	Sizes     []DatabaseSize

	// Processed counts the keys that were saved. Any thread may read it.
	Processed atomic.Int64

	table, shard int // of the walk
	pos          uint64
	entries      []rdb.Entry // copied, to be encoded
	raw          []byte      // what they consist of
	large        []Key       // objects that wait for their turn, all of the shard
	current      atomic.Pointer[slicing]
	sliceKey     Key // of current
	written      int // the database that was last appended, -1 for none

	mu      spinlock.Lock
	backlog []byte
	waiting atomic.Int64 // bytes of backlog
	err     error        // why the snapshot is void, guarded by mu
	void    atomic.Bool
}

// DatabaseSize is how large a database was when the snapshot began.
type DatabaseSize struct {
	DB             int
	Keys, Expiring int64
}

// slicing is a large object that is being encoded. All but object is guarded by
// the lock of the object's shard.
type slicing struct {
	object object.Object
	walk   rdb.Walk
	rest   rdb.Encoder // what somebody else encoded
	done   bool
}

// Errors of a snapshot that can't be ended.
var (
	ErrFlushed = errors.New("keyspace: a database was emptied during a snapshot")
	errBacklog = errors.New("keyspace: keys are changed faster than the snapshot is written")
	errEnded   = errors.New("keyspace: the snapshot was ended")
	errTwo     = errors.New("keyspace: another snapshot is being taken")
)

const (
	// A lock is held for saveBuckets buckets or saveBytes bytes.
	saveBuckets = 64
	saveBytes   = 32 << 10

	// saveSliced is from how many bytes on an object is encoded in slices.
	saveSliced = 64 << 10

	// Workers that preserve what they change are slowed down to saveWait per
	// command while the backlog has more than saveBacklog bytes; at four times
	// that the snapshot is given up.
	saveBacklog = 32 << 20
	saveWait    = time.Millisecond
)

// BeginSnapshot begins one. No shard is locked, or all.
func (w *Worker) BeginSnapshot() (*Snapshot, error) {
	ks := w.ks
	s := &Snapshot{ks: ks, databases: make([]int, len(ks.number)), written: -1}
	if !w.held.all {
		w.LockAll()
		defer w.Unlock()
	}
	if !ks.snapshot.CompareAndSwap(nil, s) {
		return nil, errTwo
	}
	for db, number := range ks.number {
		s.databases[number] = db
		size := DatabaseSize{DB: db}
		for i := range ks.shards {
			if t := ks.numbered(i, number); t != nil {
				size.Keys += int64(t.Len())
				size.Expiring += int64(t.expires)
			}
		}
		if size.Keys > 0 {
			s.Sizes = append(s.Sizes, size)
		}
	}
	ks.epoch ^= 1
	return s, nil
}

// Next appends more of the snapshot, some tens of kilobytes unless a value is
// larger, and reports whether that was all. No shard is locked, or all.
func (s *Snapshot) Next(w *Worker, e *rdb.Encoder) (done bool, err error) {
	if s.void.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
		return false, s.err
	}
	switch {
	case s.current.Load() != nil:
		s.slice(w, e)
	case len(s.large) > 0:
		s.open(w, e)
	case s.table < len(s.databases):
		s.scan(w)
		s.encode(e)
	default:
		done = true
	}
	if s.current.Load() == nil && s.waiting.Load() > 0 {
		s.mu.Lock()
		e.B = append(e.B, s.backlog...)
		s.backlog = s.backlog[:0]
		s.waiting.Store(0)
		s.mu.Unlock()
		s.written = -1
	}
	return done, nil
}

// Close ends a snapshot, whether all of it was taken or not. What was not saved
// is marked all the same, so that another may begin.
func (s *Snapshot) Close(w *Worker) {
	s.spoil(errEnded)
	if s.current.Load() != nil {
		s.large = append(s.large, s.sliceKey)
		s.current.Store(nil)
	}
	for _, k := range s.large {
		w.withShard(k.shard(), func(*shard) {
			if _, it, ok := s.find(w, k); ok && it.Epoch() != s.ks.epoch {
				it.FlipEpoch()
			}
		})
	}
	s.large = nil
	for s.table < len(s.databases) {
		s.scan(w)
		s.entries, s.raw, s.large = s.entries[:0], s.raw[:0], nil
	}
	s.ks.snapshot.Store(nil)
}

// Abandon makes the snapshot void: who takes it is told by Next. Any thread may call it.
func (s *Snapshot) Abandon() { s.spoil(errEnded) }

// Void reports whether nothing will come of the snapshot any more.
func (s *Snapshot) Void() bool { return s.void.Load() }

// spoil makes the snapshot void.
func (s *Snapshot) spoil(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.backlog = nil
	s.waiting.Store(0)
	s.void.Store(true)
	s.mu.Unlock()
}

// spoilSnapshot makes a snapshot that is being taken void, because a database is
// emptied. All shards are locked.
func (w *Worker) spoilSnapshot() {
	if s := w.ks.snapshot.Load(); s != nil {
		s.spoil(ErrFlushed)
	}
}

// scan copies what is next to be saved and marks it.
func (s *Snapshot) scan(w *Worker) {
	if s.shard == Shards {
		s.shard = 0
		s.table++
		return
	}
	void := s.void.Load()
	w.withShard(s.shard, func(sh *shard) {
		t := s.ks.numbered(s.shard, uint8(s.table))
		for n := 0; t != nil && s.pos < index.ScanEnd && n < saveBuckets && len(s.raw) < saveBytes; n++ {
			s.pos = t.Scan(s.pos, func(slot index.Slot) {
				it := s.ks.arena.Item(store.Loc(slot.Place()))
				if it.Epoch() != s.ks.epoch {
					s.see(w, it, void)
				}
			})
		}
		if t == nil || s.pos >= index.ScanEnd {
			s.pos = 0
			s.shard++
		}
	})
}

// see takes an item of the old epoch. Its shard is locked.
func (s *Snapshot) see(w *Worker, it store.Item, void bool) {
	if void || w.expired(it) {
		it.FlipEpoch()
		return
	}
	k := w.Key(it.Name())
	if it.Encoding() == EncodingObject && w.Object(k, Item{Item: it}).Bytes() > saveSliced {
		// Its turn is after that of the bucket, which lies still only now.
		s.large = append(s.large, Key{append([]byte(nil), k.Name...), k.hash})
		return
	}
	it.FlipEpoch()
	x := w.entryOf(k, it)
	if it.Encoding() == EncodingObject {
		n := len(s.raw)
		e := rdb.Encoder{B: s.raw}
		e.Entry(&x)
		s.raw = e.B
		x = rdb.Entry{Value: rdb.Value{Form: rdb.Large, Bytes: s.raw[n:]}}
	} else {
		x.Name, x.Value.Bytes = s.keep(x.Name), s.keep(x.Value.Bytes)
	}
	s.entries = append(s.entries, x)
}

// keep copies bytes that are about to change.
func (s *Snapshot) keep(b []byte) []byte {
	n := len(s.raw)
	s.raw = append(s.raw, b...)
	return s.raw[n:len(s.raw):len(s.raw)]
}

// entryOf describes an item, with memory of its own. Its shard is locked.
func (w *Worker) entryOf(k Key, it store.Item) rdb.Entry {
	return rdb.Entry{
		Name: it.Name(), Value: w.Value(k, Item{Item: it}),
		ExpireAt: it.ExpireAt(), Flags: it.Flags(),
	}
}

// encode appends what was copied. Nothing need be locked.
func (s *Snapshot) encode(e *rdb.Encoder) {
	for i := range s.entries {
		x := &s.entries[i]
		s.database(e)
		if x.Value.Form == rdb.Large { // encoded when it was seen
			e.B = append(e.B, x.Value.Bytes...)
		} else {
			e.Entry(x)
		}
	}
	s.Processed.Add(int64(len(s.entries)))
	clear(s.entries)
	s.entries, s.raw = s.entries[:0], s.raw[:0]
	if cap(s.raw) > 16*saveBytes {
		s.raw = nil
	}
}

// database appends that of the walk, with its size the first time.
func (s *Snapshot) database(e *rdb.Encoder) {
	db := s.databases[min(s.table, len(s.databases)-1)]
	if s.written == db {
		return
	}
	s.written = db
	e.Database(db)
	for i, size := range s.Sizes {
		if size.DB == db {
			e.Sizes(size.Keys, size.Expiring)
			s.Sizes[i].DB = -1
		}
	}
}

// open begins with the next large object, if it is still to be saved.
func (s *Snapshot) open(w *Worker, e *rdb.Encoder) {
	k := s.large[0]
	s.large = s.large[1:]
	w.withShard(k.shard(), func(sh *shard) {
		_, it, ok := s.find(w, k)
		if !ok || it.Epoch() == s.ks.epoch {
			return
		}
		s.database(e)
		s.Processed.Add(1)
		x := w.entryOf(k, it)
		if t, isTable := x.Value.Object.(*object.Table); x.Value.Form != rdb.Large || isTable && t.Expiring() > 0 {
			// Fields that expire go without asking: such a hash is not sliced.
			it.FlipEpoch()
			e.Entry(&x)
			return
		}
		e.Begins(&x)
		c := &slicing{object: x.Value.Object}
		c.rest.Compress = e.Compress
		c.walk = e.Begin(&x.Value)
		s.current.Store(c)
	})
	s.sliceKey = k
}

// find returns k's item of the table that the walk is at, whose shard is locked.
func (s *Snapshot) find(w *Worker, k Key) (index.Slot, store.Item, bool) {
	return w.find(s.ks.numbered(k.shard(), uint8(s.table)), k)
}

// slice goes on with the object that is being encoded.
func (s *Snapshot) slice(w *Worker, e *rdb.Encoder) {
	c := s.current.Load()
	w.withShard(s.sliceKey.shard(), func(sh *shard) {
		if !c.done {
			if c.done = e.Continue(&c.walk, saveBytes); !c.done {
				return
			}
			if _, it, ok := s.find(w, s.sliceKey); ok && it.Epoch() != s.ks.epoch {
				it.FlipEpoch()
			}
		}
		e.B = append(e.B, c.rest.B...)
		s.current.Store(nil)
	})
}

// finish encodes the rest of an object that is about to change, if it is being
// encoded, and reports whether it is. Its shard is locked.
func (s *Snapshot) finish(o object.Object) bool {
	c := s.current.Load()
	if c == nil || c.object != o {
		return false
	}
	if !c.done && !s.void.Load() {
		c.rest.Continue(&c.walk, math.MaxInt)
	}
	c.done = true
	return true
}

// Saving reports whether a snapshot is being taken. Any thread may ask.
func (w *Worker) Saving() bool { return w.ks.snapshot.Load() != nil }

// Preserve saves what k holds, if a snapshot is being taken that has not got it
// yet, before it is changed in place. k's shard is locked.
func (w *Worker) Preserve(db int, k Key) {
	if _, it, ok := w.find(w.ks.table(k.shard(), db), k); ok && it.Epoch() != w.ks.epoch {
		w.preserve(k, it)
	}
}

// preserve saves an item of the old epoch, which is about to change. Its shard is
// locked.
func (w *Worker) preserve(k Key, it store.Item) {
	s := w.ks.snapshot.Load()
	it.FlipEpoch()
	if s == nil || s.void.Load() || w.expired(it) {
		return
	}
	x := w.entryOf(k, it)
	if x.Value.Object != nil && s.finish(x.Value.Object) {
		return
	}
	if w.encoder == nil {
		w.encoder = &rdb.Encoder{}
	}
	e := w.encoder
	e.B = e.B[:0]
	e.Database(s.databases[it.Table()])
	e.Entry(&x)
	s.mu.Lock()
	if s.err == nil {
		s.backlog = append(s.backlog, e.B...)
		s.waiting.Store(int64(len(s.backlog)))
	}
	s.mu.Unlock()
	s.Processed.Add(1)
	w.preserved = true
	if cap(e.B) > saveSliced {
		e.B = nil
	}
}

// awaitSnapshot slows down a worker that has preserved something, as long as what
// waits to be written is too much. No shard is locked.
func (w *Worker) awaitSnapshot() {
	s := w.ks.snapshot.Load()
	if s == nil {
		return
	}
	switch n := s.waiting.Load(); {
	case n > 4*saveBacklog+w.ks.maxmemory.Load()/8:
		s.spoil(errBacklog)
	case n > saveBacklog:
		time.Sleep(saveWait)
	}
}

// NewSaver returns a worker that takes snapshots and does nothing else.
func (ks *Keyspace) NewSaver() *Worker { return &Worker{ks: ks, of: 1} }

// LastCAS returns a number that no unique number is above.
func (ks *Keyspace) LastCAS() uint64 { return ks.casBlock.Load() }

// SkipCAS makes unique numbers go on above n, which clients may still hold.
func (ks *Keyspace) SkipCAS(n uint64) {
	if ks.casBlock.Load() < n {
		ks.casBlock.Store(n)
	}
}
