package config

import (
	"fmt"
	"strings"

	"github.com/crucible-cache/crucible/internal/redisconf"
)

// Parameter is a parameter of Redis with its value, written as in redis.conf:
// "slowlog-max-len 1000".
type Parameter struct{ Name, Value string }

// UnmarshalText reads a parameter. Those that CONFIG SET could not set have a
// key of their own, or no effect.
func (p *Parameter) UnmarshalText(text []byte) error {
	words, err := redisconf.Split(string(text))
	if err != nil || len(words) == 0 {
		return fmt.Errorf("%q: write a parameter as in redis.conf, such as \"slowlog-max-len 1000\"", text)
	}
	d := redisconf.Lookup(words[0])
	switch {
	case d == nil:
		return fmt.Errorf("there is no parameter %q", words[0])
	case d.Immutable:
		return fmt.Errorf("parameter %s cannot be set here", d.Name)
	}
	value := strings.Join(words[1:], " ")
	if _, err := d.Parse(value); err != nil {
		return fmt.Errorf("parameter %s: %w", d.Name, err)
	}
	*p = Parameter{strings.ToLower(words[0]), value}
	return nil
}

// String writes the parameter as it is read.
func (p Parameter) String() string { return p.Name + " " + redisconf.Quote(p.Value) }
