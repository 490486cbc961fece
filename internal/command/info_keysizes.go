package command

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// sizeBins is how many powers of two a size may lie between.
const sizeBins = 64

// keysizes are the types that INFO keysizes tells of, in its order.
var keysizes = []struct {
	of   keyspace.Type
	name string
}{
	{keyspace.TypeString, "distrib_strings_sizes"},
	{keyspace.TypeList, "distrib_lists_items"},
	{keyspace.TypeSet, "distrib_sets_items"},
	{keyspace.TypeZSet, "distrib_zsets_items"},
	{keyspace.TypeHash, "distrib_hashes_items"},
}

// infoKeysizes shows how many values there are of which size: the length of
// strings, the number of elements of collections, each bin from a power of two
// up to the next. All keys are looked at, shard by shard, which is why nothing
// but the section's own name asks for it: no write has to keep count.
func infoKeysizes(i *infoWriter) {
	for db := range i.w.Server.Keyspace.Databases() {
		var bins [keyspace.TypeVectorSet + 1][sizeBins + 1]int64
		i.w.Each(db, func(it keyspace.Item) bool {
			bins[it.Type()][bits.Len64(uint64(i.w.elements(it)))]++ //nolint:gosec // a count
			return true
		})
		for _, k := range keysizes {
			i.distribution("db"+itoa(db)+"_"+k.name, &bins[k.of])
		}
	}
}

// distribution writes the bins that are not empty, if there is one, each under
// the smallest size that belongs to it.
func (i *infoWriter) distribution(name string, bins *[sizeBins + 1]int64) {
	var shown []string
	for n, count := range bins {
		if count == 0 {
			continue
		}
		from := uint64(0)
		if n > 0 {
			from = 1 << (n - 1)
		}
		shown = append(shown, fmt.Sprintf("%s=%d", wholeUnits(from), count))
	}
	if len(shown) > 0 {
		i.text(name, strings.Join(shown, ","))
	}
}

// wholeUnits writes a power of two with the largest unit that fits.
func wholeUnits(n uint64) string {
	const units = " KMGTPE"
	at := max(bits.Len64(n)-1, 0) / 10
	return fmt.Sprint(n>>(10*at)) + strings.TrimSpace(units[at:at+1])
}

// elements is how long a string is or how many elements a collection has, those
// included whose time is over and that are still there. The shard of the item
// is locked; nothing is written.
func (w *Worker) elements(it keyspace.Item) int {
	if it.Encoding() == keyspace.EncodingObject {
		if large, ok := w.Object(w.Worker.Key(it.Name()), it).(interface{ Len() int }); ok {
			return large.Len()
		}
	}
	switch it.Type() {
	case keyspace.TypeList:
		l := listView{pack: object.OpenPack(it.Value(), nil)}
		return l.len()
	case keyspace.TypeSet:
		if it.Encoding() == keyspace.EncodingIntset {
			s := object.OpenIntset(it.Value(), nil)
			return s.Len()
		}
		s := setView{pack: object.OpenPack(it.Value(), nil)}
		return s.len()
	case keyspace.TypeZSet:
		var s object.Sorted
		s.OpenPack(it.Value())
		return s.Len()
	case keyspace.TypeHash:
		h := hashView{timed: it.Encoding() == keyspace.EncodingPackTTL, pack: object.OpenPack(it.Value(), nil)}
		return h.len()
	}
	return len(it.Value())
}
