package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. In text it reads as Redis reads memory values:
// 1k is 1000 and 1kb is 1024 bytes, likewise m and g, letters in any case; the
// IEC spellings 1KiB, 1MiB, 1GiB and the unit tb are accepted as well.
type Size int64

// sizeUnits holds the suffixes of a Size. Redis knows those up to gb.
var sizeUnits = map[string]int64{
	"": 1, "b": 1,
	"k": 1000, "kb": 1 << 10, "kib": 1 << 10,
	"m": 1000 * 1000, "mb": 1 << 20, "mib": 1 << 20,
	"g": 1000 * 1000 * 1000, "gb": 1 << 30, "gib": 1 << 30,
	"t": 1000 * 1000 * 1000 * 1000, "tb": 1 << 40, "tib": 1 << 40,
}

// ParseSize reads a size. Fractions and signs are refused, as Redis does.
func ParseSize(s string) (Size, error) {
	digits := strings.TrimLeft(s, "0123456789")
	number, unit := s[:len(s)-len(digits)], strings.ToLower(digits)
	factor, known := sizeUnits[unit]
	if number == "" || !known {
		return 0, fmt.Errorf("%q is not a size: write a number and a unit, such as 512mb or 4gb", s)
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is too large for a size", s)
	}
	return Size(n * factor), nil
}

// UnmarshalText reads a size, for TOML strings, the environment and flags.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := ParseSize(string(text))
	if err != nil {
		return err
	}
	*s = v
	return nil
}

// String writes the size with the largest binary unit that loses nothing.
func (s Size) String() string {
	for _, u := range []struct {
		name string
		size Size
	}{{"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}} {
		if s >= u.size && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Bytes returns the size as a plain number of bytes.
func (s Size) Bytes() int64 { return int64(s) }
