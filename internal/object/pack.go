package object

import (
	"encoding/binary"
	"math"
)

// Pack is a view of packed elements. A position is the offset of an element; 0
// stands for none. Writing moves what lies behind and may move all of it, so
// that only positions in front of the change stay valid, and none where something
// is added. What is written must not be memory of the same pack.
type Pack struct {
	b   []byte // all the room there is: what lies behind the end is spare
	mem Memory
}

// PackedSizes returns the bytes that several elements take in a pack.
func PackedSizes(values [][]byte) (n int) {
	for _, v := range values {
		n += PackedSize(v)
	}
	return n
}

// PackMax is the most bytes a pack may have.
const PackMax = 1 << 30

// OpenPack returns a view of packed bytes that can be read only, or, if mem is
// not nil, also written.
func OpenPack(b []byte, mem Memory) Pack { return Pack{b, mem} }

// Open makes p such a view. It is for a pack that lies in something larger: one that is returned and copied goes through memory
// twice.
func (p *Pack) Open(b []byte, mem Memory) { p.b, p.mem = b, mem }

// NewPack makes an empty pack in mem, with room for size bytes of elements.
func NewPack(mem Memory, size int) Pack {
	b := mem.Resize(emptyPack + size)
	binary.LittleEndian.PutUint32(b, emptyPack)
	binary.LittleEndian.PutUint16(b[4:], 0)
	b[packHeader] = packEnd
	return Pack{b, mem}
}

// Size returns the length in bytes, without spare room.
func (p *Pack) Size() int { return p.end() - p.gap() }

// end returns the position behind the end.
func (p *Pack) end() int { return int(binary.LittleEndian.Uint32(p.b)) }

func (p *Pack) setEnd(n int) {
	binary.LittleEndian.PutUint32(p.b, uint32(min(n, math.MaxUint32))) //nolint:gosec // just compared
}

// Bytes returns the packed bytes without the room behind them.
func (p *Pack) Bytes() []byte { return p.b[:p.end()] }

// Len returns the number of elements.
func (p *Pack) Len() int {
	n := p.LenSaid()
	if n != packMany {
		return n
	}
	n = 0
	for at := p.First(); at != 0; at = p.Next(at) {
		n++
	}
	return n
}

// LenSaid returns the number of elements that the pack says it has: of many only 65,535.
func (p *Pack) LenSaid() int { return int(binary.LittleEndian.Uint16(p.b[4:])) }

// First returns the position of the first element.
func (p *Pack) First() int {
	at := p.start()
	if p.b[at] == packEnd {
		return 0
	}
	return at
}

// Last returns the position of the last element.
func (p *Pack) Last() int {
	end := p.end() - 1
	if end == p.start() {
		return 0
	}
	n, size := getBack(p.b, end)
	return end - size - n
}

// Next returns the position behind the element at one.
func (p *Pack) Next(at int) int {
	at = p.after(at)
	if p.b[at] == packEnd {
		return 0
	}
	return at
}

// after is Next, but the end for the last element.
func (p *Pack) after(at int) int {
	if n := int(strides[p.b[at]]); n != 0 {
		return at + n
	}
	return p.afterLong(at)
}

func (p *Pack) afterLong(at int) int {
	_, n := decode(p.b, at)
	return at + n + backSize(n)
}

// Prev returns the position before the element at one.
func (p *Pack) Prev(at int) int {
	if at == p.start() {
		return 0
	}
	n, size := getBack(p.b, at)
	return at - size - n
}

// At returns the element at a position.
func (p *Pack) At(at int) Elem {
	e, _ := decode(p.b, at)
	return e
}

// Step returns the element at a position and the position behind it.
func (p *Pack) Step(at int) (e Elem, next int) {
	if e, next = p.pass(at); p.b[next] == packEnd {
		next = 0
	}
	return e, next
}

// pass is Step, but returns the position of the end behind the last element.
func (p *Pack) pass(at int) (e Elem, behind int) {
	switch c := p.b[at]; {
	case c < encStr6:
		return Elem{Int: int64(c)}, at + 2
	case c < enc13Bit:
		end := at + 1 + int(c&(encStr6Max-1))
		return Elem{Str: p.b[at+1 : end : end]}, end + 1
	}
	e, n := decode(p.b, at)
	return e, at + n + backSize(n)
}

// Seek returns the position of element i, counted from the end if negative.
func (p *Pack) Seek(i int) int {
	n := p.Len()
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return 0
	}
	if i > n/2 {
		at := p.Last()
		for ; i < n-1; i++ {
			at = p.Prev(at)
		}
		return at
	}
	at := p.First()
	for ; i > 0; i-- {
		at = p.Next(at)
	}
	return at
}

// Find returns the position of the first element equal to v, from at on, when
// after each that is looked at skip are passed over.
func (p *Pack) Find(at int, v []byte, skip int) int {
	if at == 0 {
		return 0
	}
	if len(v) > 0 && v[0] <= '9' { // most texts: no call for them
		if n, isInt := ParseInt(v); isInt {
			return p.findInt(at, n, skip)
		}
	}
	if len(v) < encStr6Max {
		return p.findShort(at, v, skip)
	}
	return p.findSlow(at, v, skip)
}

