package keyspace

import (
	"math/bits"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/store"
)

// sizeBins is how many bins there are for sizes: one for what is empty, and one from
// each power of two up to the next. What has 2^32 elements or more shares the last.
const sizeBins = 34

// Sizes tells of each type, but streams and vector sets, how many values there are of which
// size: the length of strings, the number of elements of collections. Bin 0 is for what is
// empty, bin n for sizes from 1<<(n-1) up to twice that.
type Sizes [TypeHash + 1][sizeBins]int64

// histogram is what a table keeps of that. Large collections are not in it: they change
// without the keyspace, are few, and each tells how many elements it has.
type histogram [TypeHash + 1][sizeBins]int32

func sizeBin(n int) int { return min(bits.Len(uint(n)), sizeBins-1) } //nolint:gosec // a length

// uncounted is the size of what is in no histogram.
const uncounted = -1

// sizeOf returns the size of a value by which it is counted. A pack of more than 65,535
// elements, which takes an unusual setting, counts as one of as many.
func sizeOf(of Type, e Encoding, value []byte) int {
	switch {
	case of == TypeString:
		return len(value)
	case of > TypeHash || e == EncodingObject:
		return uncounted
	case of == TypeSet && e == EncodingIntset:
		s := object.OpenIntset(value, nil)
		return s.Len()
	}
	p := object.OpenPack(value, nil)
	return p.LenSaid() / packStride(of, e)
}

// packStride is how many elements of a pack make one of a collection.
func packStride(of Type, e Encoding) int {
	switch {
	case of == TypeHash && e == EncodingPackTTL:
		return object.HashStrideTTL
	case of == TypeHash, of == TypeZSet:
		return 2
	}
	return 1
}

// count counts n values of a size, which may be uncounted.
func (h *histogram) count(of Type, size int, n int32) {
	if size != uncounted {
		h[of][sizeBin(size)] += n
	}
}

// resized counts what k holds from now on in place of what it held. It is still there.
func (w *Worker) resized(db int, k Key, old store.Item, exists bool, of Type, size int) {
	if exists && of == TypeString && old.Type() == TypeString && bits.Len(uint(size)) == bits.Len(uint(old.Len())) { //nolint:gosec // lengths
		return
	}
	h := w.ks.reach(k.shard(), db).sizes
	if exists {
		h.count(old.Type(), sizeOf(old.Type(), old.Encoding(), old.Value()), -1)
	}
	h.count(of, size, 1)
}

// Counted implements object.Memory.
func (p *packed) Counted(was, now int) {
	stride := packStride(p.of, p.encoding)
	from, to := sizeBin(was/stride), sizeBin(now/stride)
	if from == to {
		return
	}
	h := p.w.ks.reach(p.k.shard(), p.db).sizes
	h[p.of][from]--
	h[p.of][to]++
}

// Sizes counts the values of db by their sizes. The worker holds no shard, or all.
func (w *Worker) Sizes(db int) (all Sizes) {
	for i := range w.ks.shards {
		w.withShard(i, func(s *shard) {
			t := w.ks.table(i, db)
			if t == nil || t.Len() == 0 {
				return
			}
			for of := range t.sizes {
				for bin, n := range t.sizes[of] {
					all[of][bin] += int64(n)
				}
			}
			if s.objects != nil {
				s.objects.addSizes(&all, w.ks.number[db])
			}
		})
	}
	return all
}

// addSizes counts the large collections of a table.
func (o *objects) addSizes(all *Sizes, table uint8) {
	for _, h := range o.list {
		if h.object == nil || h.table != table || h.of > TypeHash {
			continue
		}
		if large, ok := h.object.(interface{ Len() int }); ok {
			all[h.of][sizeBin(large.Len())]++
		}
	}
}
