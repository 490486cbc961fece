package resp

import "math"

// shortDigits is the most digits that cannot overflow an int64.
const shortDigits = 18

// shortNumber reads a plain decimal number at buf[at:] that is followed by '\r'
// and one more byte, whatever it is. It returns the number and the offset after
// that byte, or end == 0 when it found anything else and parseInt must decide.
func shortNumber(buf []byte, at int) (n, end int) {
	if at+2 < len(buf) && buf[at+1] == '\r' && buf[at]-'0' <= 9 {
		return int(buf[at] - '0'), at + 3 // by far the most common
	}
	i := at
	for ; i < len(buf) && i-at <= shortDigits; i++ {
		d := buf[i] - '0'
		if d > 9 {
			break
		}
		n = n*10 + int(d)
	}
	digits := i - at
	if digits == 0 || digits > shortDigits || i+1 >= len(buf) || buf[i] != '\r' || (buf[at] == '0' && digits > 1) {
		return 0, 0
	}
	return n, i + 2
}

// parseInt parses a 64-bit integer in the one form that its decimal notation has:
// no space, no plus sign, no leading zero, no minus zero.
func parseInt(b []byte) (n int64, ok bool) {
	if len(b) == 1 && b[0] == '0' {
		return 0, true
	}
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || b[0] == '0' {
		return 0, false
	}
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	var u uint64
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || u > (limit-d)/10 {
			return 0, false
		}
		u = u*10 + d
	}
	if negative {
		return -int64(u), true
	}
	return int64(u), true
}
