package vector

import (
	"math"
	"math/bits"
	"unsafe"
)

// Quant is how the components of vectors are kept. The numbers are those of the
// reference server's files.
type Quant uint8

// The ways to keep components.
const (
	Float32 Quant = iota // as they are
	Int8                 // as multiples of a 127th of the largest of the vector
	Binary               // their signs
)

// String returns the name that VINFO has for it.
func (q Quant) String() string { return [...]string{"f32", "int8", "bin"}[q] }

// int8Max is what the largest component of a vector is kept as.
const int8Max = 127

// bytesFor returns how many bytes a vector takes.
func (q Quant) bytesFor(dim int) int {
	switch q {
	case Float32:
		return dim * 4
	case Binary:
		return (dim + 63) / 64 * 8
	}
	return dim
}

// Normalize gives a vector the length one and returns the length it had. One
// without length stays as it is, and 1 is returned. Squares are added up by four,
// as in the reference server.
func Normalize(v []float32) float32 {
	sum := float32(0)
	i := 0
	for ; i+4 <= len(v); i += 4 {
		a := v[i : i+4 : i+4]
		sum += float32(float32(float32(a[0]*a[0])+float32(a[1]*a[1]))+float32(a[2]*a[2])) + float32(a[3]*a[3])
	}
	for ; i < len(v); i++ {
		sum += float32(v[i] * v[i])
	}
	if sum == 0 {
		return 1
	}
	length := float32(math.Sqrt(float64(sum)))
	for i := range v {
		v[i] /= length
	}
	return length
}

// encode writes a vector of length one to b and returns the largest of its
// components, which Int8 needs to read it back.
func (q Quant) encode(b []byte, v []float32) (largest float32) {
	switch q {
	case Float32:
		copy(floats(b), v)
	case Binary:
		clear(b)
		for i, x := range v {
			if x > 0 {
				b[i/8] |= 1 << (i % 8)
			}
		}
	case Int8:
		for _, x := range v {
			if x < 0 {
				x = -x
			}
			if x > largest {
				largest = x
			}
		}
		if largest == 0 {
			clear(b)
			return 0
		}
		scale := int8Max / largest
		for i, x := range v {
			b[i] = byte(roundInt8(x * scale))
		}
	}
	return largest
}

// roundInt8 rounds half away from zero, within what an int8 may be.
func roundInt8(x float32) int8 {
	r := math.Round(float64(x))
	switch {
	case r > int8Max:
		return int8Max
	case r < -int8Max:
		return -int8Max
	case math.IsNaN(r):
		return 0
	}
	return int8(r)
}

// decode writes the components that b stands for to v.
func (q Quant) decode(v []float32, b []byte, largest float32) {
	switch q {
	case Float32:
		copy(v, floats(b))
	case Binary:
		for i := range v {
			v[i] = -1
			if b[i/8]>>(i%8)&1 != 0 {
				v[i] = 1
			}
		}
	case Int8:
		for i := range v {
			v[i] = float32(int8(b[i])) * largest / int8Max
		}
	}
}

// coded is a vector as it is kept.
type coded struct {
	b       []byte
	largest float32
}

// distance is one less the cosine of the angle between two vectors, from 0 for the
// same direction to 2 for the opposite one. It is computed in the reference
// server's order, so that scores are the same to the last bit. What can't be told
// is infinitely far.
func (q Quant) distance(x, y coded, dim int) (d float32) {
	switch q {
	case Float32:
		d = 1 - dotFloats(floats(x.b), floats(y.b))
	case Binary:
		d = float32(differing(x.b, y.b)) * 2 / float32(dim)
	case Int8:
		if x.largest == 0 || y.largest == 0 {
			return 1
		}
		scale := float32(x.largest/int8Max) * float32(y.largest/int8Max)
		d = 1 - float32(float32(dotInts(x.b, y.b))*scale)
		d = max(0, min(d, 2))
	}
	if math.IsNaN(float64(d)) {
		return float32(math.Inf(1))
	}
	return d
}

// dotFloats adds up in two sums of four products at a time. The conversions keep a
// compiler from fusing operations, which would round differently.
func dotFloats(x, y []float32) float32 {
	var even, odd float32
	y = y[:len(x)]
	i := 0
	for ; i+8 <= len(x); i += 8 {
		a, b := x[i:i+8:i+8], y[i:i+8:i+8]
		even += float32(float32(float32(a[0]*b[0])+float32(a[1]*b[1]))+float32(a[2]*b[2])) + float32(a[3]*b[3])
		odd += float32(float32(float32(a[4]*b[4])+float32(a[5]*b[5]))+float32(a[6]*b[6])) + float32(a[7]*b[7])
	}
	for ; i < len(x); i++ {
		even += float32(x[i] * y[i])
	}
	return even + odd
}

func dotInts(x, y []byte) int32 {
	var s0, s1, s2, s3 int32
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a, b := x[i:i+4:i+4], y[i:i+4:i+4]
		s0 += int32(int8(a[0])) * int32(int8(b[0]))
		s1 += int32(int8(a[1])) * int32(int8(b[1]))
		s2 += int32(int8(a[2])) * int32(int8(b[2]))
		s3 += int32(int8(a[3])) * int32(int8(b[3]))
	}
	for ; i < len(x); i++ {
		s0 += int32(int8(x[i])) * int32(int8(y[i]))
	}
	return s0 + s1 + s2 + s3
}

// differing counts the bits in which two vectors of signs differ.
func differing(x, y []byte) (n int) {
	a, b := words(x), words(y)
	for i := range a {
		n += bits.OnesCount64(a[i] ^ b[i])
	}
	return n
}

func floats(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

func words(b []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
}
