package vector

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A projection turns vectors of Input components into such of Dim. Its matrix has
// the signs of Hadamard's (Walsh's, in natural order) and one factor, as that of
// the reference server: so both have the same distances. A matrix that was restored
// may be another, and is kept.

// sign is the entry of Hadamard's matrix.
func sign(row, column int) float32 {
	if bits.OnesCount(uint(row&column))%2 == 0 {
		return 1
	}
	return -1
}

// EntryOf returns an entry of the matrix.
func (s *Set) EntryOf(row, column int) float32 {
	if s.matrix.room > 0 {
		return floats(s.view(s.matrix))[row*s.shape.Input+column]
	}
	return sign(row, column) * s.scale()
}

func (s *Set) scale() float32 { return float32(1 / math.Sqrt(float64(s.shape.Input))) }

// Project writes the projection of a vector of Input components to to, of Dim.
func (s *Set) Project(to, v []float32) {
	for i := range to {
		sum := float32(0)
		for j, x := range v {
			sum += float32(s.EntryOf(i, j) * x)
		}
		to[i] = sum
	}
}

// AppendMatrix appends the matrix row by row, as floats of 4 bytes.
func (s *Set) AppendMatrix(b []byte) []byte {
	for i := range s.shape.Dim {
		for j := range s.shape.Input {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.EntryOf(i, j)))
		}
	}
	return b
}

// adopt keeps a matrix if it is not the one there would be anyway.
func (s *Set) adopt(matrix []byte) {
	for i := range s.shape.Dim {
		for j := range s.shape.Input {
			at := (i*s.shape.Input + j) * 4
			if math.Float32frombits(binary.LittleEndian.Uint32(matrix[at:])) != sign(i, j)*s.scale() {
				s.matrix = s.alloc(len(matrix))
				copy(s.view(s.matrix), matrix)
				return
			}
		}
	}
}
