package command

import (
	"strconv"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/protocol/resp"
)

// entryWriter replies with entries of streams: hundreds of short strings, which
// it appends to room that was reserved for many of them. Nothing else may be
// replied before its end.
type entryWriter struct {
	reply *resp.Writer
	b     []byte

	// The first half of the ID that was written last: busy streams have many
	// entries of one millisecond.
	ms     uint64
	msText [20]byte
	msLen  int
}

const (
	// entryRoom is how much room is reserved at a time, in bytes; a string of up
	// to half of it goes there.
	entryRoom = 2 << 10

	// headerRoom is enough for the header of a string and its line end.
	headerRoom = 32
)

// startEntries begins an array of n entries.
func (c *Client) startEntries(n int) entryWriter {
	c.Reply.ArrayLen(n)
	return entryWriter{reply: &c.Reply, b: c.Reply.Out.Reserve(entryRoom)}
}

func (w *entryWriter) end() { w.reply.Out.Commit(w.b) }

// reserve makes room for n more bytes, at most entryRoom.
func (w *entryWriter) reserve(n int) {
	if cap(w.b)-len(w.b) < n {
		w.reply.Out.Commit(w.b)
		w.b = w.reply.Out.Reserve(entryRoom)
	}
}

// entry appends the current entry of an iterator.
func (w *entryWriter) entry(it *object.StreamIterator) {
	w.reserve(object.StreamIDTextMax + 3*headerRoom)
	w.b = append(w.b, "*2\r\n"...)
	w.id(it.ID)
	w.header('*', 2*it.Fields)
	for range it.Fields {
		field, value := it.Pair()
		w.elem(field)
		w.elem(value)
	}
}

// id appends an ID that there is room for.
func (w *entryWriter) id(id object.StreamID) {
	if w.msLen == 0 || id.MS != w.ms {
		w.ms, w.msLen = id.MS, len(strconv.AppendUint(w.msText[:0], id.MS, 10))
	}
	var text [20]byte
	seq := strconv.AppendUint(text[:0], id.Seq, 10)
	w.header('$', w.msLen+1+len(seq))
	w.b = append(append(w.b, w.msText[:w.msLen]...), '-')
	w.b = append(append(w.b, seq...), '\r', '\n')
}

func (w *entryWriter) elem(e object.Elem) {
	if e.Str == nil {
		var digits intText
		w.reserve(len(digits) + headerRoom)
		w.bulk(digits.format(e.Int))
		return
	}
	if len(e.Str) > entryRoom/2 {
		w.end()
		w.reply.Bulk(e.Str)
		w.b = w.reply.Out.Reserve(entryRoom)
		return
	}
	w.reserve(len(e.Str) + headerRoom)
	w.bulk(e.Str)
}

// bulk appends a string that there is room for.
func (w *entryWriter) bulk(s []byte) {
	w.header('$', len(s))
	w.b = append(w.b, s...)
	w.b = append(w.b, '\r', '\n')
}

func (w *entryWriter) header(kind byte, n int) {
	if n < 10 {
		w.b = append(w.b, kind, byte('0'+n), '\r', '\n')
		return
	}
	w.b = strconv.AppendInt(append(w.b, kind), int64(n), 10)
	w.b = append(w.b, '\r', '\n')
}

// replyEntries replies with the next n entries of an iterator, which has them.
func (c *Client) replyEntries(it *object.StreamIterator, n int) {
	w := c.startEntries(n)
	for range n {
		it.Next()
		w.entry(it)
	}
	w.end()
}

// replyEntry replies with the current entry of an iterator.
func (c *Client) replyEntry(it *object.StreamIterator) {
	w := entryWriter{reply: &c.Reply, b: c.Reply.Out.Reserve(entryRoom)}
	w.entry(it)
	w.end()
}
