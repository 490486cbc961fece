package object

import "unsafe"

// idPages is a sorted map from IDs to values of type T, which hold no pointer.
// It is cut into pages, so that inserting and removing anywhere moves a page's
// worth of memory at the most, besides the list of pages. What is added at the
// end, as nearly everything is, fills pages up.
//
// Pages and their list are blocks of mem; no page is empty. The zero value with
// mem set is an empty map.
type idPages[T any] struct {
	mem  *streamMemory
	list block
	used int // pages
	n    int // IDs
}

// page holds IDs in ascending order and their values beside them, in one block:
// room for all IDs, then room for all values.
type page struct {
	block
	n uint32
}

const (
	// pageBytes is the size of a page's block: as large as can be moved about
	// in the time it takes to find it.
	pageBytes = 8 << 10

	// pageMin is how many IDs the first page has room for, and pages the list.
	pageMin = 4

	idBytes       = int(unsafe.Sizeof(StreamID{}))
	pageListBytes = int(unsafe.Sizeof(page{}))
)

// place is a position in idPages. It is valid until something is inserted or
// removed.
type place struct{ page, at int }

// entryBytes is what an ID takes with its value, pageMax how many fill a page.
func entryBytes[T any]() int {
	var v T
	return idBytes + int(unsafe.Sizeof(v))
}

func pageMax[T any]() int { return pageBytes / entryBytes[T]() }

func (p *idPages[T]) pages() []page {
	return viewAs[page](p.mem, p.list, 0, p.used)
}

// room is how many IDs a page's block has room for.
func (p *idPages[T]) room(g *page) int { return min(int(g.room)/entryBytes[T](), pageMax[T]()) }

func (p *idPages[T]) ids(g *page) []StreamID {
	return viewAs[StreamID](p.mem, g.block, 0, int(g.n))
}

func (p *idPages[T]) values(g *page) []T {
	return viewAs[T](p.mem, g.block, p.room(g)*idBytes, int(g.n))
}

// len returns the number of IDs.
func (p *idPages[T]) len() int { return p.n }

