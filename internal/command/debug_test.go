package command

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// newDebugClient connects to a server of which clients may use DEBUG.
func newDebugClient(t *testing.T) *testClient {
	c := newTestClient(t)
	c.W.Server.Params.add("enable-debug-command", fixedParam("local"))
	return c
}

// The signatures are those of a Redis 8.0 server with the same data.
func TestDebugDigest(t *testing.T) {
	c := newDebugClient(t)
	empty := c.do("DEBUG", "DIGEST")
	if want := "+" + strings.Repeat("0", 40) + "\r\n"; empty != want {
		t.Errorf("of nothing: %q", empty)
	}
	for _, request := range []string{
		"SET k hello", "SET n 12", "RPUSH l a b 3", "SADD s 1 2 x", "SADD si 1 2 3", "HSET h f v",
		"ZADD z 1 a 2.5 b 0.1 c 1e20 d inf e -3 f", "XADD x 1-1 f v g w", "SETEX e 1000 v",
		"HSET ht f v g w", "HPEXPIRE ht 1000000 FIELDS 1 f", "SELECT 3", "SET k other", "SELECT 0",
	} {
		c.do(strings.Fields(request)...)
	}
	const all = "401f89cd41d012e0dba4b4b8c681405151202772"
	if got := c.do("DEBUG", "DIGEST"); got != "+"+all+"\r\n" {
		t.Errorf("DEBUG DIGEST %q", got)
	}
	want := []string{
		"36b23a1456b2dce2c3ed252c456761301dba8060", "655ac46b180ad2f61a3cee25f0b1780fa2ec879a",
		"09eb1fc9381ee92790d59930ab462945f8cd948b", "4c6eef6b7853d1b76391c849d71b0d35d3faf18f",
		"2a462a3f51a1db89738ebbeef0c47ce1bbc85246", "90c76e9e9f4c62d642a34fc97c7dad503b51f906",
		"a098fd18c220efc3d9d15b0793e9c2c679209262", "02a6cc6f9620c93c4a87ca6697dad2078434368e",
		"311b17018163335616e089f6b951c82c477335ac", "355879033a5e790f0e021f3025ccea7312d9d282",
		strings.Repeat("0", 40),
	}
	names := strings.Fields("k n l s si h z x e ht nosuch")
	got := strings.Split(c.do(append([]string{"DEBUG", "DIGEST-VALUE"}, names...)...), "\r\n")[1:]
	for i, name := range names {
		if got[i] != "+"+want[i] {
			t.Errorf("%s: %s, want %s", name, got[i], want[i])
		}
	}
	if c.DB != 0 || c.W.Holding() {
		t.Errorf("database %d, locks held: %v", c.DB, c.W.Holding())
	}
}

// Large values have the signatures that they have when they are packed.
func TestDebugDigestDoesNotDependOnTheEncoding(t *testing.T) {
	c := newDebugClient(t)
	fill := func() {
		for _, request := range []string{"RPUSH l a b 3", "SADD s 1 2 x", "HSET h f v 1 2", "ZADD z 1 a 2.5 b"} {
			c.do(strings.Fields(request)...)
		}
	}
	fill()
	packed := c.do("DEBUG", "DIGEST")
	c.do("FLUSHALL")
	c.do("CONFIG", "SET", "list-max-listpack-size", "1", "set-max-listpack-entries", "0", "hash-max-listpack-entries", "0", "zset-max-listpack-entries", "0")
	fill()
	if got := c.do("DEBUG", "DIGEST"); got != packed {
		t.Errorf("large %q, packed %q", got, packed)
	}
}

func TestDebugReplies(t *testing.T) {
	c := newDebugClient(t)
	c.do("SET", "n", "12")
	c.do("HSET", "h", "f", "v")
	c.do("SADD", "s", "a")
	for request, want := range map[string]string{
		"SLEEP":                          "-ERR unknown subcommand or wrong number of arguments for 'SLEEP'. Try DEBUG HELP.\r\n",
		"sleep x":                        "+OK\r\n",
		"nosuch":                         "-ERR unknown subcommand or wrong number of arguments for 'nosuch'. Try DEBUG HELP.\r\n",
		"ERROR some":                     "-some\r\n",
		"OBJECT nosuch":                  "-ERR no such key\r\n",
		"LISTPACK h":                     "+Listpack structure printed on stdout\r\n",
		"LISTPACK n":                     "-ERR Not a listpack encoded object.\r\n",
		"LISTPACK nosuch":                "-ERR no such key\r\n",
		"HTSTATS x":                      "-ERR value is not an integer or out of range\r\n",
		"HTSTATS 99":                     "-ERR Out of range database\r\n",
		"HTSTATS-KEY n":                  "-ERR The value stored at the specified key is not represented using an hash table\r\n",
		"HTSTATS-KEY nosuch":             "-ERR no such key\r\n",
		"PROTOCOL INTEGER":               ":12345\r\n",
		"PROTOCOL double":                "$5\r\n3.141\r\n",
		"PROTOCOL null":                  "$-1\r\n",
		"PROTOCOL map":                   "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
		"PROTOCOL push":                  "-ERR RESP2 is not supported by this command\r\n",
		"PROTOCOL true":                  ":1\r\n",
		"POPULATE x":                     "-ERR value is out of range, must be positive\r\n",
		"POPULATE 1 a x":                 "-ERR value is out of range, must be positive\r\n",
		"QUICKLIST-PACKED-THRESHOLD 100": "+OK\r\n",
		"QUICKLIST-PACKED-THRESHOLD 4gb": "-ERR argument must be a memory value bigger than 1 and smaller than 4gb\r\n",
		"QUICKLIST-PACKED-THRESHOLD x":   "-ERR argument must be a memory value bigger than 1 and smaller than 4gb\r\n",
		"REPLYBUFFER resizing 0":         "+OK\r\n",
		"REPLYBUFFER nosuch 0":           "-ERR unknown subcommand or wrong number of arguments for 'REPLYBUFFER'. Try DEBUG HELP.\r\n",
	} {
		if got := c.do(append([]string{"DEBUG"}, strings.Fields(request)...)...); got != want {
			t.Errorf("DEBUG %s: %q", request, got)
		}
	}
	if got := c.do("DEBUG", "OBJECT", "n"); !strings.Contains(got, " refcount:2147483647 encoding:int serializedlength:2 ") {
		t.Errorf("DEBUG OBJECT %q", got)
	}
	if got := c.do("DEBUG", "HTSTATS", "0"); !strings.Contains(got, " number of elements: 3\n") {
		t.Errorf("DEBUG HTSTATS %q", got)
	}
}

