package command

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedSetsDoNotAllocate covers what queues, boards and limiters live on,
// in both forms.
func TestSortedSetsDoNotAllocate(t *testing.T) {
	for _, size := range []int{20, 2000} {
		c := newTestClient(t)
		for i := range size {
			c.do("ZADD", "z", fmt.Sprint(i), fmt.Sprintf("member:%d", i))
		}
		for _, args := range [][][]byte{
			request("ZADD", "z", "5", "member:5"),
			request("ZADD", "z", "7.25", "member:6"),
			request("ZADD", "z", "GT", "CH", "3", "member:6"),
			request("ZINCRBY", "z", "0.5", "member:7"),
			request("ZSCORE", "z", "member:9"),
			request("ZMSCORE", "z", "member:9", "nosuch"),
			request("ZCARD", "z"),
			request("ZRANK", "z", "member:10"),
			request("ZREVRANK", "z", "member:10", "WITHSCORE"),
			request("ZCOUNT", "z", "(3", "+inf"),
			request("ZRANGE", "z", "0", "9"),
			request("ZRANGE", "z", "0", "9", "REV", "WITHSCORES"),
			request("ZRANGE", "z", "3", "(9", "BYSCORE", "LIMIT", "1", "2"),
			request("ZRANGEBYLEX", "z", "[a", "(z"),
			request("ZREM", "z", "nosuch"),
			request("ZREMRANGEBYRANK", "z", "-1", "0"),
			request("ZPOPMIN", "z", "0"),
		} {
			run := func() {
				c.Execute(args)
				c.out.Discard(c.out.Len())
			}
			run()
			if n := testing.AllocsPerRun(100, run); n != 0 {
				t.Errorf("of %d: %s: %v allocations", size, bytes.Join(args, []byte(" ")), n)
			}
		}
	}
}

// TestSortedSetFormsAgree gives the same requests to two servers, of which one
// packs no set, and expects the same replies, whatever the form.
func TestSortedSetFormsAgree(t *testing.T) {
	packed, large := newTestClient(t), newTestClient(t)
	large.do("CONFIG", "SET", "zset-max-listpack-entries", "0")
	rapid.Check(t, func(t *rapid.T) {
		packed.do("FLUSHALL")
		large.do("FLUSHALL")
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			words := drawZSetRequest(t)
			got, want := packed.do(words...), large.do(words...)
			if got != want {
				t.Fatalf("%s\npacked %q\nlarge  %q", strings.Join(words, " "), got, want)
			}
		}
	})
}

func drawZSetRequest(t *rapid.T) []string {
	key := func() string { return rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "key") }
	member := func() string { return fmt.Sprint("m", rapid.IntRange(0, 30).Draw(t, "member")) }
	number := func() string { return fmt.Sprint(rapid.IntRange(-9, 9).Draw(t, "number")) }
	word := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "word") }
	bound := func() string { return word("", "(") + word(number(), number(), "-inf", "inf") }
	switch rapid.IntRange(0, 12).Draw(t, "request") {
	case 0, 1, 2:
		return []string{"ZADD", key(), "CH", number(), member(), number() + ".5", member()}
	case 3:
		return []string{"ZADD", key(), word("NX", "XX", "GT", "LT", "INCR"), number(), member()}
	case 4:
		return []string{"ZREM", key(), member(), member()}
	case 5:
		return []string{"ZRANGE", key(), number(), number(), word("REV", "WITHSCORES")}
	case 6:
		return []string{"ZRANGE", key(), bound(), bound(), "BYSCORE", word("REV", "WITHSCORES"), "LIMIT", word("0", "1"), number()}
	case 7:
		return []string{word("ZPOPMIN", "ZPOPMAX"), key(), word("1", "2", "3")}
	case 8:
		return []string{word("ZRANK", "ZREVRANK"), key(), member(), "WITHSCORE"}
	case 9:
		return []string{word("ZREMRANGEBYSCORE", "ZCOUNT"), key(), bound(), bound()}
	case 10:
		return []string{word("ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"), key(), "2", key(), key()}
	case 11:
		return []string{"ZRANGESTORE", key(), key(), number(), number()}
	default:
		return []string{"ZRANGE", key(), "0", "-1", "WITHSCORES"}
	}
}

// TestSortedSetMemoryGoesBack fills and drops large sets in every way there is,
// and looks at what the heap of collections still holds.
func TestSortedSetMemoryGoesBack(t *testing.T) {
	c := newTestClient(t)
	heap := c.W.Heap()
	fill := func(key string) {
		for i := range 500 {
			c.do("ZADD", key, fmt.Sprint(i), fmt.Sprintf("%s:%d", key, i))
		}
	}
	for _, drop := range []func(){
		func() { c.do("DEL", "a") },
		func() { c.do("SET", "a", "v") },
		func() { c.do("ZPOPMIN", "a", "1000") },
		func() { c.do("ZREMRANGEBYRANK", "a", "0", "-1") },
		func() { c.do("RENAME", "a", "b"); c.do("DEL", "b") },
		func() { c.do("COPY", "a", "b"); c.do("DEL", "a", "b") },
		func() { c.do("ZUNIONSTORE", "a", "1", "nosuch") },
		func() {
			c.do("ZINTERSTORE", "b", "2", "a", "a")
			c.do("ZRANGESTORE", "b", "a", "0", "0")
			c.do("DEL", "a", "b")
		},
		func() { c.do("ZUNION", "2", "a", "a"); c.do("FLUSHALL") },
	} {
		fill("a")
		drop()
		c.do("FLUSHALL")
		heap.Trim()
		if n := heap.Bytes(); n != 0 {
			t.Fatalf("%d bytes are left", n)
		}
	}
}
