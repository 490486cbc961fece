package object

import "math/bits"

// Each visits the entries until visit returns false. Nothing may be written
// meanwhile.
func (t *Table) Each(visit func(Entry) bool) { t.EachFrom(TablePlace{}, visit) }

// TablePlace is where a walk of EachFrom stands. The zero value is the beginning.
type TablePlace struct{ chunk, at int }

// EachFrom is Each from a place on. It returns the place behind the last entry
// that was visited, which is good until the table is written to, and whether
// that is the end.
func (t *Table) EachFrom(p TablePlace, visit func(Entry) bool) (next TablePlace, done bool) {
	for ; p.chunk < len(t.arena.chunks); p = (TablePlace{p.chunk + 1, 0}) {
		b := t.arena.chunks[p.chunk].b
		for p.at < len(b) {
			e := Entry{b[p.at:]}
			p.at += e.size()
			if !e.dead() && !visit(e) {
				return p, false
			}
		}
	}
	return p, true
}

// HasValues reports whether entries have values, as those of a hash do.
func (t *Table) HasValues() bool { return t.values }

// Scan visits a few entries and returns the cursor to go on with, 0 when all
// were visited. A cursor is the number of a group, counted from the highest bit
// down, so that what one group held stays together when the table grows or
// shrinks (as in the reference server's dict): an entry that is there from the
// first call to the last is visited.
func (t *Table) Scan(cursor uint64, visit func(Entry)) uint64 {
	if t.old.groups == 0 {
		t.scanHome(&t.grid, int(cursor)&(t.grid.groups-1), visit)
		return nextCursor(cursor, t.grid.groups)
	}
	small, large := &t.old, &t.grid
	if small.groups > large.groups {
		small, large = large, small
	}
	t.scanHome(small, int(cursor)&(small.groups-1), visit)
	for {
		t.scanHome(large, int(cursor)&(large.groups-1), visit)
		cursor = nextCursor(cursor, large.groups)
		if cursor&uint64((small.groups-1)^(large.groups-1)) == 0 {
			return cursor
		}
	}
}

// nextCursor counts up from the highest bit of the mask.
func nextCursor(cursor uint64, groups int) uint64 {
	cursor |= ^uint64(groups - 1)
	return bits.Reverse64(bits.Reverse64(cursor) + 1)
}

// scanHome visits the entries of a grid whose search begins at group home.
func (t *Table) scanHome(g *grid, home int, visit func(Entry)) {
	first := 0
	if g == &t.old {
		first = t.moved
	}
	i := max(home, first)
	for k := first; k < g.groups; k, i = k+1, i+1 {
		if i == g.groups {
			i = first
		}
		for slot := range groupSlots {
			if *g.tag(i, slot)&tagMark == 0 {
				continue
			}
			if e := t.arena.at(*g.ref(i, slot)); g.home(hashOf(e.Key())) == home {
				visit(e)
			}
		}
		if empties(g.tags(i)) != 0 {
			return
		}
	}
}

// Random returns an entry that any other is as likely as, chosen with numbers
// from random. The table is not empty.
func (t *Table) Random(random func() uint64) Entry {
	fresh := t.grid.groups * groupSlots
	all := fresh + (t.old.groups-t.moved)*groupSlots
	for {
		at, g := int(random()%uint64(all)), &t.grid
		if at >= fresh {
			at, g = at-fresh+t.moved*groupSlots, &t.old
		}
		if i, slot := at/groupSlots, at%groupSlots; *g.tag(i, slot)&tagMark != 0 {
			return t.arena.at(*g.ref(i, slot))
		}
	}
}

// Clone returns a copy with blocks of its own.
func (t *Table) Clone() *Table {
	c := NewTable(t.arena.heap, t.n, t.values)
	t.Each(func(e Entry) bool {
		k := content{key: e.Key(), hasValue: t.values, expireAt: e.ExpireAt()}
		if t.values {
			k.value = e.Value()
		}
		c.add(hashOf(k.key), k)
		return true
	})
	return c
}

// SetExpire changes when a field expires (0 = never) and reports whether it is there.
func (t *Table) SetExpire(key []byte, at int64) bool {
	hash := hashOf(key)
	s, ok := t.find(key, hash)
	if !ok {
		return false
	}
	was := s.entry.ExpireAt()
	t.expiry.note(was, at)
	if was != 0 && at != 0 {
		s.entry.setExpireAt(at)
		return true
	}
	c := content{s.entry.Key(), s.entry.Value(), true, at}
	ref, b := t.arena.place(c.size())
	// The old entry stays where it is until it is dead: growing a chunk moves
	// it, but what the content refers to is freed only then.
	old := t.arena.at(s.ref)
	c.key, c.value = old.Key(), old.Value()
	c.put(b)
	*s.g.ref(s.i, s.slot) = ref
	t.arena.kill(s.ref)
	t.tidy()
	return true
}
