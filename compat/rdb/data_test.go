package rdb

import (
	"fmt"
	"strings"
	"testing"
)

// laterMS is a time to expire at that no test lives to see, unix milliseconds.
const laterMS = "4102444800000"

// fill makes keys of every type and form. Of those whose names begin with "timed"
// fields of hashes expire, which only Redis 7.4 and later know.
func fill(t *testing.T, s *server, timed bool) (keys []string) {
	t.Helper()
	s.do(t, "FLUSHALL")
	fillStrings(t, s)
	fillCollections(t, s, "small", 3, "v")
	fillCollections(t, s, "many", 700, "v")
	fillCollections(t, s, "long", 5, strings.Repeat("a long value ", 30))
	fillStreams(t, s)
	if timed {
		for _, n := range []int{4, 700} {
			key := fmt.Sprint("timed", n)
			for i := range n {
				s.do(t, "HSET", key, fmt.Sprint("f", i), fmt.Sprint("v", i))
			}
			s.do(t, "HPEXPIREAT", key, laterMS, "FIELDS", "2", "f1", "f2")
			s.do(t, "HPEXPIREAT", key, "4102444899000", "FIELDS", "1", "f3")
		}
	}
	for _, k := range s.do(t, "KEYS", "*").Elems {
		keys = append(keys, string(k.Text))
	}
	if len(keys) < 30 {
		t.Fatalf("%s: only %d keys were made", s.name, len(keys))
	}
	return keys
}

func fillStrings(t *testing.T, s *server) {
	for i, v := range []string{
		"", "0", "7", "-1", "127", "128", "-128", "-129", "32767", "32768", "-32769", "2147483647", "2147483648",
		"9223372036854775807", "-0", "007", "+1", "hello", "\x00\xff\r\n", strings.Repeat("x", 21),
		strings.Repeat("abcdefg", 5000), strings.Repeat("z", 1<<20), random(40000),
	} {
		s.do(t, "SET", fmt.Sprint("string", i), v)
	}
	s.do(t, "SET", "string expiring", "v", "PXAT", laterMS)
	s.do(t, "SETBIT", "string bits", "100000", "1")
	s.do(t, "PFADD", "string hll", "a", "b", "c")
}

// random is text that can't be compressed.
func random(n int) string {
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x >> 32)
	}
	return string(b)
}

func fillCollections(t *testing.T, s *server, name string, n int, v string) {
	for i := range n {
		text := fmt.Sprint(v, i)
		s.do(t, "RPUSH", "list "+name, text)
		s.do(t, "RPUSH", "list of numbers "+name, fmt.Sprint((i-2)*100003))
		s.do(t, "SADD", "set "+name, text)
		s.do(t, "SADD", "set of numbers "+name, fmt.Sprint((i-2)*1000000007))
		s.do(t, "HSET", "hash "+name, text, fmt.Sprint(i*i))
		s.do(t, "ZADD", "zset "+name, fmt.Sprint(float64(i)*1.1-3), text)
		s.do(t, "ZADD", "zset of numbers "+name, fmt.Sprint(i%7), fmt.Sprint(i*300))
	}
	s.do(t, "ZADD", "zset "+name, "inf", "the end", "-inf", "the beginning")
	s.do(t, "RPUSH", "list "+name, "", "-7", strings.Repeat("y", 9000))
	s.do(t, "PEXPIREAT", "hash "+name, laterMS)
	s.do(t, "PEXPIREAT", "list of numbers "+name, laterMS)
}

func fillStreams(t *testing.T, s *server) {
	s.do(t, "XGROUP", "CREATE", "stream empty", "g", "$", "MKSTREAM")
	for i := range 250 {
		s.do(t, "XADD", "stream", fmt.Sprintf("%d-%d", 1000+i, i%3), "field", fmt.Sprint(i), "other", "v")
		if i%50 == 0 {
			s.do(t, "XADD", "stream", fmt.Sprintf("%d-1000", 1000+i), "alone", strings.Repeat("w", i))
		}
	}
	s.do(t, "XDEL", "stream", "1004-1", "1130-1")
	s.do(t, "XTRIM", "stream", "MAXLEN", "200")
	s.do(t, "XGROUP", "CREATE", "stream", "workers", "0")
	s.do(t, "XGROUP", "CREATE", "stream", "idle", "1120-0")
	s.do(t, "XREADGROUP", "GROUP", "workers", "alice", "COUNT", "20", "STREAMS", "stream", ">")
	s.do(t, "XREADGROUP", "GROUP", "workers", "bob", "COUNT", "20", "STREAMS", "stream", ">")
	s.do(t, "XGROUP", "CREATECONSUMER", "stream", "workers", "carol")
	pending := s.do(t, "XPENDING", "stream", "workers", "-", "+", "3", "bob")
	for i, p := range pending.Elems {
		id := string(p.Elems[0].Text)
		if i == 0 {
			s.do(t, "XACK", "stream", "workers", id)
		} else {
			s.do(t, "XCLAIM", "stream", "workers", "alice", "0", id)
		}
	}
}