// findSlow is Find for a string of any length.
func (p *Pack) findSlow(at int, v []byte, skip int) int {
	for p.b[at] != packEnd {
		if e, _ := decode(p.b, at); e.Str != nil && string(e.Str) == string(v) {
			return at
		}
		at = p.skip(at, skip)
	}
	return 0
}

// findInt is Find for a number.
func (p *Pack) findInt(at int, n int64, skip int) int {
	for {
		switch c := p.b[at]; {
		case c == packEnd:
			return 0
		case c < encStr6:
			if int64(c) == n {
				return at
			}
		case c >= enc13Bit:
			if e, _ := decode(p.b, at); e.Str == nil && e.Int == n {
				return at
			}
		}
		at = p.skip(at, skip)
	}
}

// skip returns the position behind the element at one and n more, or of the end.
func (p *Pack) skip(at, n int) int {
	for at = p.after(at); n > 0 && p.b[at] != packEnd; n-- {
		at = p.after(at)
	}
	return at
}

// Append puts v behind the last element.
func (p *Pack) Append(v []byte) { p.append(encode(v)) }

// AppendElem is Append for an element of another collection.
func (p *Pack) AppendElem(v Elem) { p.append(encodeElem(v)) }

func (p *Pack) append(e encoded) {
	size := e.size()
	p.close(size)
	e.put(p.splice(p.end()-1, 0, size, 1))
}

// AppendAll puts several elements behind the last.
func (p *Pack) AppendAll(values [][]byte) {
	size := PackedSizes(values)
	p.close(size)
	hole := p.splice(p.end()-1, 0, size, len(values))
	for _, v := range values {
		e := encode(v)
		e.put(hole)
		hole = hole[e.size():]
	}
}

// Insert puts v before the element at a position; 0 is the end. It returns the
// position of v.
func (p *Pack) Insert(at int, v []byte) int {
	if at == 0 {
		at = p.end() - 1
	}
	e := encode(v)
	size := e.size()
	at -= p.close(size)
	e.put(p.splice(at, 0, size, 1))
	return at
}

// Replace makes v of the element at a position.
func (p *Pack) Replace(at int, v []byte) {
	e := encode(v)
	e.put(p.splice(at, p.after(at)-at, e.size(), 0))
}

// Delete removes n elements from a position on.
func (p *Pack) Delete(at, n int) {
	end, gone := at, 0
	for ; gone < n && p.b[end] != packEnd; gone++ {
		end = p.after(end)
	}
	p.splice(at, end-at, 0, -gone)
}

// Cut removes the n elements from one position up to another, 0 for the end.
func (p *Pack) Cut(from, to, n int) {
	if to == 0 {
		to = p.end() - 1
	}
	p.splice(from, to-from, 0, -n)
}

// DeleteLast removes n elements at the end.
func (p *Pack) DeleteLast(n int) {
	end := p.end() - 1
	at, start, gone := end, p.start(), 0
	for ; gone < n && at > start; gone++ {
		at = p.Prev(at)
	}
	p.splice(at, end-at, 0, -gone)
}

// splice replaces del bytes at a position by ins bytes, which it returns to be
// written; the number of elements changes by n.
func (p *Pack) splice(at, del, ins, n int) []byte {
	was := p.end()
	size := was + ins - del
	if size > len(p.b) {
		p.b = p.mem.Resize(size + slack(size))
	}
	if ins != del {
		copy(p.b[at+ins:size], p.b[at+del:was])
		// Room that was asked for beforehand is for what comes: only what takes
		// elements away gives it back. Where there is a gap, Compact does.
		if ins < del && len(p.b) > 2*size+shrinkSlack && p.gap() == 0 {
			p.b = p.mem.Resize(size)
		}
	}
	p.setEnd(size)
	p.counted(n)
	return p.b[at : at+ins : at+ins]
}

// Reserve makes room for n more bytes of elements at once, so that those who add
// several do not move the pack with each of them.
func (p *Pack) Reserve(n int) {
	p.close(n)
	if need := p.end() + n; need > len(p.b) {
		p.b = p.mem.Resize(need)
	}
}

// slack is the spare room that a pack of size bytes is given when it grows, so
// that it is not moved with each element: a quarter, and less of a larger one.
func slack(size int) int {
	if size < 1<<10 {
		return size / 4
	}
	return size / 8
}

// shrinkSlack is how much room a pack may have beyond twice what it needs.
const shrinkSlack = 64

// counted is count, of which the memory is told.
func (p *Pack) counted(n int) {
	if n == 0 {
		return
	}
	had := p.LenSaid()
	p.count(n)
	if now := p.LenSaid(); now != had {
		p.mem.Counted(had, now)
	}
}

func (p *Pack) count(n int) {
	had := p.LenSaid()
	switch {
	case n == 0, n > 0 && had == packMany:
		return
	case had != packMany:
		had += n
	default:
		// Recounted when few enough may be left to be said.
		if had = p.Len(); had >= packMany {
			return
		}
	}
	binary.LittleEndian.PutUint16(p.b[4:], uint16(min(had, packMany)))
}
