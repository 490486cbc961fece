// Package workload decides what a load asks for: which command, on which key, with a value of which size. It knows no
// protocol and no socket; wire turns its requests into bytes.
//
// A Workload is immutable once built and shared by every load thread. Each thread owns one Generator, which holds the
// thread's random state and allocates nothing per request. The only large memory is the pool that values are cut from:
// the largest value size plus a few KiB, once per Workload.
package workload

import (
	"errors"
	"fmt"
)

// Limits of a workload. They bound the generator's memory, and are those of the servers: 512 MiB is a Redis bulk,
// 250 bytes is a Memcached key.
const (
	keyLengthMax  = 250
	valueSizeMax  = 512 << 20
	commandsMax   = 64
	keysPerOneMax = 4096
	keyCountMax   = 1 << 31 // so that the product of two key numbers fits an integer
)

// Workload is one mix of commands over one keyspace.
type Workload struct {
	Keys     Keys
	Values   *Values
	Commands []Command
	Access   Distribution
	Sizes    SizeDistribution
	TTLs     TTLs
}

// Validate reports the first thing that no load could be generated from.
func (w *Workload) Validate() error {
	switch {
	case w.Keys.Count == 0:
		return errors.New("the keyspace holds no key")
	case w.Keys.Count > keyCountMax:
		return fmt.Errorf("%d keys: at most %d", w.Keys.Count, keyCountMax)
	case w.Keys.Length > keyLengthMax:
		return fmt.Errorf("keys of %d bytes: at most %d", w.Keys.Length, keyLengthMax)
	case w.Keys.digits() < decimalDigits(w.Keys.Count-1):
		return fmt.Errorf("keys of %d bytes with prefix %q cannot tell %d keys apart", w.Keys.Length, w.Keys.Prefix, w.Keys.Count)
	case len(w.Commands) == 0:
		return errors.New("the workload has no command")
	case len(w.Commands) > commandsMax:
		return fmt.Errorf("%d commands: at most %d", len(w.Commands), commandsMax)
	case w.Access == nil || w.Sizes == nil || w.Values == nil:
		return errors.New("the workload lacks a key or value distribution")
	case w.Sizes.Max() > valueSizeMax:
		return fmt.Errorf("values of %d bytes: at most %d", w.Sizes.Max(), valueSizeMax)
	}
	if err := w.TTLs.validate(); err != nil {
		return err
	}
	total := 0.0
	for i := range w.Commands {
		if w.Commands[i].Weight < 0 {
			return fmt.Errorf("command %q has a negative weight", w.Commands[i].Name)
		}
		total += w.Commands[i].Weight
	}
	if total <= 0 {
		return errors.New("the weights of all commands are zero")
	}
	return nil
}

// Uniform returns the workload of one command over count keys of 16 bytes, chosen uniformly, with values of one size:
// what redis-benchmark's -r and -d ask for.
func Uniform(count uint64, valueSize int, command Command) *Workload {
	return &Workload{
		Keys:     DefaultKeys(count),
		Values:   NewValues(valueSize),
		Commands: []Command{command},
		Access:   UniformAccess{Count: count},
		Sizes:    FixedSize(valueSize),
	}
}
