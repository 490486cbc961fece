package memcache

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzParser holds that the parser never fails and that the same requests come out
// however the bytes are split.
func FuzzParser(f *testing.F) {
	for _, input := range []string{
		"get a b c\r\ngets a\ngat 10 a\r\n",
		"set a 1 2 3\r\nxyz\r\nadd a 0 0 0 noreply\r\n\r\ncas a 0 0 1 7\r\nx\r\n",
		"set a 0 0 1\r\nxyz\r\nset a 0 0 -1\r\n", "set a 0 0 70\r\n", "set a 0 0 2147483645\r\nabc",
		"incr a 1\r\ndecr a 18446744073709551616\r\ntouch a 0\r\ndelete a 0 noreply\r\n",
		"flush_all -1 noreply\r\nverbosity 1\r\nversion\r\nstats items\r\nlru mode flat\r\nquit\r\n",
		"set a -18446744073709551615 4294967297 4294967296\r\n\r\n", "get a\x00b\r\n", "\r\r\n",
	} {
		f.Add([]byte(input), uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		// Above longLine the parser is as strict as the bytes are slow.
		input := string(data[:min(len(data), longLine)])
		p := newParser()
		p.MaxItem = 128 // so that refused values end within the input
		want := transcript(p, input)
		p.Reset()
		if got := transcript(p, input, everyByte(input)...); got != want {
			t.Fatalf("%q\nbyte by byte %q\n      whole %q", input, got, want)
		}
		p.Reset()
		splits := rand.New(rand.NewPCG(seed, 0))
		ends := make([]int, splits.IntN(8))
		for i := range ends {
			ends[i] = splits.IntN(len(input) + 1)
		}
		slices.Sort(ends)
		if got := transcript(p, input, ends...); got != want {
			t.Fatalf("%q\nsplit at %v %q\n      whole %q", input, ends, got, want)
		}
	})
}
