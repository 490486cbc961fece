package chunk

import (
	"math"

	"github.com/crucible-cache/crucible/internal/store"
)

// Pass is a way through the items of a span that is held, and may be gone in
// several steps.
type Pass struct {
	set    *Set
	seg    uint32 // 0 = none
	next   int    // chunk
	decide func(store.Entry) store.Fate
}

// Begin begins a pass over the span seg, which is held, and reports false if seg
// is 0. The pass before it is done.
func (p *Pass) Begin(s *Set, seg uint32, decide func(store.Entry) store.Fate) bool {
	*p = Pass{set: s, seg: seg, decide: decide}
	return seg != 0
}

// Done reports whether there is nothing to go through.
func (p *Pass) Done() bool { return p.seg == 0 }

// Step visits about budget bytes of items. At the end the span is put back, or
// given back if nothing is left in it.
func (p *Pass) Step(keys store.Keys, budget int) {
	next, done := p.set.walk(p.seg, p.next, budget, func(loc store.Loc) { keys.Visit(loc, p.decide) })
	if p.next = next; done {
		p.set.Release(p.seg)
		p.seg = 0
	}
}

// Finish goes through what is left.
func (p *Pass) Finish(keys store.Keys) {
	for !p.Done() {
		p.Step(keys, math.MaxInt)
	}
}

// walk calls visit for the items of a span from chunk number from on and until
// about budget bytes were gone through. It returns the chunk to go on with, and
// whether that is none.
func (s *Set) walk(seg uint32, from, budget int, visit func(store.Loc)) (next int, done bool) {
	sp := &s.spans[seg]
	if sp.run != 0 {
		if sp.used.Load() != 0 {
			visit(s.arena.Loc(seg, 0))
		}
		return 0, true
	}
	c := &s.sizes.classes[sp.class]
	for ; from < c.chunks && budget > 0; from++ {
		if !s.isFree(seg, c, from) {
			visit(c.loc(s.arena, seg, from))
			budget -= c.size
		}
	}
	return from, from == c.chunks
}
