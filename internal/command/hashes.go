package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// hashView is a hash that is open, small or large. A small one that is written
// to lies in the worker's packed memory, so only one may be at a time.
type hashView struct {
	c     *Client
	k     keyspace.Key
	large *object.Table // nil for a small one
	pack  object.Pack
	timed bool // the pack has expiries

	expired bool // a field whose time is over was removed; see fetch
}

// read opens a hash for reading, in place like a set, and counts the use. ok is
// false if the key holds something else, which has been replied. Of a hash that is
// not found only the client and the key are set.
func (h *hashView) read(c *Client, k keyspace.Key) (found, ok bool) {
	h.c, h.k = c, k
	it, found, ok := c.readTyped(k, keyspace.TypeHash)
	if found && ok {
		h.enter(it, false)
	}
	return found, ok
}

// edit is read for a command that writes.
func (h *hashView) edit(c *Client, k keyspace.Key) (found, ok bool) {
	h.c, h.k = c, k
	it, found, ok := c.peekTyped(k, keyspace.TypeHash)
	if found && ok {
		h.enter(it, true)
	}
	return found, ok
}

func (c *Client) openHash(k keyspace.Key, it keyspace.Item) (h hashView) {
	h.c, h.k = c, k
	h.enter(it, false)
	return h
}

// enter opens the hash that an item holds. Only client and key of h are set. Without
// write, what has no expiries is opened for reading only. Fields whose time is over are
// still there, as in the reference server: they go when they are asked for (see fetch) or
// with the tick.
func (h *hashView) enter(it keyspace.Item, write bool) {
	c, k := h.c, h.k
	switch it.Encoding() {
	case keyspace.EncodingObject:
		h.large = c.W.Object(k, it).(*object.Table)
		groups, chunks := h.large.Leads()
		c.W.Leads(it, groups, chunks)
		return
	case keyspace.EncodingPackTTL:
		h.timed = true
	}
	if !write && !h.timed {
		h.pack.Open(it.Value(), nil)
		return
	}
	h.pack.Open(it.Value(), h.memory())
}

// expiring reports whether a field has an expiry.
func (h *hashView) expiring() bool {
	if h.large != nil {
		return h.large.Expiring() > 0
	}
	return h.timed && h.pack.Timed()
}

// recount has the keyspace know whether a field has an expiry after a write. had
// says whether one had before.
func (h *hashView) recount(had bool) { h.c.W.CountTimed(h.c.DB, h.k, had, h.expiring()) }

// memory is the worker's packed memory, made the hash's.
func (h *hashView) memory() object.Memory {
	e := keyspace.EncodingPack
	if h.timed {
		e = keyspace.EncodingPackTTL
	}
	return h.c.W.Packed(h.c.DB, h.k, keyspace.TypeHash, e)
}

// make is edit for a command that makes the hash if there is none; it must be
// written to then. It will be given the pairs.
func (h *hashView) make(c *Client, k keyspace.Key, pairs ...[]byte) (ok bool) {
	found, ok := h.edit(c, k)
	if ok && !found {
		h.begin(pairs)
	}
	return ok
}

// begin makes an empty hash of the form that suits what it will be given.
func (h *hashView) begin(pairs [][]byte) {
	size := 0
	if h.packs(len(pairs)/2, pairs) {
		size = object.PackedSizes(pairs)
	}
	h.pack = object.NewPack(h.memory(), size)
}

// notify tells of what happened to the hash.
func (h *hashView) notify(event string) { h.c.notify(keyspace.HashEvent, event, h.k) }

// gone deletes the hash if it is empty, and reports whether it was.
func (h *hashView) gone() bool {
	h.c.W.Touched(h.c.DB, h.k)
	if h.len() > 0 {
		return false
	}
	h.c.deleteKey(h.k)
	return true
}

func (h *hashView) stride() int {
	if h.timed {
		return object.HashStrideTTL
	}
	return object.HashStride
}

func (h *hashView) len() int {
	if h.large != nil {
		return h.large.Len()
	}
	return h.pack.Len() / h.stride()
}

func (h *hashView) seek(field []byte) int {
	return h.pack.Find(h.pack.First(), field, h.stride()-1)
}

// expiry returns when a field expires. One whose time is over is not found.
func (h *hashView) expiry(field []byte) (at int64, found bool) {
	_, at, found = h.look(field)
	return at, found && !h.over(at)
}

