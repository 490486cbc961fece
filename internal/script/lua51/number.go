package lua51

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ParseNumber reads a number as the reference converts strings: decimal or
// hexadecimal, with white space around it.
func ParseNumber(s string) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	body, negative := s, false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		body, negative = s[1:], s[0] == '-'
	}
	if len(body) > 1 && body[0] == '0' && body[1]|0x20 == 'x' {
		return parseHex(body[2:], negative)
	}
	if body == "" || strings.ContainsAny(body, "_xXpP") {
		return 0, false
	}
	switch strings.ToLower(body) {
	case "inf", "infinity":
		return math.Inf(sign(negative)), true
	case "nan":
		return math.NaN(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func sign(negative bool) int {
	if negative {
		return -1
	}
	return 1
}

func parseHex(digits string, negative bool) (float64, bool) {
	if digits == "" || digits[0] == '+' || digits[0] == '-' || strings.Contains(digits, "_") {
		return 0, false
	}
	if !strings.ContainsAny(digits, "pP") {
		digits += "p0"
	}
	f, err := strconv.ParseFloat("0x"+digits, 64)
	if negative {
		f = -f
	}
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

// literal writes a number for gopher-lua's compiler, which reads integers in C's
// notation, octal included.
func literal(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'e', -1, 64)
}
