// Package protocol holds what the wire protocols share: the Output that
// replies are appended to. The protocols themselves are the sub-packages resp
// and memcache, pure functions from bytes to requests and from values to bytes.
//
// An Output belongs to one connection and is touched only by the thread that
// runs the connection's loop. Its chunks are mapped outside the Go heap and do
// not move, so the kernel may read from them while the session appends more.
package protocol

import "github.com/crucible-cache/crucible/internal/offheap"

// Output is the queue of reply bytes of one connection. A session appends to
// its tail; the engine sends from its front and discards what was sent. An
// empty Output holds no chunk, so an idle connection costs no buffer.
type Output struct {
	// Bound is asked, where it is not nil, for each chunk beyond the first, how many bytes may
	// wait here before what is appended is dropped; 0 is no bound but the pool's.
	Bound Bounder

	pool   *Pool
	chunks []chunk // front first; the last one is appended to
	sent   int     // bytes of chunks[0] that were discarded
	size   int     // bytes pending
	scrap  bool    // the last chunk takes what is appended and forgets it

	low   int    // size at which below is called
	below func() // nil = nobody asked
}

// Bounder says how much may wait in an Output, in bytes.
type Bounder interface{ OutputBound() int }

// chunk is a piece of mapped memory; len(b) is how much of it is filled.
type chunk struct{ b []byte }

// NewOutput returns an empty Output that takes its chunks from pool.
func NewOutput(pool *Pool) *Output { return &Output{pool: pool} }

// Len returns the number of bytes that wait to be sent.
func (o *Output) Len() int { return o.size }

// Reserve returns the tail of the output with room for at least n more bytes,
// n at most MaxReserve. The caller appends to it and hands the result to Commit.
func (o *Output) Reserve(n int) []byte {
	if k := len(o.chunks); k > 0 {
		if b := o.chunks[k-1].b; cap(b)-len(b) >= n {
			return b
		}
	}
	return o.grow(n)
}

// Extend lengthens the output by n bytes, at most MaxReserve, and returns them for the
// caller to fill, all of them.
func (o *Output) Extend(n int) []byte {
	if k := len(o.chunks); k > 0 {
		c := &o.chunks[k-1]
		if at := len(c.b); cap(c.b)-at >= n {
			c.b = c.b[:at+n]
			o.size += n
			return c.b[at:]
		}
	}
	b := o.grow(n)
	at := len(b)
	b = b[:at+n]
	o.Commit(b)
	return b[at:]
}

// grow adds a chunk. A single command may have a reply larger than memory; once
// the output is over its bound or the limit of the pool what follows is written to one
// chunk over and over, and the connection can only be closed.
func (o *Output) grow(n int) []byte {
	switch {
	case o.scrap:
		last := len(o.chunks) - 1
		b := o.chunks[last].b
		o.size -= len(b)
		if cap(b) >= n {
			o.chunks[last].b = b[:0]
			return b[:0]
		}
		o.pool.give(b)
		o.chunks = o.chunks[:last]
	case len(o.chunks) > 0 && o.over():
		o.scrap = true
	}
	b := o.pool.take(n)
	o.chunks = append(o.chunks, chunk{b})
	return b
}

// over reports whether nothing more is to be kept.
func (o *Output) over() bool {
	if o.pool.Limit > 0 && o.size >= o.pool.Limit {
		return true
	}
	if o.Bound == nil {
		return false
	}
	bound := o.Bound.OutputBound()
	return bound > 0 && o.size >= bound
}

// Overflowed reports whether something that was appended is lost, for the output
// was over its bound or the limit of its pool.
func (o *Output) Overflowed() bool { return o.scrap }

// Commit takes back the slice that Reserve returned, appended to in place.
func (o *Output) Commit(b []byte) {
	tail := &o.chunks[len(o.chunks)-1]
	o.size += len(b) - len(tail.b)
	tail.b = b
}

// Write appends p, over as many chunks as it takes.
func (o *Output) Write(p []byte) {
	for {
		b := o.Reserve(1)
		n := copy(b[len(b):cap(b)], p)
		o.Commit(b[:len(b)+n])
		if p = p[n:]; len(p) == 0 {
			return
		}
		if o.scrap {
			return
		}
		if len(p) >= chunkSize {
			o.grow(len(p))
		}
	}
}

// WriteString appends s.
func (o *Output) WriteString(s string) {
	if len(s) <= MaxReserve {
		o.Commit(append(o.Reserve(len(s)), s...))
		return
	}
	o.Write([]byte(s))
}

// Hole is room for a line that must stand before what is known only after it.
type Hole struct{ chunk, at int }

// HoleSize is the room of a Hole in bytes.
const HoleSize = 24

// Hole leaves room at the tail for a line that Plug puts there.
func (o *Output) Hole() Hole {
	b := o.Reserve(HoleSize)
	h := Hole{len(o.chunks) - 1, len(b)}
	o.Commit(b[:len(b)+HoleSize])
	return h
}

