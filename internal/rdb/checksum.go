package rdb

import "encoding/binary"

// The checksum is the CRC-64 that Jones found, reflected, which begins at 0 and
// ends as it is; hash/crc64 inverts both.
const polynomial = 0x95ac9329ac4bc9b5

// crcTables let eight bytes be taken at once (Kounavis and Berry, "slicing-by-8").
var crcTables = func() (t [8][256]uint64) {
	for i := range t[0] {
		c := uint64(i)
		for range 8 {
			c = c>>1 ^ polynomial&-(c&1)
		}
		t[0][i] = c
	}
	for i := range t[0] {
		c := t[0][i]
		for k := 1; k < len(t); k++ {
			c = t[0][byte(c)] ^ c>>8
			t[k][i] = c
		}
	}
	return t
}()

// Checksum continues a checksum, which begins at 0, over p.
func Checksum(crc uint64, p []byte) uint64 {
	t := &crcTables
	for ; len(p) >= 8; p = p[8:] {
		c := crc ^ binary.LittleEndian.Uint64(p)
		crc = t[7][byte(c)] ^ t[6][byte(c>>8)] ^ t[5][byte(c>>16)] ^ t[4][byte(c>>24)] ^
			t[3][byte(c>>32)] ^ t[2][byte(c>>40)] ^ t[1][byte(c>>48)] ^ t[0][byte(c>>56)]
	}
	for _, b := range p {
		crc = t[0][byte(crc)^b] ^ crc>>8
	}
	return crc
}
