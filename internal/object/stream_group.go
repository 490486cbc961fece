package object

import (
	"math"
	"slices"
	"strings"
	"unsafe"
)

// UnknownRead is StreamGroup.EntriesRead when it can't be told how many entries
// of the stream lie up to the group's last ID.
const UnknownRead = -1

// StreamGroup is a consumer group: it delivers each entry of the stream to one
// of its consumers, and remembers it as pending until that is acknowledged.
type StreamGroup struct {
	Name        string
	LastID      StreamID // of the entry that was delivered last
	EntriesRead int64    // entries of the stream up to LastID; UnknownRead

	ahead     StreamID // see Ahead
	pending   idPages[Delivery]
	consumers []*StreamConsumer // by name
	numbered  []*StreamConsumer // by number; nil where one was removed
	mem       *streamMemory
}

// StreamConsumer is one of those who read from a group.
type StreamConsumer struct {
	Name     string
	SeenMS   int64 // when it last asked for anything, unix milliseconds
	ActiveMS int64 // when it last got something; NeverActive

	number  uint32
	pending idPages[struct{}]
}

// NeverActive is StreamConsumer.ActiveMS before anything was delivered.
const NeverActive = -1

// Delivery is what a group knows of an entry that is pending.
type Delivery struct {
	TimeMS int64  // of the last delivery, unix milliseconds
	Count  uint64 // of deliveries

	consumer uint32 // number
}

// Pending returns how many entries are pending in the group.
func (g *StreamGroup) Pending() int { return g.pending.len() }

// Pending returns how many entries are pending for the consumer.
func (c *StreamConsumer) Pending() int { return c.pending.len() }

// Consumers returns the consumers by name. The slice is the group's own.
func (g *StreamGroup) Consumers() []*StreamConsumer { return g.consumers }

// Consumer returns the consumer of that name, nil if there is none.
func (g *StreamGroup) Consumer(name []byte) *StreamConsumer {
	if i, found := g.consumerIndex(name); found {
		return g.consumers[i]
	}
	return nil
}

func (g *StreamGroup) consumerIndex(name []byte) (int, bool) {
	return slices.BinarySearchFunc(g.consumers, name, func(c *StreamConsumer, name []byte) int {
		return compareName(c.Name, name)
	})
}

// compareName is strings.Compare without a copy of b.
func compareName(a string, b []byte) int {
	return strings.Compare(a, unsafe.String(unsafe.SliceData(b), len(b)))
}

// What groups and consumers take besides their names and pages: themselves and
// their places in lists.
const (
	streamGroupBytes = int64(unsafe.Sizeof(StreamGroup{})) + 8
	consumerBytes    = int64(unsafe.Sizeof(StreamConsumer{})) + 2*8
)

func newGroup(mem *streamMemory, name string, last StreamID, read int64) *StreamGroup {
	mem.bytes += streamGroupBytes + int64(len(name))
	return &StreamGroup{
		Name: name, LastID: last, EntriesRead: read,
		pending: idPages[Delivery]{mem: mem}, mem: mem,
	}
}

// AddConsumer makes a consumer of a name that there is none of yet.
func (g *StreamGroup) AddConsumer(name []byte, nowMS int64) *StreamConsumer {
	c := &StreamConsumer{Name: string(name), SeenMS: nowMS, ActiveMS: NeverActive}
	c.pending.mem = g.mem
	i, _ := g.consumerIndex(name)
	g.consumers = slices.Insert(g.consumers, i, c)
	g.mem.bytes += consumerBytes + int64(len(name))
	free := slices.Index(g.numbered, nil)
	if free < 0 {
		free = len(g.numbered)
		g.numbered = append(g.numbered, nil)
	}
	c.number = uint32(free)
	g.numbered[free] = c
	return c
}

// RemoveConsumer removes a consumer of g, and what is pending for it with it.
func (g *StreamGroup) RemoveConsumer(c *StreamConsumer) {
	p := &c.pending
	for at := p.front(); p.valid(at); at = p.after(at) {
		if of, found := g.pending.find(p.id(at)); found {
			g.pending.remove(of)
		}
	}
	i, _ := g.consumerIndex([]byte(c.Name))
	g.consumers = slices.Delete(g.consumers, i, i+1)
	g.numbered[c.number] = nil
	for n := len(g.numbered); n > 0 && g.numbered[n-1] == nil; n-- {
		g.numbered = g.numbered[:n-1]
	}
	g.mem.bytes -= consumerBytes + int64(len(c.Name))
	c.pending.release(c.pending.used)
}

// Deliver makes id pending for c, as delivered once, now. If it was pending
// already, for whomever, it no longer is.
func (g *StreamGroup) Deliver(id StreamID, c *StreamConsumer, nowMS int64) {
	d := Delivery{TimeMS: nowMS, Count: 1, consumer: c.number}
	at, found := g.pending.find(id)
	if !found {
		g.pending.insert(at, id, d)
		c.add(id)
		return
	}
	was := g.pending.value(at)
	g.hand(id, was, c)
	*was = d
}

