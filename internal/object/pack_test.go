package object

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Memory that counts how often it was asked for.
type countedMemory struct {
	heapMemory
	resized int
}

func (m *countedMemory) Resize(n int) []byte {
	m.resized++
	return m.heapMemory.Resize(n)
}

// A pack that is made for what it is given is not moved while it is given that:
// each move leaves a dead copy in the arena.
func TestPackIsMadeOnce(t *testing.T) {
	var values [][]byte
	for i := range 50 {
		values = append(values, fmt.Appendf(nil, "value %d of many", i))
	}
	var mem countedMemory
	p := NewPack(&mem, PackedSizes(values))
	for i, v := range values {
		if i%2 == 0 {
			p.Append(v)
		} else {
			p.Insert(p.First(), v)
		}
	}
	if mem.resized != 1 {
		t.Errorf("%d times resized", mem.resized)
	}
	if p.Delete(p.First(), 49); mem.resized != 2 || p.Len() != 1 {
		t.Errorf("after a removal: %d times resized, %d elements", mem.resized, p.Len())
	}
}

// Find agrees with a walk that compares one by one, for all encodings.
func TestPackFind(t *testing.T) {
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "a", "field1", "field2", "0", "1", "127", "128", "-1", "4095", "-4096", "32768", "8388608", "2147483648", "9223372036854775807", "007",
			strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x", 4096), strings.Repeat("y", 64),
		}),
		rapid.StringN(0, 5, 20),
	)
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(texts, 0, 30).Draw(t, "values")
		p := NewPack(&heapMemory{}, 0)
		for _, v := range values {
			p.Append([]byte(v))
		}
		v, skip := []byte(texts.Draw(t, "sought")), rapid.IntRange(0, 2).Draw(t, "skip")
		want, at := 0, p.First()
		for i := 0; at != 0 && want == 0; i++ {
			if i%(skip+1) == 0 && bytes.Equal([]byte(values[i]), v) {
				want = at
			}
			at = p.Next(at)
		}
		if got := p.Find(p.First(), v, skip); got != want {
			t.Fatalf("found at %d, want %d", got, want)
		}
	})
}
