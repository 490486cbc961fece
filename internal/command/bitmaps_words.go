package command

import (
	"encoding/binary"
	"math/bits"
)

// wordBytes is how many bytes the loops below take at a time.
const wordBytes = 8

// countOnes counts the bits that are set.
func countOnes(b []byte) (n int) {
	for ; len(b) >= wordBytes; b = b[wordBytes:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(b))
	}
	for _, v := range b {
		n += bits.OnesCount8(v)
	}
	return n
}

// skipBytes returns how many bytes b begins with that are all v.
func skipBytes(b []byte, v byte) (n int) {
	all := uint64(v) * 0x0101010101010101
	for n+wordBytes <= len(b) && binary.LittleEndian.Uint64(b[n:]) == all {
		n += wordBytes
	}
	for n < len(b) && b[n] == v {
		n++
	}
	return n
}

// and makes dst what it has in common with src, which may be shorter and goes on
// with zeros.
func and(dst, src []byte) {
	clear(dst[len(src):])
	dst = dst[:len(src)]
	for ; len(dst) >= wordBytes; dst, src = dst[wordBytes:], src[wordBytes:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)&binary.LittleEndian.Uint64(src))
	}
	for i := range dst {
		dst[i] &= src[i]
	}
}

// or adds the bits of src, which may be shorter, to dst.
func or(dst, src []byte) {
	dst = dst[:len(src)]
	for ; len(dst) >= wordBytes; dst, src = dst[wordBytes:], src[wordBytes:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)|binary.LittleEndian.Uint64(src))
	}
	for i := range dst {
		dst[i] |= src[i]
	}
}

// xor turns the bits of dst over that are set in src, which may be shorter.
func xor(dst, src []byte) {
	dst = dst[:len(src)]
	for ; len(dst) >= wordBytes; dst, src = dst[wordBytes:], src[wordBytes:] {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(dst)^binary.LittleEndian.Uint64(src))
	}
	for i := range dst {
		dst[i] ^= src[i]
	}
}

// not turns all bits over.
func not(b []byte) {
	for ; len(b) >= wordBytes; b = b[wordBytes:] {
		binary.LittleEndian.PutUint64(b, ^binary.LittleEndian.Uint64(b))
	}
	for i := range b {
		b[i] = ^b[i]
	}
}
