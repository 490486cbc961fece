package object

import (
	"encoding/binary"
	"unsafe"
)

// sought is a short string that is looked for in a pack: nearly every search.
//
// Where an element ends follows from its first byte, so that to go through a
// pack is a chain of loads, each of which waits for the one before. But elements
// tend to begin alike. As long as they do, the next one is where it is supposed
// to be, which the processor needs not wait for to look at it: run does that as long
// as they are short strings, or one kind of something else, and findShort the rest.
type sought struct {
	want, mask uint64 // eight bytes of the element, and which bits of them count
	off        int    // where those lie in the element

	seen, other     uint16 // first bytes of the elements that run passes over, ...
	step, otherStep int    // and how long those are
}

// noEncoding is no first byte of an element.
const noEncoding = 1 << 8

// seek makes s look for v: for what is encoded of it, or the last eight bytes, as names
// tend to differ at their end. s is filled in where it lies: returned, it would be
// written in words and copied in pairs of them.
func (s *sought) seek(v []byte) {
	n := len(v)
	switch {
	case n >= 8:
		s.want, s.mask, s.off = binary.LittleEndian.Uint64(v[n-8:]), ^uint64(0), n-7
		return
	case n >= 4:
		s.want = uint64(binary.LittleEndian.Uint32(v)) | uint64(binary.LittleEndian.Uint32(v[n-4:]))<<(8*(n-4))
	case n >= 2:
		s.want = uint64(binary.LittleEndian.Uint16(v)) | uint64(v[n-1])<<(8*(n-1))
	case n == 1:
		s.want = uint64(v[0])
	}
	s.want = s.want<<8 | encStr6 | uint64(n)
	s.mask = ^uint64(0) >> (8 * (7 - n))
}

// at reports whether what is at a position, eight bytes of which are there, is v, of which
// s is made.
func (s *sought) at(b []byte, at int, v []byte) bool {
	if (binary.LittleEndian.Uint64(b[at+s.off:])^s.want)&s.mask != 0 {
		return false
	}
	return s.off == 0 || b[at] == encStr6|byte(len(v)) && string(b[at+1:][:len(v)]) == string(v)
}

// findShort is Find for what is encoded as a short string.
func (p *Pack) findShort(at int, v []byte, skip int) int {
	s := sought{other: noEncoding}
	s.seek(v)
	end := len(p.b) - 8 - s.off // behind it, eight bytes are not there to be read
	if s.seen, s.step = p.stride(at); skip == 1 && p.b[at+s.step] != packEnd {
		s.other, s.otherStep = p.stride(at + s.step)
	}
	for {
		if skip == 0 {
			at = s.run(p.b, at, end)
		} else if skip == 1 {
			at = s.runPairs(p.b, at, end)
		}
		switch {
		case at > end:
			return p.findSlow(at, v, skip)
		case s.at(p.b, at, v):
			return at
		case p.b[at] == packEnd:
			return 0
		}
		s.seen, s.step = p.stride(at)
		if at += s.step; skip == 0 {
			continue
		}
		if p.b[at] == packEnd {
			return 0
		}
		s.other, s.otherStep = p.stride(at)
		if at += s.otherStep; skip > 1 && p.b[at] != packEnd {
			at = p.skip(at, skip-2)
		}
	}
}

// run passes over elements from a position on and returns that of the first
// which may be what is sought, or is neither a short string nor begins as the others,
// or lies behind end.
func (s *sought) run(b []byte, at, end int) int {
	base, want, mask, off := unsafe.Pointer(unsafe.SliceData(b)), s.want, s.mask, s.off
	seen, step := s.seen, s.step
	for at <= end {
		if (*(*uint64)(unsafe.Add(base, at+off))^want)&mask == 0 {
			return at
		}
		if c := *(*byte)(unsafe.Add(base, at)); uint16(c) != seen {
			if c < encStr6 || c >= enc13Bit {
				return at
			}
			seen, step = uint16(c), 2+int(c&(encStr6Max-1))
		}
		// As long as they begin alike, the step is one that no load has to tell.
		for at += step; at <= end; at += step {
			if (*(*uint64)(unsafe.Add(base, at+off))^want)&mask == 0 || uint16(*(*byte)(unsafe.Add(base, at))) != seen {
				break
			}
		}
	}
	return at
}

// runPairs is run where every other element counts. A number in between, a score
// for one, may be another each time.
func (s *sought) runPairs(b []byte, at, end int) int {
	base, want, mask, off := unsafe.Pointer(unsafe.SliceData(b)), s.want, s.mask, s.off
	seen, step, other, otherStep := s.seen, s.step, s.other, s.otherStep
	for at <= end {
		if (*(*uint64)(unsafe.Add(base, at+off))^want)&mask == 0 {
			break
		}
		if c := *(*byte)(unsafe.Add(base, at)); uint16(c) != seen {
			if c < encStr6 || c >= enc13Bit {
				break
			}
			seen, step = uint16(c), 2+int(c&(encStr6Max-1))
		}
		switch c := *(*byte)(unsafe.Add(base, at+step)); {
		case uint16(c) == other:
			at += step + otherStep
		case c < encStr6:
			at += step + 2
		case c >= enc13Bit && c < encStr12:
			at += step + 3
		default:
			n := int(strides[c])
			if n == 0 {
				return at
			}
			at += step + n
		}
	}
	return at
}

// stride returns how long the element at a position is with the length behind it,
// and the first byte that says so, noEncoding if that doesn't tell.
func (p *Pack) stride(at int) (seen uint16, n int) {
	c := p.b[at]
	if n = int(strides[c]); n != 0 {
		return uint16(c), n
	}
	return noEncoding, p.afterLong(at) - at
}
