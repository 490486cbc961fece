package object

import (
	"encoding/binary"
	"unsafe"
)

// The packed form, which is the reference server's listpack: a header of 4 bytes
// total length and 2 bytes number of elements (65535: more than can be said), the
// elements, and a byte 0xff. An element is its encoding, its bytes, and the
// length of both, written so that it can be read from behind.
const (
	packHeader = 6
	packEnd    = 0xff
	packMany   = 65535

	// emptyPack is the length of a pack without elements.
	emptyPack = packHeader + 1
)

// The encodings of an element by its first byte; the rest of that byte and what
// follows is the number or the length.
const (
	enc7Bit  = 0x00 // 0xxxxxxx: a number from 0 to 127
	encStr6  = 0x80 // 10xxxxxx: a string shorter than 64 bytes
	enc13Bit = 0xc0 // 110xxxxx and a byte: a number of 13 bits
	encStr12 = 0xe0 // 1110xxxx and a byte: a string shorter than 4 KiB
	encStr32 = 0xf0 // and four bytes: any string
	enc16Bit = 0xf1
	enc24Bit = 0xf2
	enc32Bit = 0xf3
	enc64Bit = 0xf4

	// encStr6Max is the length from which a string is not encoded so.
	encStr6Max = 64
)

// strides is how long an element is with the length behind it, by its first byte; 0 where
// that alone doesn't tell, and of the end.
var strides = func() (t [256]uint8) {
	for c := range encStr6 {
		t[c] = 2
	}
	for n := range encStr6Max {
		t[encStr6|n] = uint8(n) + 2
	}
	for c := enc13Bit; c < encStr12; c++ {
		t[c] = 3
	}
	t[enc16Bit], t[enc24Bit], t[enc32Bit], t[enc64Bit] = 4, 5, 6, 10
	return t
}()

// decode reads the element at p. size is the length of its encoding and bytes.
func decode(b []byte, p int) (e Elem, size int) {
	switch c := b[p]; {
	case c < encStr6:
		return Elem{Int: int64(c)}, 1
	case c < enc13Bit:
		n := int(c & 0x3f)
		return Elem{Str: b[p+1 : p+1+n : p+1+n]}, 1 + n
	case c < encStr12:
		n := int64(c&0x1f)<<8 | int64(b[p+1])
		return Elem{Int: n << 51 >> 51}, 2
	case c < encStr32:
		n := int(c&0x0f)<<8 | int(b[p+1])
		return Elem{Str: b[p+2 : p+2+n : p+2+n]}, 2 + n
	}
	switch b[p] {
	case encStr32:
		n := int(binary.LittleEndian.Uint32(b[p+1:]))
		return Elem{Str: b[p+5 : p+5+n : p+5+n]}, 5 + n
	case enc16Bit:
		return Elem{Int: int64(int16(binary.LittleEndian.Uint16(b[p+1:])))}, 3
	case enc24Bit:
		n := uint32(b[p+1]) | uint32(b[p+2])<<8 | uint32(b[p+3])<<16
		return Elem{Int: int64(int32(n<<8) >> 8)}, 4
	case enc32Bit:
		return Elem{Int: int64(int32(binary.LittleEndian.Uint32(b[p+1:])))}, 5
	}
	return Elem{Int: int64(binary.LittleEndian.Uint64(b[p+1:]))}, 9
}

// backSize returns how many bytes the length of an element of n bytes takes
// behind it.
func backSize(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14:
		return 2
	case n < 1<<21:
		return 3
	case n < 1<<28:
		return 4
	}
	return 5
}

// putBack writes the length of an element: seven bits a byte, the lowest last,
// all but the first of them marked.
func putBack(b []byte, n int) {
	last := backSize(n) - 1
	for i := last; i >= 0; i-- {
		b[i] = byte(n & 0x7f)
		if i > 0 {
			b[i] |= 0x80
		}
		n >>= 7
	}
}

// getBack reads the length that ends before p and returns it with its own size.
func getBack(b []byte, p int) (n, size int) {
	for shift := 0; ; shift += 7 {
		size++
		c := b[p-size]
		n |= int(c&0x7f) << shift
		if c&0x80 == 0 {
			return n, size
		}
	}
}

// encoded is an element ready to be written. It has no array and no more than four
// words and fields, so that it is handed over in registers: written in bytes and read in
// words, it would be waited for until the store buffer is drained.
type encoded struct {
	first byte
	n     uint8  // length of the head: first and how much of more
	more  uint64 // the bytes of the head behind first, the lowest in front
	body  string // memory of the argument
}

// encode chooses the shortest encoding of v.
func encode(v []byte) encoded {
	if n, ok := ParseInt(v); ok {
		return encodeInt(n)
	}
	body := unsafe.String(unsafe.SliceData(v), len(v))
	switch n := len(v); {
	case n < encStr6Max:
		return encoded{encStr6 | byte(n), 1, 0, body}
	case n < 4096:
		return encoded{encStr12 | byte(n>>8), 2, uint64(byte(n)), body}
	default:
		return encoded{encStr32, 5, uint64(n), body}
	}
}

func encodeInt(n int64) (e encoded) {
	e.more = uint64(n) //nolint:gosec // its bits
	switch {
	case 0 <= n && n < 128:
		e.first, e.n = byte(n), 1
	case -4096 <= n && n < 4096:
		e.first, e.n = enc13Bit|byte(n>>8)&0x1f, 2
	case n == int64(int16(n)):
		e.first, e.n = enc16Bit, 3
	case n<<40>>40 == n:
		e.first, e.n = enc24Bit, 4
	case n == int64(int32(n)):
		e.first, e.n = enc32Bit, 5
	default:
		e.first, e.n = enc64Bit, 9
	}
	return e
}

// encodeElem is encode for an element of another collection.
func encodeElem(v Elem) encoded {
	if v.Str == nil {
		return encodeInt(v.Int)
	}
	return encode(v.Str)
}

// size returns the bytes that the element takes, its length at the end included.
func (e encoded) size() int {
	n := int(e.n) + len(e.body)
	return n + backSize(n)
}

// put writes the element to b, which has room for it.
func (e encoded) put(b []byte) {
	b[0] = e.first
	n := 1
	for more := e.more; n < int(e.n); n++ {
		b[n] = byte(more)
		more >>= 8
	}
	n += copy(b[n:], e.body)
	if n < 1<<7 {
		b[n] = byte(n)
		return
	}
	putBack(b[n:], n)
}

// PackedSize returns the bytes that v takes in a pack.
func PackedSize(v []byte) int {
	return encode(v).size()
}
