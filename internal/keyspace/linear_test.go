package keyspace

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/crucible-cache/crucible/internal/offheap"
)

// What the workers of TestLinearizable do to a key whose value is a number.
type (
	linearInput struct {
		op  byte // get, set, delete or add
		key int
		n   uint64 // for set
	}
	linearOutput struct {
		n  uint64 // for get and add
		ok bool   // for get and delete: it was there
	}
)

// linearState is a key's value; 0 is absent.
type linearState uint64

// linearModel is a key that may be evicted at any time: what was there may be
// absent later, but never come back, and never be another.
var linearModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		keys := map[int][]porcupine.Operation{}
		for _, o := range history {
			k := o.Input.(linearInput).key
			keys[k] = append(keys[k], o)
		}
		var parts [][]porcupine.Operation
		for _, p := range keys {
			parts = append(parts, p)
		}
		return parts
	},
	Init: func() any { return linearState(0) },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := uint64(state.(linearState)), input.(linearInput), output.(linearOutput)
		switch in.op {
		case 's':
			return true, linearState(in.n)
		case 'g':
			return !out.ok || s != 0 && out.n == s, linearState(out.n)
		case 'd':
			return !out.ok || s != 0, linearState(0)
		default: // add counts from 0 if the key is absent
			return out.n == s+1 || out.n == 1, linearState(out.n)
		}
	},
}

// linearStep does one random operation, and writes keys nobody looks at, so that
// there is something to evict and to clean all the time.
func linearStep(w *Worker, rnd *rand.Rand, id, i int) (linearInput, linearOutput) {
	for range 4 {
		k := w.Key(fmt.Appendf(nil, "filler:%d", rnd.IntN(100_000)))
		if w.Prepare(2000) == nil {
			w.LockKey(k)
			w.Set(0, k, make([]byte, rnd.IntN(2000)), Options{})
			w.Unlock()
		}
		w.Settle()
	}
	in := linearInput{op: "gggsda"[rnd.IntN(6)], key: rnd.IntN(4), n: uint64(id+1)<<32 | uint64(i)<<8}
	var out linearOutput
	k := w.Key(fmt.Appendf(nil, "key:%d", in.key))
	full := w.Prepare(64) != nil
	w.LockKey(k)
	defer w.Unlock()
	set := func(n uint64) {
		w.Set(0, k, binary.LittleEndian.AppendUint64(nil, n), Options{ExpireAt: int64(n%2) * 1e15})
	}
	switch in.op {
	case 'd':
		out.ok = w.Delete(0, k)
		return in, out
	case 's':
		if !full {
			set(in.n)
			return in, out
		}
		in.op = 'g'
	}
	if it, ok := w.Get(0, k); ok {
		out.n, out.ok = binary.LittleEndian.Uint64(it.Value()), true
	}
	if in.op == 'a' {
		out.n++
		set(out.n)
	}
	return in, out
}

// Single keys are linearizable under workers on threads of their own, in a
// keyspace that evicts, cleans and moves all the time.
func TestLinearizable(t *testing.T) {
	eachStore(t, func(t *testing.T, backend, policy string) {
		const workers, rounds = 4, 300
		ks := newKeyspace(t, Config{Backend: backend, Policy: policy, Databases: 1, Maxmemory: offheap.Total() + 8*mib})
		defer ks.Close()
		var (
			done    sync.WaitGroup
			mu      sync.Mutex
			history []porcupine.Operation
		)
		start := time.Now()
		for id := range workers {
			w := ks.NewWorker(id, workers)
			w.NowMS = 1e12
			done.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(id), 7))
				var own []porcupine.Operation
				for i := range rounds {
					call := time.Since(start)
					in, out := linearStep(w, rnd, id, i)
					own = append(own, porcupine.Operation{
						ClientId: id, Input: in, Call: int64(call), Output: out, Return: int64(time.Since(start)),
					})
					w.Settle()
					if i%200 == 0 {
						w.Tick()
					}
				}
				mu.Lock()
				history = append(history, own...)
				mu.Unlock()
			})
		}
		done.Wait()
		if r := porcupine.CheckOperationsTimeout(linearModel, history, 5*time.Minute); r != porcupine.Ok {
			t.Fatalf("%d operations are not linearizable: %s", len(history), r)
		}
		checkAll(t, ks.NewWorker(0, 1))
	})
}

// The check above finds what it is there for.
func TestLinearModelRefuses(t *testing.T) {
	op := func(at int64, in linearInput, out linearOutput) porcupine.Operation {
		return porcupine.Operation{Input: in, Output: out, Call: at, Return: at + 1}
	}
	for name, history := range map[string][]porcupine.Operation{
		"resurrected": {
			op(0, linearInput{op: 's', n: 5}, linearOutput{}), op(2, linearInput{op: 'd'}, linearOutput{ok: true}),
			op(4, linearInput{op: 'g'}, linearOutput{n: 5, ok: true}),
		},
		"stale": {
			op(0, linearInput{op: 's', n: 5}, linearOutput{}), op(2, linearInput{op: 's', n: 6}, linearOutput{}),
			op(4, linearInput{op: 'g'}, linearOutput{n: 5, ok: true}),
		},
		"lost update": {
			op(0, linearInput{op: 'a'}, linearOutput{n: 1}), op(2, linearInput{op: 'a'}, linearOutput{n: 2}),
			op(4, linearInput{op: 'a'}, linearOutput{n: 2}),
		},
	} {
		if porcupine.CheckOperations(linearModel, history) {
			t.Errorf("%s: was accepted", name)
		}
	}
}
