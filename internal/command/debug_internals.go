package command

import (
	"fmt"
	"log/slog"
	"math/bits"
	"math/rand/v2"
	"strings"
	"syscall"
	"unsafe"

	"github.com/crucible-cache/crucible/internal/glob"
	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/object/vector"
)

// debugLeak keeps a string for as long as the server runs.
func debugLeak(c *Client, args [][]byte) {
	s := c.W.Server
	s.leaked.mu.Lock()
	s.leaked.texts = append(s.leaked.texts, string(args[2]))
	s.leaked.mu.Unlock()
	c.Reply.SimpleString("OK")
}

// debugScript logs the source of a script, or of all.
func debugScript(c *Client, args [][]byte) {
	cache := c.W.Server.scripts.cache
	log := func(sum, source string) { slog.Warn("SCRIPT SHA: "+sum, "source", source) }
	switch {
	case equalName(args[2], "list"):
		cache.Each(log)
	case len(args[2]) != shaLength:
		c.Error(errDebug(args[1]))
		return
	default:
		sum := strings.ToLower(string(args[2]))
		source, found := cache.Source(sum)
		if !found {
			c.Error(errNoScript)
			return
		}
		log(sum, source)
	}
	c.Reply.SimpleString("OK")
}

// shaLength is how many digits name a script.
const shaLength = 40

// matchRounds is how many names and patterns DEBUG STRINGMATCH-TEST tries, in the fraction of a second that
// the loop may be held up for.
const matchRounds = 200_000

// debugStringmatch has random names matched against random patterns: what matters is that it ends.
func debugStringmatch(c *Client, _ [][]byte) {
	var pattern, name [32]byte
	draw := func(b []byte) []byte {
		b = b[:rand.IntN(len(b))]
		for i := range b {
			if b[i] = byte(rand.IntN(128)); rand.IntN(3) == 0 { //nolint:gosec // seven bits
				b[i] = `*?[]^-\a`[rand.IntN(8)]
			}
		}
		return b
	}
	for range matchRounds {
		glob.Match(draw(pattern[:]), draw(name[:]))
	}
	c.Reply.SimpleString("Apparently Redis did not crash: test passed")
}

// debugStructsize tells how many bytes the structures take that values and clients are made of, without what
// they lead to.
func debugStructsize(c *Client, _ [][]byte) {
	c.Reply.BulkString(fmt.Sprintf("bits:%d list:%d table:%d zset:%d stream:%d vectorset:%d client:%d ",
		bits.UintSize, unsafe.Sizeof(object.List{}), unsafe.Sizeof(object.Table{}), unsafe.Sizeof(object.ZSet{}),
		unsafe.Sizeof(object.Stream{}), unsafe.Sizeof(vector.Set{}), unsafe.Sizeof(Client{})))
}

// The buckets of DEBUG CLIENT-EVICTION: clients whose memory is below the first power of two, from there to twice that,
// and so on; those from the last one on share one.
const (
	bucketFirst = 15
	bucketLast  = 32
)

// debugClientEviction tells how many of the clients that may be evicted take how much memory.
func debugClientEviction(c *Client, _ [][]byte) {
	s := c.W.Server
	if s.Params.clientMemory() == 0 {
		c.Error("ERR maxmemory-clients is disabled.")
		return
	}
	var bytes, clients [bucketLast - bucketFirst + 2]int64
	for _, other := range s.Clients.snapshot() {
		if other.seen.flags.Load()&seenNoEvict != 0 {
			continue
		}
		n := other.memory()
		i := min(max(bits.Len64(uint64(n))-bucketFirst, 0), len(bytes)-1) //nolint:gosec // not negative
		bytes[i] += n
		clients[i]++
	}
	var b strings.Builder
	from := int64(0)
	for i := range bytes {
		to := int64(1) << (bucketFirst + i)
		if i < len(bytes)-1 {
			fmt.Fprintf(&b, "bucket %10d - %10d", from, to-1)
		} else {
			fmt.Fprintf(&b, "bucket %10d+            ", from)
		}
		fmt.Fprintf(&b, ": tot-mem: %10d, clients: %d\n", bytes[i], clients[i])
		from = to
	}
	c.Reply.Verbatim("txt", b.String())
}

// debugMarkInternal says of the client that it is one of the cluster's own, which CLIENT LIST shows. There is no
// command that only those may use.
func debugMarkInternal(c *Client, args [][]byte) {
	unmark := len(args) == 3 && equalName(args[2], "unmark")
	if len(args) == 3 && !unmark {
		c.Error(errDebug(args[1]))
		return
	}
	c.seen.setFlag(seenInternal, !unmark)
	c.Reply.SimpleString("OK")
}

// debugSecret tells a sum of what the nodes of a cluster know each other by.
func debugSecret(c *Client, _ [][]byte) {
	cluster := c.W.Server.cluster
	if cluster == nil {
		c.Error("ERR Internal secret is missing")
		return
	}
	c.Reply.Int(int64(crc16([]byte(cluster.secret))))
}

// debugRewriteAll is CONFIG REWRITE that says every parameter.
func debugRewriteAll(c *Client, _ [][]byte) {
	id := &c.W.Server.Identity
	var err error = syscall.EFAULT // as if there was no name
	if id.RedisConf {
		err = c.W.Server.rewriteConfig(id.ConfigFile, true)
	}
	if err != nil {
		c.Error("ERR CONFIG-REWRITE-FORCE-ALL failed: " + strerror(err))
		return
	}
	c.Reply.SimpleString("OK")
}