// seek returns the place of the first ID that is not less than id, which is
// behind the end if there is none.
func (p *idPages[T]) seek(id StreamID) place {
	// The end first: whoever reads the newest or adds to them looks there.
	pages := p.pages()
	lo, hi := 0, len(pages)
	if hi > 0 && p.ids(&pages[hi-1])[0].Less(id) {
		lo = hi - 1
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if g := &pages[mid]; p.ids(g)[g.n-1].Less(id) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(pages) {
		return place{lo, 0}
	}
	return place{lo, seekID(p.ids(&pages[lo]), id)}
}

// seekID returns the index of the first of ids that is not less than id.
func seekID(ids []StreamID, id StreamID) int {
	lo, hi := 0, len(ids)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if ids[mid].Less(id) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// floor returns the place of the last ID that is not greater than id, which is
// not valid if there is none.
func (p *idPages[T]) floor(id StreamID) place {
	at, found := p.find(id)
	if found {
		return at
	}
	return p.before(at)
}

// find returns the place of id and whether it is there.
func (p *idPages[T]) find(id StreamID) (place, bool) {
	at := p.seek(id)
	return at, p.valid(at) && p.id(at) == id
}

// valid reports whether there is an ID at a place.
func (p *idPages[T]) valid(at place) bool { return uint(at.page) < uint(p.used) }

// front and back return the places of the first and the last ID.
func (p *idPages[T]) front() place { return place{} }

func (p *idPages[T]) back() place { return p.before(place{p.used, 0}) }

// id returns the ID at a valid place, value its value.
func (p *idPages[T]) id(at place) StreamID { return p.ids(&p.pages()[at.page])[at.at] }

func (p *idPages[T]) value(at place) *T { return &p.values(&p.pages()[at.page])[at.at] }

// after returns the place behind a valid one.
func (p *idPages[T]) after(at place) place {
	if at.at+1 < int(p.pages()[at.page].n) {
		return place{at.page, at.at + 1}
	}
	return place{at.page + 1, 0}
}

// before returns the place in front of one, which may be behind the end.
func (p *idPages[T]) before(at place) place {
	switch {
	case at.at > 0:
		return place{at.page, at.at - 1}
	case at.page <= 0:
		return place{-1, 0}
	}
	return place{at.page - 1, int(p.pages()[at.page-1].n) - 1}
}

// insert adds an ID that is not there, at the place where seek looked for it.
func (p *idPages[T]) insert(at place, id StreamID, v T) {
	if at.at == 0 && at.page > 0 && int(p.pages()[at.page-1].n) < pageMax[T]() {
		// Between two pages: the one in front has room at its end.
		at.page--
		at.at = int(p.pages()[at.page].n)
	}
	if at.page == p.used {
		p.addPage(at.page, p.newPage(min(max(p.n, pageMin), pageMax[T]())))
	} else if int(p.pages()[at.page].n) == pageMax[T]() {
		at = p.split(at)
	}
	g := &p.pages()[at.page]
	if n := int(g.n); n == p.room(g) {
		p.resize(g, min(2*n, pageMax[T]()))
	}
	g.n++
	ids, values := p.ids(g), p.values(g)
	copy(ids[at.at+1:], ids[at.at:])
	copy(values[at.at+1:], values[at.at:])
	ids[at.at], values[at.at] = id, v
	p.n++
}

// split halves the full page of a place and returns where the place is now.
func (p *idPages[T]) split(at place) place {
	to := p.newPage(pageMax[T]())
	from := &p.pages()[at.page]
	half := int(from.n) / 2
	p.append(&to, p.ids(from)[half:], p.values(from)[half:])
	from.n = uint32(half)
	p.addPage(at.page+1, to)
	if at.at > half {
		return place{at.page + 1, at.at - half}
	}
	return at
}

// remove takes out the ID at a valid place and returns the place of the one
// that follows.
func (p *idPages[T]) remove(at place) place {
	g := &p.pages()[at.page]
	ids, values := p.ids(g), p.values(g)
	copy(ids[at.at:], ids[at.at+1:])
	copy(values[at.at:], values[at.at+1:])
	p.n--
	g.n--
	switch n := int(g.n); {
	case n == 0:
		p.removePage(at.page)
		return place{at.page, 0}
	case p.small(at.page):
		p.join(at.page)
	case n > pageMin && 4*n <= p.room(g):
		p.resize(g, 2*n)
	}
	if at.at == int(p.pages()[at.page].n) {
		return place{at.page + 1, 0}
	}
	return at
}

// small reports whether a page and the one behind it can well be one.
func (p *idPages[T]) small(at int) bool {
	pages := p.pages()
	return at+1 < len(pages) && int(pages[at].n+pages[at+1].n) <= pageMax[T]()/2
}

// join moves the content of the page behind at to the end of the page at.
func (p *idPages[T]) join(at int) {
	g, next := &p.pages()[at], &p.pages()[at+1]
	if n := int(g.n + next.n); n > p.room(g) {
		p.resize(g, n)
	}
	p.append(g, p.ids(next), p.values(next))
	p.removePage(at + 1)
}

// newPage returns an empty page with room for n IDs.
func (p *idPages[T]) newPage(n int) page {
	return page{block: p.mem.alloc(n * entryBytes[T]())}
}

// resize moves a page to a block with room for n IDs.
func (p *idPages[T]) resize(g *page, n int) {
	to := p.newPage(n)
	p.append(&to, p.ids(g), p.values(g))
	p.mem.free(g.block)
	*g = to
}

// append adds to a page what it has room for.
func (p *idPages[T]) append(g *page, ids []StreamID, values []T) {
	n := g.n
	g.n += uint32(len(ids))
	copy(p.ids(g)[n:], ids)
	copy(p.values(g)[n:], values)
}

func (p *idPages[T]) addPage(at int, g page) {
	if (p.used+1)*pageListBytes > int(p.list.room) {
		p.resizeList(max(2*p.used, pageMin))
	}
	p.used++
	pages := p.pages()
	copy(pages[at+1:], pages[at:])
	pages[at] = g
}

func (p *idPages[T]) removePage(at int) {
	pages := p.pages()
	p.mem.free(pages[at].block)
	copy(pages[at:], pages[at+1:])
	p.used--
	switch n := p.used; {
	case n == 0:
		p.freeList()
	case n > pageMin && 4*n*pageListBytes <= int(p.list.room):
		p.resizeList(2 * n)
	}
}

// resizeList gives the list room for n pages, as many as it has at the least.
func (p *idPages[T]) resizeList(n int) {
	list := p.mem.alloc(n * pageListBytes)
	copy(viewAs[page](p.mem, list, 0, p.used), p.pages())
	p.freeList()
	p.list = list
}

func (p *idPages[T]) freeList() {
	if p.list.room > 0 {
		p.mem.free(p.list)
		p.list = block{}
	}
}

// release frees up to n pages from the end and returns how many more may be
// freed elsewhere.
func (p *idPages[T]) release(n int) int {
	for ; n > 0 && p.used > 0; n-- {
		last := p.pages()[p.used-1]
		p.mem.free(last.block)
		p.used--
		p.n -= int(last.n)
	}
	if p.used == 0 {
		p.freeList()
	}
	return n
}

// clone returns a copy in mem, with the values as they are.
func (p *idPages[T]) clone(mem *streamMemory) idPages[T] {
	c := idPages[T]{mem: mem, n: p.n}
	for i, g := range p.pages() {
		to := c.newPage(int(g.n))
		c.append(&to, p.ids(&g), p.values(&g))
		c.addPage(i, to)
	}
	return c
}
