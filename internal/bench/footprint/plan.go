// Package footprint measures how much memory servers take for each item they hold: it starts a server, reads its
// resident set, stores so many items of one size, makes sure that all of them are there, and reads again.
//
// Servers are measured one at a time by one goroutine; each is ended before the next starts and when anything fails.
package footprint

import (
	"errors"
	"fmt"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/contender"
	"github.com/crucible-cache/crucible/internal/bench/workload"
)

// Fill is what is stored: so many items with keys of 16 bytes and values of one size.
type Fill struct {
	Keys      uint64 `json:"keys"`
	ValueSize int    `json:"value_size"`
}

// String says it in words.
func (f Fill) String() string {
	return fmt.Sprintf("%d items, keys of %d B, values of %d B", f.Keys, f.keyLength(), f.ValueSize)
}

func (f Fill) keyLength() int { return workload.DefaultKeys(f.Keys).Length }

// Payload is how many bytes of key and value an item brings along.
func (f Fill) Payload() int { return f.keyLength() + f.ValueSize }

// Goal is a bound that ours must keep: the memory per item of one contender at most so many times another family's.
type Goal struct {
	Contender string           `json:"contender"`
	Over      contender.Family `json:"over"`
	AtMost    float64          `json:"at_most"`
}

// Plan is a whole measurement.
type Plan struct {
	// Contenders are measured in this order, with Settings; MemoryMiB must hold the largest fill in any of them.
	Contenders []contender.Contender
	Settings   contender.Settings
	Fills      []Fill
	// Goals are judged at the first fill.
	Goals []Goal
	// Settle is how long a server may go on with what the last items made it begin (growing a hash table) before its memory
	// is read.
	Settle time.Duration
	// LoadCPUs pins the one thread that stores.
	LoadCPUs []int
	// Progress, when set, is told what happens, in words for a person.
	Progress func(string)
}

func (p *Plan) validate() error {
	if len(p.Contenders) == 0 {
		return errors.New("there is no server to measure")
	}
	if len(p.Fills) == 0 {
		return errors.New("there is nothing to store")
	}
	return nil
}

func (p *Plan) say(format string, args ...any) {
	if p.Progress != nil {
		p.Progress(fmt.Sprintf(format, args...))
	}
}
