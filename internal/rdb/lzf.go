package rdb

// LZF, the compression of strings, is a sequence of runs. A control byte below
// 32 is followed by that many bytes and one more, which stand for themselves.
// Any other refers back: its upper three bits are the length less two, 7 meaning
// that a byte to be added follows; its lower five and the next byte are the
// distance less one.
const (
	lzfLiterals = 32      // in one run at most
	lzfDistance = 1 << 13 // the farthest reference
	lzfLength   = 7 + 255 + 2

	// lzfRatio bounds what a byte of input can become: three make lzfLength.
	lzfRatio = lzfLength / 3

	lzfHashBits = 14
)

// compressor finds repetitions by a table of where each hash of three bytes was
// last seen. Places count on from one string to the next, so that those of an
// earlier one are recognised and the table is cleared once in 4 GiB.
type compressor struct {
	last [1 << lzfHashBits]uint32
	base uint32 // the place before the first byte of the string
}

// compress appends src in LZF to dst and returns it, or false if that is not
// shorter by at least four bytes.
func (c *compressor) compress(dst, src []byte) ([]byte, bool) {
	begin, limit := len(dst), len(src)-4
	if limit <= 0 {
		return dst, false
	}
	if uint64(c.base)+uint64(len(src)) >= 1<<32-1 {
		clear(c.last[:])
		c.base = 0
	}
	base := c.base
	c.base += uint32(len(src))
	from := 0 // of the literals that wait
	for i := 0; i+2 < len(src); {
		h := lzfHash(src[i:])
		ref := int(c.last[h]) - int(base) - 1
		c.last[h] = base + uint32(i) + 1
		if ref < 0 || i-ref > lzfDistance || src[ref] != src[i] || src[ref+1] != src[i+1] || src[ref+2] != src[i+2] {
			i++
			continue
		}
		n := 3
		for n < lzfLength && i+n < len(src) && src[ref+n] == src[i+n] {
			n++
		}
		dst = putReference(putLiterals(dst, src[from:i]), i-ref, n)
		if len(dst)-begin > limit {
			return dst[:begin], false
		}
		i += n
		from = i
	}
	dst = putLiterals(dst, src[from:])
	if len(dst)-begin > limit {
		return dst[:begin], false
	}
	return dst, true
}

func lzfHash(p []byte) uint32 {
	v := uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16
	return v * 2654435761 >> (32 - lzfHashBits)
}

func putLiterals(dst, p []byte) []byte {
	for len(p) > 0 {
		n := min(len(p), lzfLiterals)
		dst = append(append(dst, byte(n-1)), p[:n]...)
		p = p[n:]
	}
	return dst
}

func putReference(dst []byte, distance, n int) []byte {
	distance--
	n -= 2
	if n < 7 {
		return append(dst, byte(n<<5|distance>>8), byte(distance))
	}
	return append(dst, byte(7<<5|distance>>8), byte(n-7), byte(distance))
}

// decompress writes what src stands for to dst and reports whether it is
// exactly as long.
func decompress(dst, src []byte) bool {
	at := 0
	for i := 0; i < len(src); {
		control := int(src[i])
		i++
		if control < lzfLiterals {
			n := control + 1
			if i+n > len(src) || at+n > len(dst) {
				return false
			}
			at += copy(dst[at:], src[i:i+n])
			i += n
			continue
		}
		n := control >> 5
		if n == 7 && i < len(src) {
			n += int(src[i])
			i++
		}
		if i >= len(src) {
			return false
		}
		ref := at - (control&0x1f)<<8 - int(src[i]) - 1
		i++
		if n += 2; ref < 0 || at+n > len(dst) {
			return false
		}
		for end := at + n; at < end; at++ { // it may overlap what it makes
			dst[at] = dst[ref]
			ref++
		}
	}
	return at == len(dst)
}
