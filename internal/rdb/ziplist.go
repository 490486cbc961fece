package rdb

import (
	"encoding/binary"

	"github.com/crucible-cache/crucible/internal/object"
)

// A ziplist is what the reference server packed small collections in before
// version 10: 4 bytes total length, 4 bytes offset of the last element, 2 bytes
// number of elements (65535: more), the elements and 0xff. An element is the
// length of the one before it (one byte, or 254 and four), its encoding, and its
// bytes. Numbers are little-endian but for the lengths of strings.
const (
	ziplistHeader = 10
	ziplistEnd    = 0xff
	ziplistFar    = 254
	ziplistMany   = 65535
)

// eachZiplist visits the elements of a ziplist until visit returns false. It
// fails if that is not in order.
func (d *Decoder) eachZiplist(b []byte, visit func(object.Elem) bool) {
	if d.err != nil {
		return
	}
	if len(b) < ziplistHeader+1 || uint64(binary.LittleEndian.Uint32(b)) != uint64(len(b)) || b[len(b)-1] != ziplistEnd {
		_ = d.fail("ziplist: its length is not what its header says")
		return
	}
	at, end, n, before, last := ziplistHeader, len(b)-1, 0, 0, ziplistHeader
	for at < end {
		e, prev, size, ok := ziplistElem(b[at:end])
		if !ok || prev != before {
			_ = d.fail("ziplist: an element is damaged")
			return
		}
		last = at
		at += size
		before = size
		n++
		if !visit(e) {
			return
		}
	}
	said := int(binary.LittleEndian.Uint16(b[8:]))
	if said != n && said != ziplistMany || int(binary.LittleEndian.Uint32(b[4:])) != last {
		_ = d.fail("ziplist: its elements are not what its header says")
	}
}

// ziplistElem reads the element that b begins with, its length, and what it says
// of the one before.
func ziplistElem(b []byte) (e object.Elem, before, size int, ok bool) {
	head := 1
	if before = int(b[0]); before == ziplistFar {
		if head = 5; len(b) > head {
			before = int(binary.LittleEndian.Uint32(b[1:]))
		}
	}
	if len(b) <= head || b[0] == ziplistEnd {
		return e, 0, 0, false
	}
	p := b[head:]
	switch c := p[0]; {
	case c>>6 == 0:
		return ziplistString(p, 1, int(c&0x3f), before, head)
	case c>>6 == 1 && len(p) >= 2:
		return ziplistString(p, 2, int(c&0x3f)<<8|int(p[1]), before, head)
	case c == 0x80 && len(p) >= 5:
		return ziplistString(p, 5, int(binary.BigEndian.Uint32(p[1:])), before, head)
	}
	n, size, ok := ziplistInt(p)
	return object.IntElem(n), before, head + size, ok
}

func ziplistString(p []byte, at, n, before, head int) (e object.Elem, prev, size int, ok bool) {
	if at+n > len(p) {
		return e, 0, 0, false
	}
	return object.Elem{Str: p[at : at+n : at+n]}, before, head + at + n, true
}

// ziplistInt reads an integer by its encoding.
func ziplistInt(p []byte) (n int64, size int, ok bool) {
	switch c := p[0]; {
	case c == 0xc0 && len(p) >= 3:
		return int64(int16(binary.LittleEndian.Uint16(p[1:]))), 3, true
	case c == 0xd0 && len(p) >= 5:
		return int64(int32(binary.LittleEndian.Uint32(p[1:]))), 5, true
	case c == 0xe0 && len(p) >= 9:
		return int64(binary.LittleEndian.Uint64(p[1:])), 9, true
	case c == 0xf0 && len(p) >= 4:
		v := uint32(p[1]) | uint32(p[2])<<8 | uint32(p[3])<<16
		return int64(int32(v<<8) >> 8), 4, true
	case c == 0xfe && len(p) >= 2:
		return int64(int8(p[1])), 2, true
	case c >= 0xf1 && c <= 0xfd:
		return int64(c) - 0xf1, 1, true
	}
	return 0, 0, false
}

// eachZipmap visits the fields and values of a zipmap, which hashes were packed
// in before version 4: a byte number of fields, then of each field and value the
// length (one byte, or 254 and four), for a value how many bytes behind it are
// free, and the bytes; 0xff at the end.
func (d *Decoder) eachZipmap(b []byte, visit func(field, value []byte)) {
	for at := 1; d.err == nil; {
		if at < len(b) && b[at] == 0xff && at == len(b)-1 {
			return
		}
		field, next, ok := zipmapString(b, at, 0)
		if ok {
			var value []byte
			if value, next, ok = zipmapString(b, next, 1); ok {
				visit(field, value)
				at = next
				continue
			}
		}
		_ = d.fail("zipmap: a field is damaged")
	}
}

// zipmapString reads the string at a position; free is 1 if a byte before it
// says how many bytes behind it are not used.
func zipmapString(b []byte, at, free int) (s []byte, next int, ok bool) {
	if at >= len(b) || b[at] == 0xff {
		return nil, 0, false
	}
	n := int(b[at])
	at++
	if n == 254 {
		if at+4 > len(b) {
			return nil, 0, false
		}
		n = int(binary.LittleEndian.Uint32(b[at:]))
		at += 4
	}
	if at+free+n > len(b) {
		return nil, 0, false
	}
	unused := 0
	if free > 0 {
		unused = int(b[at])
		at++
	}
	next = at + n + unused
	return b[at : at+n : at+n], next, next <= len(b)
}
