package command

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/crucible-cache/crucible/internal/stream"
)

// follow has a test read what the server appends to its stream from here on.
func (s *testServer) follow(t testing.TB) *stream.Reader {
	t.Helper()
	s.Stream.Open()
	s.attend(attendStream, true)
	r, _ := s.Stream.ReadOn(func() {})
	t.Cleanup(r.Close)
	return r
}

// read returns the requests that were appended since the last time.
func readRequests(t testing.TB, r *stream.Reader) (requests [][]string) {
	t.Helper()
	var all []byte
	for b := r.Next(); len(b) > 0; b = r.Next() {
		all = append(all, b...)
		r.Skip(len(b))
	}
	line := func(mark byte) int {
		text, rest, ok := strings.Cut(string(all), "\r\n")
		n, err := strconv.Atoi(strings.TrimPrefix(text, string(mark)))
		if !ok || err != nil || text[0] != mark {
			t.Fatalf("%q does not begin a request", all)
		}
		all = []byte(rest)
		return n
	}
	for len(all) > 0 {
		words := make([]string, line('*'))
		for i := range words {
			n := line('$')
			words[i], all = string(all[:n]), all[n+2:]
		}
		requests = append(requests, words)
	}
	return requests
}

var timeInRequest = regexp.MustCompile(`\b1[0-9]{12}\b`)

// shownRequests joins requests with times left out.
func shownRequests(requests [][]string) string {
	lines := make([]string, len(requests))
	for i, words := range requests {
		lines[i] = timeInRequest.ReplaceAllString(strings.Join(words, " "), "T")
	}
	return strings.Join(lines, "; ")
}

// TestEffects has what Redis 8.0.2 sends its replicas for the same requests, where that is not the request.
func TestEffects(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	r := s.follow(t)
	for line := range strings.Lines(effectsTable) {
		request, want, _ := strings.Cut(strings.TrimSpace(line), " => ")
		if request == "" {
			continue
		}
		words := strings.Fields(strings.ReplaceAll(request, "^", "\x00"))
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "\x00", " ")
		}
		if words[0] == "later" {
			s.Workers()[0].NowMS += 1000
			continue
		}
		reply := c.do(words...)
		switch want {
		case "as is":
			want = strings.Join(words, " ")
		case "nothing":
			want = ""
		}
		if got := shownRequests(readRequests(t, r)); got != want {
			t.Errorf("%s (%.40q): the stream has %q, want %q", request, reply, got, want)
		}
	}
}