// look returns the value of a field and when it expires, also of one whose time is over.
func (h *hashView) look(field []byte) (value object.Elem, at int64, found bool) {
	if h.large != nil {
		e, ok := h.large.Find(field)
		if !ok {
			return value, 0, false
		}
		return object.Elem{Str: e.Value()}, e.ExpireAt(), true
	}
	f := h.seek(field)
	if f == 0 {
		return value, 0, false
	}
	value, next := h.pack.Step(h.pack.Next(f))
	if h.timed {
		at = h.pack.At(next).Int
	}
	return value, at, true
}

// fetch is look that removes the field if its time is over, unless nothing may expire,
// and tells of the first that it removes. The hash may be empty then: finish follows.
func (h *hashView) fetch(field []byte) (value object.Elem, at int64, found bool) {
	value, at, found = h.look(field)
	if found && h.over(at) {
		if h.expire(field) && !h.expired {
			h.expired = true
			h.notify("hexpired")
		}
		return object.Elem{}, 0, false
	}
	return value, at, found
}

// expire removes a field whose time is over, unless nothing may expire.
func (h *hashView) expire(field []byte) bool {
	if h.c.W.Server.Keyspace.Keeps() {
		return false
	}
	w := h.c.W
	writes := w.Writes
	h.delete(field)
	w.Worker.Stats.Fields.Add(1)
	w.Touched(h.c.DB, h.k)
	w.Writes = writes // it went by itself
	if h.c.telling() {
		w.Server.LostField(w.Worker, h.c.DB, h.k, field)
	}
	return true
}

// finish ends what fetch began: it deletes the hash if no field was left to it, and
// reports whether that was so. The view is that of a key that is not there then.
func (h *hashView) finish() bool {
	if !h.expired || h.len() > 0 {
		return false
	}
	writes := h.c.W.Writes
	h.c.deleteKey(h.k)
	h.c.W.Writes = writes
	h.large, h.timed = nil, false
	return true
}

// expireAll removes all fields whose time is over, and reports whether any other is
// left. The hash goes with the last.
func (h *hashView) expireAll() bool {
	if h.c.W.Server.Keyspace.Keeps() || !h.stale() {
		return true
	}
	had, now := h.len(), h.c.W.NowMS
	if h.large != nil {
		h.large.DropExpired(now, math.MaxInt, h.lost())
	} else {
		h.pack.DropExpired(now, h.lost())
	}
	h.recount(true)
	if n := had - h.len(); n > 0 {
		h.c.W.Worker.Stats.Fields.Add(uint64(n)) //nolint:gosec // positive
		h.notify("hexpired")
		return !h.gone()
	}
	return true
}

// lost returns whom to tell that a field went by itself, nil for nobody.
func (h *hashView) lost() func(field []byte) {
	if !h.c.telling() {
		return nil
	}
	w := h.c.W
	return func(field []byte) { w.Server.LostField(w.Worker, h.c.DB, h.k, field) }
}

// stale reports whether there may be fields whose time is over.
func (h *hashView) stale() bool {
	if h.large != nil {
		return h.over(h.large.MinExpire())
	}
	return h.timed && h.pack.AnyExpired(h.c.W.NowMS)
}

// over reports whether a time at which a field expires has come.
func (h *hashView) over(at int64) bool { return at != 0 && at <= h.c.W.NowMS }

// room makes a small hash large if fields more fields, or what is written to
// one, are too much for it.
func (h *hashView) room(fields int, written ...[]byte) {
	if h.large == nil && (!h.packs(fields, written) || h.pack.Size() > object.PackMax/2) {
		h.enlarge(fields)
	}
}

// packs reports whether a small hash may be given so many fields, and what is
// written to them.
func (h *hashView) packs(fields int, written [][]byte) bool {
	p := h.c.W.Server.Params
	if int64(fields) > p.hashEntries.Load() {
		return false
	}
	sum, most := 0, p.hashValue.Load()
	for _, v := range written {
		if sum += len(v); int64(len(v)) > most {
			return false
		}
	}
	return sum < object.PackMax/2
}

// enlarge makes a small hash large, with room for more fields.
func (h *hashView) enlarge(more int) {
	t := object.NewTable(h.c.W.Heap(), h.len()+more, true)
	var field, value [intDigitsMax]byte
	h.eachPacked(func(f, v object.Elem, at int64) bool {
		t.Set(f.Text(field[:]), v.Text(value[:]), at)
		return true
	})
	h.large = t
	h.c.W.Enlarge(h.c.DB, h.k, t, keyspace.TypeHash)
}

