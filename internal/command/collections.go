package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// readTyped looks up a key that is to hold a value of type t, and counts the
// use. ok is false if it holds something else, which has been replied.
func (c *Client) readTyped(k keyspace.Key, t keyspace.Type) (it keyspace.Item, found, ok bool) {
	it, found = c.Get(k)
	return it, found, !found || c.isType(it, t)
}

// peekTyped is readTyped for commands that write: it counts nothing.
func (c *Client) peekTyped(k keyspace.Key, t keyspace.Type) (it keyspace.Item, found, ok bool) {
	it, found = c.W.Peek(c.DB, k)
	return it, found, !found || c.isType(it, t)
}

func (c *Client) isType(it keyspace.Item, t keyspace.Type) bool {
	if it.Type() == t {
		return true
	}
	c.Error(errWrongType)
	return false
}

// replyElem replies with an element as a string.
func (c *Client) replyElem(e object.Elem) {
	if e.Str != nil {
		c.Reply.Bulk(e.Str)
	} else {
		c.Reply.BulkInt(e.Int)
	}
}

// copied returns the text of an element in memory of the worker, where it stays
// while collections are written to, until the next call.
func (w *Worker) copied(e object.Elem) []byte {
	if e.Str == nil {
		w.scratch = e.Text(w.scratch[:0])
	} else {
		w.scratch = append(w.scratch[:0], e.Str...)
	}
	return w.scratch
}

// scratchKept bounds what a worker keeps of the memory for a copied element.
const scratchKept = 64 << 10

// parsePositive reads a number of elements to take or show.
func (c *Client) parsePositive(b []byte) (n int, ok bool) {
	v, ok := parseInt(b)
	if !ok || v < 0 {
		c.Error(errNotPositive)
		return 0, false
	}
	return int(v), true
}

// parseIndex reads a position, which may be negative.
func (c *Client) parseIndex(b []byte) (n int, ok bool) {
	v, ok := parseInt(b)
	if !ok {
		c.Error(errNotInteger)
	}
	return int(v), ok
}

// bounds turns a range of positions, counted from the end if negative and both
// included, into the first and the number of elements.
func bounds(start, end, n int) (first, count int) {
	if start < 0 {
		start = max(start+n, 0)
	}
	if end < 0 {
		end = max(end+n, -1)
	}
	end = min(end, n-1)
	return start, max(end-start+1, 0)
}

// largeEncodings are what the reference server calls a collection that is not packed.
var largeEncodings = map[keyspace.Type]string{
	keyspace.TypeList: "quicklist", keyspace.TypeSet: "hashtable", keyspace.TypeHash: "hashtable",
	keyspace.TypeZSet: "skiplist", keyspace.TypeStream: "stream",
	keyspace.TypeVectorSet: "raw",
}

func collectionEncoding(it keyspace.Item) string {
	switch it.Encoding() {
	case keyspace.EncodingObject:
		return largeEncodings[it.Type()]
	case keyspace.EncodingIntset:
		return "intset"
	case keyspace.EncodingPackTTL:
		return "listpackex"
	}
	return "listpack"
}
