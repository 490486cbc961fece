package hyperloglog

import (
	"encoding/binary"
	"errors"
)

const (
	indexBits     = 14
	registers     = 1 << indexBits
	hashBits      = 64 - indexBits // that the length of a run is taken from
	registerBits  = 6
	registerMax   = hashBits + 1
	headerBytes   = 16
	registerBytes = registers * registerBits / 8

	// DenseBytes is the length of a dense value.
	DenseBytes = headerBytes + registerBytes
)

// The places of the header's fields.
const (
	encodingAt = 4
	cacheAt    = 8
	staleAt    = 15
	staleBit   = 0x80
)

const (
	encodingDense  = 0
	encodingSparse = 1
)

const magic = "HYLL"

// ErrCorrupt is returned of a value whose runs don't cover the registers.
var ErrCorrupt = errors.New("hyperloglog: corrupt value")

// Is reports whether v looks like a value. A sparse one may still be corrupt.
func Is(v []byte) bool {
	return len(v) >= headerBytes && string(v[:len(magic)]) == magic &&
		(v[encodingAt] == encodingSparse || v[encodingAt] == encodingDense && len(v) == DenseBytes)
}

// AppendEmpty appends a value without elements to b.
func AppendEmpty(b []byte) []byte {
	b = append(b, magic...)
	b = append(b, encodingSparse)
	b = append(b, make([]byte, headerBytes-encodingAt-1)...)
	return appendZeros(b, registers)
}

// Dense reports whether v is dense.
func Dense(v []byte) bool { return v[encodingAt] == encodingDense }

// Cached returns the estimate that v carries, and whether it is up to date.
func Cached(v []byte) (n uint64, ok bool) {
	return binary.LittleEndian.Uint64(v[cacheAt:]), v[staleAt]&staleBit == 0
}

// SetCached makes v carry an estimate.
func SetCached(v []byte, n uint64) { binary.LittleEndian.PutUint64(v[cacheAt:], n) }

// Invalidate says that the estimate which v carries is out of date.
func Invalidate(v []byte) { v[staleAt] |= staleBit }

// Raises reports whether an element would change v, which is dense.
func Raises(v, element []byte) bool {
	index, run := position(element)
	return run > denseAt(v[headerBytes:], index)
}

// Add counts an element and returns the value, which may have moved and become
// dense, and whether that changed it. A sparse value may have sparseMax bytes.
func Add(v, element []byte, sparseMax int) (_ []byte, changed bool, err error) {
	index, run := position(element)
	return raise(v, index, run, sparseMax)
}

// raise makes a register at least value.
func raise(v []byte, index int, value byte, sparseMax int) (_ []byte, changed bool, err error) {
	if !Dense(v) {
		return raiseSparse(v, index, value, sparseMax)
	}
	if denseAt(v[headerBytes:], index) >= value {
		return v, false, nil
	}
	setDense(v[headerBytes:], index, value)
	Invalidate(v)
	return v, true, nil
}

// ToDense makes v dense; dense values stay as they are.
func ToDense(v []byte) ([]byte, error) {
	if Dense(v) {
		return v, nil
	}
	var dense [registerBytes]byte
	err := eachRun(v, func(at, n int, value byte) {
		for i := at; value != 0 && i < at+n; i++ {
			setDense(dense[:], i, value)
		}
	})
	if err != nil {
		return v, err
	}
	v[encodingAt] = encodingDense
	return append(v[:headerBytes], dense[:]...), nil
}

// Register returns a register of v, which is dense.
func Register(v []byte, index int) byte { return denseAt(v[headerBytes:], index) }

// Registers is the number of registers of every value.
const Registers = registers
