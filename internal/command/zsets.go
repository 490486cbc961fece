package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// zset is the sorted set at a key whose shard is locked, for commands that
// write. It is packed as long as it is small and becomes a large one for good
// when it passes one of the limits zset-max-listpack-entries and -value.
//
// A command that is done calls close: a set that was emptied goes.
type zset struct {
	c       *Client
	k       keyspace.Key
	exists  bool
	changed bool
	set     *object.ZSet // the large form, or
	pack    object.ZPack // the packed one
	at      int          // where score found a member in it
	room    int          // bytes of elements it is made for
}

// open looks up the sorted set at a key, which may be absent. ok is false if the
// key holds something else, which has been replied. z is empty; see setView.read.
func (z *zset) open(c *Client, k keyspace.Key) (ok bool) {
	z.c, z.k = c, k
	it, found, ok := c.peekTyped(k, keyspace.TypeZSet)
	if !found || !ok {
		return ok
	}
	z.enter(it)
	return true
}

// enter opens the sorted set that an item of the key holds.
func (z *zset) enter(it keyspace.Item) {
	z.exists = true
	if it.Encoding() == keyspace.EncodingObject {
		z.set = z.c.W.Object(z.k, it).(*object.ZSet)
	} else {
		z.pack.Open(it.Value(), z.memory())
	}
}

func (z *zset) memory() object.Memory {
	return z.c.W.Packed(z.c.DB, z.k, keyspace.TypeZSet, keyspace.EncodingPack)
}

// sorted has s, which is empty, read the set, until that is next written to.
func (z *zset) sorted(s *object.Sorted) {
	switch {
	case z.set != nil:
		s.OpenSet(z.set)
	case z.exists:
		s.OpenPack(z.pack.Bytes())
	}
}

// reserve prepares the set for n more elements: more than a packed set may have
// make it a large one at once, even if they turn out to be the same. One that is
// yet to be made is made with room for all of them.
func (z *zset) reserve(n int, element func(i int) ([]byte, float64)) {
	switch {
	case z.set != nil:
	case n > int(z.c.W.Server.Params.zsetEntries.Load()):
		z.enlarge()
	case !z.exists && n > 1:
		for i := range n {
			z.room += object.InsertedSize(element(i))
		}
	}
}

// enlarge gives the set its large form.
func (z *zset) enlarge() {
	set := object.NewZSet(z.c.W.Heap())
	var all object.Sorted
	z.sorted(&all)
	var text [intDigitsMax]byte
	all.Ascend(0, all.Len(), func(member object.Elem, score float64) bool {
		set.Set(member.Text(text[:]), score)
		return true
	})
	z.c.W.Enlarge(z.c.DB, z.k, set, keyspace.TypeZSet)
	z.set, z.pack, z.exists = set, object.ZPack{}, true
}

// score returns the score of a member, for which rescore may be called next.
func (z *zset) score(member []byte) (score float64, ok bool) {
	switch {
	case z.set != nil:
		return z.set.Score(member)
	case !z.exists:
		return 0, false
	}
	z.at, score = z.pack.Find(member)
	return score, z.at != 0
}

// add puts in a member that is not there. It fails when the set has no room for
// more, see object.ZSet.Fits.
func (z *zset) add(member []byte, score float64) bool {
	if z.set == nil && z.outgrows(member) {
		z.enlarge()
	}
	z.changed = true
	if z.set != nil {
		if !z.set.Fits(len(member)) {
			return false
		}
		z.set.Set(member, score)
		return true
	}
	if !z.exists {
		z.pack = object.NewZPack(z.memory(), max(z.room, object.InsertedSize(member, score)))
		z.exists = true
	}
	z.pack.Insert(member, score)
	return true
}

// outgrows reports whether one more member makes the set a large one.
func (z *zset) outgrows(member []byte) bool {
	p := z.c.W.Server.Params
	if len(member) > int(p.zsetValue.Load()) {
		return true
	}
	if !z.exists {
		return p.zsetEntries.Load() < 1
	}
	return z.pack.Len()+1 > int(p.zsetEntries.Load()) ||
		z.pack.Size()+len(member) > object.PackMax/2
}

