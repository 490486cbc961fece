package workload

// Keys names the keys of a keyspace: a prefix and the key's number in decimal, padded with zeros to one length. One
// length for all keys lets the encoder precompute everything of a request but the digits.
type Keys struct {
	// Prefix starts every key; Length is the length of the whole key in bytes.
	Prefix string
	Length int
	// Count is the number of keys; they are numbered from 0.
	Count uint64
}

// DefaultKeys names count keys the way redis-benchmark does: "key:" and twelve digits, 16 bytes.
func DefaultKeys(count uint64) Keys { return Keys{Prefix: "key:", Length: 16, Count: count} }

// Append appends the name of key number id to dst.
func (k Keys) Append(dst []byte, id uint64) []byte {
	dst = append(dst, k.Prefix...)
	return AppendPadded(dst, id, k.digits())
}

func (k Keys) digits() int { return k.Length - len(k.Prefix) }

// Blank is the name of key number 0, of which Patch makes any other: its digits begin at index From.
func (k Keys) Blank() (name []byte, from int) { return k.Append(nil, 0), len(k.Prefix) }

// Patch writes the digits of key number id over those of a Blank, which begin at digits[0].
func (k Keys) Patch(digits []byte, id uint64) {
	const pairs = "00010203040506070809" + "10111213141516171819" + "20212223242526272829" + "30313233343536373839" + "40414243444546474849" +
		"50515253545556575859" + "60616263646566676869" + "70717273747576777879" + "80818283848586878889" + "90919293949596979899"
	i := k.digits()
	for digits = digits[:i]; id >= 10 && i >= 2; id /= 100 {
		pair := id % 100 * 2
		i -= 2
		digits[i], digits[i+1] = pairs[pair], pairs[pair+1]
	}
	if id > 0 && i > 0 {
		digits[i-1] = byte('0' + id%10)
	}
}

// AppendPadded appends the lowest `digits` decimal digits of v, with leading zeros.
func AppendPadded(dst []byte, v uint64, digits int) []byte {
	const zeros = "00000000000000000000"
	start := len(dst)
	for left := digits; left > 0; left -= len(zeros) {
		dst = append(dst, zeros[:min(left, len(zeros))]...)
	}
	for i := len(dst) - 1; i >= start && v > 0; i-- {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}

func decimalDigits(v uint64) int {
	n := 1
	for ; v >= 10; v /= 10 {
		n++
	}
	return n
}
