package rdb

import (
	"bytes"
	"hash/crc64"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChecksum(t *testing.T) {
	// The value that the reference server's own test expects.
	if got := Checksum(0, []byte("123456789")); got != 0xe9c6d914c4b8d9ca {
		t.Errorf("checksum %#x", got)
	}
	table := crc64.MakeTable(polynomial)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOf(rapid.Byte()).Draw(t, "p")
		cut := rapid.IntRange(0, len(p)).Draw(t, "cut")
		want := ^crc64.Update(^uint64(0), table, p)
		if got := Checksum(Checksum(0, p[:cut]), p[cut:]); got != want {
			t.Errorf("checksum %#x, want %#x", got, want)
		}
	})
}

func TestCompression(t *testing.T) {
	c := &compressor{}
	check := func(t interface{ Fatalf(string, ...any) }, p []byte) {
		packed, ok := c.compress([]byte("before"), p)
		if !ok {
			if string(packed) != "before" {
				t.Fatalf("%q is left of what is not compressed", packed)
			}
			return
		}
		packed = packed[len("before"):]
		if len(packed) > len(p)-4 {
			t.Fatalf("%d bytes compressed to %d", len(p), len(packed))
		}
		plain := make([]byte, len(p))
		if !decompress(plain, packed) || !bytes.Equal(plain, p) {
			t.Fatalf("%q came back as %q", p, plain)
		}
	}
	for _, p := range []string{
		"", "a", strings.Repeat("a", 20), strings.Repeat("a", 100000), strings.Repeat("abc", 3000),
		strings.Repeat("x", 263) + "y" + strings.Repeat("x", 264), strings.Repeat(string(make([]byte, 8191))+"q", 3),
	} {
		check(t, []byte(p))
	}
	c.base = 1<<32 - 200 // places are about to run over
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.SliceOfN(rapid.ByteRange('a', 'd'), 0, 400).Draw(t, "p"))
	})
}

func FuzzDecompress(f *testing.F) {
	f.Add([]byte{4, 'h', 'e', 'l', 'l', 'o', 0x40, 1}, 9)
	f.Fuzz(func(_ *testing.T, p []byte, n int) {
		decompress(make([]byte, uint(n)%4096), p)
	})
}
