package load

import (
	"errors"
	"sync"
	"time"
)

// errStale is counted when a read returned a version that had been overwritten before the read was sent.
var errStale = errors.New("wrong value: stale")

// A version is the run it was written in (epochBits) and a count within the run. A prefill writes version 0.
const (
	epochBits = 12
	countBits = 36
	countMask = 1<<countBits - 1
)

// ledgerStripes is the number of locks over all keys; a power of two.
const ledgerStripes = 256

// ledger remembers of every key which versions a read may still return. It is shared by all threads of a run, costs 16
// bytes a key, and one short lock per request that concerns it.
//
// Two writes of one key that are in flight at the same time may be carried out in either order, so a version counts as
// overwritten only when a write that was issued after all earlier ones had been acknowledged is acknowledged itself.
type ledger struct {
	epoch   uint64
	stripes [ledgerStripes]sync.Mutex
	keys    []keyState
}

// keyState holds counts of versions within this run.
type keyState struct {
	issued   uint32 // the newest version written
	quiet    uint32 // the newest version when last no write was in flight: all up to it are done
	floor    uint32 // the oldest version a read may return, 0 while that may be an older run's
	inFlight uint32
}

// newLedger knows count keys. The epoch tells this run's values from an earlier one's.
func newLedger(count uint64) *ledger {
	return &ledger{epoch: uint64(time.Now().Unix())%(1<<epochBits-1) + 1, keys: make([]keyState, count)}
}

func (l *ledger) lock(key uint64) *keyState {
	l.stripes[key%ledgerStripes].Lock()
	return &l.keys[key]
}

func (l *ledger) unlock(key uint64) { l.stripes[key%ledgerStripes].Unlock() }

// issue returns the version for a new write of the key.
func (l *ledger) issue(key uint64) uint64 {
	k := l.lock(key)
	defer l.unlock(key)
	if k.inFlight == 0 {
		k.quiet = k.issued
	}
	k.issued++
	k.inFlight++
	return l.epoch<<countBits | uint64(k.issued)
}

// settle takes the answer to a write. A write that was refused or lost may or may not have happened: the key is then
// never quiet again, and nothing more is concluded about it.
func (l *ledger) settle(key uint64, acknowledged bool) {
	k := l.lock(key)
	defer l.unlock(key)
	if !acknowledged {
		return
	}
	k.floor = max(k.floor, k.quiet+1)
	k.inFlight--
}

// oldest returns what a read sent now may return at the oldest.
func (l *ledger) oldest(key uint64) uint64 {
	k := l.lock(key)
	defer l.unlock(key)
	return uint64(k.floor)
}

// check judges the version a read returned by what oldest said when it was sent.
func (l *ledger) check(version, oldest uint64) error {
	count := version & countMask
	if version>>countBits != l.epoch {
		count = 0 // older than anything of this run
	}
	if count < oldest {
		return errStale
	}
	return nil
}
