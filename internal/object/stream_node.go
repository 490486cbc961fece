package object

import (
	"bytes"
	"encoding/binary"
)

// streamNode is a view of the packed bytes of one node:
//
//	count, deleted, number of fields, the fields, 0
//	of each entry: flags, ID less the first of the node (ms, seq),
//	    unless sameFields: number of fields; field, value, field, value ...
//	    if sameFields: the values, of the fields named first
//	    number of elements of the entry before this one
//
// The number at the end of an entry lets it be read from behind. The bytes are
// those that the reference server has in memory and writes to a file.
type streamNode struct{ b []byte }

// Flags of an entry.
const (
	entryDeleted = 1 << iota
	entrySame    // it has the fields of the node
)

func openNode(b []byte) streamNode { return streamNode{b} }

// size returns the length in bytes.
func (n streamNode) size() int { return int(binary.LittleEndian.Uint32(n.b)) }

// after returns the position behind the element at one. Short ones, as most are,
// have a length of one byte behind them.
func (n streamNode) after(at int) int {
	switch c := n.b[at]; {
	case c < encStr6:
		return at + 2
	case c < enc13Bit:
		return at + 2 + int(c&0x3f)
	case c < encStr12:
		return at + 3
	}
	_, size := decode(n.b, at)
	return at + size + backSize(size)
}

// before returns the position of the element that ends before one.
func (n streamNode) before(at int) int {
	size, back := getBack(n.b, at)
	return at - back - size
}

// number reads the integer at a position and returns the position behind it.
func (n streamNode) number(at int) (int64, int) {
	if c := n.b[at]; c < encStr6 {
		return int64(c), at + 2
	}
	e, size := decode(n.b, at)
	return e.Int, at + size + backSize(size)
}

func (n streamNode) countAt() int { return packHeader }

func (n streamNode) deletedAt() int { return n.after(packHeader) }

// count returns how many entries there are, deleted how many were deleted.
func (n streamNode) count() int {
	v, _ := n.number(packHeader)
	return int(v)
}

func (n streamNode) deleted() int {
	v, _ := n.number(n.deletedAt())
	return int(v)
}

// header returns the number of the node's fields, the position of the first and
// that of the first entry.
func (n streamNode) header() (fields, fieldsAt, entries int) {
	v, at := n.number(n.after(n.deletedAt()))
	fieldsAt = at
	for range v {
		at = n.after(at)
	}
	_, at = n.number(at)
	return int(v), fieldsAt, at
}

// end returns the position behind the last entry.
func (n streamNode) end() int { return n.size() - 1 }

// entryBefore returns the position of the entry that ends before one.
func (n streamNode) entryBefore(at int) int {
	at = n.before(at)
	elements, _ := n.number(at)
	for range elements {
		at = n.before(at)
	}
	return at
}

// sameFields reports whether pairs have the node's fields in the same order.
func (n streamNode) sameFields(pairs [][]byte) bool {
	v, at := n.number(n.after(n.deletedAt()))
	if int(v) != len(pairs)/2 {
		return false
	}
	for i := 0; i < len(pairs); i += 2 {
		e, size := decode(n.b, at)
		if e.Str != nil {
			if !bytes.Equal(e.Str, pairs[i]) {
				return false
			}
		} else if v, ok := ParseInt(pairs[i]); !ok || v != e.Int {
			return false
		}
		at += size + backSize(size)
	}
	return true
}

// nodeHeader returns the bytes of a node without entries that has the fields of
// pairs.
func nodeHeader(pairs [][]byte) int {
	// Count, deleted and the 0 at the end are as short as they come.
	size := emptyPack + 3*2 + intSize(int64(len(pairs)/2))
	for i := 0; i < len(pairs); i += 2 {
		size += PackedSize(pairs[i])
	}
	return size
}

// intSize returns the bytes that an integer takes, its length included.
func intSize(v int64) int {
	if 0 <= v && v < 128 {
		return 2
	}
	e := encodeInt(v)
	return e.size()
}

// initNode writes a node without entries that has the fields of pairs.
func initNode(b []byte, pairs [][]byte) {
	size := nodeHeader(pairs)
	binary.LittleEndian.PutUint32(b, uint32(size))
	binary.LittleEndian.PutUint16(b[4:], uint16(min(len(pairs)/2+4, packMany)))
	to := putInt(b[packHeader:], 0)
	to = putInt(to, 0)
	to = putInt(to, int64(len(pairs)/2))
	for i := 0; i < len(pairs); i += 2 {
		to = putValue(to, pairs[i])
	}
	to = putInt(to, 0)
	to[0] = packEnd
}

// putInt and putValue write an element and return what is behind it.
func putInt(b []byte, v int64) []byte {
	if 0 <= v && v < 128 {
		b[0], b[1] = byte(v), 1
		return b[2:]
	}
	e := encodeInt(v)
	e.put(b)
	return b[e.size():]
}

func putValue(b []byte, v []byte) []byte {
	e := encode(v)
	e.put(b)
	return b[e.size():]
}

// nodeEntry returns the bytes of an entry.
func nodeEntry(delta StreamID, pairs [][]byte, same bool) int {
	size := 2 + intSize(int64(delta.MS)) + intSize(int64(delta.Seq)) + intSize(entryElements(pairs, same))
	for i := 1; i < len(pairs); i += 2 {
		size += PackedSize(pairs[i])
	}
	if !same {
		size += intSize(int64(len(pairs) / 2))
		for i := 0; i < len(pairs); i += 2 {
			size += PackedSize(pairs[i])
		}
	}
	return size
}

// entryElements is the number at the end of an entry.
func entryElements(pairs [][]byte, same bool) int64 {
	if same {
		return int64(3 + len(pairs)/2)
	}
	return int64(3 + 1 + len(pairs))
}

// append writes an entry behind the last. There is room for it.
func (n streamNode) append(delta StreamID, pairs [][]byte, same bool) {
	was := n.end()
	to := n.b[was:]
	if same {
		to = putInt(to, entrySame)
	} else {
		to = putInt(to, 0)
	}
	to = putInt(to, int64(delta.MS))
	to = putInt(to, int64(delta.Seq))
	if !same {
		to = putInt(to, int64(len(pairs)/2))
	}
	for i, v := range pairs {
		if !same || i%2 == 1 {
			to = putValue(to, v)
		}
	}
	elements := entryElements(pairs, same)
	to = putInt(to, elements)
	to[0] = packEnd
	binary.LittleEndian.PutUint32(n.b, uint32(len(n.b)-len(to)+1))
	if had := int(binary.LittleEndian.Uint16(n.b[4:])); had != packMany {
		binary.LittleEndian.PutUint16(n.b[4:], uint16(min(had+int(elements)+1, packMany)))
	}
}

// replaceSize returns how many bytes longer the node gets when the integer at a
// position becomes v.
func (n streamNode) replaceSize(at int, v int64) int { return intSize(v) - (n.after(at) - at) }

// replace puts v in the place of the integer at a position. There is room for it.
func (n streamNode) replace(at int, v int64) {
	size, behind := n.size(), n.after(at)
	if grown := n.replaceSize(at, v); grown != 0 {
		copy(n.b[behind+grown:], n.b[behind:size])
		binary.LittleEndian.PutUint32(n.b, uint32(size+grown))
	}
	putInt(n.b[at:], v)
}
