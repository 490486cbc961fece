package script

import (
	"container/list"
	"sync"
)

// evalMost is how many scripts are kept that EVAL brought; the one that was not
// used for the longest time goes first. Those of SCRIPT LOAD stay.
const evalMost = 500

// scriptBytes is about what a script takes beyond its source, which its program
// exceeds several times.
const (
	scriptBytes  = 512
	sourceFactor = 8 + 1 // and the source itself
)

// Cache holds compiled scripts by the sum of their source. Any thread may use it.
type Cache struct {
	mu      sync.Mutex
	scripts map[string]*cached
	recent  *list.List // *cached of EVAL, the last used in front
	bytes   int64
	evicted uint64
}

type cached struct {
	program *Program
	sum     string
	source  string
	place   *list.Element // in recent; nil if it stays
}

// NewCache makes an empty cache.
func NewCache() *Cache { return &Cache{scripts: map[string]*cached{}, recent: list.New()} }

// Find returns the program of a sum in lower case, nil if there is none.
func (c *Cache) Find(sum string) *Program {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.use(c.scripts[sum])
}

// FindBytes is Find for a sum that is bytes.
func (c *Cache) FindBytes(sum []byte) *Program {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.use(c.scripts[string(sum)])
}

func (c *Cache) use(found *cached) *Program {
	if found == nil {
		return nil
	}
	if found.place != nil {
		c.recent.MoveToFront(found.place)
	}
	return found.program
}

// Each visits the sums and sources of all scripts.
func (c *Cache) Each(visit func(sum, source string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.scripts {
		visit(x.sum, x.source)
	}
}

// Source returns the source of the script of a sum in lower case.
func (c *Cache) Source(sum string) (source string, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if x := c.scripts[sum]; x != nil {
		return x.source, true
	}
	return "", false
}

// Add keeps a program and its source. With stay it is not evicted.
func (c *Cache) Add(sum, source string, p *Program, stay bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if had := c.scripts[sum]; had != nil {
		if stay && had.place != nil {
			c.recent.Remove(had.place)
			had.place = nil
		}
		return
	}
	p.Sum = sum
	added := &cached{program: p, sum: sum, source: source}
	c.scripts[sum] = added
	c.bytes += added.bytes()
	if stay {
		return
	}
	added.place = c.recent.PushFront(added)
	if c.recent.Len() > evalMost {
		oldest := c.recent.Remove(c.recent.Back()).(*cached)
		delete(c.scripts, oldest.sum)
		c.bytes -= oldest.bytes()
		c.evicted++
	}
}

func (c *cached) bytes() int64 { return scriptBytes + int64(len(c.source))*sourceFactor }

// Flush forgets all scripts.
func (c *Cache) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.scripts)
	c.recent.Init()
	c.bytes = 0
}

// CacheFacts are what INFO tells of the scripts.
type CacheFacts struct {
	Scripts int
	Bytes   int64
	Evicted uint64
}

// Facts returns how many scripts there are, and about how much memory they take.
func (c *Cache) Facts() CacheFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheFacts{len(c.scripts), c.bytes, c.evicted}
}
