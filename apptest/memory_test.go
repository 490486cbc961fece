package apptest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crucible-cache/crucible/internal/compat/resp"
	"github.com/crucible-cache/crucible/internal/retry"
)

// soak is how long the full cache is written to.
func soak(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("APPTEST_SOAK")
	if text == "" {
		return 10 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("APPTEST_SOAK: %v", err)
	}
	return d
}

// filler writes new keys of varied sizes, in pipelines, and counts them.
type filler struct {
	c              *client
	text           bool
	name           string
	dice           *rand.Rand
	value          string
	batch          []byte
	stored, length int64
}

func newFiller(c *client, name string, text bool) *filler {
	return &filler{
		c: c, name: name, text: text, dice: rand.New(rand.NewPCG(uint64(len(name)), 5)),
		value: strings.Repeat("v", 8000),
	}
}

// fillBatch is how many keys are written at a time.
const fillBatch = 200

// fill writes one batch. Now and then a key has a short time to live.
func (f *filler) fill() {
	f.c.t.Helper()
	f.batch = f.batch[:0]
	for range fillBatch {
		size := 1 << f.dice.IntN(13)
		size = size/2 + f.dice.IntN(size)
		value, key := f.value[:size], fmt.Sprint(f.name, f.stored)
		ttl := 0
		if f.dice.IntN(10) == 0 {
			ttl = 1 + f.dice.IntN(3)
		}
		switch {
		case f.text:
			f.batch = fmt.Appendf(f.batch, "set %s 0 %d %d\r\n%s\r\n", key, ttl, size, value)
		case ttl > 0:
			f.batch = append(f.batch, resp.Command("SET", key, value, "EX", fmt.Sprint(ttl))...)
		default:
			f.batch = append(f.batch, resp.Command("SET", key, value)...)
		}
		f.stored++
		f.length += int64(size)
	}
	f.c.send(f.batch)
	want := "+OK\r\n"
	if f.text {
		want = "STORED\r\n"
	}
	want = strings.Repeat(want, fillBatch)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(f.c, got); err != nil || string(got) != want {
		f.c.t.Fatalf("%v after %.200q", err, got)
	}
}

// slack is how much of maxmemory the resident set may be above it, and unused
// how much of it may go to waste when the cache is full, in percent.
const (
	slack  = 5
	unused = 15
)

// A cache that is full is written to for a while. The resident set stays within
// bounds and every item is accounted for.
func TestFullCache(t *testing.T) {
	needProc(t)
	const maxmemory = 128 * mb
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, maxmemory: "128mb"})
		redis, text := newFiller(s.redis(), "redis:", false), newFiller(s.memcached(), "text:", true)
		ask := s.redis()
		peak := s.watch()
		var full int64
		gets, hits := int64(0), int64(0)
		for begin := time.Now(); time.Since(begin) < soak(t); {
			redis.fill()
			text.fill()
			gets++
			if ask.do("GET", fmt.Sprint("redis:", redis.stored-1)) != "(nil)" {
				hits++
			}
			full = s.rollup()
		}
		most := peak()
		stored := redis.stored + text.stored
		t.Logf("%d items of %d MB stored; resident %d MB at the end, %d MB at most", stored, (redis.length+text.length)/mb, full/mb, most/mb)
		if most > maxmemory*(100+slack)/100 {
			t.Errorf("%d bytes were resident, %d %% over maxmemory", most, (most-maxmemory)*100/maxmemory)
		}
		if full < maxmemory*(100-unused)/100 {
			t.Errorf("only %d bytes are resident: a full cache wastes memory", full)
		}
		var info, stats map[string]string
		reports := s.memcached()
		until(t, patience, "every item is accounted for", func() bool {
			// Keys expire while the report is written, and what is too much
			// for a moment is still evicted: what was counted at its beginning
			// is not what is there at its end, nor in the next report.
			info, stats = ask.info(), reports.stats()
			return accounted(info) == stored && stats["evictions"] == info["evicted_keys"]
		})
		checkCounters(t, info, stats, stored, text.stored)
		if got := number(t, info, "keyspace_hits"); got != hits {
			t.Errorf("keyspace_hits %d, want %d", got, hits)
		}
		if got := number(t, info, "keyspace_misses"); got != gets-hits {
			t.Errorf("keyspace_misses %d, want %d", got, gets-hits)
		}
		if hits < gets*99/100 {
			t.Errorf("of %d keys that were just written %d are gone", gets, gets-hits)
		}
		s.stop()
	})
}