// set gives a field a value and an expiry, 0 for none. Neither may be memory of the hash.
func (h *hashView) set(field, value []byte, at int64) {
	h.room(0, field, value)
	h.write(field, value, at)
}

// write is set for what room was made for. It reports whether the field is new.
func (h *hashView) write(field, value []byte, at int64) bool {
	if at != 0 {
		h.giveTimes()
	}
	timed := h.expiring()
	isNew := h.put(field, value, at)
	h.recount(timed)
	return isNew
}

// put is set for a hash of the form that the field needs.
func (h *hashView) put(field, value []byte, at int64) bool {
	if h.large != nil {
		isNew := h.large.Set(field, value, at)
		h.note()
		return isNew
	}
	f := h.seek(field)
	switch {
	case f == 0 && h.timed:
		h.pack.InsertTTL(field, value, at)
	case f == 0:
		h.pack.Append(field)
		h.pack.Append(value)
	case h.timed && h.pack.FieldTTL(f) != at:
		h.pack.MoveTTL(f, field, value, at)
	default:
		h.pack.Replace(h.pack.Next(f), value)
	}
	if f == 0 && int64(h.len()) > h.c.W.Server.Params.hashEntries.Load() {
		h.enlarge(0)
	}
	return f == 0
}

// giveTimes makes a small hash one whose fields can expire.
func (h *hashView) giveTimes() {
	if h.large != nil || h.timed {
		return
	}
	w := h.c.W
	w.scratch = append(w.scratch[:0], h.pack.Bytes()...)
	plain := object.OpenPack(w.scratch, nil)
	h.timed = true
	h.pack = object.NewPack(h.memory(), plain.Size()+2*plain.Len()/object.HashStride)
	for at := plain.First(); at != 0; {
		var e object.Elem
		for range object.HashStride {
			e, at = plain.Step(at)
			h.pack.AppendElem(e)
		}
		h.pack.AppendElem(object.IntElem(0))
	}
}

// expireAt changes when a field that exists expires, 0 for never.
func (h *hashView) expireAt(field []byte, at int64) {
	if at != 0 {
		h.giveTimes()
	}
	timed := h.expiring()
	if h.large != nil {
		h.large.SetExpire(field, at)
		h.note()
	} else if f := h.seek(field); h.timed && h.pack.FieldTTL(f) != at {
		value := h.c.W.copied(h.pack.At(h.pack.Next(f)))
		h.pack.MoveTTL(f, field, value, at)
	}
	h.recount(timed)
}

// note has the keyspace look after a large hash with fields that expire.
func (h *hashView) note() {
	if h.large.Expiring() > 0 {
		h.c.W.Timed(h.c.DB, h.k, h.large)
	}
}

// delete removes a field and reports whether it was there.
func (h *hashView) delete(field []byte) bool {
	timed := h.expiring()
	found := h.remove(field)
	h.recount(timed)
	return found
}

// remove is delete, which counts.
func (h *hashView) remove(field []byte) bool {
	if h.large != nil {
		return h.large.Delete(field)
	}
	f := h.seek(field)
	if f != 0 {
		h.pack.Delete(f, h.stride())
	}
	return f != 0
}

// each visits the fields whose time is not over until visit returns false.
func (h *hashView) each(visit func(field, value object.Elem, at int64) bool) {
	if !h.stale() {
		h.every(visit)
		return
	}
	h.every(func(field, value object.Elem, at int64) bool {
		return h.over(at) || visit(field, value, at)
	})
}

// every is each for all fields there are.
func (h *hashView) every(visit func(field, value object.Elem, at int64) bool) {
	if h.large == nil {
		h.eachPacked(visit)
		return
	}
	h.large.Each(func(e object.Entry) bool {
		return visit(object.Elem{Str: e.Key()}, object.Elem{Str: e.Value()}, e.ExpireAt())
	})
}

func (h *hashView) eachPacked(visit func(field, value object.Elem, at int64) bool) {
	for at := h.pack.First(); at != 0; {
		var f, v, t object.Elem
		f, at = h.pack.Step(at)
		v, at = h.pack.Step(at)
		if h.timed {
			t, at = h.pack.Step(at)
		}
		if !visit(f, v, t.Int) {
			return
		}
	}
}

// visible counts the fields whose time is not over.
func (h *hashView) visible() int {
	if !h.stale() {
		return h.len()
	}
	n := 0
	h.each(func(_, _ object.Elem, _ int64) bool {
		n++
		return true
	})
	return n
}
