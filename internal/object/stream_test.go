package object

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// modelEntry is an entry of the plain stream that a Stream is held against.
type modelEntry struct {
	id    StreamID
	pairs [][]byte
}

// streamModel drives a Stream and a plain list of entries side by side.
type streamModel struct {
	t       *rapid.T
	s       *Stream
	entries []modelEntry
	limits  StreamLimits
	base    int64 // bytes of the empty stream
}

// drawID draws an ID that may be one of an entry, or near one.
func (m *streamModel) drawID(label string) StreamID {
	if len(m.entries) > 0 && rapid.IntRange(0, 3).Draw(m.t, label) > 0 {
		id := m.entries[rapid.IntRange(0, len(m.entries)-1).Draw(m.t, label)].id
		id.Seq += uint64(rapid.IntRange(0, 1).Draw(m.t, label))
		return id
	}
	return rapid.SampledFrom([]StreamID{{}, {1, 0}, {5, 5}, m.s.LastID, MaxStreamID}).Draw(m.t, label)
}

func (m *streamModel) add() {
	id := m.s.LastID
	id.Seq++
	if rapid.Bool().Draw(m.t, "later") {
		id = StreamID{id.MS + rapid.SampledFrom([]uint64{1, 200, 1 << 40}).Draw(m.t, "ms"), uint64(rapid.IntRange(0, 2).Draw(m.t, "seq"))}
	}
	n := rapid.IntRange(1, 3).Draw(m.t, "fields")
	var pairs [][]byte
	for i := range n {
		name := []byte(fmt.Sprintf("f%d", i))
		if rapid.IntRange(0, 5).Draw(m.t, "other field") == 0 {
			name = drawValue(m.t)
		}
		pairs = append(pairs, name, drawValue(m.t))
	}
	m.s.Append(id, pairs, m.limits)
	m.entries = append(m.entries, modelEntry{id, pairs})
}

