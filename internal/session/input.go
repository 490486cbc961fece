package session

import "github.com/crucible-cache/crucible/internal/offheap"

// input holds received bytes that can't be carried out yet: a request in part,
// or requests of a client that must first read its replies. It is a block of the
// loop's. When the bytes went, a client keeps a small one for the next request that
// comes in parts, until it has been idle for a while.
type input struct {
	blocks *inputBlocks

	buf  []byte // the whole block, nil for none
	pos  int    // first byte held
	end  int    // behind the last
	kept bool   // nothing is held
}

// inputBlocks are the blocks of a loop's clients.
type inputBlocks struct {
	offheap.Blocks
	kept int // bytes of those that clients keep
}

// spare is how many bytes hold nothing.
func (b *inputBlocks) spare() int64 { return b.Resting() + int64(b.kept) }

// full reports whether n more would be too much to lie idle.
func (b *inputBlocks) full(n int) bool { return int(b.spare())+n > b.Most }

const (
	// blockLeast and keptMost bound the block that a client keeps, in bytes: large
	// enough for most requests that come in parts, and small enough to lie idle.
	blockLeast = 16 << 10
	keptMost   = 32 << 10

	// restMS is after how long without input a client gives up what it does not need.
	restMS = 2000
)

func (in *input) len() int { return in.end - in.pos }

// room returns how much more can be held where it is.
func (in *input) room() int { return len(in.buf) - in.end }

func (in *input) bytes() []byte { return in.buf[in.pos:in.end] }

// append holds p as well. need is how many bytes are known to follow what was
// held so far, so that room is made once.
func (in *input) append(p []byte, need int) {
	in.use()
	if in.end+len(p) > len(in.buf) {
		in.grow(len(p), need)
	}
	in.end += copy(in.buf[in.end:], p)
}

// Room is made for what is known to come up to announced bytes, and beyond that
// for as much as has come already: to announce a large value must not take
// memory that the items would have to give up. Of a request of unknown length
// no more than growth bytes are expected; neither is one known of which the argument that
// is coming is small beside what came, for more of them may follow.
const (
	announced = 1 << 20
	growth    = 16 << 20
)

// grow makes room for n more bytes, and for some of what is needed after that.
func (in *input) grow(n, need int) {
	held := in.len()
	more := min(held, growth)
	if need > held/4 {
		more = min(need, max(held, announced))
	}
	size := max(held+n, held+more, blockLeast)
	buf := in.blocks.Take(offheap.Input, size)
	copy(buf, in.bytes())
	in.giveBack()
	in.buf, in.pos, in.end = buf, 0, held
}

// discard drops the first n bytes.
func (in *input) discard(n int) {
	if in.pos += n; in.pos == in.end {
		in.empty()
	}
}

// empty drops everything and keeps the block, if it and what is idle besides is
// not too much.
func (in *input) empty() {
	n := len(in.buf)
	if in.pos, in.end = 0, 0; in.kept || n == 0 {
		return
	}
	if n > keptMost || in.blocks.full(n) {
		in.release()
		return
	}
	in.kept = true
	in.blocks.kept += n
}

// use ends the time in which the block is only kept.
func (in *input) use() {
	if in.kept {
		in.kept = false
		in.blocks.kept -= len(in.buf)
	}
}

// shrink gives up the block of a client that has been idle, or what it has beyond
// what is held.
func (in *input) shrink() {
	held := in.len()
	if held == 0 {
		in.release()
		return
	}
	if size := max(held, blockLeast); len(in.buf) >= 2*size {
		buf := in.blocks.Take(offheap.Input, size)
		copy(buf, in.bytes())
		in.giveBack()
		in.buf, in.pos, in.end = buf, 0, held
	}
}

// release drops everything, and the block.
func (in *input) release() {
	in.use()
	in.giveBack()
	in.buf, in.pos, in.end = nil, 0, 0
}

func (in *input) giveBack() {
	switch {
	case in.buf == nil:
	case in.blocks.full(len(in.buf)):
		offheap.Unmap(offheap.Input, in.buf)
	default:
		in.blocks.Give(offheap.Input, in.buf)
	}
}