// hand moves a pending entry to another consumer.
func (g *StreamGroup) hand(id StreamID, d *Delivery, to *StreamConsumer) {
	if d.consumer == to.number {
		return
	}
	g.numbered[d.consumer].drop(id)
	d.consumer = to.number
	to.add(id)
}

func (c *StreamConsumer) add(id StreamID) {
	if at, found := c.pending.find(id); !found {
		c.pending.insert(at, id, struct{}{})
	}
}

func (c *StreamConsumer) drop(id StreamID) {
	if at, found := c.pending.find(id); found {
		c.pending.remove(at)
	}
}

// Ack makes an entry no longer pending and reports whether it was.
func (g *StreamGroup) Ack(id StreamID) bool {
	at, found := g.pending.find(id)
	if !found {
		return false
	}
	g.numbered[g.pending.value(at).consumer].drop(id)
	g.pending.remove(at)
	return true
}

// Lookup returns what is known of a pending entry, nil if it isn't pending. It is
// valid, and may be written to, until an entry is added or removed.
func (g *StreamGroup) Lookup(id StreamID) *Delivery {
	if at, found := g.pending.find(id); found {
		return g.pending.value(at)
	}
	return nil
}

// Owner returns the consumer for whom an entry is pending.
func (g *StreamGroup) Owner(d *Delivery) *StreamConsumer { return g.numbered[d.consumer] }

// Hand makes a pending entry, as Lookup returned it, pending for another consumer.
func (g *StreamGroup) Hand(id StreamID, d *Delivery, to *StreamConsumer) { g.hand(id, d, to) }

// Ahead returns the last ID of the group as it will be once what SetAhead was
// told of is delivered: a request that names a stream twice decides on both
// before it delivers either.
func (g *StreamGroup) Ahead() StreamID {
	if g.LastID.Less(g.ahead) {
		return g.ahead
	}
	return g.LastID
}

// SetAhead tells what the request that is carried out will deliver; 0-0 = nothing.
func (g *StreamGroup) SetAhead(id StreamID) { g.ahead = id }

// EachPending visits what is pending from start to end, both included, while
// visit returns true. Visit may hand entries over, but not add or remove any.
func (g *StreamGroup) EachPending(start, end StreamID, visit func(StreamID, *Delivery) bool) {
	p := &g.pending
	for at := p.seek(start); p.valid(at); at = p.after(at) {
		if id := p.id(at); end.Less(id) || !visit(id, p.value(at)) {
			return
		}
	}
}

// EachPending visits what is pending for c from start to end, both included,
// while visit returns true. Visit must not change what is pending for c.
func (c *StreamConsumer) EachPending(start, end StreamID, visit func(StreamID) bool) {
	p := &c.pending
	for at := p.seek(start); p.valid(at); at = p.after(at) {
		if id := p.id(at); end.Less(id) || !visit(id) {
			return
		}
	}
}

// CountPending returns how many entries from start on are pending for c, or limit
// if there are more.
func (c *StreamConsumer) CountPending(start StreamID, limit int) int {
	p := &c.pending
	at, n := p.seek(start), 0
	for ; p.valid(at) && n < limit; at = (place{at.page + 1, 0}) {
		n += int(p.pages()[at.page].n) - at.at
	}
	return min(n, limit)
}

// NextPending returns the first entry of c that is pending and not before id.
func (c *StreamConsumer) NextPending(id StreamID) (StreamID, bool) {
	at := c.pending.seek(id)
	if !c.pending.valid(at) {
		return StreamID{}, false
	}
	return c.pending.id(at), true
}

// NextPending returns the first entry of g that is pending and not before id,
// nil if there is none. The Delivery is valid as that of Lookup is.
func (g *StreamGroup) NextPending(id StreamID) (StreamID, *Delivery) {
	at := g.pending.seek(id)
	if !g.pending.valid(at) {
		return StreamID{}, nil
	}
	return g.pending.id(at), g.pending.value(at)
}

// PendingBounds returns the first and the last ID that is pending. There is one.
func (g *StreamGroup) PendingBounds() (first, last StreamID) {
	return g.pending.id(g.pending.front()), g.pending.id(g.pending.back())
}

// release frees up to n pages and returns how many more may be freed elsewhere:
// as long as some may, all of g is freed.
func (g *StreamGroup) release(n int) int {
	n = g.pending.release(n)
	for _, c := range g.consumers {
		n = c.pending.release(n)
	}
	return n
}

// remove frees all of g.
func (g *StreamGroup) remove() {
	g.release(math.MaxInt)
	g.mem.bytes -= streamGroupBytes + int64(len(g.Name))
	for _, c := range g.consumers {
		g.mem.bytes -= consumerBytes + int64(len(c.Name))
	}
}

// clone returns a copy of g in mem.
func (g *StreamGroup) clone(mem *streamMemory) *StreamGroup {
	c := newGroup(mem, g.Name, g.LastID, g.EntriesRead)
	c.pending = g.pending.clone(mem)
	c.numbered = make([]*StreamConsumer, len(g.numbered))
	for _, from := range g.consumers {
		to := *from
		to.pending = from.pending.clone(mem)
		c.consumers = append(c.consumers, &to)
		c.numbered[to.number] = &to
		mem.bytes += consumerBytes + int64(len(to.Name))
	}
	return c
}
