package session

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cut hands a stream over in pieces of drawn sizes and returns all replies,
// emptying the database first and hanging up afterwards.
func (r *rig) cut(tb tester, p Protocol, stream string, size func() int) string {
	r.Commands.LockAll()
	r.Commands.FlushAll()
	r.Commands.Unlock()
	c := r.connect(tb, p)
	defer c.hangUp()
	var got strings.Builder
	for len(stream) > 0 && !c.Done() && !c.killed {
		n := min(size(), len(stream))
		c.feed([]byte(stream[:n]))
		got.WriteString(c.read(everything))
		stream = stream[n:]
	}
	got.WriteString(c.replies())
	return got.String()
}

var words = rapid.SampledFrom([]string{"a", "b", "key:with:a:long:name", "\xff\x00 \r\n"})

// drawValue draws a value, now and then one that spans several receives.
func drawValue(t *rapid.T) string {
	n := rapid.SampledFrom([]int{0, 1, 5, 100, 700, 20000, 70000}).Draw(t, "length")
	return strings.Repeat(rapid.SampledFrom([]string{"7", "x", "\r", "\n"}).Draw(t, "byte"), n)
}

func drawRESP(t *rapid.T) string {
	k, v := words.Draw(t, "key"), drawValue(t)
	return rapid.SampledFrom([]string{
		array("SET", k, v), array("GET", k), array("APPEND", k, v), array("INCR", k), array("DEL", k, "a"),
		array("MGET", "a", "b", k), array("SET", k, "1", "EX", "100"), array("TTL", k), array("MULTI"), array("EXEC"),
		array("SELECT", "1"), array("SELECT", "x"), array("nope", v), array(), "PING\r\n", "SET a 12\r\n", "GET  a \n", "\r\n",
		"ECHO \"a\\x41\"\r\n", "CLIENT REPLY SKIP\r\n", "RESET\r\n",
	}).Draw(t, "request")
}

func drawText(t *rapid.T) string {
	k, v := rapid.SampledFrom([]string{"a", "b", strings.Repeat("k", 250), strings.Repeat("k", 251)}).Draw(t, "key"), drawValue(t)
	noreply := rapid.SampledFrom([]string{"", " noreply"}).Draw(t, "noreply")
	data := fmt.Sprintf("%s 3 0 %d%s\r\n%s\r\n", k, len(v), noreply, v)
	return rapid.SampledFrom([]string{
		"set " + data, "add " + data, "replace " + data, "append " + data, "prepend " + data,
		"cas " + fmt.Sprintf("%s 0 0 1 99%s\r\nx\r\n", k, noreply), "set " + k + " 0 0 3\r\ntoolong\r\n",
		"set " + k + " 0 0 1100000\r\n" + strings.Repeat("y", 1100000) + "\r\n",
		"get " + k + "\r\n", "get a b " + k + "\r\n", "gat 100 " + k + "\r\n", "incr " + k + " 5" + noreply + "\r\n",
		"decr " + k + " 5\r\n", "touch " + k + " 10\r\n", "delete " + k + noreply + "\r\n", "flush_all\r\n",
		"version\r\n", "verbosity 1\r\n", "nope " + k + "\r\n", "\r\n", "set a 0 0\r\n",
	}).Draw(t, "request")
}

// However the stream is cut, the replies are the same.
func TestReplyDoesNotDependOnCuts(t *testing.T) {
	for _, p := range []struct {
		protocol Protocol
		draw     func(*rapid.T) string
		broken   []string
	}{
		{RESP, drawRESP, []string{"", "*1\r\n$x\r\n", "*999999999999\r\n", "QUIT\r\n", "\"\r\n", array("SET", "a")[:7]}},
		{Memcache, drawText, []string{"", "quit\r\n", "set a 0 0 5\r\nab", "set", strings.Repeat("z", 5000)}},
	} {
		r := newRig(t, rigSettings())
		rapid.Check(t, func(t *rapid.T) {
			var b strings.Builder
			for range rapid.IntRange(1, 12).Draw(t, "requests") {
				b.WriteString(p.draw(t))
			}
			b.WriteString(rapid.SampledFrom(p.broken).Draw(t, "last"))
			stream := b.String()
			// An engine never hands over more than a receive buffer at a time.
			sizes := rapid.SampledFrom([]int{2, 100, 16 << 10})
			whole := r.cut(t, p.protocol, stream, func() int { return 16 << 10 })
			split := r.cut(t, p.protocol, stream, func() int { return rapid.IntRange(1, sizes.Draw(t, "most")).Draw(t, "size") })
			if whole != split {
				t.Fatalf("%.300q\nwhole %.300q\nsplit %.300q", stream, whole, split)
			}
			if n := r.Sessions(); n != 0 {
				t.Fatalf("%d sessions are left", n)
			}
		})
	}
}
