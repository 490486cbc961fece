package stream

import (
	"slices"
	"sort"
	"sync/atomic"
)

// Reader is a place in the log from which somebody reads on. What is behind it is kept until it is closed.
type Reader struct {
	log    *Log
	at     int64       // offset of the last byte that was read; changed under the log's lock
	lost   bool        // what it would read is gone; under the log's lock
	limit  int64       // how far it may be behind, 0 for any distance; under the log's lock
	called atomic.Bool // it was told that there is more
	call   func()
}

// Read returns a reader of what comes behind the offset, or nil if that is not all kept. When it has read everything
// and there is more, call is called, once until the reader has read on; it runs on the thread of who appends, with
// shards locked, so it must not wait.
func (l *Log) Read(offset int64, call func()) *Reader {
	l.lock.Lock()
	defer l.lock.Unlock()
	if !l.wanted.Load() || offset < l.first.Load() || offset > l.end.Load() {
		return nil
	}
	return l.join(offset, call)
}

// ReadOn returns a reader of what is appended from now on, and its offset.
func (l *Log) ReadOn(call func()) (*Reader, int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	end := l.end.Load()
	l.db = AnyDB
	return l.join(end, call), end
}

// join enters a reader, that nothing is to call before it has read. The lock is held.
func (l *Log) join(offset int64, call func()) *Reader {
	r := &Reader{log: l, at: offset, call: call}
	r.called.Store(true)
	l.readers = append(l.readers, r)
	return r
}

// hungry appends the readers who wait for more and are to be woken. The lock is held.
func (l *Log) hungry(to []*Reader) []*Reader {
	for _, r := range l.readers {
		if !r.called.Load() && r.called.CompareAndSwap(false, true) {
			to = append(to, r)
		}
	}
	return to
}

// Next returns what can be read in one piece, nothing if there is nothing yet: then the reader is called when there
// is. The bytes stay until Skip.
func (r *Reader) Next() []byte {
	l := r.log
	l.lock.Lock()
	defer l.lock.Unlock()
	if r.lost {
		return nil
	}
	if r.at == l.end.Load() {
		r.called.Store(false)
		return nil
	}
	i := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].to() > r.at })
	b := &l.blocks[i]
	return b.b[r.at-b.from:]
}

// Skip says that n bytes of what Next returned were read.
func (r *Reader) Skip(n int) {
	l := r.log
	l.lock.Lock()
	defer l.lock.Unlock()
	if !r.lost {
		r.at += int64(n)
		l.trim()
	}
}

// Behind returns how many bytes there are that were not read yet.
func (r *Reader) Behind() int64 {
	l := r.log
	l.lock.Lock()
	defer l.lock.Unlock()
	if r.lost {
		return 0
	}
	return l.end.Load() - r.at
}

// Limit says how many bytes the reader may be behind, 0 for any number. One that is further behind, and
// than the backlog reaches, is lost.
func (r *Reader) Limit(bytes int64) {
	r.log.lock.Lock()
	r.limit = bytes
	r.log.lock.Unlock()
}

// Lost reports whether the reader can't go on: it is over its limit, or the log was restarted.
func (r *Reader) Lost() bool {
	r.log.lock.Lock()
	defer r.log.lock.Unlock()
	return r.lost
}

// Close ends the reader.
func (r *Reader) Close() {
	l := r.log
	l.lock.Lock()
	defer l.lock.Unlock()
	if i := slices.Index(l.readers, r); i >= 0 {
		l.readers = slices.Delete(l.readers, i, i+1)
	}
	l.trim()
}
