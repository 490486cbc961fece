package hyperloglog

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestAgainstModel keeps registers in a plain array next to a value that is
// sparse for as long as it may, and one that is dense from the start.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 1))
		var model Union
		sparse := AppendEmpty(nil)
		dense, err := ToDense(AppendEmpty(nil))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 8000 {
			element := []byte(strconv.Itoa(random.IntN(20000)))
			index, run := position(element)
			want := run > model[index]
			model[index] = max(model[index], run)
			if Raises(dense, element) != want {
				t.Fatalf("seed %d: Raises before element %d", seed, n)
			}
			var raised [2]bool
			sparse, raised[0], err = Add(sparse, element, 3000+int(seed)*10000)
			if err == nil {
				dense, raised[1], err = Add(dense, element, 0)
			}
			if err != nil || raised != [2]bool{want, want} {
				t.Fatalf("seed %d: element %d: %v, %v, want %v", seed, n, raised, err, want)
			}
			if n%500 == 0 {
				check(t, &model, sparse)
				check(t, &model, dense)
			}
		}
		if Dense(sparse) != (seed == 0) {
			t.Errorf("seed %d: dense %v with %d bytes", seed, Dense(sparse), len(sparse))
		}
		sparse, err = ToDense(sparse)
		if err != nil || !bytes.Equal(sparse[headerBytes:], dense[headerBytes:]) {
			t.Errorf("seed %d: the dense values differ: %v", seed, err)
		}
	}
}

func check(t *testing.T, model *Union, v []byte) {
	t.Helper()
	var u Union
	if err := u.Merge(v); err != nil || u != *model {
		t.Fatalf("dense %v: registers differ: %v", Dense(v), err)
	}
	if n, err := Count(v); err != nil || n != model.Count() {
		t.Fatalf("dense %v: estimate %d, want %d: %v", Dense(v), n, model.Count(), err)
	}
}

// TestSelfTest has the test fail when a register is wrong.
func TestSelfTest(t *testing.T) {
	if err := SelfTest(); err != nil {
		t.Fatal(err)
	}
	v, _ := ToDense(AppendEmpty(nil))
	for i := range Registers {
		setDense(v[headerBytes:], i, 3)
	}
	if testEstimate(v, 100) == nil {
		t.Error("an estimate that is far off passes")
	}
	if testEqual(v, AppendEmpty(nil)) == nil {
		t.Error("estimates that differ pass")
	}
}

// TestEstimateLimits has no elements, and more than can be told apart.
func TestEstimateLimits(t *testing.T) {
	var u Union
	if n := u.Count(); n != 0 {
		t.Errorf("nothing: %d", n)
	}
	for i := range u {
		u[i] = registerMax
	}
	if n := u.Count(); n == 0 {
		t.Error("all registers at their highest: 0")
	}
	for i := range u {
		u[i] = 1<<registerBits - 1 // no hash comes to that
	}
	u.Count()
}

// FuzzValue has values of any bytes neither panic nor grow beyond what a value
// may have.
func FuzzValue(f *testing.F) {
	empty := AppendEmpty(nil)
	some, _, _ := Add(bytes.Clone(empty), []byte("a"), 3000)
	f.Add(empty, []byte("a"), 3000)
	f.Add(some, []byte("b"), 20)
	f.Add(empty[:len(empty)-1], []byte("a"), math.MaxInt)
	f.Add(append(bytes.Clone(empty), 0xff, 0xff), []byte("a"), 0)
	f.Fuzz(func(t *testing.T, v, element []byte, sparseMax int) {
		if !Is(v) {
			return
		}
		_, countErr := Count(v)
		var u Union
		if err := u.Merge(v); err != countErr {
			t.Fatalf("Merge: %v, Count: %v", err, countErr)
		}
		if !Dense(v) {
			AppendRuns(nil, v)
		}
		before := len(v)
		grown, _, err := Add(bytes.Clone(v), element, sparseMax)
		if len(grown) > max(before+newRunsMax, DenseBytes) {
			t.Fatalf("%d bytes became %d", before, len(grown))
		}
		if countErr == nil && err != nil {
			t.Fatalf("Add: %v", err)
		}
		if countErr == nil {
			if _, err := Count(grown); err != nil {
				t.Fatalf("after Add: %v", err)
			}
			if dense, err := ToDense(bytes.Clone(grown)); err != nil || len(dense) != DenseBytes {
				t.Fatalf("ToDense: %d bytes, %v", len(dense), err)
			}
		}
	})
}

func BenchmarkAddDense(b *testing.B) {
	v, _ := ToDense(AppendEmpty(nil))
	element := make([]byte, 8)
	b.ReportAllocs()
	for n := range b.N {
		element = strconv.AppendInt(element[:0], int64(n), 10)
		v, _, _ = Add(v, element, 0)
	}
}

func BenchmarkCountDense(b *testing.B) {
	v, _ := ToDense(AppendEmpty(nil))
	b.ReportAllocs()
	for range b.N {
		_, _ = Count(v)
	}
}
