package resp

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzParser holds that the parser never fails, that the same requests come out
// however the bytes are split, and that memory is bounded by what has arrived.
func FuzzParser(f *testing.F) {
	for _, input := range []string{
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
		"*2147483647\r\n$536870912\r\n",
		"*1\r\n$-2\r\n", "*1\r\n$9223372036854775807\r\n", "*-1\r\n*0\r\n*1\r\nx\r\n",
		"*1\rx$4\rxPINGxxPING\r\n", "*1\r\n$1\x00\r\n",
		"PING\r\n\r\nset k \"a\\x41\\n\" 'it\\'s'\n", "ECHO \"a\"b\n", "ECHO 'a\n",
		"*11\r\n$16385\r\n",
	} {
		f.Add([]byte(input), uint64(1), true)
		f.Add([]byte(input), uint64(2), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, authenticated bool) {
		input := string(data[:min(len(data), 4<<10)])
		p := &Parser{MaxBulk: DefaultMaxBulk, Authenticated: authenticated}
		want := transcript(p, input)
		if room := cap(p.spans) + cap(p.args); room > 64+4*len(input) {
			t.Fatalf("room for %d arguments after %d bytes", room, len(input))
		}
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
