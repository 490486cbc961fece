package object

import (
	"encoding/binary"
	"math"
)

// An intset is the reference server's packed set of integers: 4 bytes width of
// an integer in bytes (2, 4 or 8), 4 bytes number of them, and the integers in
// ascending order, all little-endian.
const intsetHeader = 8

// Intset is a view of one.
type Intset struct {
	b   []byte
	mem Memory
}

// OpenIntset returns a view of the bytes of an intset, for writing if mem is not nil.
func OpenIntset(b []byte, mem Memory) Intset { return Intset{b, mem} }

// NewIntset makes an empty intset in mem, with room for n integers like the one given.
func NewIntset(mem Memory, n int, like int64) Intset {
	b := mem.Resize(intsetHeader + n*widthOf(like))
	binary.LittleEndian.PutUint32(b, 2)
	binary.LittleEndian.PutUint32(b[4:], 0)
	return Intset{b, mem}
}

func (s *Intset) width() int { return int(binary.LittleEndian.Uint32(s.b)) }

// Len returns the number of integers.
func (s *Intset) Len() int { return int(binary.LittleEndian.Uint32(s.b[4:])) }

// Size returns the length in bytes, without spare room.
func (s *Intset) Size() int { return intsetHeader + s.width()*s.Len() }

// Bytes returns the bytes without spare room.
func (s *Intset) Bytes() []byte { return s.b[:s.Size()] }

// At returns the i-th smallest.
func (s *Intset) At(i int) int64 { return readInt(s.b, s.width(), i) }

func readInt(b []byte, width, i int) int64 {
	switch p := b[intsetHeader+i*width:]; width {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(p)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(p)))
	default:
		return int64(binary.LittleEndian.Uint64(p))
	}
}

func writeInt(b []byte, width, i int, n int64) {
	switch p := b[intsetHeader+i*width:]; width {
	case 2:
		binary.LittleEndian.PutUint16(p, uint16(n))
	case 4:
		binary.LittleEndian.PutUint32(p, uint32(n))
	default:
		binary.LittleEndian.PutUint64(p, uint64(n))
	}
}

func widthOf(n int64) int {
	switch {
	case math.MinInt16 <= n && n <= math.MaxInt16:
		return 2
	case math.MinInt32 <= n && n <= math.MaxInt32:
		return 4
	}
	return 8
}

// Find returns where n is, or where it would be put.
func (s *Intset) Find(n int64) (i int, found bool) {
	width, low, high := s.width(), 0, s.Len()
	for low < high {
		mid := int(uint(low+high) / 2)
		if v := readInt(s.b, width, mid); v == n {
			return mid, true
		} else if v < n {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, false
}

// Add puts n into the set and reports whether it was not there.
func (s *Intset) Add(n int64) bool {
	i, found := s.Find(n)
	if found {
		return false
	}
	had, width := s.Len(), s.width()
	wide := max(width, widthOf(n))
	if size := intsetHeader + wide*(had+1); size > len(s.b) {
		s.b = s.mem.Resize(size + slack(size))
	}
	if wide != width {
		// Wider than all that are there, n goes to one of the ends.
		for j := had - 1; j >= 0; j-- {
			v := readInt(s.b, width, j)
			to := j
			if i == 0 {
				to++
			}
			writeInt(s.b, wide, to, v)
		}
		binary.LittleEndian.PutUint32(s.b, uint32(wide))
	} else {
		from := intsetHeader + i*width
		copy(s.b[from+width:intsetHeader+(had+1)*width], s.b[from:intsetHeader+had*width])
	}
	writeInt(s.b, wide, i, n)
	binary.LittleEndian.PutUint32(s.b[4:], uint32(had+1))
	s.mem.Counted(had, had+1)
	return true
}

// Delete removes the integer at i.
func (s *Intset) Delete(i int) {
	had, width := s.Len(), s.width()
	from := intsetHeader + i*width
	copy(s.b[from:], s.b[from+width:intsetHeader+had*width])
	binary.LittleEndian.PutUint32(s.b[4:], uint32(had-1))
	s.mem.Counted(had, had-1)
	if size := s.Size(); len(s.b) > 2*size+shrinkSlack {
		s.b = s.mem.Resize(size)
	}
}
