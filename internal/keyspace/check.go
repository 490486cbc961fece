package keyspace

import (
	"fmt"

	"github.com/crucible-cache/crucible/internal/index"
	"github.com/crucible-cache/crucible/internal/store"
)

// Check reports the first thing in the index, the stores or what both count
// that does not add up. It walks everything, and no worker may run meanwhile.
func (ks *Keyspace) Check() error {
	ks.arena.Drain()
	if err := ks.backend.Check(); err != nil {
		return err
	}
	live := int64(0)
	for number := range ks.databases {
		d := ks.databases[number].Load()
		if d == nil {
			continue
		}
		for i := range d.tables {
			n, err := ks.checkTable(&d.tables[i], i, uint8(number))
			if err != nil {
				return fmt.Errorf("shard %d, table %d: %w", i, number, err)
			}
			live += n
		}
	}
	if counted := ks.backend.Usage().LiveBytes; counted != live {
		return fmt.Errorf("%d bytes of items, counted %d", live, counted)
	}
	return nil
}

// checkTable returns the bytes of the items of t.
func (ks *Keyspace) checkTable(t *table, shard int, number uint8) (bytes int64, err error) {
	if err := t.Check(); err != nil {
		return 0, err
	}
	expires, timed, sizes := 0, 0, histogram{}
	for pos := uint64(0); pos < index.ScanEnd; {
		pos = t.Scan(pos, func(s index.Slot) {
			it := ks.arena.Item(store.Loc(s.Place()))
			bytes += int64(it.Size())
			sizes.count(it.Type(), sizeOf(it.Type(), it.Encoding(), it.Value()), 1)
			if s.Expiring() {
				expires++
			}
			if ks.hasTimed(&ks.shards[shard], it.Type(), it.Encoding(), it.Value()) {
				timed++
			}
			switch {
			case s.Expiring() != (it.ExpireAt() != 0):
				err = fmt.Errorf("%q expires at %d and its entry says %v", it.Name(), it.ExpireAt(), s.Expiring())
			case it.IsFiller() || it.Table() != number || ks.Key(it.Name()).shard() != shard:
				err = fmt.Errorf("%q of table %d does not belong here", it.Name(), it.Table())
			}
		})
	}
	if expires != t.expires {
		return 0, fmt.Errorf("%d items expire, counted %d", expires, t.expires)
	}
	if sizes != *t.sizes {
		return 0, fmt.Errorf("the sizes of values are %v, counted %v", sizes, *t.sizes)
	}
	if timed != t.timed {
		return 0, fmt.Errorf("%d hashes have fields that expire, counted %d", timed, t.timed)
	}
	return bytes, err
}
