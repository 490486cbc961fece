package command

import (
	"sync/atomic"
	"time"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

// frequency are the parameters that say what LFU policies and OBJECT FREQ count.
type frequency struct {
	logFactor, decayMinutes atomic.Int64
	keyspace                *keyspace.Keyspace // nil until there is one
}

func (f *frequency) add(p *Params) {
	p.add("lfu-log-factor", newNumber(&f.logFactor, 10, numberRange{0, maxInt32, false}, f.derive(&f.logFactor)))
	p.add("lfu-decay-time", newNumber(&f.decayMinutes, 1, numberRange{0, maxInt32, false}, f.derive(&f.decayMinutes)))
}

// derive returns what tells the keyspace when value is about to change.
func (f *frequency) derive(value *atomic.Int64) func(int64) error {
	return func(n int64) error {
		value.Store(n)
		f.apply()
		return nil
	}
}

func (f *frequency) apply() {
	if f.keyspace != nil {
		f.keyspace.SetFrequencyScale(f.logFactor.Load(), f.decayMinutes.Load(), time.Now().UnixMilli())
	}
}

// tell has the keyspace count by these parameters from now on.
func (f *frequency) tell(ks *keyspace.Keyspace) {
	f.keyspace = ks
	f.apply()
}
