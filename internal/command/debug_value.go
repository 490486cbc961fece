package command

import (
	"fmt"
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// lruClock is what Redis keeps of the time of an access in seconds: 24 bits.
const lruClock = 1<<24 - 1

// debugObject shows how a value lies in memory. There is no object with an
// address here, so the address is that of the key's hash.
func debugObject(c *Client, args [][]byte) {
	k := c.W.Worker.Key(args[2])
	it, found := c.W.Inspect(c.DB, k)
	if !found {
		c.Error(errNoKey)
		return
	}
	idle := int64(0)
	if c.W.Keyspace().TracksIdle() {
		idle = c.W.IdleSeconds(it)
	}
	c.W.scratch = c.W.dump(c.W.scratch[:0], k, it)
	length := len(c.W.scratch)
	c.W.trimScratch()
	// A payload has a type before the value and ten bytes behind it.
	c.Reply.SimpleString(fmt.Sprintf("Value at:0x%x refcount:%d encoding:%s serializedlength:%d lru:%d lru_seconds_idle:%d",
		k.Hash(), c.refcount(it), encoding(it), length-11, (c.W.NowMS/1000-idle)&lruClock, idle) + c.nodesOf(k, it))
}

// nodesOf tells of the nodes of a large list, none of which is compressed.
func (c *Client) nodesOf(k keyspace.Key, it keyspace.Item) string {
	if it.Type() != keyspace.TypeList || it.Encoding() != keyspace.EncodingObject {
		return ""
	}
	l := c.W.Object(k, it).(*object.List)
	size := 0
	for i := range l.Nodes() {
		size += len(l.Node(i))
	}
	p := c.W.Server.Params
	depth := 0
	if p.listCompress.Load() != 0 {
		depth = 1
	}
	return fmt.Sprintf(" ql_nodes:%d ql_avg_node:%.2f ql_listpack_max:%d ql_compressed:%d ql_uncompressed_size:%d",
		l.Nodes(), float64(l.Len())/float64(l.Nodes()), p.listFill(), depth, size)
}

// debugSdslen shows how long a key and its string are. Neither has room to
// grow; both lie in one piece of memory, which is put down for the value.
func debugSdslen(c *Client, args [][]byte) {
	k := c.W.Worker.Key(args[2])
	it, found := c.W.Inspect(c.DB, k)
	switch {
	case !found:
		c.Error(errNoKey)
	case it.Type() != keyspace.TypeString || encoding(it) == "int":
		c.Error("ERR Not an sds encoded string.")
	default:
		c.Reply.SimpleString(fmt.Sprintf("key_sds_len:%d, key_sds_avail:0, key_zmalloc: %d, val_sds_len:%d, val_sds_avail:0, val_zmalloc: %d",
			len(args[2]), len(args[2]), len(it.Value()), c.W.Weight(k, it)-int64(len(args[2]))))
	}
}

func debugListpack(c *Client, args [][]byte) {
	it, found := c.W.Peek(c.DB, c.W.Worker.Key(args[2]))
	switch {
	case !found:
		c.Error(errNoKey)
	case encoding(it) != "listpack" && encoding(it) != "listpackex":
		c.Error("ERR Not a listpack encoded object.")
	default:
		c.Reply.SimpleString("Listpack structure printed on stdout")
	}
}

// debugQuicklist says whether a value is a list of nodes. What they hold is not printed.
func debugQuicklist(c *Client, args [][]byte) {
	it, found := c.W.Peek(c.DB, c.W.Worker.Key(args[2]))
	switch {
	case !found:
		c.Error(errNoKey)
	case encoding(it) != "quicklist":
		c.Error("ERR Not a quicklist encoded object.")
	default:
		c.Reply.SimpleString("Quicklist structure printed on stdout")
	}
}

func debugHtstats(c *Client, args [][]byte) {
	db, ok := parseInt(args[2])
	switch {
	case !ok:
		c.Error(errNotInteger)
	case db < 0 || db >= int64(c.W.Server.Keyspace.Databases()):
		c.Error("ERR Out of range database")
	default:
		c.Reply.Verbatim("txt", "[Dictionary HT]\n"+tableStats(c.W.Len(int(db)))+"[Expires HT]\n"+tableStats(c.W.Expires(int(db))))
	}
}

func debugHtstatsKey(c *Client, args [][]byte) {
	k := c.W.Worker.Key(args[2])
	it, found := c.W.Peek(c.DB, k)
	switch {
	case !found:
		c.Error(errNoKey)
	case encoding(it) != "hashtable" && encoding(it) != "skiplist":
		c.Error("ERR The value stored at the specified key is not represented using an hash table")
	default:
		c.Reply.Verbatim("txt", tableStats(int64(c.W.Object(k, it).(interface{ Len() int }).Len())))
	}
}

// tableStats tells of a table as far as it is one: how many elements it has. Of an
// empty one there is nothing to tell.
func tableStats(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("Hash table 0 stats (main hash table):\n number of elements: %d\n", n)
}

// debugProtocol replies with a value of each type that the protocol has, for
// the tests of clients. What RESP2 has not is replied as it is downgraded.
func debugProtocol(c *Client, args [][]byte) {
	r := &c.Reply
	switch name := strings.ToLower(string(args[2])); name {
	case "string":
		r.BulkString("Hello World")
	case "integer":
		r.Int(12345)
	case "double":
		r.Double(3.141)
	case "null":
		r.Null()
	case "array", "set", "push":
		c.debugAggregate(name)
	case "map":
		r.MapLen(3)
		for i := range 3 {
			r.Int(int64(i))
			r.Bool(i == 1)
		}
	case "attrib":
		if r.Proto > 2 {
			r.Raw("|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n")
		}
		r.BulkString("Some real reply following the attribute")
	case "verbatim":
		r.Verbatim("txt", "This is a verbatim\nstring")
	case "bignum":
		r.BigNumber("1234567999999999999999999999999999999")
	case "true", "false":
		r.Bool(name == "true")
	default:
		c.Error("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
}

func (c *Client) debugAggregate(name string) {
	r := &c.Reply
	switch {
	case name == "push" && r.Proto < 3:
		c.Error("ERR RESP2 is not supported by this command")
		return
	case name == "push":
		// The message is no reply, so there is one behind it.
		r.PushLen(2)
		r.BulkString("server-cpu-usage")
		r.Int(42)
		return
	case name == "set":
		r.SetLen(3)
	default:
		r.ArrayLen(3)
	}
	for i := range 3 {
		r.Int(int64(i))
	}
}

// databaseKeys lists the names of the keys of a database. All shards are held.
func (c *Client) databaseKeys(db int) (names [][]byte) {
	c.W.Each(db, func(it keyspace.Item) bool {
		names = append(names, append([]byte(nil), it.Name()...))
		return true
	})
	return names
}
