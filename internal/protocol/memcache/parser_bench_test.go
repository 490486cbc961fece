package memcache

import (
	"strings"
	"testing"
)

func benchmarkParse(b *testing.B, requests string, count int) {
	b.Helper()
	p := newParser()
	input := []byte(requests)
	b.SetBytes(int64(len(input)))
	b.ReportAllocs()
	for b.Loop() {
		for buf := input; len(buf) > 0; {
			n, err := p.Parse(buf)
			if n == 0 || err != nil {
				b.Fatal(n, err)
			}
			buf = buf[n:]
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/request")
}

const (
	benchGet = "get key:000000012345\r\n"
	benchSet = "set key:000000012345 0 0 64\r\n" +
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
)

func BenchmarkParseGet(b *testing.B) {
	benchmarkParse(b, benchGet, 1)
}

func BenchmarkParseSet(b *testing.B) {
	benchmarkParse(b, benchSet, 1)
}

func BenchmarkParseGetPipeline16(b *testing.B) {
	benchmarkParse(b, strings.Repeat(benchGet, 16), 16)
}

func BenchmarkParseSetPipeline16(b *testing.B) {
	benchmarkParse(b, strings.Repeat(benchSet, 16), 16)
}

func BenchmarkParseGet100Keys(b *testing.B) {
	benchmarkParse(b, "get"+strings.Repeat(" key:000000012345", 100)+"\r\n", 1)
}
