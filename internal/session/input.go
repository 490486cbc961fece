package session

import "github.com/crucible-cache/crucible/internal/offheap"

// input holds received bytes that can't be carried out yet: a request in part,
// or requests of a client that must first read its replies. It is a block of the
// loop's, which goes back when the bytes went.
type input struct {
	blocks *offheap.Blocks

	buf []byte // the whole block; nil when nothing is held
	pos int    // first byte held
	end int    // behind the last
}

func (in *input) len() int { return in.end - in.pos }

// room returns how much more can be held where it is.
func (in *input) room() int { return len(in.buf) - in.end }

func (in *input) bytes() []byte { return in.buf[in.pos:in.end] }

// append holds p as well. need is how many bytes are known to follow what was
// held so far, so that room is made once.
func (in *input) append(p []byte, need int) {
	if in.end+len(p) > len(in.buf) {
		in.grow(len(p), need)
	}
	in.end += copy(in.buf[in.end:], p)
}

// Room is made for what is known to come up to announced bytes, and beyond that
// for as much as has come already: to announce a large value must not take
// memory that the items would have to give up. Of a request of unknown length
// no more than growth bytes are expected.
const (
	announced = 1 << 20
	growth    = 16 << 20
)

// grow makes room for n more bytes, and for some of what is needed after that.
func (in *input) grow(n, need int) {
	held := in.len()
	size := max(held+n, held+min(need, max(held, announced)), held+min(held, growth), offheap.PageSize)
	buf := in.blocks.Take(offheap.Input, size)
	copy(buf, in.bytes())
	in.giveBack()
	in.buf, in.pos, in.end = buf, 0, held
}

// discard drops the first n bytes.
func (in *input) discard(n int) {
	if in.pos += n; in.pos == in.end {
		in.release()
	}
}

// release drops everything.
func (in *input) release() {
	in.giveBack()
	in.buf, in.pos, in.end = nil, 0, 0
}

func (in *input) giveBack() {
	if in.buf != nil {
		in.blocks.Give(offheap.Input, in.buf)
	}
}
