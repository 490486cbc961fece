package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// listView is a list that is open, small or large. A small one that is written
// to lies in the worker's packed memory, so only one may be at a time.
type listView struct {
	c     *Client
	k     keyspace.Key
	large *object.List  // nil for a small one
	item  keyspace.Item // with large, if it was large when it was opened
	pack  object.Pack
}

// read opens a list for reading, in place like a set, and counts the use. ok is
// false if the key holds something else, which has been replied.
func (l *listView) read(c *Client, k keyspace.Key) (found, ok bool) {
	it, found, ok := c.readTyped(k, keyspace.TypeList)
	if found && ok {
		l.enter(c, k, it, false)
	}
	return found, ok
}

// edit is read for a command that writes.
func (l *listView) edit(c *Client, k keyspace.Key) (found, ok bool) {
	it, found, ok := c.peekTyped(k, keyspace.TypeList)
	if found && ok {
		l.enter(c, k, it, true)
	}
	return found, ok
}

func (c *Client) openList(k keyspace.Key, it keyspace.Item, write bool) (l listView) {
	l.enter(c, k, it, write)
	return l
}

// enter opens the list that an item holds. l is empty.
func (l *listView) enter(c *Client, k keyspace.Key, it keyspace.Item, write bool) {
	l.c, l.k = c, k
	switch {
	case it.Encoding() == keyspace.EncodingObject:
		l.large, l.item = c.W.Object(k, it).(*object.List), it
	case write:
		l.pack.Open(it.Value(), l.memory())
	default:
		l.pack.Open(it.Value(), nil)
	}
}

func (l *listView) memory() object.Memory {
	return l.c.W.Packed(l.c.DB, l.k, keyspace.TypeList, keyspace.EncodingPack)
}

// newList begins a small list, which must be pushed to. It will be given values.
func (c *Client) newList(k keyspace.Key, values ...[]byte) listView {
	l := listView{c: c, k: k}
	size := object.PackedSizes(values)
	if c.W.Server.Params.listFill().Exceeded(size, len(values)) {
		size = 0
	}
	l.pack = object.NewPack(l.memory(), size)
	return l
}

func (l *listView) len() int {
	if l.large != nil {
		return l.large.Len()
	}
	return l.pack.Len()
}

// room makes a small list large if it would grow too large by values.
func (l *listView) room(values ...[]byte) {
	if l.large != nil {
		return
	}
	size := l.pack.Size()
	for _, v := range values {
		size += len(v)
	}
	fill := l.c.W.Server.Params.listFill()
	if !fill.Exceeded(size, l.pack.Len()+len(values)) {
		return
	}
	large := object.NewList(l.c.W.Heap(), fill)
	large.Adopt(l.pack)
	l.large = large
	l.c.W.Enlarge(l.c.DB, l.k, large, keyspace.TypeList)
}

// lead has the next request to an end find it at hand. Nothing was written to the
// keyspace since the list was opened.
func (l *listView) lead(front bool) {
	if l.large == nil || l.item.Pointer() == nil {
		return
	}
	end := object.Back
	if front {
		end = object.Front
	}
	l.c.W.Lead(l.item, end, l.large.Lead(end))
}

// push adds v at an end. It must not be memory of the list.
func (l *listView) push(front bool, v []byte) {
	switch {
	case l.large != nil && front:
		l.large.PushFront(v)
	case l.large != nil:
		l.large.PushBack(v)
	case front:
		l.pack.PushFront(v)
	default:
		l.pack.Append(v)
	}
}

// removed ends a command that removed elements: the list goes when it is empty,
// and becomes small again when it is.
func (l *listView) removed() {
	if l.settle() {
		l.c.notify(keyspace.GenericEvent, "del", l.k)
	}
}

// settle is removed without telling that the list went, and reports it.
func (l *listView) settle() (gone bool) {
	l.c.W.Touched(l.c.DB, l.k)
	if l.len() == 0 {
		return l.c.W.Delete(l.c.DB, l.k)
	}
	l.shrink()
	return false
}

