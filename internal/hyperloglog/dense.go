package hyperloglog

// A register of a dense value lies across two bytes at the most. The last one
// ends with the last byte.

func denseAt(packed []byte, index int) byte {
	at, shift := index*registerBits/8, index*registerBits%8
	v := packed[at] >> shift
	if shift > 8-registerBits {
		v |= packed[at+1] << (8 - shift)
	}
	return v & (1<<registerBits - 1)
}

func setDense(packed []byte, index int, value byte) {
	const mask = 1<<registerBits - 1
	at, shift := index*registerBits/8, index*registerBits%8
	packed[at] = packed[at]&^(mask<<shift) | value<<shift
	if shift > 8-registerBits {
		packed[at+1] = packed[at+1]&^(mask>>(8-shift)) | value>>(8-shift)
	}
}

// eachDense visits the registers in order, four of them at a time: they fill
// three bytes.
func eachDense(packed []byte, visit func(index int, four [4]byte)) {
	const mask = 1<<registerBits - 1
	for at, index := 0, 0; at+3 <= len(packed); at, index = at+3, index+4 {
		a, b, c := packed[at], packed[at+1], packed[at+2]
		visit(index, [4]byte{a & mask, (a>>6 | b<<2) & mask, (b>>4 | c<<4) & mask, c >> 2})
	}
}