// rescore gives the member that score was just asked for another score.
func (z *zset) rescore(member []byte, score float64) {
	z.changed = true
	if z.set != nil {
		z.set.Set(member, score)
		return
	}
	z.pack.Remove(z.at, 1)
	z.pack.Insert(member, score)
}

// remove takes a member out and reports whether it was there.
func (z *zset) remove(member []byte) bool {
	if !z.exists {
		return false
	}
	if z.set != nil {
		removed := z.set.Remove(member)
		z.changed = z.changed || removed
		return removed
	}
	at, _ := z.pack.Find(member)
	if at == 0 {
		return false
	}
	z.pack.Remove(at, 1)
	z.changed = true
	return true
}

// removeRanks takes out the elements with ranks from (included) to (not
// included).
func (z *zset) removeRanks(from, to int) {
	if from >= to {
		return
	}
	z.changed = true
	if z.set == nil {
		z.pack.Remove(z.pack.Seek(from), to-from)
		return
	}
	for ; to > from; to-- {
		z.set.RemoveAt(to - 1)
	}
}

func (z *zset) len() int {
	switch {
	case z.set != nil:
		return z.set.Len()
	case z.exists:
		return z.pack.Len()
	}
	return 0
}

// close ends writing: those who watch the key learn of a change, which is an
// event of that name, and an empty set goes.
func (z *zset) close(event string) {
	if !z.changed {
		return
	}
	z.c.notify(keyspace.ZSetEvent, event, z.k)
	if z.len() == 0 {
		z.c.deleteKey(z.k)
		return
	}
	z.c.W.Touched(z.c.DB, z.k)
}

// readZSet looks up the sorted set at a key for reading, which counts the use.
// An absent one is empty. ok is false if the key holds something else, which
// has been replied.
func (c *Client) readZSet(k keyspace.Key, s *object.Sorted) (found, ok bool) {
	it, found, ok := c.readTyped(k, keyspace.TypeZSet)
	if found && ok {
		c.enterZSet(k, it, s)
	}
	return found, ok
}

// enterZSet has s, which is empty, read the sorted set that an item holds, in place.
func (c *Client) enterZSet(k keyspace.Key, it keyspace.Item, s *object.Sorted) {
	if it.Encoding() == keyspace.EncodingObject {
		s.OpenSet(c.W.Object(k, it).(*object.ZSet))
	} else {
		s.OpenPack(it.Value())
	}
}

// sortedOf is enterZSet for who is in no hurry.
func (c *Client) sortedOf(k keyspace.Key, it keyspace.Item) (s object.Sorted) {
	c.enterZSet(k, it, &s)
	return s
}

// storeZSet makes the elements of a large set, in order, the value of a key,
// whatever was there, packed if they are few and short. The set is used up. It
// returns how many there are. That is an event of the name given.
func (c *Client) storeZSet(k keyspace.Key, set *object.ZSet, longest int, event string) int {
	n := set.Len()
	if n == 0 {
		c.deleteKey(k)
		freeZSet(set)
		return 0
	}
	c.putZSet(k, set, longest)
	c.notify(keyspace.ZSetEvent, event, k)
	return n
}

func (c *Client) putZSet(k keyspace.Key, set *object.ZSet, longest int) {
	n, p := set.Len(), c.W.Server.Params
	switch {
	case n > int(p.zsetEntries.Load()) || longest > int(p.zsetValue.Load()):
		c.W.SetObject(c.DB, k, set, keyspace.Options{Type: keyspace.TypeZSet})
		return
	default:
		c.W.Replace(c.DB, k)
		size := 0
		set.Ascend(0, n, func(member object.Elem, score float64) bool {
			size += object.InsertedSize(member.Str, score)
			return true
		})
		pack := object.NewZPack(c.W.Packed(c.DB, k, keyspace.TypeZSet, keyspace.EncodingPack), size)
		set.Ascend(0, n, func(member object.Elem, score float64) bool {
			pack.Insert(member.Str, score)
			return true
		})
	}
	freeZSet(set)
}

// freeZSet gives back the memory of a set that no key has.
func freeZSet(set *object.ZSet) {
	for !set.Release(1 << 10) {
	}
}
