package offheap

import "sync"

// pool is how a region takes huge pages: chunk by chunk, each the size of one, when
// the first range in it is committed, and back when the last is released. A chunk
// for which the system has no huge page has ordinary ones; it is asked again when
// the chunk was empty.
type pool struct {
	page Huge

	mu     sync.Mutex
	chunks []chunk
}

// chunk is the bookkeeping of one.
type chunk struct {
	committed int // bytes
	huge      bool
}

// each calls do for every chunk that [off, off+n) touches, with the part of the
// range that lies in it. What lies behind the last whole chunk has none.
func (p *pool) each(off, n int, do func(number, off, n int)) {
	size := p.page.size()
	for n > 0 {
		number := off / size
		part := min(n, (number+1)*size-off)
		do(number, off, part)
		off, n = off+part, n-part
	}
}

func (p *pool) take(mem []byte, off, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := p.page.size()
	p.each(off, n, func(number, _, n int) {
		if number >= len(p.chunks) {
			return
		}
		c := &p.chunks[number]
		if c.committed == 0 {
			c.huge = takeHuge(mem[number*size:(number+1)*size], p.page) == nil
		}
		c.committed += n
		if c.huge {
			hugeBytes.Add(int64(n))
		}
	})
}

func (p *pool) release(mem []byte, off, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := p.page.size()
	p.each(off, n, func(number, off, n int) {
		if number >= len(p.chunks) {
			discard(mem[off : off+n])
			return
		}
		c := &p.chunks[number]
		c.committed -= n
		if !c.huge {
			discard(mem[off : off+n])
			return
		}
		hugeBytes.Add(int64(-n))
		if c.committed == 0 {
			if err := giveHuge(mem[number*size : (number+1)*size]); err != nil {
				panic("offheap: give back a huge page: " + err.Error())
			}
			c.huge = false
		}
	})
}

// forget takes what is still committed off the account.
func (p *pool) forget() {
	for i := range p.chunks {
		if c := &p.chunks[i]; c.huge {
			hugeBytes.Add(int64(-c.committed))
		}
	}
}
