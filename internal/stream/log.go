package stream

import (
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/spinlock"
)

// Part is one request that was carried out.
type Part struct {
	DB      int    // the database it is about, AnyDB if that doesn't matter
	Request []byte // encoded as an array of bulk strings
}

// AnyDB is the database of a request that has the same effect in each, such as PUBLISH or MULTI.
const AnyDB = -1

const (
	blockMin = 4 << 10
	blockMax = 64 << 10

	// blocksInBacklog is how many blocks a backlog consists of, at least: by so much it is larger than asked for.
	blocksInBacklog = 16

	// restingBlocks is how many bytes of blocks are kept for reuse.
	restingBlocks = 1 << 20
)

// Log is the stream of writes.
type Log struct {
	wanted atomic.Bool
	relays atomic.Bool
	end    atomic.Int64 // offset of the last byte; written under lock
	first  atomic.Int64 // offset of the byte before the first that is kept
	mapped atomic.Int64 // bytes of the blocks there are
	size   atomic.Int64 // of the backlog

	lock    spinlock.Lock
	db      int // of the last request, AnyDB if who reads on can't know
	blocks  []block
	readers []*Reader
	idle    offheap.Blocks
}

// block is a piece of the log: b are the bytes behind offset from.
type block struct {
	from int64
	b    []byte
}

func (b *block) to() int64 { return b.from + int64(len(b.b)) }

// New returns a log that nobody reads, with a backlog of size bytes once it is opened.
func New(size int64) *Log {
	l := &Log{db: AnyDB}
	l.idle.Most = restingBlocks
	l.size.Store(size)
	return l
}

// Wanted reports whether what is appended is kept: somebody follows or may come back. If not, nobody need make
// anything to append.
func (l *Log) Wanted() bool { return l.wanted.Load() }

// End returns the offset of the last byte.
func (l *Log) End() int64 { return l.end.Load() }

// Open begins to keep what is appended.
func (l *Log) Open() {
	l.lock.Lock()
	defer l.lock.Unlock()
	if !l.wanted.Load() {
		l.db = AnyDB
		l.first.Store(l.end.Load())
		l.wanted.Store(true)
	}
}

// Close drops what is kept, and keeps nothing until Open. There is no reader.
func (l *Log) Close() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.wanted.Store(false)
	l.drop()
	l.idle.Close(offheap.Backlog)
}

// drop gives all blocks back. The lock is held.
func (l *Log) drop() {
	for i := range l.blocks {
		l.free(&l.blocks[i])
	}
	l.blocks = nil
	l.first.Store(l.end.Load())
}

func (l *Log) free(b *block) {
	l.mapped.Add(-int64(cap(b.b)))
	l.idle.Give(offheap.Backlog, b.b)
	b.b = nil
}

// Restart makes the log one that goes on behind an offset of which nothing is kept. Readers there are have nothing more
// to read, ever.
func (l *Log) Restart(offset int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, r := range l.readers {
		r.lost = true
	}
	l.readers = nil
	l.end.Store(offset)
	l.drop()
	l.db = AnyDB
}

// Reselect has the next request that is about a database be preceded by SELECT: somebody begins to read who
// does not know which was the last.
func (l *Log) Reselect() {
	l.lock.Lock()
	l.db = AnyDB
	l.lock.Unlock()
}

// Append appends requests, with nothing of anybody else between them, and SELECT where the database is another than that
// of the request before. Locks of shards may be held, and are for as long as what is appended tells of their keys.
// While the server is a replica itself that is nothing: its replicas are sent what its master sent.
func (l *Log) Append(parts []Part) {
	if !l.relays.Load() {
		l.add(parts)
	}
}

// RelayOnly says whether the log is that of a master, and has nothing but what Relay appends.
func (l *Log) RelayOnly(on bool) {
	l.lock.Lock()
	l.relays.Store(on)
	l.db = AnyDB
	l.lock.Unlock()
}

// add appends requests.
func (l *Log) add(parts []Part) {
	if !l.wanted.Load() {
		return
	}
	l.lock.Lock()
	if !l.wanted.Load() {
		l.lock.Unlock()
		return
	}
	for i := range parts {
		p := &parts[i]
		if p.DB != AnyDB && p.DB != l.db {
			var room [48]byte
			l.put(appendSelect(room[:0], p.DB))
			l.db = p.DB
		}
		l.put(p.Request)
	}
	l.trim()
	var room [8]*Reader
	wake := l.hungry(room[:0])
	l.lock.Unlock()
	for _, r := range wake {
		r.call()
	}
}

// Relay appends bytes of the stream of the master that this server is a replica of, as they came.
func (l *Log) Relay(b []byte) { l.add([]Part{{AnyDB, b}}) }

// appendSelect appends the request that selects a database.
func appendSelect(b []byte, db int) []byte {
	var room [20]byte
	digits := strconv.AppendInt(room[:0], int64(db), 10)
	b = append(b, "*2\r\n$6\r\nSELECT\r\n$"...)
	b = strconv.AppendInt(b, int64(len(digits)), 10)
	b = append(b, "\r\n"...)
	b = append(b, digits...)
	return append(b, "\r\n"...)
}

// put appends bytes. The lock is held.
func (l *Log) put(p []byte) {
	for len(p) > 0 {
		if n := len(l.blocks); n == 0 || len(l.blocks[n-1].b) == cap(l.blocks[n-1].b) {
			size := min(max(l.size.Load()/blocksInBacklog, blockMin), blockMax)
			b := l.idle.Take(offheap.Backlog, int(size))
			l.mapped.Add(int64(cap(b)))
			l.blocks = append(l.blocks, block{l.end.Load(), b[:0]})
		}
		last := &l.blocks[len(l.blocks)-1]
		n := min(cap(last.b)-len(last.b), len(p))
		last.b = append(last.b, p[:n]...)
		l.end.Add(int64(n))
		p = p[n:]
	}
}

// trim drops the blocks that nobody may read any more, and the readers who are too far behind. The lock is held.
func (l *Log) trim() {
	need := l.end.Load() - l.size.Load()
	if len(l.blocks) == 0 || l.blocks[0].to() > need {
		return
	}
	l.readers = slices.DeleteFunc(l.readers, func(r *Reader) bool {
		r.lost = r.limit > 0 && l.end.Load()-r.at > r.limit
		if !r.lost {
			need = min(need, r.at)
		}
		return r.lost
	})
	n := 0
	for n < len(l.blocks) && l.blocks[n].to() <= need {
		l.free(&l.blocks[n])
		n++
	}
	if n > 0 {
		l.blocks = slices.Delete(l.blocks, 0, n)
		l.first.Store(need)
		if len(l.blocks) > 0 {
			l.first.Store(l.blocks[0].from)
		}
	}
}

// Tidy gives back memory that is kept for reuse and was not reused since the last time.
func (l *Log) Tidy() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.idle.Trim(offheap.Backlog)
}

// Resize changes the size of the backlog.
func (l *Log) Resize(size int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.size.Store(size)
	l.trim()
}

// Size returns the size of the backlog as asked for, in bytes.
func (l *Log) Size() int64 { return l.size.Load() }

// Kept returns the offset of the first byte that is kept, and how many are.
func (l *Log) Kept() (first, bytes int64) {
	before := l.first.Load()
	return before + 1, l.end.Load() - before
}

// Mapped returns how much memory the log takes, in bytes.
func (l *Log) Mapped() int64 { return l.mapped.Load() }
