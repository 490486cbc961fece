package config

import (
	"fmt"
	"strconv"
	"time"
)

// Duration is a span of time. In text it is Go's notation (10s, 1m30s, 250ms)
// or a plain number of seconds, as redis.conf has it.
//
// It is a struct so that the TOML integer 10 goes through UnmarshalText and
// means seconds; an integer kind would take it for nanoseconds.
type Duration struct{ time.Duration }

// Seconds returns a Duration of n seconds.
func Seconds(n int) Duration { return Duration{time.Duration(n) * time.Second} }

// UnmarshalText reads a duration, for TOML, the environment and flags.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > int64(1<<63-1)/int64(time.Second) {
			return fmt.Errorf("%q is out of range for a duration in seconds", s)
		}
		d.Duration = time.Duration(n) * time.Second
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write 10s, 1m30s or a number of seconds", s)
	}
	if v < 0 {
		return fmt.Errorf("%q is negative", s)
	}
	d.Duration = v
	return nil
}