// Plug writes a line of at most HoleSize bytes into a hole and closes up what is
// left of it. Nothing may have been discarded since the hole was made.
func (o *Output) Plug(h Hole, line []byte) {
	if o.scrap {
		return // it may be gone, and nothing of this is sent
	}
	b := o.chunks[h.chunk].b
	copy(b[h.at:], line)
	copy(b[h.at+len(line):], b[h.at+HoleSize:])
	o.chunks[h.chunk].b = b[:len(b)-HoleSize+len(line)]
	o.size -= HoleSize - len(line)
}

// Front returns the first contiguous run of pending bytes, nil when there are
// none. The memory stays valid and unchanged until Discard passes over it,
// whatever is appended meanwhile.
func (o *Output) Front() []byte {
	if len(o.chunks) == 0 {
		return nil
	}
	return o.chunks[0].b[o.sent:]
}

// Vector appends to dst the pending runs in order, at most limit of them.
func (o *Output) Vector(dst [][]byte, limit int) [][]byte {
	skip := o.sent
	for i := 0; i < len(o.chunks) && i < limit; i++ {
		if b := o.chunks[i].b[skip:]; len(b) > 0 {
			dst = append(dst, b)
		}
		skip = 0
	}
	return dst
}

// Discard drops the first n pending bytes, which were sent, and gives chunks
// that are done back to the pool.
func (o *Output) Discard(n int) {
	o.size -= n
	done := 0
	for done < len(o.chunks) {
		left := len(o.chunks[done].b) - o.sent
		if n < left {
			break
		}
		n -= left
		o.pool.give(o.chunks[done].b)
		o.sent = 0
		done++
	}
	o.sent += n
	if done > 0 {
		o.chunks = o.chunks[:copy(o.chunks, o.chunks[done:])]
	}
	if o.below != nil && o.size <= o.low {
		fn := o.below
		o.below = nil
		fn()
	}
}

// Below has fn called once, when no more than n bytes wait to be sent: at once, or
// by Discard. One who has much to send appends it piece by piece like that.
func (o *Output) Below(n int, fn func()) {
	if o.size <= n {
		fn()
		return
	}
	o.low, o.below = n, fn
}

// Truncate drops everything appended after mark, a value that Len returned
// earlier with nothing discarded since.
func (o *Output) Truncate(mark int) {
	for o.size > mark {
		tail := &o.chunks[len(o.chunks)-1]
		floor := 0
		if len(o.chunks) == 1 {
			floor = o.sent
		}
		n := min(o.size-mark, len(tail.b)-floor)
		tail.b = tail.b[:len(tail.b)-n]
		o.size -= n
		if len(tail.b) == floor {
			if len(o.chunks) == 1 {
				o.sent = 0
			}
			o.pool.give(tail.b)
			o.chunks = o.chunks[:len(o.chunks)-1]
		}
	}
}

// MoveTo appends everything to another output and leaves o empty.
func (o *Output) MoveTo(to *Output) {
	for o.size > 0 {
		part := o.Front()
		to.Write(part)
		o.Discard(len(part))
	}
}

// Release drops everything and gives all chunks back.
func (o *Output) Release() {
	for _, c := range o.chunks {
		o.pool.give(c.b)
	}
	o.chunks, o.sent, o.size, o.scrap, o.below = nil, 0, 0, false, nil
}

const (
	// chunkSize is the size of an ordinary chunk, in bytes: a pipeline of
	// small replies fits into one send, and a loop's few live chunks stay in L2.
	chunkSize = 16 << 10

	// MaxReserve is the most that Reserve may be asked for, in bytes.
	MaxReserve = chunkSize
)

// Pool has the chunks of one loop. It is used by the loop's thread only, but for
// Resting, and to be trimmed some ten times a second. The zero value has no bounds of its own.
type Pool struct {
	// Limit is how many bytes may wait in one Output before what is appended
	// is dropped; 0 is no limit. What is appended while less waits is kept,
	// however long.
	Limit int

	idle offheap.Blocks
}

// Bound says how many bytes of idle chunks the pool keeps at most, and for how many it doesn't matter how
// long they are idle: they serve the replies of one wake-up, a chunk for each connection.
func (p *Pool) Bound(most, keep int) { p.idle.Most, p.idle.Keep = most, keep }

// Resting returns how many bytes of idle chunks the pool has. Any thread may call it.
func (p *Pool) Resting() int64 { return p.idle.Resting() }

// Trim unmaps chunks that nobody wanted lately.
func (p *Pool) Trim() { p.idle.Trim(offheap.Output) }

// Close unmaps the idle chunks.
func (p *Pool) Close() { p.idle.Close(offheap.Output) }

// take returns an empty chunk with room for n bytes.
func (p *Pool) take(n int) []byte { return p.idle.Take(offheap.Output, max(n, chunkSize))[:0] }

func (p *Pool) give(b []byte) { p.idle.Give(offheap.Output, b) }
