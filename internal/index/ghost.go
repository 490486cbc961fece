package index

// Bury removes the entry of an item that is evicted and leaves a ghost where
// there is room for one. hash is that of its key.
func (ix *Index) Bury(hash uint64, s Slot) {
	b := ix.bucket(ix.home(hash))
	if b.next == 0 {
		*s.word = *s.word&^(item|placeMask) | expiring | hash&placeMask
		ix.ghosts++
	} else {
		ix.remove(b, s)
	}
	if ix.items--; ix.items < ix.shrink {
		ix.join()
	}
}

// Exhume takes out the ghost of a key and returns what it remembers of its use,
// if there is one. The key itself is not in the index.
func (ix *Index) Exhume(hash uint64) (use uint16, ok bool) {
	if ix.ghosts == 0 {
		return 0, false
	}
	b := ix.bucket(ix.home(hash))
	want := tagOf(hash) | expiring | hash&placeMask
	for i, w := range &b.slot {
		if w&^uint64(useMask) == want {
			b.slot[i] = 0
			ix.ghosts--
			return uint16(w & useMask >> useShift), true
		}
	}
	return 0, false
}
