package index

import "fmt"

// Check reports the first thing in the table that does not add up. It walks all
// of it.
func (ix *Index) Check() error {
	items, ghosts := 0, 0
	for n := 0; n < ix.buckets && ix.main.committed > 0; n++ {
		i, g, err := ix.checkBucket(n)
		if err != nil {
			return fmt.Errorf("bucket %d: %w", n, err)
		}
		items, ghosts = items+i, ghosts+g
	}
	if items != ix.items || ghosts != ix.ghosts {
		return fmt.Errorf("%d items and %d ghosts, counted %d and %d", items, ghosts, ix.items, ix.ghosts)
	}
	if most := ix.mask + 1; uint64(ix.buckets) < most/2 || uint64(ix.buckets) >= most {
		return fmt.Errorf("%d buckets, numbered by the bits %#x of a hash", ix.buckets, ix.mask)
	}
	return nil
}

func (ix *Index) checkBucket(n int) (items, ghosts int, err error) {
	b := ix.bucket(n)
	for i, w := range b.slot {
		switch {
		case isItem(w):
			items++
		case isGhost(w) && b.next == 0:
			ghosts++
		case w != 0 || b.next != 0:
			return 0, 0, fmt.Errorf("slot %d is %#x, the next block %d", i, w, b.next)
		}
	}
	for next := b.next; next != 0; {
		o := ix.block(next)
		for i, w := range o.slot {
			if isItem(w) {
				items++
			} else if w != 0 || i == 0 || o.next != 0 {
				return 0, 0, fmt.Errorf("slot %d of block %d is %#x, the next block %d", i, next, w, o.next)
			}
		}
		next = o.next
	}
	return items, ghosts, nil
}