const effectsTable = `
SET a 1 => SELECT 0; SET a 1
Set a 2 EX 100 => SET a 2 PXAT T
SETEX a 100 v => SET a v PXAT T
PSETEX a 100000 v => SET a v PXAT T
SET a 2 keepttl => as is
SET a 2 GET => SET a 2
SET a 2 NX => nothing
SET a 2 XX get ex 100 => SET a 2 PXAT T
SET a 2 EXAT 1 => SET a 2 PXAT 1000
SET a 3 => MULTI; DEL a; SET a 3; EXEC
SETNX a 1 => nothing
GETSET a 2 => SET a 2
GETEX a => nothing
GETEX a EX 10 => PEXPIREAT a T
GETEX a PERSIST => PERSIST a
GETEX a PERSIST => nothing
GETEX a EXAT 1 => DEL a
SET a 1 => as is
GETDEL a => DEL a
APPEND a x => as is
SETRANGE a 2 zz => as is
INCRBYFLOAT n 1.5 => SET n 1.5 KEEPTTL
EXPIRE n 100 => PEXPIREAT n T
EXPIRE n 1000 GT => PEXPIREAT n T GT
EXPIRE n 1 GT => nothing
PERSIST n => as is
EXPIRE n -1 => DEL n
EXPIRE n 1 => nothing
MSETNX a 1 q 2 => nothing
DEL a nokey => as is
DEL nokey => nothing
SET x 1 PX 5 => SET x 1 PXAT T
SET y 1 PX 5 => SET y 1 PXAT T
later
MGET x y => MULTI; DEL x; DEL y; EXEC
SET x 1 PX 5 => SET x 1 PXAT T
later
INCR x => MULTI; DEL x; INCR x; EXEC
RPUSH l a b c d e f g => as is
LMPOP 2 nol l LEFT => LPOP l 1
LMPOP 2 nol l RIGHT COUNT 2 => RPOP l 2
BLPOP nol l 1 => LPOP l
BLMOVE l m LEFT RIGHT 1 => LMOVE l m LEFT RIGHT
BRPOPLPUSH l m 1 => RPOPLPUSH l m
BLMPOP 1 1 m RIGHT COUNT 9 => RPOP m 2
LTRIM l 0 100 => nothing
LSET l 0 z => as is
SADD s1 x => as is
SPOP s1 => SREM s1 x
SADD s1 x => as is
SPOP s1 5 => DEL s1
ZADD z 1 a 2 b 3 c => as is
ZADD z 1 a => nothing
BZPOPMIN noz z 1 => ZPOPMIN z
ZMPOP 1 z MAX COUNT 10 => ZPOPMAX z 2
HSET h a 1 b 2 c 3 => as is
HINCRBYFLOAT h a 1.5 => HSET h a 2.5
HEXPIRE h 100 FIELDS 2 a nope => HPEXPIREAT h T FIELDS 1 a
HGETEX h EX 100 FIELDS 2 a nope => HPEXPIREAT h T FIELDS 2 a nope
HGETEX h PERSIST FIELDS 1 a => HPERSIST h FIELDS 1 a
HSETEX h FXX EX 100 FIELDS 1 a 5 => HSETEX h FXX PXAT T FIELDS 1 a 5
HEXPIRE h 0 FIELDS 2 a b => MULTI; HDEL h a; HDEL h b; EXEC
HGETDEL h FIELDS 2 c d => HDEL h c d
HSET h a 1 b 2 => as is
HPEXPIRE h 5 FIELDS 1 a => HPEXPIREAT h T FIELDS 1 a
later
HGET h a => HDEL h a
GEOADD g 13.361389 38.115556 Palermo => zadd g 3479099956230698 Palermo
GEOADD g 13.361389 38.115556 Palermo => nothing
PFADD p a => as is
PFCOUNT p => as is
PFCOUNT p => nothing
XADD st * f 1 => XADD st T-0 f 1
XADD st MAXLEN ~ 10 2000000000000-* f 1 => XADD st MAXLEN = 2 2000000000000-0 f 1
XGROUP CREATE st g $ => as is
XADD st 2000000000000-5 f 1 => as is
XREADGROUP GROUP g c COUNT 1 STREAMS st > => MULTI; XCLAIM st g c 0 2000000000000-5 TIME T RETRYCOUNT 1 FORCE JUSTID LASTID 2000000000000-5; XGROUP SETID st g 2000000000000-5 ENTRIESREAD 3; EXEC
XCLAIM st g d 0 2000000000000-5 => XCLAIM st g d 0 2000000000000-5 TIME T RETRYCOUNT 2 FORCE JUSTID LASTID 2000000000000-5
XACK st g 2000000000000-5 => as is
XACK st g 2000000000000-5 => nothing
SELECT 3 => nothing
SET a 1 => SELECT 3; SET a 1
MULTI => nothing
SELECT 0 => nothing
SET a 1 => nothing
GET a => nothing
EXEC => SELECT 0; SET a 1
MULTI => nothing
SET a 1 => nothing
EVAL return^redis.call('incr',KEYS[1]) 1 a => nothing
EXEC => MULTI; SET a 1; incr a; EXEC
EVAL redis.call('incr','a');redis.call('set','b','1','ex','5') 0 => MULTI; incr a; SET b 1 PXAT T; EXEC
EVAL redis.set_repl(redis.REPL_NONE);redis.call('incr','a');redis.set_repl(redis.REPL_ALL);redis.call('incr','b') 0 => incr b
EVAL redis.call('incr','a');error('x') 0 => incr a
PUBLISH ch x => as is
FLUSHDB => as is
FLUSHALL ASYNC => as is
SWAPDB 0 1 => as is
`

// TestEffectsUnasked has keys and fields that go by themselves told, by a tick and to make room, and by a replica not.
func TestEffectsUnasked(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	w := s.Workers()[0]
	c.do("SET", "k", "v", "PX", "5")
	c.do("HSET", "h", "a", "1", "b", "2")
	c.do("HPEXPIRE", "h", "5", "FIELDS", "1", "a")
	r := s.follow(t)
	w.NowMS += 1000
	w.Tick()
	if got := shownRequests(readRequests(t, r)); got != "SELECT 0; DEL k; HDEL h a" {
		t.Errorf("a tick is told as %q", got)
	}
	if err := s.Keyspace.SetPolicy("allkeys-lru"); err != nil {
		t.Skip(err)
	}
	c.do("CONFIG", "SET", "lazyfree-lazy-eviction", "yes")
	value := strings.Repeat("x", fillBytes)
	for i := 0; i < 2000 && c.do("EXISTS", "h") == ":1\r\n"; i++ {
		c.do("SET", "filler:"+strconv.Itoa(i), value)
	}
	gone := map[string]bool{}
	for _, words := range readRequests(t, r) {
		switch words[0] {
		case "UNLINK":
			gone[words[1]] = true
		case "DEL":
			t.Errorf("an eviction is told as %q", words)
		}
	}
	for i := range 2000 {
		key := "filler:" + strconv.Itoa(i)
		if gone[key] == (c.do("EXISTS", key) == ":1\r\n") && gone[key] {
			t.Errorf("%s is there and told to be gone", key)
		}
	}
	if !gone["h"] {
		t.Error("that h went to make room is not told")
	}
}