// unexplained is how much of the resident set may be in no purpose's figure, or in
// one though it was never written to, in percent.
const unexplained = 3

// What INFO and the metrics say memory is used for adds up to the resident set, in
// a cache that is full and has some of everything.
func TestMemoryAddsUp(t *testing.T) {
	needProc(t)
	port := freePort(t)
	s := start(t, options{maxmemory: "512mb", profile: fmt.Sprintf("[metrics]\naddress = %q\n", port)})
	f, c := newFiller(s.redis(), "redis:", false), s.redis()
	for i := range 2000 {
		c.do("RPUSH", fmt.Sprint("list:", i%7), strings.Repeat("e", 1000))
	}
	for number(t, c.info(), "evicted_keys") == 0 {
		for range 50 {
			f.fill()
		}
	}
	// What was evicted too much is trimmed within a second, and the figures are read one after the other.
	retry.Undisturbed(t, func() error {
		time.Sleep(time.Second)
		return memoryAddsUp(t, c.info(), scrape(t, port), s.rollup())
	})
}

func memoryAddsUp(t *testing.T, info map[string]string, metrics string, rss int64) (err error) {
	t.Helper()
	var told, gauged int64
	for name := range info {
		if strings.HasPrefix(name, "mapped_") || strings.HasPrefix(name, "mem_go_") || name == "mem_program" {
			told += number(t, info, name)
		}
	}
	for line := range strings.Lines(metrics) {
		var purpose string
		var n float64
		if _, err := fmt.Sscanf(line, "crucible_memory_bytes{purpose=%q} %g", &purpose, &n); err == nil && purpose != "unaccounted" {
			gauged += int64(n)
		}
	}
	for what, n := range map[string]int64{"INFO memory": told, "the metrics": gauged, "used_memory": number(t, info, "used_memory")} {
		t.Logf("%s: %d bytes, of %d that are resident", what, n, rss)
		if off := n - rss; max(off, -off) > rss*unexplained/100 {
			err = fmt.Errorf("%s: %d bytes, but %d are resident", what, n, rss)
		}
	}
	return err
}

