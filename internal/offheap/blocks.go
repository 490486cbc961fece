package offheap

import (
	"cmp"
	"math/bits"
	"sync/atomic"
)

// Blocks of up to blockMost bytes are kept for reuse, in sizes that double from a page on. Larger ones are
// mapped as they are asked for: beside what it takes to fill them a mapping is cheap.
const (
	blockMost    = 256 << 10
	blockClasses = 7

	defaultMost = 4 << 20
)

// Blocks hands out buffers and keeps those that came back, the last first, so that they are
// still in the cache: to unmap a buffer and map another takes longer than to fill it. Those that nobody
// wanted between two Trims are unmapped. One thread uses it, for one purpose, but for Resting. The zero value has
// none yet. What is idle counts as resident, too.
type Blocks struct {
	// Most is how many bytes are kept at most, 0 for 4 MiB, Keep how many of them Trim leaves alone.
	Most, Keep int

	idle    [blockClasses][][]byte
	least   [blockClasses]int // how many were idle at the least since the last Trim
	resting atomic.Int64
}

// Resting returns how many bytes are idle. Any thread may call it.
func (b *Blocks) Resting() int64 { return b.resting.Load() }

// blockClass returns the class of blocks of n bytes and more.
func blockClass(n int) int { return bits.Len(uint(max(n-1, 0) / PageSize)) }

// Take returns a buffer of n bytes or some more, with whatever was left in it. Exhausted address space ends the process:
// there is no reply left that could say so.
func (b *Blocks) Take(purpose Purpose, n int) []byte {
	if n <= blockMost {
		class := blockClass(n)
		if list := b.idle[class]; len(list) > 0 {
			last := len(list) - 1
			p := list[last]
			b.idle[class] = list[:last]
			b.least[class] = min(b.least[class], last)
			b.resting.Add(-int64(len(p)))
			return p
		}
		n = PageSize << class
	}
	p, err := Map(purpose, n)
	if err != nil {
		panic(err)
	}
	return p
}

// Give takes back a slice that Take returned, whole or cut off at its end.
func (b *Blocks) Give(purpose Purpose, p []byte) {
	p = p[:cap(p)]
	if len(p) > blockMost || int(b.Resting())+len(p) > cmp.Or(b.Most, defaultMost) {
		Unmap(purpose, p)
		return
	}
	class := blockClass(len(p))
	b.idle[class] = append(b.idle[class], p)
	b.resting.Add(int64(len(p)))
}

// Trim unmaps what was idle ever since the last Trim, the largest first, while more than Keep is.
func (b *Blocks) Trim(purpose Purpose) { b.trim(purpose, b.Keep) }

func (b *Blocks) trim(purpose Purpose, keep int) {
	for class := blockClasses - 1; class >= 0; class-- {
		list := b.idle[class]
		n := 0 // what lies at the front was used longest ago
		for n < b.least[class] && int(b.Resting()) > keep {
			b.resting.Add(-int64(len(list[n])))
			Unmap(purpose, list[n])
			n++
		}
		b.idle[class] = append(list[:0], list[n:]...)
		b.least[class] = len(b.idle[class])
	}
}

// Close unmaps all that is idle.
func (b *Blocks) Close(purpose Purpose) {
	for class := range b.idle {
		b.least[class] = len(b.idle[class])
	}
	b.trim(purpose, 0)
}
