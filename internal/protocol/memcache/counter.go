package memcache

import "bytes"

// ParseCounter reads the number that an item holds, for incr and decr: by the
// rules of the numbers in requests, up to the first zero byte, which to the
// reference server is the end of it.
func ParseCounter(value []byte) (n uint64, ok bool) {
	if zero := bytes.IndexByte(value, 0); zero >= 0 {
		value = value[:zero]
	}
	return parseUint64(value)
}
