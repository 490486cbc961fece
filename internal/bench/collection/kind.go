// Package collection measures servers on Redis' collection types: the CPU time of their commands, the memory of their
// elements, the longest wait of somebody else while a large one goes, and what collecting garbage costs beside them.
//
// It starts the servers it measures (contender), fills them itself over one connection, and leaves nothing behind. What a
// fill sends is fixed by its Kind and a number, so that every server holds the same elements. One goroutine drives a
// measurement; memory is one batch of requests.
package collection

import (
	"fmt"
	"strconv"

	"github.com/crucible-cache/crucible/internal/bench/wire"
)

// Kind is a type of value.
type Kind string

// The kinds. String is none of the collections: it is what they are compared with.
const (
	List   Kind = "list"
	Hash   Kind = "hash"
	Set    Kind = "set"
	ZSet   Kind = "zset"
	Stream Kind = "stream"
	String Kind = "string"
)

// Kinds are the collections.
var Kinds = []Kind{List, Hash, Set, ZSet, Stream}

// prefixes begin the names of a kind's keys, which a number ends.
var prefixes = map[Kind]string{List: "l:", Hash: "h:", Set: "s:", ZSet: "z:", Stream: "x:", String: "k:"}

// Key is the name of the numbered key of the kind.
func (k Kind) Key(number int) string { return prefixes[k] + strconv.Itoa(number) }

// elementsPerCommand is how many elements one request of a fill adds. A stream takes one at a time, a string holds one.
const elementsPerCommand = 100

// perCommand is how many elements one request may add.
func (k Kind) perCommand() int {
	if k == Stream || k == String {
		return 1
	}
	return elementsPerCommand
}

// appendAdd appends the request that adds the elements [from, to) to a numbered collection. An element is told by its
// number alone: member or field "mN" or "fN", score N, stream id "N+1-0", a value of size bytes that N begins.
func (k Kind) appendAdd(dst []byte, number, from, to, size int) []byte {
	key := k.Key(number)
	switch k {
	case String:
		return value(head(dst, 3, "SET", k.Key(from)), from, size)
	case Stream:
		dst = head(dst, 5, "XADD", key)
		dst = wire.AppendRESPWord(dst, strconv.Itoa(from+1)+"-0")
		return value(wire.AppendRESPWord(dst, "f"), from, size)
	case List:
		dst = head(dst, 2+to-from, "RPUSH", key)
	case Set:
		dst = head(dst, 2+to-from, "SADD", key)
	case Hash:
		dst = head(dst, 2+2*(to-from), "HSET", key)
	case ZSet:
		dst = head(dst, 2+2*(to-from), "ZADD", key)
	}
	for i := from; i < to; i++ {
		switch k {
		case List:
			dst = value(dst, i, size)
		case Set:
			dst = member(dst, i)
		case Hash:
			dst = value(wire.AppendRESPWord(dst, "f"+strconv.Itoa(i)), i, size)
		case ZSet:
			dst = member(wire.AppendRESPWord(dst, strconv.Itoa(i)), i)
		}
	}
	return dst
}

func head(dst []byte, words int, name, key string) []byte {
	dst = wire.AppendRESPHead(dst, words)
	return wire.AppendRESPWord(wire.AppendRESPWord(dst, name), key)
}

func member(dst []byte, i int) []byte { return wire.AppendRESPWord(dst, "m"+strconv.Itoa(i)) }

// value appends a payload of size bytes: the number, then letters.
func value(dst []byte, i, size int) []byte {
	var digits [20]byte
	word := strconv.AppendInt(digits[:0], int64(i), 10)
	dst = fmt.Appendf(dst, "$%d\r\n", max(size, len(word)))
	dst = append(dst, word...)
	for range size - len(word) {
		dst = append(dst, 'v')
	}
	return append(dst, '\r', '\n')
}
