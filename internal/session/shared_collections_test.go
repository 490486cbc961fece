package session

import "testing"

// What Memcached's clients see of a collection: nothing to read or to change,
// but a key that is taken, that set replaces and delete removes.
func TestCollectionsUnderMemcached(t *testing.T) {
	for _, request := range []string{"RPUSH k 1", "SADD k 1", "HSET k 1 2", "SADD k a b", "HSET k f v\r\nHEXPIRE k 100 FIELDS 1 f"} {
		r := newRig(t, rigSettings())
		redis, text := r.connect(t, RESP), r.connect(t, Memcache)
		redis.ask(request + "\r\n")
		text.expect("get k\r\n", "END\r\n")
		text.expect("gets k\r\n", "END\r\n")
		text.expect("gat 100 k\r\n", "END\r\n")
		text.expect("touch k 100\r\n", "NOT_FOUND\r\n")
		text.expect("incr k 1\r\n", "NOT_FOUND\r\n")
		text.expect("add k 0 0 1\r\nx\r\n", "NOT_STORED\r\n")
		text.expect("replace k 0 0 1\r\nx\r\n", "NOT_STORED\r\n")
		text.expect("append k 0 0 1\r\nx\r\n", "NOT_STORED\r\n")
		text.expect("prepend k 0 0 1\r\nx\r\n", "NOT_STORED\r\n")
		text.expect("cas k 0 0 1 1\r\nx\r\n", "EXISTS\r\n")
		redis.expect("TTL k\r\n", ":-1\r\n")
		text.expect("delete k\r\n", "DELETED\r\n")
		redis.ask(request + "\r\n")
		text.expect("set k 0 0 1\r\nx\r\n", "STORED\r\n")
		redis.expect("TYPE k\r\n", "+string\r\n")
	}
}
