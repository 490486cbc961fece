package object

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// What is wrong with bytes that somebody else packed.
var (
	errPackHeader  = errors.New("listpack: its length is not what its header says")
	errPackElement = errors.New("listpack: an element reaches beyond the end")
	errPackBack    = errors.New("listpack: an element is not as long as is said behind it")
	errPackCount   = errors.New("listpack: the number of elements is not what its header says")
	errIntset      = errors.New("intset: its length is not what its header says")
	errIntsetOrder = errors.New("intset: integers are not in ascending order")
)

// CheckPack looks at every byte of a pack from elsewhere and returns its number
// of elements. Only then may it be opened. canonical reports whether each
// element has the one encoding that this package would give it, which Find
// relies on.
func CheckPack(b []byte) (n int, canonical bool, err error) {
	if len(b) < emptyPack || len(b) > PackMax || int(binary.LittleEndian.Uint32(b)) != len(b) {
		return 0, false, errPackHeader
	}
	canonical = true
	at, end := packHeader, len(b)-1
	for at < end {
		size, ok := elementSize(b[at:end])
		if !ok {
			return 0, false, errPackElement
		}
		e, _ := decode(b, at)
		if want := encodeElem(e); int(want.n)+len(want.body) != size || want.first != b[at] {
			canonical = false
		}
		back := backSize(size)
		if at+size+back > end {
			return 0, false, errPackElement
		}
		var want [5]byte
		putBack(want[:back], size)
		if string(want[:back]) != string(b[at+size:at+size+back]) {
			return 0, false, errPackBack
		}
		at += size + back
		n++
	}
	if b[end] != packEnd {
		return 0, false, errPackElement
	}
	if said := int(binary.LittleEndian.Uint16(b[4:])); said != n && said != packMany {
		return 0, false, errPackCount
	}
	return n, canonical, nil
}

// elementSize returns the length of the encoding and bytes of the element that b
// begins with, if it is whole.
func elementSize(b []byte) (size int, ok bool) {
	head := 1
	switch c := b[0]; {
	case c < encStr6:
	case c < encStr12:
		size, head = int(c&0x3f), 1
		if c >= enc13Bit {
			size, head = 0, 2
		}
	case c < encStr32:
		head = 2
		if len(b) >= head {
			size = int(c&0x0f)<<8 | int(b[1])
		}
	case c == encStr32:
		head = 5
		if len(b) >= head {
			size = int(binary.LittleEndian.Uint32(b[1:]))
		}
	case c == enc16Bit:
		head = 3
	case c == enc24Bit:
		head = 4
	case c == enc32Bit:
		head = 5
	case c == enc64Bit:
		head = 9
	default:
		return 0, false
	}
	return head + size, head+size <= len(b)
}

// CheckIntset looks at every byte of an intset from elsewhere. Only then may it
// be opened.
func CheckIntset(b []byte) error {
	if len(b) < intsetHeader {
		return errIntset
	}
	width := uint64(binary.LittleEndian.Uint32(b))
	n := uint64(binary.LittleEndian.Uint32(b[4:]))
	if width != 2 && width != 4 && width != 8 || intsetHeader+width*n != uint64(len(b)) {
		return errIntset
	}
	for i := 1; i < int(n); i++ {
		if readInt(b, int(width), i-1) >= readInt(b, int(width), i) {
			return errIntsetOrder
		}
	}
	return nil
}

// ParseScore reads the score of a packed sorted set that somebody else packed.
// NaN is none.
func ParseScore(e Elem) (score float64, ok bool) {
	if e.Str == nil {
		return float64(e.Int), true
	}
	score, err := strconv.ParseFloat(string(e.Str), 64)
	return score, err == nil && !math.IsNaN(score)
}
