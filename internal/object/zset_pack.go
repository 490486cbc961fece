package object

import (
	"bytes"
	"encoding/binary"
	"math"
)

// ZPack is a small sorted set: a Pack of members and their scores by turns, in
// the order of score and then member. A position is that of a member.
type ZPack struct{ Pack }

// OpenZPack returns a view of a packed sorted set.
func OpenZPack(b []byte, mem Memory) ZPack { return ZPack{OpenPack(b, mem)} }

// NewZPack makes an empty set in mem, with room for size bytes of elements.
func NewZPack(mem Memory, size int) ZPack { return ZPack{NewPack(mem, size)} }

// Len returns the number of members.
func (z *ZPack) Len() int { return z.Pack.Len() / 2 }

// Find returns the position of a member, 0 if it is not there, and its score.
func (z *ZPack) Find(member []byte) (at int, score float64) {
	if at = z.Pack.Find(z.First(), member, 1); at == 0 {
		return 0, 0
	}
	return at, z.score(at)
}

// Rank is Find that also tells how many members come before.
func (z *ZPack) Rank(member []byte) (at, rank int, score float64) {
	if at, score = z.Find(member); at == 0 {
		return 0, 0, 0
	}
	_, rank = z.walk(at, math.MaxInt)
	return at, rank, score
}

// walk passes over members from the first on, up to a position and at most so many. It
// returns where it ended and how many they were.
func (z *ZPack) walk(to, most int) (at, n int) {
	seen, step := uint16(noEncoding), 0 // as in sought
	for at = packHeader; at != to && n < most; n++ {
		if c := uint16(z.b[at]); c != seen {
			seen, step = z.stride(at)
		}
		if at += step; z.b[at] < encStr6 {
			at += 2
		} else {
			at = z.after(at)
		}
	}
	return at, n
}

// Seek returns the position of the member of a rank, which is below Len.
func (z *ZPack) Seek(rank int) int {
	if n := z.Len(); rank > n-n/4 { // a step back waits for the one before
		return z.Pack.Seek(2 * rank)
	}
	at, _ := z.walk(0, rank)
	return at
}

func (z *ZPack) score(at int) float64 {
	score, _ := z.scoreAt(z.after(at))
	return score
}

// scoreAt returns the score that lies at a position, and the position behind it.
func (z *ZPack) scoreAt(at int) (score float64, behind int) {
	switch c := z.b[at]; c {
	case enc16Bit:
		return float64(int16(binary.LittleEndian.Uint16(z.b[at+1:]))), at + 4
	case enc24Bit:
		return float64(int32(binary.LittleEndian.Uint32(z.b[at:])) >> 8), at + 5
	case enc32Bit:
		return float64(int32(binary.LittleEndian.Uint32(z.b[at+1:]))), at + 6
	}
	e, behind := z.pass(at)
	return scoreOf(e), behind
}

// Insert adds a member that is not there.
func (z *ZPack) Insert(member []byte, score float64) {
	at := z.place(member, score)
	var buf [scoreTextMax]byte
	m, s := encode(member), packScore(score, &buf)
	if at == 0 {
		at = z.end() - 1
	}
	hole := z.splice(at, 0, m.size()+s.size(), 2)
	m.put(hole)
	s.put(hole[m.size():])
}

// place returns the position of the first element behind a new one.
func (z *ZPack) place(member []byte, score float64) int {
	seen, step := uint16(noEncoding), 0 // as in sought
	for at := packHeader; ; {
		if c := uint16(z.b[at]); c != seen {
			if c == packEnd {
				return 0
			}
			seen, step = z.stride(at)
		}
		behind := at + step
		have, next := float64(z.b[behind]), behind+2
		if have >= encStr6 { // not one of the small integers
			have, next = z.scoreAt(behind)
		}
		if have > score || have == score && compareElem(z.At(at), member) > 0 {
			return at
		}
		at = next
	}
}

func compareElem(e Elem, member []byte) int {
	var digits [IntDigitsMax]byte
	return bytes.Compare(e.Text(digits[:]), member)
}

// Remove takes out n elements from the one at a position on.
func (z *ZPack) Remove(at, n int) { z.Delete(at, 2*n) }

// InsertedSize returns the bytes that an element takes.
func InsertedSize(member []byte, score float64) int {
	var buf [scoreTextMax]byte
	m, s := encode(member), packScore(score, &buf)
	return m.size() + s.size()
}

// Each visits the elements in order until visit returns false. The member is an
// element, which may have to be written out as text.
func (z *ZPack) Each(visit func(member Elem, score float64) bool) {
	for at := z.First(); at != 0; {
		e, behind := z.Step(at)
		s, next := z.scoreAt(behind)
		if !visit(e, s) {
			return
		}
		if at = next; z.b[at] == packEnd {
			return
		}
	}
}
