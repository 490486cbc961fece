package offheap

import (
	"testing"

	"pgregory.net/rapid"
)

// What is handed out is as large as asked for and nobody else's, what is idle is bounded and counted, and
// after Close all is back.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := Resident(Input)
		b := &Blocks{}
		b.Most, b.Keep = 512<<10, 64<<10
		var out [][]byte
		held := 0
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0, 1:
				n := rapid.IntRange(1, 2*blockMost).Draw(t, "n")
				p := b.Take(Input, n)
				if len(p) < n || n <= blockMost && len(p) >= 2*n+PageSize {
					t.Fatalf("%d bytes for %d", len(p), n)
				}
				p[0], p[len(p)-1] = byte(len(out)), byte(len(out))
				out, held = append(out, p), held+len(p)
			case 2:
				if len(out) > 0 {
					p := out[len(out)-1]
					if mark := byte(len(out) - 1); p[0] != mark || p[len(p)-1] != mark {
						t.Fatal("two have the same block")
					}
					out, held = out[:len(out)-1], held-len(p)
					b.Give(Input, p[:len(p)/2])
				}
			default:
				b.Trim(Input)
				if b.Trim(Input); b.Resting() > int64(b.Keep) {
					t.Fatalf("%d bytes rest after they rested", b.Resting())
				}
			}
			if b.Resting() > int64(b.Most) || Resident(Input)-before != int64(held)+b.Resting() {
				t.Fatalf("%d out, %d idle, %d counted", held, b.Resting(), Resident(Input)-before)
			}
		}
		for _, p := range out {
			b.Give(Input, p)
		}
		if b.Close(Input); Resident(Input) != before || b.Resting() != 0 {
			t.Fatalf("%d bytes are left", Resident(Input)-before)
		}
	})
}

// What is used again and again between two Trims stays.
func TestBlocksInUseStay(t *testing.T) {
	b := &Blocks{}
	b.Keep = PageSize
	defer b.Close(Input)
	for range 5 {
		for range 3 {
			p, q := b.Take(Input, 20_000), b.Take(Input, 20_000)
			b.Give(Input, p)
			b.Give(Input, q)
		}
		b.Trim(Input)
	}
	if b.Resting() != 2*32<<10 {
		t.Errorf("%d bytes rest", b.Resting())
	}
	if b.Trim(Input); b.Resting() > PageSize {
		t.Errorf("%d bytes rest of what nobody uses", b.Resting())
	}
}
