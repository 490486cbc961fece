package object

import (
	"encoding/binary"
	"math"
)

// A list that elements come to or go from at its front has a gap there, so that
// the others stay where they are: spare room between the header and the first
// element, which begins with a byte that no element begins with. A gap of one byte
// or two is that byte alone, a larger one has its length behind it. Nobody outside
// this package sees one: Plain leaves it out.
const (
	gapOne  = 0xf5
	gapTwo  = 0xf6
	gapMany = 0xf7

	gapMost = math.MaxUint16
)

// gap returns how long the gap is in bytes, 0 for none.
func (p *Pack) gap() int {
	switch p.b[packHeader] {
	case gapOne:
		return 1
	case gapTwo:
		return 2
	case gapMany:
		return int(binary.LittleEndian.Uint16(p.b[packHeader+1:]))
	}
	return 0
}

// setGap writes a gap over what lies there.
func (p *Pack) setGap(n int) {
	switch n {
	case 0:
	case 1:
		p.b[packHeader] = gapOne
	case 2:
		p.b[packHeader] = gapTwo
	default:
		p.b[packHeader] = gapMany
		binary.LittleEndian.PutUint16(p.b[packHeader+1:], uint16(n)) //nolint:gosec // at most gapMost
	}
}

// start returns the position of the first element, or of the end.
func (p *Pack) start() int { return packHeader + p.gap() }

// move makes the gap n bytes long. There is room.
func (p *Pack) move(n int) {
	had, end := p.gap(), p.end()
	copy(p.b[packHeader+n:], p.b[packHeader+had:end])
	p.setEnd(end + n - had)
	p.setGap(n)
}

// PushFront puts v before the first element.
func (p *Pack) PushFront(v []byte) {
	e := encode(v)
	size := e.size()
	if size > gapMost {
		p.Insert(p.First(), v)
		return
	}
	gap := p.gap()
	if gap < size {
		gap = p.widen(gap, size)
	}
	gap -= size
	e.put(p.b[packHeader+gap:])
	p.setGap(gap)
	p.counted(1)
}

// widen makes the gap size bytes long at least, and returns how long it is. Most of the
// room that there is behind the end comes to the front, and all that is new.
func (p *Pack) widen(gap, size int) int {
	spare := len(p.b) - p.end()
	if gap+spare >= size {
		gap += max(size-gap, spare-spare/4)
	} else {
		live := p.Size() + size
		p.b = p.mem.Resize(live + slack(live))
		gap += len(p.b) - p.end()
	}
	gap = min(gap, gapMost)
	p.move(gap)
	return gap
}

// CutFront removes the first n elements, up to a position, 0 for the end. What it
// leaves behind is for Compact.
func (p *Pack) CutFront(to, n int) {
	if to == 0 {
		to = p.end() - 1
	}
	if gap := to - packHeader; gap <= gapMost {
		p.setGap(gap)
		p.counted(-n)
		return
	}
	p.splice(p.start(), to-p.start(), 0, -n)
}

// close gives the gap to the room behind the end, if size more bytes do not go there,
// and returns by how much the elements moved.
func (p *Pack) close(size int) (moved int) {
	if p.end()+size <= len(p.b) {
		return 0
	}
	if moved = p.gap(); moved > 0 {
		p.move(0)
	}
	return moved
}

// Compact gives back most of the room of a pack which has a gap, when there is more
// of it than of elements.
func (p *Pack) Compact() {
	if p.gap() > 0 && len(p.b) > 2*p.Size()+shrinkSlack {
		p.move(0)
		p.b = p.mem.Resize(p.Size())
	}
}

// Plain returns the packed bytes as the reference server has them: memory of the pack, or,
// where there is a gap, of room, which is made larger as needed.
func (p *Pack) Plain(room *[]byte) []byte {
	if p.gap() == 0 {
		return p.b[:p.end()]
	}
	b := append((*room)[:0], p.b[:packHeader]...)
	b = append(b, p.b[p.start():p.end()]...)
	binary.LittleEndian.PutUint32(b, uint32(len(b))) //nolint:gosec // a pack's
	*room = b
	return b
}
