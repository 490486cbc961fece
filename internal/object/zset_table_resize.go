package object

// take empties a segment and returns what was in it.
func (t *ztable) take(s uint32, all []zref) []zref {
	run := t.run(s)
	for i := range run {
		for _, ref := range run[i].refs {
			if ref != 0 {
				all = append(all, ref)
			}
		}
	}
	clear(run)
	t.segments[s].n = 0
	return all
}

func (t *ztable) putAll(r *zrecords, all []zref) {
	for _, ref := range all {
		hash := zhash(r.member(ref))
		t.put(t.segment(hash), hash, ref)
	}
}

// zsegmentRefs is room for all records of two segments.
type zsegmentRefs [2 * zsegmentGroups * zgroupSlots]zref

// split makes two segments of one, or, as long as it is the only one and
// small, makes it larger.
func (t *ztable) split(r *zrecords, s uint32) {
	var room zsegmentRefs
	all := t.take(s, room[:0])
	if t.wide < zsegmentBits {
		t.groups.extend(1 << t.wide)
		t.wide++
		t.putAll(r, all)
		return
	}
	old := &t.segments[s]
	if old.depth == t.depth {
		t.double()
	}
	old.depth++
	added := zsegment{depth: old.depth, first: old.first | 1<<(32-old.depth)}
	if t.deepest += 2; old.depth < t.depth {
		t.deepest -= 2
	}
	t.segments = entered(t.groups.heap, t.segments, added)
	t.groups.extend(zsegmentGroups)
	t.point(uint32(len(t.segments) - 1))
	t.putAll(r, all)
}

// double makes the directory one bit deeper.
func (t *ztable) double() {
	dir := newDirectory[uint32](t.groups.heap, 2*len(t.dir))
	for i, s := range t.dir {
		dir[2*i], dir[2*i+1] = s, s
	}
	t.lead(dir, t.depth+1)
}

// lead puts another directory in place of the one there is.
func (t *ztable) lead(dir []uint32, depth uint8) {
	dropDirectory(t.groups.heap, t.dir)
	t.dir, t.depth, t.deepest = dir, depth, 0
}

// halve makes the directory one bit shallower; no segment needs that bit.
func (t *ztable) halve() {
	dir := newDirectory[uint32](t.groups.heap, len(t.dir)/2)
	for i := range dir {
		dir[i] = t.dir[2*i]
	}
	t.lead(dir, t.depth-1)
	for i := range t.segments {
		if t.segments[i].depth == t.depth {
			t.deepest++
		}
	}
}

// point makes the directory lead to a segment.
func (t *ztable) point(s uint32) {
	seg := &t.segments[s]
	from := hashPrefix(uint64(seg.first)<<32, t.depth)
	for i := range uint64(1) << (t.depth - seg.depth) {
		t.dir[from+i] = s
	}
}

// shrink joins a segment with the other half of the one they were split from
// when both are nearly empty, or makes the only one smaller.
func (t *ztable) shrink(r *zrecords, s uint32) {
	seg := &t.segments[s]
	switch {
	case seg.n > t.limit()/4:
	case t.depth == 0:
		if t.wide > zfirstBits {
			t.narrow(r, s)
		}
	case seg.depth > 0:
		other := t.dir[hashPrefix(uint64(seg.first^1<<(32-seg.depth))<<32, t.depth)]
		if t.segments[other].depth == seg.depth && seg.n+t.segments[other].n <= t.limit()/3 {
			t.unite(r, s, other)
		}
	}
}

// narrow and unite do what shrink finds is to be done. They have room for the records of a
// segment, kilobytes, which a removal that comes to nothing should not have to clear.
func (t *ztable) narrow(r *zrecords, s uint32) {
	var room zsegmentRefs
	all := t.take(s, room[:0])
	t.wide--
	t.groups.cut(1 << t.wide)
	t.putAll(r, all)
}

func (t *ztable) unite(r *zrecords, s, other uint32) {
	var room zsegmentRefs
	all := t.take(other, t.take(s, room[:0]))
	t.join(min(s, other), max(s, other))
	t.putAll(r, all)
}

// join gives up segment b, and lets a, which has the same parent, take over.
func (t *ztable) join(a, b uint32) {
	seg := &t.segments[a]
	if seg.depth == t.depth {
		t.deepest -= 2
	}
	seg.first &^= 1 << (32 - seg.depth)
	seg.depth--
	t.point(a)
	if last := uint32(len(t.segments) - 1); b != last {
		t.segments[b] = t.segments[last]
		copy(t.run(b), t.run(last))
		t.point(b)
	}
	t.segments = t.segments[:len(t.segments)-1]
	t.groups.cut(zsegmentGroups)
	for t.depth > 0 && t.deepest == 0 {
		t.halve()
	}
}