// notify tells of what happened to the list: one of two events, by its end.
func (l *listView) notify(front bool, left, right string) {
	if !front {
		left = right
	}
	l.c.notify(keyspace.ListEvent, left, l.k)
}

func (l *listView) notifyPop(front bool)  { l.notify(front, "lpop", "rpop") }
func (l *listView) notifyPush(front bool) { l.notify(front, "lpush", "rpush") }

func (l *listView) shrink() {
	if l.large == nil {
		l.pack.Compact()
		return
	}
	if b, small := l.large.Whole(); small {
		l.c.W.Set(l.c.DB, l.k, b, keyspace.Options{
			Type: keyspace.TypeList, Encoding: keyspace.EncodingPack, KeepTTL: true,
		})
	}
}

// listCursor is a place in a list.
type listCursor struct {
	l  *listView
	at int           // in a small list
	in object.Cursor // in a large one
}

// seek returns a cursor at position i, counted from the end if negative.
func (l *listView) seek(i int) listCursor {
	if l.large != nil {
		return listCursor{l: l, in: l.large.Seek(i)}
	}
	return listCursor{l: l, at: l.pack.Seek(i)}
}

func (x *listCursor) valid() bool {
	if x.l.large != nil {
		return x.in.Valid()
	}
	return x.at != 0
}

func (x *listCursor) elem() object.Elem {
	if x.l.large != nil {
		return x.in.Elem()
	}
	return x.l.pack.At(x.at)
}

// next goes on, towards the front if backwards.
func (x *listCursor) next(backwards bool) {
	switch {
	case x.l.large != nil && backwards:
		x.in.Prev()
	case x.l.large != nil:
		x.in.Next()
	case backwards:
		x.at = x.l.pack.Prev(x.at)
	default:
		x.at = x.l.pack.Next(x.at)
	}
}

// delete removes the element and goes on.
func (x *listCursor) delete(backwards bool) {
	if x.l.large != nil {
		x.in.Delete(backwards)
		return
	}
	p := &x.l.pack
	before, last := p.Prev(x.at), p.Next(x.at) == 0
	p.Delete(x.at, 1)
	switch {
	case backwards:
		x.at = before
	case last:
		x.at = 0
	}
}

// replyElems replies with n elements from position first on, which are there.
func (l *listView) replyElems(first, n int) {
	if l.large != nil {
		x := l.large.Seek(first)
		for range n {
			l.c.replyElem(x.Step())
		}
		return
	}
	at := l.pack.Seek(first)
	for range n {
		var e object.Elem
		e, at = l.pack.Step(at)
		l.c.replyElem(e)
	}
}

// take replies with n elements, at least one, from an end of the list and removes them.
func (l *listView) take(front bool, n int) {
	if l.large == nil {
		l.takePacked(front, n)
		return
	}
	end := 0
	if !front {
		end = -1
	}
	x := l.large.Seek(end)
	l.c.replyElem(x.Elem())
	for range n - 1 {
		if front {
			x.Next()
		} else {
			x.Prev()
		}
		l.c.replyElem(x.Elem())
	}
	l.drop(front, n)
}

// takePacked is take for a small list.
func (l *listView) takePacked(front bool, n int) {
	p := &l.pack
	if front {
		at := p.First()
		for range n {
			var e object.Elem
			e, at = p.Step(at)
			l.c.replyElem(e)
		}
		p.CutFront(at, n)
		return
	}
	at := p.Last()
	l.c.replyElem(p.At(at))
	for range n - 1 {
		at = p.Prev(at)
		l.c.replyElem(p.At(at))
	}
	p.Cut(at, 0, n)
}

// drop removes n elements from an end of the list.
func (l *listView) drop(front bool, n int) {
	switch {
	case n == 0:
	case l.large != nil && front:
		l.large.PopFront(n)
	case l.large != nil:
		l.large.PopBack(n)
	case front:
		l.pack.CutFront(l.pack.Seek(n), n)
	default:
		l.pack.DeleteLast(n)
	}
}
