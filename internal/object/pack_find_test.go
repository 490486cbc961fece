package object

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// Elements that begin alike, mostly, are passed over without a look at each of
// them: what is found is what a walk finds, though it be at the very end or seem to
// be inside of another element, whatever lies in between.
func TestFindAmongAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	inner := NewPack(&heapMemory{}, 0)
	inner.Append([]byte("m7"))
	inner.Append([]byte("member:007"))
	texts := []string{
		"", "m7", "m10", "m11", "m77", "member:007", "member:107", "member:008", "aember:007", strings.Repeat("m", 63), strings.Repeat("m", 5000),
		string(inner.Bytes()), "0", "5", "127", "128", "4095", "-1", "70000", "3000000000", "9000000000000000000",
	}
	for range 20000 {
		p := NewPack(&heapMemory{}, 0)
		alike, other := texts[random.IntN(len(texts))], texts[random.IntN(len(texts))]
		var values []string
		for i := range random.IntN(20) {
			v := alike
			if i%2 == 1 {
				v = other
			}
			if random.IntN(4) == 0 {
				v = texts[random.IntN(len(texts))]
			}
			values = append(values, v)
			p.Append([]byte(v))
		}
		v, skip := texts[random.IntN(len(texts))], random.IntN(3)
		want := 0
		for i, at := 0, p.First(); at != 0 && want == 0; i, at = i+1, p.Next(at) {
			if i%(skip+1) == 0 && values[i] == v {
				want = at
			}
		}
		if got := p.Find(p.First(), []byte(v), skip); got != want {
			t.Fatalf("%q among %q, every %d.: found at %d, want %d", v, values, skip+1, got, want)
		}
	}
}

// BenchmarkFind looks for members of packs like those that small collections
// are, a part of which aren't there.
func BenchmarkFind(b *testing.B) {
	for _, c := range []struct {
		name, prefix string
		skip         int
		value        string
	}{
		{"set", "m", 0, ""},
		{"longer", "member:", 0, ""},
		{"hash", "f", 1, "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"},
		{"scores", "m", 1, "1"},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := NewPack(&countedMemory{}, 0)
			var names [100][]byte
			for i := range names {
				names[i] = []byte(c.prefix + strconv.Itoa(i*7%100))
				if i%4 == 3 {
					continue
				}
				p.Append(names[i])
				if c.skip > 0 {
					p.Append([]byte(c.value))
				}
			}
			for i := range b.N {
				p.Find(p.First(), names[i%100], c.skip)
			}
		})
	}
}
