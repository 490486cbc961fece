package command

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/crucible-cache/crucible/internal/keyspace"
)

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
// strings, the number of elements of collections.
func infoKeysizes(i *infoWriter) {
	for db := range i.w.Server.Keyspace.Databases() {
		sizes := i.w.Sizes(db)
		for _, k := range keysizes {
			i.distribution("db"+itoa(db)+"_"+k.name, sizes[k.of][:])
		}
	}
}

// distribution writes the bins that are not empty, if there is one, each under
// the smallest size that belongs to it.
func (i *infoWriter) distribution(name string, bins []int64) {
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
