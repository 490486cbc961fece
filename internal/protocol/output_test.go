package protocol

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// An Output is a byte queue: whatever is appended comes out once, in order,
// and an Output that was drained or truncated away holds no memory.
func TestOutputIsAQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := offheap.Resident(offheap.Output)
		pool := &Pool{}
		out := NewOutput(pool)
		var want, got []byte
		next := byte(0)
		fill := func(n int) []byte {
			p := make([]byte, n)
			for i := range p {
				p[i] = next
				next++
			}
			want = append(want, p...)
			return p
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 3*chunkSize)).Draw(t, "n")
			switch rapid.SampledFrom([]string{"write", "string", "reserve", "hole", "send", "truncate"}).Draw(t, "op") {
			case "write":
				out.Write(fill(n))
			case "string":
				out.WriteString(string(fill(n)))
			case "reserve":
				n = min(n, MaxReserve)
				out.Commit(append(out.Reserve(n), fill(n)...))
			case "hole":
				line := bytes.Clone(fill(n % (HoleSize + 1)))
				hole := out.Hole()
				out.Write(fill(2 * n))
				out.Plug(hole, line)
			case "send":
				front := out.Front()
				n = min(n, len(front))
				got = append(got, front[:n]...)
				out.Discard(n)
			case "truncate":
				n = min(n, out.Len())
				out.Truncate(out.Len() - n)
				want = want[:len(want)-n]
				next -= byte(n)
			}
			if out.Len() != len(want)-len(got) {
				t.Fatalf("Len is %d, %d bytes are pending", out.Len(), len(want)-len(got))
			}
		}
		for _, run := range out.Vector(nil, 1<<20) {
			got = append(got, run...)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("got %d bytes, want %d, or they differ", len(got), len(want))
		}
		out.Discard(out.Len())
		if len(out.chunks) != 0 {
			t.Fatalf("%d chunks held by an empty output", len(out.chunks))
		}
		pool.Close()
		if after := offheap.Resident(offheap.Output); after != before {
			t.Fatalf("%d bytes leaked", after-before)
		}
	})
}
