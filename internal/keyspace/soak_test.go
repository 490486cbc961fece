package keyspace

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/resident"
)

const (
	soakKeys    = 3_000_000 // with what they hold, several times what fits
	soakWorkers = 2
	soakFlat    = 2 // how far the resident set may move once the cache is full, percent of maxmemory
	soakMargin  = 1 // and what the short form is given on top of that, on a machine that is busy with other tests
	soakSample  = 200 * time.Millisecond
)

// soakMemory is the room for items and index: large against the spans that are open
// at a time, and small where all is slow. The long form has a cache of an ordinary size, beside which
// the few megabytes by which Go's heap breathes are what they are beside a real one.
func soakMemory() int64 {
	switch {
	case raced:
		return 48 * mib
	case longSoak():
		return 1024 * mib
	}
	return 256 * mib
}

// longSoak is set for the form that has a make target of its own.
func longSoak() bool { return os.Getenv("CRUCIBLE_SOAK") != "" }

// soakTime is how long each backend is used: CRUCIBLE_SOAK, or what fits a test.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	if !longSoak() {
		if raced {
			return 4 * time.Second
		}
		return 12 * time.Second
	}
	d, err := time.ParseDuration(os.Getenv("CRUCIBLE_SOAK"))
	if err != nil {
		t.Fatalf("CRUCIBLE_SOAK: %v", err)
	}
	return d
}

// soaker is one worker's share of a soak: a mix of what clients do, on keys that
// all workers share.
type soaker struct {
	w      *Worker
	dice   *rand.Rand
	name   []byte
	value  []byte
	failed atomic.Pointer[string]
}

func newSoaker(ks *Keyspace, id int) *soaker {
	return &soaker{
		w: ks.NewWorker(id, soakWorkers), dice: rand.New(rand.NewPCG(uint64(id), 7)),
		name: []byte("key:00000000"), value: make([]byte, 100_000),
	}
}

func (s *soaker) run(stop *atomic.Bool, done *sync.WaitGroup) {
	defer done.Done()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ticked := time.Now()
	for n := 0; !stop.Load(); n++ {
		if n%64 == 0 {
			now := time.Now()
			s.w.NowMS = now.UnixMilli()
			if now.Sub(ticked) > 100*time.Millisecond {
				ticked = now
				s.w.Tick()
			}
		}
		if err := s.step(); err != nil {
			text := err.Error()
			s.failed.Store(&text)
			return
		}
	}
}

// step is one request.
func (s *soaker) step() error {
	rank := int(float64(soakKeys) * s.dice.Float64() * s.dice.Float64() * s.dice.Float64())
	binary.LittleEndian.PutUint64(s.name[4:], uint64(rank)*0x9e3779b97f4a7c15)
	k := s.w.Key(s.name)
	kind := s.dice.IntN(100)
	size := s.size()
	if kind < 40 {
		if err := s.w.Prepare(size + len(s.name)); err != nil {
			return err
		}
	}
	s.w.LockKey(k)
	err := s.do(kind, k, size)
	s.w.Unlock()
	s.w.Settle()
	return err
}

// size is mostly small, now and then some kilobytes, rarely a run of its own.
func (s *soaker) size() int {
	switch n := s.dice.IntN(1000); {
	case n < 2:
		return s.dice.IntN(len(s.value))
	case n < 100:
		return s.dice.IntN(8000)
	}
	return s.dice.IntN(500)
}

func (s *soaker) do(kind int, k Key, size int) error {
	var o Options
	switch {
	case kind < 25:
		s.w.Set(0, k, s.value[:size], o)
	case kind < 38:
		o.ExpireAt = s.w.NowMS + 1 + s.dice.Int64N(3000)
		s.w.Set(0, k, s.value[:size], o)
	case kind < 40:
		t := object.NewTable(s.w.Heap(), 20, true)
		for i := range 1 + s.dice.IntN(100) {
			t.Set(binary.LittleEndian.AppendUint32(nil, uint32(i)), s.value[:s.dice.IntN(200)], 0)
		}
		s.w.SetObject(0, k, t, Options{Type: TypeHash})
	case kind < 45:
		s.w.Delete(0, k)
	case kind < 50:
		if it, ok := s.w.Peek(0, k); ok {
			s.w.SetExpire(0, k, it, s.w.NowMS+1+s.dice.Int64N(5000))
		}
	default:
		if it, ok := s.w.Get(0, k); ok && it.Type() == TypeString && string(it.Name()) != string(k.Name) {
			return fmt.Errorf("the item of %q is that of %q", k.Name, it.Name())
		}
	}
	return nil
}

// A full cache is read, written, expired and deleted for a while. The resident
// set stays where it is, what is counted is what a walk over everything finds,
// and when all is removed the memory is back.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time")
	}
	for _, backend := range Backends() {
		t.Run(backend, func(t *testing.T) { soak(t, backend, soakTime(t)) })
	}
}

