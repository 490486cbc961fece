package command

import (
	"errors"
	"strings"
	"testing"
)

// info returns the fields of sections of INFO.
func (c *testClient) info(sections ...string) map[string]string {
	fields := map[string]string{}
	for _, line := range strings.Split(c.do(append([]string{"INFO"}, sections...)...), "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

func TestInfoCounts(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	a, b := s.client(t, 0), s.client(t, 1)
	a.do("SET", "k", "v", "PX", "5000")
	a.do("GET", "k")
	b.do("GET", "nosuch")
	b.do("INCR", "k")
	b.do("GET")
	b.do("NOSUCH")
	a.do("MULTI")
	a.do("INCR", "k")
	a.do("EXEC")
	got := a.info("everything")
	for name, want := range map[string]string{
		"keyspace_hits": "1", "keyspace_misses": "1",
		"total_commands_processed": "7", "total_error_replies": "4",
		"errorstat_ERR": "count=4", "connected_clients": "2", "redis_version": RedisVersion,
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for name, want := range map[string]string{
		"cmdstat_get":  "calls=2,rejected_calls=1,failed_calls=0",
		"cmdstat_incr": "calls=2,rejected_calls=0,failed_calls=2",
		"cmdstat_exec": "calls=1,rejected_calls=0,failed_calls=0",
		"cmdstat_set":  "calls=1,rejected_calls=0,failed_calls=0",
	} {
		calls, rest, _ := strings.Cut(got[name], ",usec=")
		usec, rejected, _ := strings.Cut(rest, ",rejected")
		if calls+",rejected"+rejected != want || strings.HasPrefix(usec, "0,usec_per_call=0.00") && name == "cmdstat_exec" {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if db := got["db0"]; !strings.HasPrefix(db, "keys=1,expires=1,avg_ttl=") || !strings.HasSuffix(db, ",subexpiry=0") {
		t.Errorf("db0 is %q", db)
	}
	a.do("CONFIG", "RESETSTAT")
	got = a.info("stats", "errorstats", "commandstats")
	if got["total_error_replies"] != "0" || got["keyspace_hits"] != "0" || got["errorstat_ERR"] != "" || got["cmdstat_get"] != "" {
		t.Errorf("after a reset: %v", got)
	}
}

func TestInfoSections(t *testing.T) {
	c := newTestClient(t)
	for _, x := range []struct {
		names []string
		want  string
	}{
		{[]string{"keyspace", "CPU"}, "CPU Keyspace"},
		{[]string{"commandstats", "nosuch"}, "Commandstats"},
		{nil, "Server Clients Memory Persistence Threads Stats Replication CPU Modules Errorstats Cluster Keyspace Keysizes"},
		{[]string{"default", "commandstats"}, "Server Clients Memory Persistence Threads Stats Replication CPU Modules Commandstats Errorstats Cluster Keyspace Keysizes"},
		{[]string{"all"}, "Server Clients Memory Persistence Threads Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace Keysizes"},
	} {
		var titles []string
		for _, line := range strings.Split(c.do(append([]string{"INFO"}, x.names...)...), "\r\n") {
			if title, ok := strings.CutPrefix(line, "# "); ok {
				titles = append(titles, title)
			}
		}
		if got := strings.Join(titles, " "); got != x.want {
			t.Errorf("INFO %v: %s", x.names, got)
		}
	}
}

func TestRates(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	w := s.Workers()[0]
	for range 20 {
		for range 100 {
			c.do("PING")
		}
		w.Tick()
		w.NowMS += 100
	}
	if ops := c.info("stats")["instantaneous_ops_per_sec"]; ops != "1000" {
		t.Errorf("%s operations a second", ops)
	}
}

func TestOutOfMemory(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	value := strings.Repeat("x", fillBytes)
	refused := "-" + errOutOfMemory + "\r\n"
	c.do("MULTI")
	c.do("SET", "queued", value)
	full := fill(t, s.client(t, 0))
	for _, x := range []struct{ request, want string }{
		{"EXEC", "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n"},
		{"SET a " + value, refused},
		{"GET " + full, bulk(value)},
		{"MULTI", "+OK\r\n"},
		{"GET " + value, "+QUEUED\r\n"},
		{"GET " + value, refused}, // the queue is no longer modest
		{"EXEC", "-EXECABORT Transaction discarded because of previous errors.\r\n"},
		{"MULTI", "+OK\r\n"},
		{"SET a " + value, refused},
		{"DISCARD", "+OK\r\n"},
		{"FLUSHALL", "+OK\r\n"},
		{"SET a " + value, "+OK\r\n"},
	} {
		if got := c.do(strings.Fields(x.request)...); got != x.want {
			t.Errorf("%.20s: %.100q", x.request, got)
		}
	}
	if n := c.info("commandstats")["cmdstat_set"]; !strings.HasSuffix(n, "rejected_calls=3,failed_calls=0") {
		t.Errorf("refused writes are not counted: %s", n)
	}
}

const fillBytes = 100_000

// fill sets keys until a write is refused, and returns one that was set.
func fill(t *testing.T, c *testClient) (key string) {
	t.Helper()
	value := strings.Repeat("x", fillBytes)
	for n := range 10_000 {
		next := "fill:" + itoa(n)
		if c.do("SET", next, value) != "+OK\r\n" {
			return key
		}
		key = next
	}
	t.Fatal("nothing is refused")
	return ""
}

func TestQueueIsBounded(t *testing.T) {
	c := newTestClient(t)
	c.do("CONFIG", "SET", "client-query-buffer-limit", "1mb")
	c.do("MULTI")
	value := strings.Repeat("x", fillBytes)
	for range 20 {
		if c.do("SET", "k", value); c.Killed {
			return
		}
	}
	t.Error("a transaction may grow without bound")
}

func TestNoTouchLeavesNoMark(t *testing.T) {
	c := newTestClient(t)
	if err := c.W.Keyspace().SetPolicy("allkeys-lfu"); err != nil {
		t.Fatal(err)
	}
	c.do("SET", "k", "v")
	frequency := func() uint8 {
		k := c.W.Worker.Key([]byte("k"))
		c.W.LockKey(k)
		defer c.W.Unlock()
		it, _ := c.W.Peek(0, k)
		return c.W.Frequency(it)
	}
	before := frequency()
	c.do("CLIENT", "NO-TOUCH", "ON")
	for range 1000 {
		c.do("GET", "k")
	}
	if f := frequency(); f != before {
		t.Errorf("frequency went from %d to %d", before, f)
	}
	c.do("CLIENT", "NO-TOUCH", "OFF")
	for range 1000 {
		c.do("GET", "k")
	}
	if f := frequency(); f == before {
		t.Error("frequency does not grow")
	}
	if got := c.info("stats")["keyspace_hits"]; got != "2000" {
		t.Errorf("%s hits", got)
	}
}

func TestExpiredWatchedKey(t *testing.T) {
	c := newTestClient(t)
	c.do("SET", "k", "v", "PX", "10")
	c.do("WATCH", "k")
	c.do("MULTI")
	c.W.NowMS += 100
	if got := c.do("EXEC"); got != "*-1\r\n" {
		t.Errorf("EXEC: %q", got)
	}
}

// What a hook refuses is undone, with all that was set before it.
func TestConfigSetIsAllOrNothing(t *testing.T) {
	applied := map[string][]int64{}
	s := newTestServer(t, 1, Hooks{Maxmemory: func(n int64) error {
		applied["maxmemory"] = append(applied["maxmemory"], n)
		if n > 1<<40 {
			return errors.New("more than there is")
		}
		return nil
	}})
	c := s.client(t, 0)
	for _, x := range []struct{ request, want string }{
		{"CONFIG SET timeout 7 maxmemory 100mb", "+OK\r\n"},
		{"CONFIG SET timeout 8 maxmemory 5000gb", "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - more than there is\r\n"},
		{"CONFIG SET maxmemory 200mb timeout -1", "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument must be between 0 and 2147483647 inclusive\r\n"},
		{"CONFIG SET maxmemory 300mb timeout 9 save 60", "-ERR CONFIG SET failed (possibly related to argument 'save') - Invalid save parameters\r\n"},
		{"CONFIG GET timeout maxmemory", "*4\r\n$7\r\ntimeout\r\n$1\r\n7\r\n$9\r\nmaxmemory\r\n$9\r\n104857600\r\n"},
	} {
		if got := c.do(strings.Fields(x.request)...); got != x.want {
			t.Errorf("%s: %q", x.request, got)
		}
	}
	calls := applied["maxmemory"]
	if last := calls[len(calls)-1]; last != 100<<20 {
		t.Errorf("the hook was left at %d: %v", last, calls)
	}
}

func TestShutdown(t *testing.T) {
	s := newTestServer(t, 1, Hooks{})
	c := s.client(t, 0)
	var asked []ShutdownRequest
	var refusal error
	s.Shutdown = func(r ShutdownRequest) error {
		asked = append(asked, r)
		return refusal
	}
	for _, x := range []struct{ request, want string }{
		{"SHUTDOWN", ""},
		{"SHUTDOWN NOSAVE NOW FORCE", ""},
		{"SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n"},
		{"SHUTDOWN ABORT NOW", "-ERR syntax error\r\n"},
		{"SHUTDOWN BAD", "-ERR syntax error\r\n"},
	} {
		if got := c.do(strings.Fields(x.request)...); got != x.want {
			t.Errorf("%s: %q", x.request, got)
		}
	}
	want := []ShutdownRequest{{}, {NoSave: true, Now: true, Force: true}}
	if len(asked) != len(want) {
		t.Fatalf("asked: %+v", asked)
	}
	for i := range want {
		if asked[i] != want[i] {
			t.Errorf("asked %+v, want %+v", asked[i], want[i])
		}
	}
	refusal = errors.New("no")
	if got := c.do("SHUTDOWN"); got != "-ERR Errors trying to SHUTDOWN. Check logs.\r\n" {
		t.Errorf("SHUTDOWN: %q", got)
	}
}

func TestClientLine(t *testing.T) {
	s := newTestServer(t, 2, Hooks{})
	c, other := s.client(t, 1), s.client(t, 0)
	c.do("HELLO", "3", "SETNAME", "me")
	c.do("CLIENT", "SETINFO", "LIB-NAME", "lib")
	c.do("CLIENT", "SETINFO", "LIB-VER", "1.2")
	c.do("SELECT", "3")
	c.do("WATCH", "a", "b", "a")
	c.do("MULTI")
	c.do("SET", "key", "value")
	other.W.NowMS += 2500
	want := "id=1 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=8 name=me age=2 idle=2 flags=x db=3 sub=0 psub=0 ssub=0 " +
		"multi=1 watch=2 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=11 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=525 events=r " +
		"cmd=set user=default redir=-1 resp=3 lib-name=lib lib-ver=1.2 io-thread=1\n"
	if got := other.do("CLIENT", "LIST", "ID", "1"); got != bulk(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	c.do("SET", "a", "b")
	c.do("NOSUCH")
	if got := other.do("CLIENT", "LIST", "ID", "1"); !strings.Contains(got, "cmd=NULL") {
		t.Errorf("after an unknown command: %q", got)
	}
	if got := other.do("CLIENT", "KILL", "127.0.0.1:50000"); got != "+OK\r\n" || !c.Killed {
		t.Errorf("CLIENT KILL: %q, killed %v", got, c.Killed)
	}
	if n := s.Clients.Len(); n != 1 {
		t.Errorf("%d clients are left", n)
	}
}

// INFO keyspace counts the hashes of which a field has a time to live, small and
// large ones, as they come, change and go.
func TestInfoCountsTimedHashes(t *testing.T) {
	a := newTestClient(t)
	want := func(n string) {
		t.Helper()
		if db := a.info("keyspace")["db0"]; !strings.HasSuffix(db, ",subexpiry="+n) {
			t.Errorf("db0 is %q, want subexpiry=%s", db, n)
		}
	}
	a.do("SET", "other", "1")
	for _, entries := range []string{"512", "1"} {
		a.do("CONFIG", "SET", "hash-max-listpack-entries", entries)
		a.do("HSET", "a", "f", "1", "g", "2")
		a.do("HEXPIRE", "a", "100", "FIELDS", "1", "f")
		want("1")
		a.do("HEXPIRE", "a", "100", "FIELDS", "2", "f", "g")
		want("1")
		a.do("COPY", "a", "b")
		a.do("RENAME", "b", "c")
		want("2")
		a.do("HPERSIST", "c", "FIELDS", "2", "f", "g")
		want("1")
		a.do("HDEL", "a", "f")
		want("1")
		a.do("HSET", "a", "g", "3") // takes the time away
		want("0")
		a.do("HSETEX", "a", "PX", "1000", "FIELDS", "1", "h", "1")
		want("1")
		a.do("SET", "a", "1")
		want("0")
		a.do("HSETEX", "d", "EX", "100", "FIELDS", "1", "h", "1")
		a.do("HSET", "d", "i", "1", "j", "2")
		want("1")
		a.do("DEL", "a", "c")
		want("1")
		a.do("FLUSHALL")
		a.do("SET", "other", "1")
		want("0")
		a.do("HSET", "a", "f", "1", "g", "2")
		a.do("HPEXPIRE", "a", "1", "FIELDS", "1", "f")
		want("1")
		a.W.NowMS += 10
		a.do("HGETALL", "a")
		want("1") // nobody asked for it
		a.do("HMGET", "a", "f", "g")
		want("0")
		a.do("DEL", "a")
	}
}