func (m *streamModel) delete() {
	id := m.drawID("delete")
	i := slices.IndexFunc(m.entries, func(e modelEntry) bool { return e.id == id })
	if got := m.s.Delete(id); got != (i >= 0) {
		m.t.Fatalf("Delete(%v) = %v", id, got)
	}
	if i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

func (m *streamModel) trim() {
	t := StreamTrim{ByID: rapid.Bool().Draw(m.t, "by id"), Approx: rapid.Bool().Draw(m.t, "approx")}
	t.MaxLen = rapid.IntRange(0, len(m.entries)+2).Draw(m.t, "maxlen")
	t.MinID = m.drawID("minid")
	t.Limit = rapid.SampledFrom([]int{0, 0, 1, 5, 20}).Draw(m.t, "limit")
	was := len(m.entries)
	wanted := max(was-t.MaxLen, 0)
	if t.ByID {
		wanted = slices.IndexFunc(m.entries, func(e modelEntry) bool { return !e.id.Less(t.MinID) })
		if wanted < 0 {
			wanted = was
		}
	}
	got := m.s.Trim(t)
	if got > wanted || got < wanted && !t.Approx && t.Limit == 0 {
		m.t.Fatalf("Trim(%+v) of %d removed %d, not %d", t, was, got, wanted)
	}
	m.entries = m.entries[got:]
}

func (m *streamModel) between(start, end StreamID) []modelEntry {
	var in []modelEntry
	for _, e := range m.entries {
		if !e.id.Less(start) && !end.Less(e.id) {
			in = append(in, e)
		}
	}
	return in
}

func (m *streamModel) compare(it StreamIterator, want []modelEntry) {
	for i, e := range want {
		if !it.Next() {
			m.t.Fatalf("the iterator ends at entry %d of %d", i, len(want))
		}
		if it.ID != e.id || it.Fields != len(e.pairs)/2 {
			m.t.Fatalf("entry %d is %v with %d fields, not %v with %d", i, it.ID, it.Fields, e.id, len(e.pairs)/2)
		}
		for f := range it.Fields {
			field, value := it.Pair()
			if !bytes.Equal(field.Text(make([]byte, 20)), e.pairs[2*f]) || !bytes.Equal(value.Text(make([]byte, 20)), e.pairs[2*f+1]) {
				m.t.Fatalf("entry %v: field %d is %q = %q", e.id, f, field.Text(make([]byte, 20)), value.Text(make([]byte, 20)))
			}
		}
	}
	if it.Next() {
		m.t.Fatalf("the iterator goes on with %v after %d entries", it.ID, len(want))
	}
	if it.Next() {
		m.t.Fatal("the iterator begins again after its end")
	}
}

func (m *streamModel) look() {
	start, end := m.drawID("start"), m.drawID("end")
	want := m.between(start, end)
	m.compare(m.s.Range(start, end), want)
	limit := rapid.IntRange(1, 50).Draw(m.t, "limit")
	if got := m.s.Range(start, end).Count(limit); got != min(limit, len(want)) {
		m.t.Fatalf("Count(%v, %v, %d) = %d of %d", start, end, limit, got, len(want))
	}
	slices.Reverse(want)
	m.compare(m.s.RangeReverse(start, end), want)
}

func (m *streamModel) check() {
	if m.s.Len() != len(m.entries) {
		m.t.Fatalf("Len() = %d of %d", m.s.Len(), len(m.entries))
	}
	first := StreamID{}
	if len(m.entries) > 0 {
		first = m.entries[0].id
	}
	if m.s.FirstID() != first {
		m.t.Fatalf("FirstID() = %v, not %v", m.s.FirstID(), first)
	}
	bytes, nodes := m.base, &m.s.nodes
	if nodes.used > 0 {
		bytes += int64(nodes.list.room)
	}
	for _, g := range nodes.pages() {
		bytes += int64(g.room)
	}
	for at := nodes.front(); nodes.valid(at); at = nodes.after(at) {
		b := nodes.value(at)
		bytes += int64(b.room)
		m.checkNode(openNode(m.s.mem.view(*b)))
	}
	if m.s.Bytes() != bytes {
		m.t.Fatalf("Bytes() = %d, not %d", m.s.Bytes(), bytes)
	}
}

// checkNode walks a node as the plain packed bytes that it is.
func (m *streamModel) checkNode(n streamNode) {
	p := OpenPack(n.b, nil)
	elements := 0
	for at := p.First(); at != 0; at = p.Next(at) {
		elements++
	}
	if elements != p.Len() || n.b[n.end()] != packEnd {
		m.t.Fatalf("a node of %d elements claims %d", elements, p.Len())
	}
	if most := m.limits.Entries; most > 0 && n.count()+n.deleted() > most {
		m.t.Fatalf("a node has %d entries, %d of them deleted", n.count(), n.deleted())
	}
}

func TestStreamModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &streamModel{t: t, s: NewStream(heap)}
		m.base = m.s.Bytes()
		m.limits = StreamLimits{
			Bytes:   rapid.SampledFrom([]int{0, 60, 4096}).Draw(t, "bytes"),
			Entries: rapid.SampledFrom([]int{0, 1, 4, 300}).Draw(t, "entries"),
		}
		many := rapid.SampledFrom([]int{1, 1, 1, 50}).Draw(t, "adds")
		for range rapid.IntRange(1, 120).Draw(t, "operations") {
			switch rapid.IntRange(0, 9).Draw(t, "op") {
			case 0, 1:
				m.delete()
			case 2:
				m.trim()
			case 3, 4:
				m.look()
			case 5:
				m.clone()
			default:
				for range many {
					m.add()
				}
			}
			m.check()
		}
		for !m.s.Release(2) {
			continue
		}
		if m.s.Bytes() != m.base {
			t.Fatalf("%d bytes are left after Release, %d before anything was added", m.s.Bytes(), m.base)
		}
	})
}

// clone goes on with a copy and releases the original.
func (m *streamModel) clone() {
	c := m.s.Clone()
	for !m.s.Release(100) {
		continue
	}
	m.s = c
}

func TestIDPagesModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		mem := &streamMemory{heap: heap}
		p := idPages[Delivery]{mem: mem}
		model := map[StreamID]uint64{}
		ids := rapid.SampledFrom([]uint64{20, 2000}).Draw(t, "ids")
		for range rapid.IntRange(1, 60).Draw(t, "rounds") {
			from := rapid.Uint64Range(0, ids).Draw(t, "from")
			step := rapid.SampledFrom([]uint64{1, 3, 7}).Draw(t, "step")
			add := rapid.Bool().Draw(t, "add")
			for i := range rapid.SampledFrom([]uint64{1, 10, 300}).Draw(t, "run") {
				id := StreamID{from, i * step}
				at, found := p.find(id)
				if _, want := model[id]; found != want {
					t.Fatalf("find(%v) = %v", id, found)
				}
				switch {
				case add && !found:
					p.insert(at, id, Delivery{Count: i})
					model[id] = i
				case !add && found:
					p.remove(at)
					delete(model, id)
				}
			}
			comparePages(t, &p, model)
		}
		c := p.clone(mem)
		comparePages(t, &c, model)
		p.release(p.used)
		c.release(c.used)
		if mem.bytes != 0 {
			t.Fatalf("%d bytes are left", mem.bytes)
		}
	})
}

func comparePages(t *rapid.T, p *idPages[Delivery], model map[StreamID]uint64) {
	n, last := 0, StreamID{}
	for at := p.front(); p.valid(at); at = p.after(at) {
		id := p.id(at)
		if n > 0 && !last.Less(id) {
			t.Fatalf("%v follows %v", id, last)
		}
		if count, ok := model[id]; !ok || count != p.value(at).Count {
			t.Fatalf("%v has the value %d", id, p.value(at).Count)
		}
		last = id
		n++
	}
	if n != len(model) || p.len() != n {
		t.Fatalf("%d IDs, not %d", n, len(model))
	}
	back := 0
	for at := p.back(); p.valid(at); at = p.before(at) {
		back++
	}
	if back != n {
		t.Fatalf("%d IDs backwards, %d forwards", back, n)
	}
}

// referenceNode is what the reference server, version 8.0.2, has in memory after
// the history of TestStreamNodeBytes.
const referenceNode = "ba00000021000301010102018474656d7005846e616d6505000102010001000115" +
	"01856e6f727468060501030100010101d00002800105010001c0c802dffb0202018474656d7005f2701101" +
	"04856f74686572068230310308010201f2b7820104dffa02f4ffffffffffffff7f09e04678787878787878" +
	"787878787878787878787878787878787878787878787878787878787878787878787878787878787878" +
	"787878787878787878787878787878787878787878480501ff"

func TestStreamNodeBytes(t *testing.T) {
	s := NewStream(newTestHeap(t))
	for _, e := range []struct {
		id    StreamID
		pairs []string
	}{
		{StreamID{1000, 5}, []string{"temp", "21", "name", "north"}},
		{StreamID{1000, 6}, []string{"temp", "-4096", "name", ""}},
		{StreamID{1200, 0}, []string{"temp", "70000", "other", "01"}},
		{StreamID{99999, math.MaxUint64}, []string{"temp", "9223372036854775807", "name", strings.Repeat("x", 70)}},
	} {
		var pairs [][]byte
		for _, v := range e.pairs {
			pairs = append(pairs, []byte(v))
		}
		s.Append(e.id, pairs, StreamLimits{Bytes: 4096, Entries: 100})
	}
	s.Delete(StreamID{1000, 6})
	n := openNode(s.mem.view(*s.nodes.value(s.nodes.front())))
	if got := hex.EncodeToString(n.b[:n.size()]); got != referenceNode {
		t.Errorf("\n got %s\nwant %s", got, referenceNode)
	}
}

// RadixNodes was compared with XINFO STREAM of the reference server.
func TestStreamRadixNodes(t *testing.T) {
	s := NewStream(newTestHeap(t))
	pair := [][]byte{[]byte("f"), []byte("v")}
	for i, e := range []struct {
		id   StreamID
		want int
	}{
		{StreamID{1, 1}, 2},
		{StreamID{1, 2}, 4},
		{StreamID{1, 300}, 7},
		{StreamID{2, 1}, 11},
		{StreamID{257, 1}, 14},
		{StreamID{65536, 1}, 17},
	} {
		s.Append(e.id, pair, StreamLimits{Entries: 1})
		if got := s.RadixNodes(); got != e.want {
			t.Errorf("%d nodes: the tree has %d, not %d", i+1, got, e.want)
		}
	}
}