func TestDebugReload(t *testing.T) {
	c := newDebugClient(t)
	if got, want := c.do("DEBUG", "RELOAD"), "-ERR Error trying to load the RDB dump, check server logs.\r\n"; got != want {
		t.Errorf("without a file: %q", got)
	}
	c.W.Server.Params.add("enable-protected-configs", fixedParam("yes"))
	c.do("CONFIG", "SET", "dir", t.TempDir())
	c.do("CONFIG", "SET", "dbfilename", "dump.rdb")
	for _, request := range []string{
		"SET k v", "RPUSH l 1 2 3", "SETEX e 1000 v", "SELECT 2", "HSET h f v g w",
		"HPEXPIRE h 1000000 FIELDS 1 f", "XADD x 5-1 f v", "XGROUP CREATE x g 0", "SELECT 0",
	} {
		c.do(strings.Fields(request)...)
	}
	before := c.do("DEBUG", "DIGEST")
	for _, request := range []string{"DEBUG RELOAD", "MULTI", "DEBUG RELOAD", "EXEC"} {
		if got := c.do(strings.Fields(request)...); strings.Contains(got, "-ERR") {
			t.Errorf("%s: %q", request, got)
		}
	}
	if after := c.do("DEBUG", "DIGEST"); after != before {
		t.Errorf("%q before, %q after", before, after)
	}
	if got := c.do("GET", "k"); got != "$1\r\nv\r\n" {
		t.Errorf("k is %q", got)
	}
}

func TestDebugPopulate(t *testing.T) {
	c := newDebugClient(t)
	c.do("SET", "key:1", "mine")
	c.do("DEBUG", "POPULATE", "3")
	c.do("DEBUG", "POPULATE", "2", "p", "10")
	for key, want := range map[string]string{
		"key:0": "$7\r\nvalue:0\r\n", "key:1": "$4\r\nmine\r\n", "key:2": "$7\r\nvalue:2\r\n",
		"p:1": "$10\r\nvalue:1\x00\x00\x00\r\n",
	} {
		if got := c.do("GET", key); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	if got := c.do("DBSIZE"); got != ":5\r\n" {
		t.Errorf("DBSIZE %q", got)
	}
}

func TestDebugSetActiveExpire(t *testing.T) {
	c := newDebugClient(t)
	c.do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
	c.do("SET", "k", "v", "PX", "1")
	c.W.NowMS += 100
	c.W.Tick()
	if n := c.W.Len(0); n != 1 {
		t.Errorf("%d keys while active expiry is off", n)
	}
	c.do("DEBUG", "SET-ACTIVE-EXPIRE", "1")
	c.W.Tick()
	if n := c.W.Len(0); n != 0 {
		t.Errorf("%d keys with active expiry on", n)
	}
}

// DEBUG SLEEP is what tests make slow commands with, so it must be logged.
func TestDebugSleepIsLogged(t *testing.T) {
	c := newDebugClient(t)
	begin := time.Now()
	c.do("DEBUG", "SLEEP", "0.012")
	if time.Since(begin) < 12*time.Millisecond {
		t.Error("it did not sleep")
	}
	entries := c.W.Server.slowlog.latest(-1)
	if len(entries) != 1 || !slices.Equal(entries[0].args, []string{"DEBUG", "SLEEP", "0.012"}) {
		t.Errorf("logged %v", entries)
	}
}

func TestDebugIsRefused(t *testing.T) {
	c := newTestClient(t)
	if got := c.do("DEBUG", "SLEEP", "0"); !strings.HasPrefix(got, "-ERR DEBUG command not allowed.") {
		t.Errorf("%q", got)
	}
}
