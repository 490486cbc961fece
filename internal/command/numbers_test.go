package command

import (
	"math"
	"strconv"
	"testing"
)

func TestParseInt(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 9, 10, 123456789, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1} {
		if got, ok := parseInt(strconv.AppendInt(nil, n, 10)); !ok || got != n {
			t.Errorf("%d: %d, %v", n, got, ok)
		}
	}
	for _, s := range []string{
		"", "-", "+", "+1", " 1", "1 ", "01", "-0", "-01", "00", "1.0", "1e3", "a", "1a", "0x1", "1\x00",
		"9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999",
		"100000000000000000000", "-100000000000000000000", "00000000000000000000001",
	} {
		if n, ok := parseInt([]byte(s)); ok {
			t.Errorf("%q was read as %d", s, n)
		}
	}
}

func TestParseUnsigned(t *testing.T) {
	for s, want := range map[string]uint64{
		"0": 0, "-0": 0, "00": 0, "007": 7, "+5": 5, " 5": 5, "\t\n\v\f\r5": 5, " -5": math.MaxUint64 - 4,
		"18446744073709551615": math.MaxUint64, "9223372036854775808": 1 << 63, "01\x00x": 1,
		"000000000000000000000000000000000001": 1,
	} {
		if got, ok := parseUnsigned([]byte(s)); !ok || got != want {
			t.Errorf("%q: %d, %v, want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", " ", "-", "+", "-5", "5 ", "0x10", "abc", "1a", "18446744073709551616", "+-5", "\x00",
	} {
		if n, ok := parseUnsigned([]byte(s)); ok {
			t.Errorf("%q was read as %d", s, n)
		}
	}
}

func TestAddInt(t *testing.T) {
	for _, tt := range []struct {
		a, b int64
		ok   bool
	}{
		{1, 2, true},
		{math.MaxInt64, 0, true},
		{math.MaxInt64, 1, false},
		{math.MaxInt64, math.MinInt64, true},
		{math.MinInt64, -1, false},
		{math.MinInt64, 0, true},
		{math.MinInt64, math.MinInt64, false},
		{-1, math.MinInt64, false},
		{0, math.MinInt64, true},
	} {
		if sum, ok := addInt(tt.a, tt.b); ok != tt.ok || ok && sum != tt.a+tt.b {
			t.Errorf("%d + %d: %d, %v", tt.a, tt.b, sum, ok)
		}
	}
}
