package resp

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// What a live Redis 8.0 answers to ZSCORE.
func TestDoublesAsTheReferenceWritesThem(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "-0"},
		{3, "3"},
		{-76416259300000000, "-76416259300000000"},
		{1e18, "1000000000000000000"},
		{4611686018427387904, "4611686018427387904"},
		{4611686018427388928, "4611686018427389000"},
		{-4611686018427388928, "-4611686018427389000"},
		{4.7e18, "4.7e+18"},
		{1e19, "1e+19"},
		{12345678901234567890, "12345678901234567000"},
		{1e100, "1e+100"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{5e-324, "5e-324"},
		{0.1, "0.1"},
		{0.30000000000000004, "0.30000000000000004"},
		{1234567.891, "1234567.891"},
		{-55509512847.76673, "-55509512847.76673"},
		{39166.57335368869, "3.916657335368869e+4"},
		{0.001234, "0.001234"},
		{0.000001, "0.000001"},
		{0.0000001, "1e-7"},
		{0.000015, "0.000015"},
		{0.0000015, "1.5e-6"},
		{1.23456789e-5, "1.23456789e-5"},

		// Neither the shortest nor the closest digits, and yet these.
		{1e23, "99999999999999990000000"},
		{1.23e22, "12300000000000001000000"},
		{8e23, "7.999999999999999e+23"},
		{-2e23, "-199999999999999980000000"},
		{5.34892937132e18, "5348929371320001000"},
		{610957791078857.2, "610957791078857.3"},
		{1790803982208135.8, "1790803982208135.7"},

		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{math.NaN(), "nan"},
	} {
		if got := string(AppendDouble(nil, tt.f)); got != tt.want {
			t.Errorf("%g: got %s, want %s", tt.f, got, tt.want)
		}
	}
}

// Every double reads back as itself.
func TestDoublesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.OneOf(
			rapid.Float64(),
			rapid.Map(rapid.Uint64(), math.Float64frombits),
		).Filter(func(f float64) bool { return !math.IsNaN(f) }).Draw(t, "f")
		text := string(AppendDouble(nil, f))
		if got, err := strconv.ParseFloat(text, 64); got != f || err != nil {
			t.Fatalf("%g is written %s, which reads %g, %v", f, text, got, err)
		}
	})
}