// mappedButBooks returns how many bytes are mapped, without the books that an arena keeps for as
// long as it is there.
func mappedButBooks() int64 { return offheap.Total() - offheap.Resident(offheap.Books) }

func soak(t *testing.T, backend string, length time.Duration) {
	debug.FreeOSMemory()
	mapped, began, routines := mappedButBooks(), resident.Total(), runtime.NumGoroutine()
	ks := newKeyspace(t, Config{Databases: 1, Backend: backend, Policy: backendDefault(backend), Maxmemory: began + soakMemory(), SegmentSize: 64 * kib})
	defer ks.Close()
	var stop atomic.Bool
	var done sync.WaitGroup
	soakers := make([]*soaker, soakWorkers)
	for i := range soakers {
		soakers[i] = newSoaker(ks, i)
		done.Add(1)
		go soakers[i].run(&stop, &done)
	}
	if !fillSoak(ks, soakers) {
		t.Fatalf("the cache is not full after %v", soakFill)
	}
	samples := watchSoak(ks, length)
	stop.Store(true)
	done.Wait()
	var evicted, expired uint64
	for _, s := range soakers {
		if text := s.failed.Load(); text != nil {
			t.Fatal(*text)
		}
		evicted += s.w.Evicted()
		expired += s.w.Stats.Expired.Load()
	}
	if evicted == 0 || expired == 0 {
		t.Errorf("%d evicted, %d expired: the cache was not full", evicted, expired)
	}
	judgeSoak(t, samples, ks.Maxmemory())
	checkSoak(t, ks, soakers)
	w := soakers[0].w
	w.LockAll()
	w.FlushAll()
	w.Unlock()
	settleReaper(w)
	for _, s := range soakers {
		s.w.store.Seal()
	}
	ks.Purge()
	if left := mappedButBooks() - mapped; left != 0 {
		t.Errorf("%d bytes stay mapped when all is removed", left)
	}
	if n := runtime.NumGoroutine(); n > routines {
		t.Errorf("%d goroutines, %d before", n, routines)
	}
}

// backendDefault is the policy that a profile which names none gets.
func backendDefault(backend string) string {
	return map[string]string{"segment": "s3fifo", "slab": "lra", "heap": "s3fifo"}[backend]
}

// soakFill bounds how long the cache may take to be full, soakWarm is what it then
// gets to settle.
const (
	soakFill = 2 * time.Minute
	soakWarm = 2 * time.Second
)

// fillSoak waits until the cache is full, and reports false if it never is.
func fillSoak(ks *Keyspace, soakers []*soaker) bool {
	for end := time.Now().Add(soakFill); time.Now().Before(end); {
		watchSoak(ks, soakWarm)
		if soakers[0].w.Evicted() > 0 && soakers[1].w.Evicted() > 0 {
			watchSoak(ks, soakWarm)
			return true
		}
	}
	return false
}

// watchSoak tells the keyspace of the memory that others have, as the server does,
// and returns what was resident each time.
func watchSoak(ks *Keyspace, length time.Duration) (samples []int64) {
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(soakSample) {
		total := resident.Total()
		ks.SetForeign(max(0, total-offheap.Total()))
		samples = append(samples, total)
	}
	return samples
}

// judgeSoak looks at what was resident while the cache was full.
func judgeSoak(t *testing.T, samples []int64, maxmemory int64) {
	t.Helper()
	least, most := slices.Min(samples), slices.Max(samples)
	t.Logf("%d to %d bytes were resident, maxmemory %d", least, most, maxmemory)
	if raced {
		return // the race detector has memory of its own
	}
	flat := int64(soakFlat)
	if !longSoak() {
		flat += soakMargin
	}
	if spread := most - least; spread > maxmemory*flat/100 {
		t.Errorf("the resident set moves by %d bytes, %d to %d", spread, least, most)
	}
	if most > maxmemory*(100+flat)/100 {
		t.Errorf("%d bytes were resident, maxmemory is %d", most, maxmemory)
	}
}

// checkSoak holds every count against a walk.
func checkSoak(t *testing.T, ks *Keyspace, soakers []*soaker) {
	t.Helper()
	for _, s := range soakers {
		s.w.store.Seal()
	}
	if err := ks.Check(); err != nil {
		t.Error(err)
	}
	w := soakers[0].w
	settleReaper(w)
	var objects, walked int64
	w.LockAll()
	w.Each(0, func(it Item) bool {
		walked++
		if it.Encoding() == EncodingObject {
			objects += w.Object(w.Key(it.Name()), it).Bytes()
		}
		return true
	})
	w.Unlock()
	if n := w.Len(0); walked > n || walked < n*95/100 { // what expired since is counted and not shown
		t.Errorf("%d keys are shown, %d counted", walked, n)
	}
	// They count their Go structs too, and spans are not always full, least in a small cache
	// that was made smaller while it was full.
	if held := ks.heap.Bytes(); objects > held*21/20 || objects < held/4-4*mib {
		t.Errorf("collections say that they hold %d bytes, their heap has %d", objects, held)
	}
}
