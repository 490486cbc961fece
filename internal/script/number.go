package script

import (
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/crucible-cache/crucible/internal/script/lua51"
)

// numberDigits is how many digits Lua writes a number with.
const numberDigits = 14

// formatNumber writes a number as tostring does.
func formatNumber(f float64) string {
	if i := int64(f); float64(i) == f && i > -1e14 && i < 1e14 && (i != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(i, 10)
	}
	return formatG(f, numberDigits)
}

// goNaN are the bits that tell math.NaN() from other NaNs.
const goNaN = 1

// formatG is C's "%.*g".
func formatG(f float64, digits int) string {
	switch {
	case math.IsNaN(f):
		// What the processor makes of 0/0 is negative; Go's own NaN stands for
		// it where the interpreter makes one.
		if math.Signbit(f) == (math.Float64bits(f)&goNaN != goNaN) {
			return "-nan"
		}
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'g', digits, 64)
}

// toNumber converts as Lua's arithmetic does.
func toNumber(v lua.LValue) (float64, bool) {
	switch x := v.(type) {
	case lua.LNumber:
		return float64(x), true
	case lua.LString:
		return lua51.ParseNumber(string(x))
	}
	return 0, false
}

// toText converts as Lua's concatenation does.
func toText(v lua.LValue) (string, bool) {
	switch x := v.(type) {
	case lua.LString:
		return string(x), true
	case lua.LNumber:
		return formatNumber(float64(x)), true
	}
	return "", false
}

// toInt64 converts a number as a C cast to a 64-bit integer does on the machines
// that the reference runs on: what does not fit becomes the smallest.
func toInt64(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}
