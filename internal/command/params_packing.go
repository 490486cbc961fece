package command

import (
	"sync/atomic"

	"github.com/crucible-cache/crucible/internal/object"
)

// packing are the parameters that say up to which size a value is packed.
type packing struct {
	listSize                 atomic.Int64 // see object.Fill
	listCompress             atomic.Int64
	hashEntries, hashValue   atomic.Int64
	setInts                  atomic.Int64
	setEntries, setValue     atomic.Int64
	zsetEntries, zsetValue   atomic.Int64
	streamBytes, streamNodes atomic.Int64
	hllBytes                 atomic.Int64
}

// add enters the parameters under their names of today and of old.
func (k *packing) add(p *Params) {
	for _, f := range []struct {
		value  *atomic.Int64
		start  int64
		limits numberRange
		names  []string
	}{
		{&k.listSize, -2, numberRange{-maxInt32 - 1, maxInt32, false}, []string{"list-max-listpack-size", "list-max-ziplist-size"}},
		{&k.listCompress, 0, numberRange{0, maxInt32, false}, []string{"list-compress-depth"}},
		{&k.hashEntries, 512, numberRange{0, maxInt64, false}, []string{"hash-max-listpack-entries", "hash-max-ziplist-entries"}},
		{&k.hashValue, 64, numberRange{0, maxInt64, true}, []string{"hash-max-listpack-value", "hash-max-ziplist-value"}},
		{&k.setInts, 512, numberRange{0, maxInt64, false}, []string{"set-max-intset-entries"}},
		{&k.setEntries, 128, numberRange{0, maxInt64, false}, []string{"set-max-listpack-entries"}},
		{&k.setValue, 64, numberRange{0, maxInt64, false}, []string{"set-max-listpack-value"}},
		{&k.zsetEntries, 128, numberRange{0, maxInt64, false}, []string{"zset-max-listpack-entries", "zset-max-ziplist-entries"}},
		{&k.zsetValue, 64, numberRange{0, maxInt64, true}, []string{"zset-max-listpack-value", "zset-max-ziplist-value"}},
		{&k.streamBytes, 4096, numberRange{0, maxInt64, true}, []string{"stream-node-max-bytes"}},
		{&k.streamNodes, 100, numberRange{0, maxInt64, false}, []string{"stream-node-max-entries"}},
		{&k.hllBytes, 3000, numberRange{0, maxInt64, true}, []string{"hll-sparse-max-bytes"}},
	} {
		v := newNumber(f.value, f.start, f.limits, nil)
		for _, name := range f.names {
			p.add(name, v)
		}
	}
}

// listFill is how large a packed list, or a node of a large one, may be.
func (p *Params) listFill() object.Fill { return object.Fill(p.listSize.Load()) }

// hllSparseBytes is up to which size a HyperLogLog is sparse.
func (p *Params) hllSparseBytes() int { return int(p.hllBytes.Load()) }
