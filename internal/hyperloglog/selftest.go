package hyperloglog

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	testElements = 100_000
	// testSparse are added in both representations.
	testSparse = 2_000
	// testTolerance is how many standard errors an estimate may be off.
	testTolerance = 4
)

// standardError of an estimate, as a fraction: 1.04 / sqrt(registers).
const standardError = 1.04 / (1 << (indexBits / 2))

// SelfTest checks that registers keep what is stored beside their neighbours,
// that both representations come to one estimate, and that estimates are right.
// It takes a few milliseconds.
func SelfTest() error {
	if err := testRegisters(); err != nil {
		return err
	}
	dense, err := ToDense(AppendEmpty(nil))
	if err != nil {
		return err
	}
	sparse := AppendEmpty(nil)
	next := uint64(10) // how many elements are estimated next
	for n := uint64(1); n <= testElements; n++ {
		element := binary.LittleEndian.AppendUint64(nil, n)
		if dense, _, err = Add(dense, element, 0); err != nil {
			return err
		}
		if n <= testSparse {
			if sparse, _, err = Add(sparse, element, math.MaxInt); err != nil {
				return err
			}
		}
		switch n {
		case 100, 1_000, testSparse:
			err = testEqual(dense, sparse)
		}
		if err == nil && n == next {
			err = testEstimate(dense, n)
			next += next / 2
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func testRegisters() error {
	var packed [registerBytes]byte
	pattern := func(i, round int) byte { return byte((i*7 + round*13) % (registerMax + 1)) }
	for round := range 4 {
		for i := range registers {
			setDense(packed[:], i, pattern(i, round))
		}
		for i := range registers {
			if got, want := denseAt(packed[:], i), pattern(i, round); got != want {
				return fmt.Errorf("register %d is %d, not %d", i, got, want)
			}
		}
	}
	return nil
}

func testEqual(dense, sparse []byte) error {
	a, err := Count(dense)
	if err != nil {
		return err
	}
	b, err := Count(sparse)
	if err == nil && a != b {
		err = fmt.Errorf("dense estimate %d, sparse estimate %d", a, b)
	}
	return err
}

func testEstimate(v []byte, n uint64) error {
	got, err := Count(v)
	if err != nil {
		return err
	}
	off := math.Abs(float64(got) - float64(n))
	if limit := math.Ceil(testTolerance * standardError * float64(n)); off > limit {
		return fmt.Errorf("the estimate of %d elements is %d", n, got)
	}
	return nil
}
