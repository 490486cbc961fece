package memcache

import "bytes"

// MaxKey is the longest key the text protocol takes, in bytes.
const MaxKey = 250

// Op is what a request asks for.
type Op uint8

// The operations.
const (
	OpNone Op = iota // nothing: part of a value that was refused went by
	OpGet
	OpGets // get, and tell the CAS
	OpGat  // get and touch
	OpGats
	OpSet
	OpAdd
	OpReplace
	OpAppend
	OpPrepend
	OpCAS
	OpIncr
	OpDecr
	OpTouch
	OpDelete
	OpFlushAll
	OpVersion
	OpVerbosity
	OpStats
	OpQuit
	OpShutdown
	OpCacheMemlimit
	OpLRU
	OpLRUCrawler
	OpSlabs
	OpWatch
)

// names are the commands, as the client writes them.
var names = [...]string{
	OpNone:          "",
	OpGet:           "get",
	OpGets:          "gets",
	OpGat:           "gat",
	OpGats:          "gats",
	OpSet:           "set",
	OpAdd:           "add",
	OpReplace:       "replace",
	OpAppend:        "append",
	OpPrepend:       "prepend",
	OpCAS:           "cas",
	OpIncr:          "incr",
	OpDecr:          "decr",
	OpTouch:         "touch",
	OpDelete:        "delete",
	OpFlushAll:      "flush_all",
	OpVersion:       "version",
	OpVerbosity:     "verbosity",
	OpStats:         "stats",
	OpQuit:          "quit",
	OpShutdown:      "shutdown",
	OpCacheMemlimit: "cache_memlimit",
	OpLRU:           "lru",
	OpLRUCrawler:    "lru_crawler",
	OpSlabs:         "slabs",
	OpWatch:         "watch",
}

// byInitial are the operations whose names start with a byte.
var byInitial = func() (ops [256][]Op) {
	for op := OpGet; int(op) < len(names); op++ {
		c := names[op][0]
		ops[c] = append(ops[c], op)
	}
	return ops
}()

// String returns the command.
func (op Op) String() string { return names[op] }

// opOf returns the operation that name stands for, OpNone when there is none.
func opOf(name []byte) Op {
	if len(name) == 0 {
		return OpNone
	}
	for _, op := range byInitial[name[0]] {
		if string(name) == names[op] {
			return op
		}
	}
	if string(name) == "bget" { // get, to clients of long ago
		return OpGet
	}
	return OpNone
}

// stores reports whether a data block follows the line of the request.
func (op Op) stores() bool { return op >= OpSet && op <= OpCAS }

// Request is a request that was cut out of the stream. Its slices lie in the
// buffer that was given to Parse and are valid until the next call.
type Request struct {
	Op Op
	// Noreply says that the client wants no reply, not even an error.
	Noreply bool
	// Key is the key, or the first one of a retrieval.
	Key []byte
	// Keys are all keys of a retrieval, Key included, and Count tells how many
	// there are. A gat of no keys is a request that finds none.
	Keys  Tokens
	Count int
	// Flags are the client's own, kept with the item.
	Flags uint32
	// Exptime is in seconds, as the client gave it: 0 for never, negative for at
	// once, up to 30 days from now, or a Unix time. For OpFlushAll the delay.
	Exptime int64
	// CAS is the unique the item must have, for OpCAS.
	CAS uint64
	// Delta is the amount, for OpIncr and OpDecr.
	Delta uint64
	// Level is the level, for OpVerbosity.
	Level uint32
	// Data is the value, without its line end.
	Data []byte
	// Args are the words after the command, for the operations from OpStats on.
	Args Tokens
}

// Tokens are the words of a line that are separated by spaces, read one by one.
// A copy starts where the original stands.
type Tokens struct{ rest []byte }

// Next returns the next word, nil after the last.
func (t *Tokens) Next() []byte {
	rest := t.rest
	start := 0
	for start < len(rest) && rest[start] == ' ' {
		start++
	}
	if start == len(rest) {
		t.rest = nil
		return nil
	}
	end := len(rest)
	if i := bytes.IndexByte(rest[start:], ' '); i >= 0 {
		end = start + i
	}
	t.rest = rest[end:]
	return rest[start:end:end]
}