// checkCounters adds up what both protocols tell: whatever was stored is there, or was
// evicted, or has expired.
func checkCounters(t *testing.T, info, stats map[string]string, stored, byText int64) {
	t.Helper()
	keys, evicted, expired := keysOf(info), number(t, info, "evicted_keys"), number(t, info, "expired_keys")
	if n := accounted(info); n != stored {
		t.Errorf("%d keys + %d evicted + %d expired are %d, stored were %d", keys, evicted, expired, n, stored)
	}
	if evicted == 0 || expired == 0 || keys == 0 {
		t.Errorf("%d keys, %d evicted, %d expired: the cache was not full", keys, evicted, expired)
	}
	for name, want := range map[string]int64{"cmd_set": byText, "total_items": byText, "evictions": evicted} {
		if got := number(t, stats, name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	if got := number(t, stats, "curr_items"); got > keys || got < keys*9/10 { // keys expire meanwhile
		t.Errorf("curr_items: %d, want about %d", got, keys)
	}
	used, dataset, overhead := number(t, info, "used_memory"), number(t, info, "used_memory_dataset"), number(t, info, "used_memory_overhead")
	if dataset+overhead != used {
		t.Errorf("data set %d and overhead %d are not the %d used", dataset, overhead, used)
	}
	if limit := number(t, stats, "limit_maxbytes"); limit != number(t, info, "maxmemory") {
		t.Errorf("limit_maxbytes %d, maxmemory %s", limit, info["maxmemory"])
	}
	calls := int64(0)
	for name, value := range info {
		var n int64
		if _, err := fmt.Sscanf(value, "calls=%d,", &n); err == nil && strings.HasPrefix(name, "cmdstat_") {
			calls += n
		}
	}
	if total := number(t, info, "total_commands_processed"); total != calls {
		t.Errorf("total_commands_processed %d, the commands add up to %d", total, calls)
	}
}

// keysOf returns how many keys database 0 has.
func keysOf(info map[string]string) (keys int64) {
	_, _ = fmt.Sscanf(info["db0"], "keys=%d,", &keys)
	return keys
}

// accounted returns how many items are there, were evicted or have expired.
func accounted(info map[string]string) int64 {
	var evicted, expired int64
	_, _ = fmt.Sscan(info["evicted_keys"], &evicted)
	_, _ = fmt.Sscan(info["expired_keys"], &expired)
	return keysOf(info) + evicted + expired
}

// CONFIG SET maxmemory takes effect on a running server: memory goes back to
// the system, and can be taken again.
func TestMaxmemoryChangesLive(t *testing.T) {
	needProc(t)
	eachEngine(t, func(t *testing.T, engine string) {
		s := start(t, options{engine: engine, maxmemory: "160mb"})
		c := s.redis()
		f := newFiller(c, "k:", false)
		for f.length < 200*mb {
			f.fill()
		}
		if n := s.rollup(); n < 160*mb*(100-unused)/100 {
			t.Errorf("only %d bytes are resident before", n)
		}
		c.want("OK", "CONFIG", "SET", "maxmemory", "64mb")
		until(t, patience, "the resident set is below 64 MB", func() bool { return s.rollup() <= 64*mb*(100+slack)/100 })
		peak := s.watch()
		for end := f.length + 80*mb; f.length < end; {
			f.fill()
		}
		if most := peak(); most > 64*mb*(100+slack)/100 {
			t.Errorf("%d bytes were resident under 64 MB", most)
		}
		if n := s.rollup(); n < 64*mb*(100-unused)/100 {
			t.Errorf("only %d bytes are resident of 64 MB", n)
		}
		if n := number(t, c.info(), "mapped_items"); n < 25*mb {
			t.Errorf("only %d bytes of 64 MB are for items", n)
		}
		c.want("OK", "CONFIG", "SET", "maxmemory", "128mb")
		for end := f.length + 120*mb; f.length < end; {
			f.fill()
		}
		if n := s.rollup(); n < 128*mb*(100-unused)/100 {
			t.Errorf("only %d bytes are resident of 128 MB", n)
		}
		c.want("OK", "CONFIG", "SET", "maxmemory", "1mb") // nothing fits, as in Redis
		s.stop()
	})
}

// CONFIG SET maxmemory 0 gives what was full the rest of the machine.
func TestMaxmemoryZeroIsTheMachine(t *testing.T) {
	s := start(t, options{maxmemory: "64mb"})
	c := s.redis()
	c.want("OK", "CONFIG", "SET", "maxmemory-policy", "noeviction")
	value, n := strings.Repeat("x", 1<<20), 0
	for ; n < 100; n++ {
		if c.do("SET", fmt.Sprint(n), value) != "OK" {
			break
		}
	}
	if n == 100 {
		t.Fatal("64 MiB took 100 MiB")
	}
	c.want("OK", "CONFIG", "SET", "maxmemory", "0")
	c.want("maxmemory 0", "CONFIG", "GET", "maxmemory")
	for i := range 100 {
		c.want("OK", "SET", fmt.Sprint(i), value)
	}
	c.want("100", "DBSIZE")
}
