package object

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// modelDelivery is what a group ought to know of a pending entry.
type modelDelivery struct {
	consumer string
	timeMS   int64
	count    uint64
}

// groupModel drives a group and plain maps side by side.
type groupModel struct {
	t         *rapid.T
	g         *StreamGroup
	pending   map[StreamID]modelDelivery
	consumers map[string]bool
}

func (m *groupModel) drawName() string {
	return rapid.SampledFrom([]string{"", "a", "b", "bb", "c"}).Draw(m.t, "consumer")
}

func (m *groupModel) drawID() StreamID {
	return StreamID{rapid.Uint64Range(0, 3).Draw(m.t, "ms"), rapid.Uint64Range(0, 300).Draw(m.t, "seq")}
}

func (m *groupModel) consumer() *StreamConsumer {
	name := m.drawName()
	c := m.g.Consumer([]byte(name))
	if (c != nil) != m.consumers[name] {
		m.t.Fatalf("Consumer(%q) = %v", name, c)
	}
	if c == nil {
		c = m.g.AddConsumer([]byte(name), 5)
		m.consumers[name] = true
	}
	return c
}

func (m *groupModel) deliver(now int64) {
	c := m.consumer()
	id := m.drawID()
	for range rapid.SampledFrom([]int{1, 1, 250}).Draw(m.t, "run") {
		m.g.Deliver(id, c, now)
		m.pending[id] = modelDelivery{c.Name, now, 1}
		id.Seq += 2
	}
}

func (m *groupModel) hand() {
	c, id := m.consumer(), m.drawID()
	d := m.g.Lookup(id)
	if d == nil {
		return
	}
	d.Count++
	m.g.Hand(id, d, c)
	m.pending[id] = modelDelivery{c.Name, d.TimeMS, d.Count}
}

func (m *groupModel) ack() {
	id := m.drawID()
	for range rapid.SampledFrom([]int{1, 1, 250}).Draw(m.t, "run") {
		_, want := m.pending[id]
		if got := m.g.Ack(id); got != want {
			m.t.Fatalf("Ack(%v) = %v", id, got)
		}
		delete(m.pending, id)
		id.Seq++
	}
}

func (m *groupModel) removeConsumer() {
	name := m.drawName()
	c := m.g.Consumer([]byte(name))
	if c == nil {
		return
	}
	m.g.RemoveConsumer(c)
	delete(m.consumers, name)
	maps.DeleteFunc(m.pending, func(_ StreamID, d modelDelivery) bool { return d.consumer == name })
}

func (m *groupModel) check() {
	ids := slices.SortedFunc(maps.Keys(m.pending), func(a, b StreamID) int {
		if a.Less(b) {
			return -1
		}
		return 1
	})
	if m.g.Pending() != len(ids) {
		m.t.Fatalf("Pending() = %d of %d", m.g.Pending(), len(ids))
	}
	seen := 0
	m.g.EachPending(StreamID{}, MaxStreamID, func(id StreamID, d *Delivery) bool {
		if got, want := (modelDelivery{m.g.Owner(d).Name, d.TimeMS, d.Count}), m.pending[id]; id != ids[seen] || got != want {
			m.t.Fatalf("pending entry %d is %v: %v, not %v: %v", seen, id, got, ids[seen], want)
		}
		seen++
		return true
	})
	if seen != len(ids) {
		m.t.Fatalf("%d entries visited of %d", seen, len(ids))
	}
	names := slices.Sorted(maps.Keys(m.consumers))
	for i, c := range m.g.Consumers() {
		if c.Name != names[i] {
			m.t.Fatalf("consumer %d is %q, not %q", i, c.Name, names[i])
		}
		m.checkConsumer(c, ids)
	}
}

func (m *groupModel) checkConsumer(c *StreamConsumer, ids []StreamID) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id StreamID) bool { return m.pending[id].consumer != c.Name })
	if c.Pending() != len(ids) || c.CountPending(StreamID{}, 100) != min(len(ids), 100) {
		m.t.Fatalf("%q has %d entries of %d", c.Name, c.Pending(), len(ids))
	}
	var next StreamID
	for _, want := range ids {
		id, ok := c.NextPending(next)
		if !ok || id != want {
			m.t.Fatalf("%q: %v follows %v, not %v", c.Name, id, next, want)
		}
		next, _ = id.Next()
	}
	if id, ok := c.NextPending(next); ok {
		m.t.Fatalf("%q has %v beyond its last entry", c.Name, id)
	}
}

func TestStreamGroupModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		s := NewStream(heap)
		base := s.Bytes()
		if !s.AddGroup([]byte("g"), StreamID{}, 0) || s.AddGroup([]byte("g"), StreamID{}, 0) {
			t.Fatal("a group is made once")
		}
		m := &groupModel{t: t, g: s.Group([]byte("g")), pending: map[StreamID]modelDelivery{}, consumers: map[string]bool{}}
		for now := range rapid.Int64Range(1, 80).Draw(t, "operations") {
			switch rapid.IntRange(0, 9).Draw(t, "op") {
			case 0:
				m.removeConsumer()
			case 1, 2, 3:
				m.ack()
			case 4:
				m.hand()
			case 5:
				c := s.Clone()
				for !s.Release(3) {
					continue
				}
				s = c
				m.g = s.Group([]byte("g"))
			default:
				m.deliver(now)
			}
			m.check()
		}
		if !s.RemoveGroup([]byte("g")) || s.RemoveGroup([]byte("g")) {
			t.Fatal("a group is removed once")
		}
		if s.Bytes() != base {
			t.Fatalf("%d bytes are left, %d before there was a group", s.Bytes(), base)
		}
	})
}

// What Distance, Lag and Advance say was taken from the reference server for
// the same history.
func TestStreamLag(t *testing.T) {
	s := NewStream(newTestHeap(t))
	pair := [][]byte{[]byte("f"), []byte("v")}
	for ms := range uint64(6) {
		s.Append(StreamID{ms + 1, 0}, pair, StreamLimits{})
	}
	s.AddGroup([]byte("g"), StreamID{}, UnknownRead)
	g := s.Group([]byte("g"))
	lag := func(want int64, known bool) {
		t.Helper()
		if n, ok := s.Lag(g); ok != known || ok && n != want {
			t.Errorf("Lag() = %d, %v, not %d, %v", n, ok, want, known)
		}
	}
	lag(6, true)
	s.Advance(g, StreamID{1, 0})
	s.Advance(g, StreamID{2, 0})
	lag(4, true)
	s.Delete(StreamID{4, 0})
	lag(0, false)
	s.Advance(g, StreamID{3, 0})
	lag(0, false)
	s.Advance(g, StreamID{6, 0})
	lag(0, true)
	s.Trim(StreamTrim{MaxLen: 1})
	lag(0, true)
	s.Append(StreamID{7, 0}, pair, StreamLimits{})
	lag(1, true)
}
