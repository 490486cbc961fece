package command

import (
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// openSets opens the sets at args[first:], which are not written to; what is
// absent stays unopened. ok is false if one is no set, which has been replied.
func (c *Client) openSets(args [][]byte, first int) (sets []setView, absent, ok bool) {
	sets = make([]setView, len(args)-first)
	for i := range sets {
		var s setView
		found, ok := s.read(c, c.Key(args, first+i))
		if !ok {
			return nil, false, false
		}
		if found {
			sets[i] = s
		} else {
			absent = true
		}
	}
	return sets, absent, true
}

// open reports whether there is a set.
func (s *setView) open() bool { return s.c != nil }

// collected is the outcome of an operation on sets: a table in memory of its
// own, because what it is stored over may be one of the sets.
type collected struct {
	c     *Client
	table *object.Table
	text  [intDigitsMax]byte

	// What its form is to be, where that was decided before it was complete.
	formed      bool
	ints, packs bool

	// Whether it began as sorted integers and became too many for that, which is
	// noticed only while grown is set.
	grown, outgrown bool
}

func (c *Client) collect(n int) *collected {
	return &collected{c: c, table: object.NewTable(c.W.Heap(), n, false)}
}

func (r *collected) add(e object.Elem) {
	m := e.Text(r.text[:])
	if r.table.Add(m); !r.grown {
		return
	}
	if _, isInt := parseInt(m); !isInt {
		r.grown = false
	} else if int64(r.table.Len()) > r.c.W.Server.Params.setInts.Load() {
		r.grown, r.outgrown = false, true
	}
}

func (r *collected) remove(e object.Elem) { r.table.Delete(e.Text(r.text[:])) }

// drop gives the memory back.
func (r *collected) drop() {
	for !r.table.Release(1 << 20) {
	}
}

func (r *collected) reply() {
	r.c.Reply.SetLen(r.table.Len())
	r.table.Each(func(e object.Entry) bool {
		r.c.Reply.Bulk(e.Key())
		return true
	})
	r.drop()
}

// store makes the outcome the value of a key, in the form that suits it, and
// replies with its size. An outcome without members deletes the key.
func (r *collected) store(k keyspace.Key, event string) {
	c, n := r.c, r.table.Len()
	c.Reply.Int(int64(n))
	if n == 0 {
		c.deleteKey(k)
		r.drop()
		return
	}
	c.W.Replace(c.DB, k)
	r.put(k)
	c.notify(keyspace.SetEvent, event, k)
}

// put makes the outcome the value of a key that there is not.
func (r *collected) put(k keyspace.Key) {
	c, n := r.c, r.table.Len()
	s := setView{c: c, k: k}
	if !r.formed {
		r.ints, r.packs = r.fits()
	}
	ints, packs := r.ints, r.packs
	switch {
	case ints:
		s.ints, s.set = true, object.NewIntset(s.memory(keyspace.EncodingIntset), n, 0)
		r.table.Each(func(e object.Entry) bool {
			m, _ := parseInt(e.Key())
			s.set.Add(m)
			return true
		})
	case packs:
		size := 0
		r.table.Each(func(e object.Entry) bool {
			size += object.PackedSize(e.Key())
			return true
		})
		s.pack = object.NewPack(s.memory(keyspace.EncodingPack), size)
		r.table.Each(func(e object.Entry) bool {
			s.pack.Append(e.Key())
			return true
		})
	default:
		s.hold(r.table)
		return
	}
	r.drop()
}

// fits reports whether the outcome may be sorted integers, or packed. What outgrew
// sorted integers is not packed either, as in a set to which its members were added.
func (r *collected) fits() (ints, packs bool) {
	p, n := r.c.W.Server.Params, int64(r.table.Len())
	ints, packs = n <= p.setInts.Load(), n <= p.setEntries.Load() && !r.outgrown
	most := p.setValue.Load()
	if ints || packs {
		r.table.Each(func(e object.Entry) bool {
			_, isInt := parseInt(e.Key())
			ints = ints && isInt
			packs = packs && int64(len(e.Key())) <= most
			return ints || packs
		})
	}
	return ints, packs
}

func sinterCommand(c *Client, args [][]byte) {
	sets, absent, ok := c.openSets(args, 1)
	switch {
	case !ok:
	case absent:
		c.Reply.SetLen(0)
	default:
		c.replyWalked(func(visit func(object.Elem) bool) { intersect(sets, visit) })
	}
}

// replyWalked replies with the members that walk visits, each of them once.
func (c *Client) replyWalked(walk func(visit func(object.Elem) bool)) {
	n, hole := 0, c.Reply.SetLenLater()
	walk(func(e object.Elem) bool {
		n++
		c.replyElem(e)
		return true
	})
	c.Reply.PlugSetLen(hole, n)
}

func sinterstoreCommand(c *Client, args [][]byte) {
	sets, absent, ok := c.openSets(args, 2)
	if !ok {
		return
	}
	r := c.collect(0)
	if !absent {
		r.grown = slices.MinFunc(sets, bySize).ints
		intersect(sets, func(e object.Elem) bool {
			r.add(e)
			return true
		})
	}
	r.store(c.Key(args, 1), "sinterstore")
}

// intersect visits what is in all of the sets, until visit returns false. It
// walks through the smallest and asks the others.
func intersect(sets []setView, visit func(object.Elem) bool) {
	slices.SortStableFunc(sets, bySize)
	var text [intDigitsMax]byte
	sets[0].each(func(e object.Elem) bool {
		m := e.Text(text[:])
		for i := 1; i < len(sets); i++ {
			if !sets[i].has(m) {
				return true
			}
		}
		return visit(e)
	})
}

func bySize(a, b setView) int { return a.len() - b.len() }

func sintercardCommand(c *Client, args [][]byte) {
	n, isInt := parseInt(args[1])
	switch {
	case !isInt || n <= 0:
		c.Error(errNumkeys)
		return
	case n > int64(len(args)-2):
		c.Error(errNumkeysMany)
		return
	}
	limit, ok := c.parseLimit(args[2+n:])
	if !ok {
		return
	}
	sets, absent, ok := c.openSets(args[:2+n], 2)
	if !ok {
		return
	}
	found := int64(0)
	if !absent {
		intersect(sets, func(object.Elem) bool {
			found++
			return found != limit
		})
	}
	c.Reply.Int(found)
}

// parseLimit reads the option of SINTERCARD; 0 is no limit.
func (c *Client) parseLimit(options [][]byte) (limit int64, ok bool) {
	for ; len(options) > 0; options = options[2:] {
		if len(options) < 2 || !equalName(options[0], "limit") {
			c.Error(errSyntax)
			return 0, false
		}
		if limit, ok = parseInt(options[1]); !ok || limit < 0 {
			c.Error(errLimitNegative)
			return 0, false
		}
	}
	return limit, true
}

func sunionCommand(c *Client, args [][]byte) {
	if sets, _, ok := c.openSets(args, 1); ok {
		c.unite(sets).reply()
	}
}

func sunionstoreCommand(c *Client, args [][]byte) {
	if sets, _, ok := c.openSets(args, 2); ok {
		c.unite(sets).store(c.Key(args, 1), "sunionstore")
	}
}

func (c *Client) unite(sets []setView) *collected {
	most := 0
	for i := range sets {
		if sets[i].open() {
			most = max(most, sets[i].len())
		}
	}
	r := c.collect(most)
	r.grown = true
	for i := range sets {
		if sets[i].open() {
			sets[i].each(func(e object.Elem) bool {
				r.add(e)
				return true
			})
		}
	}
	return r
}

func sdiffCommand(c *Client, args [][]byte) {
	sets, _, ok := c.openSets(args, 1)
	if !ok {
		return
	}
	if d := newDifference(sets); d.asks {
		c.replyWalked(d.ask)
	} else {
		c.subtract(d).reply()
	}
}

func sdiffstoreCommand(c *Client, args [][]byte) {
	if sets, _, ok := c.openSets(args, 2); ok {
		c.subtract(newDifference(sets)).store(c.Key(args, 1), "sdiffstore")
	}
}

// difference is what is in the first of several sets and in no other.
type difference struct {
	first  setView
	others []setView // those that there are
	asks   bool      // asking the others about each member is less work than removing theirs
}

func newDifference(sets []setView) (d difference) {
	d.first, d.asks = sets[0], true
	if !d.first.open() {
		return d
	}
	d.others = slices.DeleteFunc(sets[1:], func(s setView) bool { return !s.open() })
	asking, removing := d.first.len(), d.first.len()
	for i := range d.others {
		asking += d.first.len()
		removing += d.others[i].len()
	}
	d.asks = asking/2 <= removing
	return d
}

// ask visits the members of the difference until visit returns false, by asking
// the others about each member of the first.
func (d *difference) ask(visit func(object.Elem) bool) {
	if !d.first.open() {
		return
	}
	var text [intDigitsMax]byte
	d.first.each(func(e object.Elem) bool {
		m := e.Text(text[:])
		for i := range d.others {
			if d.others[i].has(m) {
				return true
			}
		}
		return visit(e)
	})
}

// subtract collects a difference.
func (c *Client) subtract(d difference) *collected {
	if d.asks {
		r := c.collect(0)
		r.grown = true
		d.ask(func(e object.Elem) bool {
			r.add(e)
			return true
		})
		return r
	}
	r := c.unite([]setView{d.first})
	// Like the reference server's, the outcome keeps the form that it had before
	// the others were taken away.
	r.formed = true
	r.ints, r.packs = r.fits()
	for i := range d.others {
		d.others[i].each(func(e object.Elem) bool {
			r.remove(e)
			return r.table.Len() > 0
		})
	}
	return r
}
