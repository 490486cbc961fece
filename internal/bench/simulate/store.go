package simulate

import (
	"context"
	"strings"
	"time"

	"github.com/crucible-cache/crucible/internal/bench/trace"
	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/offheap"
)

// store is one of our backends with a policy, driven as a loop of the server drives it, with the clock of the trace.
type store struct {
	name            string
	backend, policy string
	segmentSize     int // 0 is what the server would choose
}

// Store makes a cache of a backend and a policy, named as in segment/s3fifo.
func Store(name string, segmentSize int) Cache {
	s := &store{name: name, segmentSize: segmentSize}
	s.backend, s.policy, _ = strings.Cut(name, "/")
	return s
}

// Stores names every backend with every policy that evicts.
func Stores() (names []string) {
	for _, pair := range config.Pairs() {
		if pair.Policy != "noeviction" && pair.Policy != "none" && !strings.HasPrefix(pair.Policy, "volatile-") {
			names = append(names, pair.Backend+"/"+pair.Policy)
		}
	}
	return names
}

// Name implements Cache.
func (s *store) Name() string { return s.name }

// Ours implements Cache.
func (s *store) Ours() bool { return true }

const (
	// tickMS is the time of the trace between two ticks, as the server has them.
	tickMS = 100
	// epochMS is when the trace begins by the clock of the store: any time.
	epochMS = 1_700_000_000_000
	// checkEvery is how many requests go by between two looks at whether the replay was called off.
	checkEvery = 1 << 16
)

// Replay implements Cache. What the process holds beside the store is not counted in.
func (s *store) Replay(ctx context.Context, t *trace.Trace, limit int64) (Result, error) {
	segment := s.segmentSize
	if segment == 0 {
		segment = int(config.SegmentSizeFor(config.Size(limit)))
	}
	before := offheap.Total()
	ks, err := keyspace.New(keyspace.Config{
		Databases: 1, Backend: s.backend, Policy: s.policy, Maxmemory: before + limit, SegmentSize: segment,
	})
	if err != nil {
		return Result{}, err
	}
	defer ks.Close()
	r := replayer{worker: ks.NewWorker(0, 1), value: make([]byte, largest(t))}
	began := time.Now()
	for i := range t.Requests {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		if i == len(t.Requests)/2 {
			r.result = Result{}
		}
		if err := r.serve(&t.Requests[i]); err != nil {
			return r.result, err
		}
	}
	r.result.Items = uint64(r.worker.Len(0))
	r.result.Resident = uint64(offheap.Total() - before)
	r.result.Seconds = time.Since(began).Seconds()
	return r.result, nil
}

// largest returns the size of the largest value.
func largest(t *trace.Trace) (size uint32) {
	for i := range t.Requests {
		size = max(size, t.Requests[i].Size)
	}
	return size
}

// replayer serves the requests of one replay.
type replayer struct {
	worker *keyspace.Worker
	ticked uint32
	name   [trace.KeyLength]byte
	value  []byte
	result Result
}

func (r *replayer) serve(q *trace.Request) error {
	w := r.worker
	w.NowMS = epochMS + int64(q.TimeMS)
	if q.TimeMS-r.ticked >= tickMS {
		r.ticked = q.TimeMS
		w.Tick()
	}
	k := w.Key(appendKey(r.name[:0], q.Object))
	if q.Op == trace.Get {
		w.LockKey(k)
		_, hit := w.Get(0, k)
		w.Unlock()
		r.result.Reads++
		if hit {
			return nil
		}
		r.result.Misses++
	}
	if q.Op == trace.Delete {
		w.LockKey(k)
		w.Delete(0, k)
		w.Unlock()
		return nil
	}
	return r.set(k, q)
}

func (r *replayer) set(k keyspace.Key, q *trace.Request) error {
	w := r.worker
	if err := w.Prepare(len(k.Name) + int(q.Size)); err != nil {
		return err
	}
	var o keyspace.Options
	if q.TTL > 0 {
		o.ExpireAt = w.NowMS + int64(q.TTL)*1000
	}
	w.LockKey(k)
	w.Set(0, k, r.value[:q.Size], o)
	w.Unlock()
	w.Settle()
	return nil
}

// appendKey appends the key of an object: its number in 16 hexadecimal digits.
func appendKey(dst []byte, object uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[object>>shift&15])
	}
	return dst
}
