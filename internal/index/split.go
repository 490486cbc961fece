package index

import "github.com/crucible-cache/crucible/internal/invariant"

// chainMax bounds, in entries, what is gathered of a bucket at a time when it is
// split. Chains are a few entries long; a hash that is not seeded well could
// make longer ones, and append then takes memory from the heap.
const chainMax = 64

// split divides the next bucket in line between itself and a new one.
func (ix *Index) split() {
	from := ix.buckets - 1<<ix.level()
	to := ix.buckets
	ix.main.reach((to + 1) * bucketSize)
	ix.resize(to + 1)

	var words [chainMax]uint64
	low, high := ix.bucket(from), ix.bucket(to)
	all := ix.unchain(low, words[:0])
	for _, w := range all {
		hash := w & placeMask
		if isItem(w) {
			hash = ix.hashOf(hash)
		}
		if ix.home(hash) == to {
			ix.put(high, w)
		} else {
			ix.put(low, w)
		}
	}
	ix.verify()
}

// verify checks the whole table now and then, when checks are compiled in.
func (ix *Index) verify() {
	if invariant.Enabled && ix.buckets&(ix.buckets-1) == 0 {
		invariant.Check(ix.Check())
	}
}

// join empties the last bucket into the one that it was split from.
func (ix *Index) join() {
	if ix.buckets == 1 {
		return
	}
	ix.resize(ix.buckets - 1)
	last := ix.bucket(ix.buckets)
	into := ix.bucket(ix.buckets - 1<<ix.level())
	var words [chainMax]uint64
	all := ix.unchain(last, words[:0])
	for _, w := range all {
		ix.put(into, w)
	}
	ix.verify()
	ix.main.shrink(ix.buckets * bucketSize)
	if ix.spares == ix.overUsed-1 {
		ix.over.keep(0)
		ix.spare, ix.spares, ix.overUsed = 0, 0, 1
	}
}

// put adds an entry to a bucket that is being refilled. A ghost is dropped if
// there is no empty slot for it.
func (ix *Index) put(b *bucket, w uint64) {
	if isItem(w) {
		ix.add(b, w)
		return
	}
	for i, had := range b.slot {
		if had == 0 {
			b.slot[i] = w
			return
		}
	}
	ix.ghosts--
}

// unchain empties b and its overflow blocks and returns what they held, items first.
func (ix *Index) unchain(b *bucket, words []uint64) []uint64 {
	next := b.next
	for _, w := range b.slot {
		if isItem(w) {
			words = append(words, w)
		}
	}
	for next != 0 {
		o := ix.block(next)
		for _, w := range o.slot {
			if w != 0 {
				words = append(words, w)
			}
		}
		after := o.next
		ix.giveBlock(next)
		next = after
	}
	for _, w := range b.slot {
		if isGhost(w) {
			words = append(words, w)
		}
	}
	*b = bucket{}
	return words
}

// chain puts an entry at the end of the blocks that begin at link.
func (ix *Index) chain(link *uint64, w uint64) {
	for *link != 0 {
		o := ix.block(*link)
		for i, had := range o.slot {
			if had == 0 {
				o.slot[i] = w
				return
			}
		}
		link = &o.next
	}
	*link = ix.takeBlock()
	ix.block(*link).slot[0] = w
}

func (ix *Index) takeBlock() uint64 {
	if n := ix.spare; n != 0 {
		o := ix.block(n)
		ix.spare, o.next = o.next, 0
		ix.spares--
		return n
	}
	n := ix.overUsed
	ix.over.reach((n + 1) * blockSize)
	ix.overUsed++
	return uint64(n)
}

func (ix *Index) giveBlock(n uint64) {
	*ix.block(n) = block{next: ix.spare}
	ix.spare = n
	ix.spares++
}
