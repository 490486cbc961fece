package object

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// zmodel is a sorted set as simple as can be.
type zmodel map[string]float64

type zelement struct {
	member string
	score  float64
}

func (m zmodel) sorted() []zelement {
	all := make([]zelement, 0, len(m))
	for member, score := range m {
		all = append(all, zelement{member, score})
	}
	slices.SortFunc(all, func(a, b zelement) int {
		if a.score != b.score {
			if a.score < b.score {
				return -1
			}
			return 1
		}
		return strings.Compare(a.member, b.member)
	})
	return all
}

// check holds a set against its model and its own rules.
func (m zmodel) check(t interface {
	Helper()
	Fatalf(string, ...any)
}, z *ZSet,
) {
	t.Helper()
	checkZTree(t, z)
	checkZTable(t, z)
	checkZRecords(t, z)
	want := m.sorted()
	if z.Len() != len(want) {
		t.Fatalf("Len is %d, want %d", z.Len(), len(want))
	}
	i := 0
	z.Ascend(0, z.Len(), func(e Elem, score float64) bool {
		member := e.Str
		if string(member) != want[i].member || score != want[i].score {
			t.Fatalf("element %d is %q %v, want %v", i, member, score, want[i])
		}
		i++
		return true
	})
	if i != len(want) {
		t.Fatalf("Ascend visited %d of %d", i, len(want))
	}
	z.Descend(z.Len()-1, z.Len(), func(e Elem, score float64) bool {
		member := e.Str
		i--
		if string(member) != want[i].member || score != want[i].score {
			t.Fatalf("element %d downwards is %q %v, want %v", i, member, score, want[i])
		}
		return true
	})
	if i != 0 {
		t.Fatalf("Descend left %d", i)
	}
}

type zfataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkZTree checks counts, order, first elements and the chain of leaves.
func checkZTree(t zfataler, z *ZSet) {
	t.Helper()
	tree := &z.tree
	var leaves []uint32
	inners := 0
	var walk func(node uint32, level int) (count uint32, score float64, ref zref)
	walk = func(node uint32, level int) (uint32, float64, zref) {
		if level == 0 {
			leaves = append(leaves, node)
			l := tree.leaves.at(node)
			if l.n == 0 && tree.height > 0 {
				t.Fatalf("leaf %d is empty", node)
			}
			return l.n, l.scores[0], l.refs[0]
		}
		inners++
		p := tree.inners.at(node)
		if p.n == 0 || node == tree.root && p.n < 2 {
			t.Fatalf("inner node %d has %d children", node, p.n)
		}
		for i, child := range p.children[:p.n] {
			count, score, ref := walk(child, level-1)
			if count != p.counts[i] || score != p.scores[i] || ref != p.refs[i] {
				t.Fatalf("inner node %d child %d: has %d %v %d, shows %d %v %d", node, i,
					count, score, ref, p.counts[i], p.scores[i], p.refs[i])
			}
		}
		return p.total(), p.scores[0], p.refs[0]
	}
	count, _, _ := walk(tree.root, tree.height)
	if count != z.n {
		t.Fatalf("the tree has %d elements, want %d", count, z.n)
	}
	if len(leaves) != int(tree.leaves.n) || inners != int(tree.inners.n) {
		t.Fatalf("%d leaves and %d inner nodes in use of %d and %d", len(leaves), inners, tree.leaves.n, tree.inners.n)
	}
	prev := noZNode
	for i, leaf := range leaves {
		l := tree.leaves.at(leaf)
		next := noZNode
		if i+1 < len(leaves) {
			next = leaves[i+1]
		}
		if l.prev != prev || l.next != next {
			t.Fatalf("leaf %d has neighbours %d and %d, want %d and %d", leaf, l.prev, l.next, prev, next)
		}
		prev = leaf
	}
}

// checkZTable checks that every element is found and that counts are right.
func checkZTable(t zfataler, z *ZSet) {
	t.Helper()
	z.Ascend(0, z.Len(), func(e Elem, score float64) bool {
		member := e.Str
		if got, ok := z.Score(member); !ok || got != score {
			t.Fatalf("Score(%q) is %v %v, want %v", member, got, ok, score)
		}
		return true
	})
	total, deepest := 0, uint32(0)
	for s, seg := range z.table.segments {
		n, passed, want := 0, uint32(0), uint32(0)
		run := z.table.run(uint32(s))
		for at := range run {
			passed += run[at].passed
			for _, ref := range run[at].refs {
				if ref != 0 {
					n++
					home := z.table.home(uint32(s), zhash(z.records.member(ref)))
					want += (uint32(at) - home) & uint32(len(run)-1)
				}
			}
		}
		if n != int(seg.n) || passed != want {
			t.Fatalf("segment %d has %d records, shows %d; %d passed by, shows %d", s, n, seg.n, want, passed)
		}
		if seg.depth == z.table.depth {
			deepest++
		}
		total += n
	}
	if total != z.Len() || deepest != z.table.deepest {
		t.Fatalf("the table has %d records, want %d; %d deepest segments, shows %d", total, z.Len(), deepest, z.table.deepest)
	}
}

// checkZRecords checks the accounting of records and holes.
func checkZRecords(t zfataler, z *ZSet) {
	t.Helper()
	r := z.records
	var live, size int64
	for n := range r.chunks {
		c := &r.chunks[n]
		size += int64(cap(c.buf))
		live += int64(c.live)
	}
	want := int64(0)
	z.Ascend(0, z.Len(), func(e Elem, _ float64) bool {
		member := e.Str
		want += int64(zrecordSize(len(member)))
		return true
	})
	if live != want || r.live != want || r.size != size {
		t.Fatalf("records take %d, counted %d and by chunk %d; size %d, counted %d", want, r.live, live, size, r.size)
	}
}

func TestZSetLayout(t *testing.T) {
	if unsafe.Sizeof(zleaf{}) != 768 || unsafe.Sizeof(zgroup{}) != 64 || unsafe.Sizeof(ZSet{}) > zsetBytes {
		t.Fatal(unsafe.Sizeof(zleaf{}), unsafe.Sizeof(zgroup{}), unsafe.Sizeof(ZSet{}))
	}
}

// zmember draws from few enough members that they meet again, of sizes around
// all limits of a record.
func zmember(t *rapid.T, kinds int) []byte {
	n := rapid.IntRange(0, kinds).Draw(t, "member")
	text := fmt.Sprint(n)
	switch n % 50 {
	case 0:
		return bytes.Repeat([]byte(text), 80)
	case 1:
		return append([]byte{}, text[:len(text)/2]...)
	case 2:
		return bytes.Repeat([]byte{byte(n)}, 240+n%30)
	}
	return []byte(text)
}

func zscore(t *rapid.T) float64 {
	switch rapid.IntRange(0, 5).Draw(t, "kind of score") {
	case 0:
		return math.Inf(rapid.IntRange(-1, 1).Draw(t, "sign"))
	case 1:
		return float64(rapid.IntRange(-2, 2).Draw(t, "score"))
	default:
		return rapid.Float64Range(-1e6, 1e6).Draw(t, "score")
	}
}

// newTestZSet makes a set, and sees at the end of the test that all its memory
// was given back.
func newTestZSet(t testing.TB) *ZSet {
	heap := newTestHeap(t)
	z := NewZSet(heap)
	t.Cleanup(func() { releaseZSet(t, z) })
	return z
}

func releaseZSet(t zfataler, z *ZSet) {
	t.Helper()
	for steps := 0; !z.Release(3); steps++ {
		if steps > 1e6 {
			t.Fatalf("Release never ends")
		}
	}
	left := z.records.size + z.table.groups.bytes + z.tree.leaves.bytes + z.tree.inners.bytes
	if left != 0 {
		t.Fatalf("%d bytes are left after Release", left)
	}
	heap := z.records.heap
	if heap.Trim(); heap.Bytes() != 0 {
		t.Fatalf("the heap has %d bytes after Release", heap.Bytes())
	}
}

func TestZSetAsAModel(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		z, m := NewZSet(heap), zmodel{}
		defer releaseZSet(t, z)
		kinds := rapid.SampledFrom([]int{10, 300, 3000}).Draw(t, "kinds")
		for range rapid.IntRange(1, 60).Draw(t, "phases") {
			n := rapid.IntRange(1, 100).Draw(t, "n")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				for range n {
					member, score := zmember(t, kinds), zscore(t)
					_, had := m[string(member)]
					if z.Set(member, score) == had {
						t.Fatalf("Set(%q) with it there: %v", member, had)
					}
					m[string(member)] = score
				}
			case 2:
				for range n {
					member := zmember(t, kinds)
					_, had := m[string(member)]
					if z.Remove(member) != had {
						t.Fatalf("Remove(%q) with it there: %v", member, had)
					}
					delete(m, string(member))
				}
			case 3:
				all := m.sorted()
				at := rapid.IntRange(0, len(all)).Draw(t, "from")
				for ; n > 0 && at < len(all); n-- {
					z.RemoveAt(at)
					delete(m, all[at].member)
					all = slices.Delete(all, at, at+1)
				}
			}
			m.check(t, z)
			askZRanks(t, z, m.sorted())
		}
	})
}

// askZRanks asks for the rank of an element, of a score and of places between.
func askZRanks(t *rapid.T, z *ZSet, all []zelement) {
	if len(all) == 0 {
		return
	}
	at := rapid.IntRange(0, len(all)-1).Draw(t, "at")
	e := all[at]
	if rank, score, ok := z.Rank([]byte(e.member)); !ok || rank != at || score != e.score {
		t.Fatalf("Rank(%q) is %d %v %v, want %d %v", e.member, rank, score, ok, at, e.score)
	}
	from := slices.IndexFunc(all, func(x zelement) bool { return x.score >= e.score })
	to := from
	for to < len(all) && all[to].score == e.score {
		to++
	}
	if a, b := z.RankOfScore(e.score, false), z.RankOfScore(e.score, true); a != from || b != to {
		t.Fatalf("RankOfScore(%v) is %d and %d, want %d and %d", e.score, a, b, from, to)
	}
}

func TestZSetOfOneScore(t *testing.T) {
	z := newTestZSet(t)
	for i := range 5000 {
		z.Set(fmt.Appendf(nil, "%05d", (i*7919)%5000), 0)
	}
	for i := range 5000 {
		member := fmt.Appendf(nil, "%05d", i)
		if a, b := z.RankOfMember(member, false), z.RankOfMember(member, true); a != i || b != i+1 {
			t.Fatalf("RankOfMember(%s) is %d and %d", member, a, b)
		}
	}
	if n := z.RankOfMember([]byte("00100+"), true); n != 101 {
		t.Errorf("a member between counts %d before it", n)
	}
}

// TestZSetGrowsAndShrinks takes a set through sizes that split and join
// segments, nodes and chunks, and looks at what is left of its memory.
func TestZSetGrowsAndShrinks(t *testing.T) {
	z, m := newTestZSet(t), zmodel{}
	random := rand.New(rand.NewPCG(1, 2))
	const n = 60000
	for i := range n {
		member := fmt.Sprintf("member:%d", i)
		score := float64(random.IntN(n / 2))
		z.Set([]byte(member), score)
		m[member] = score
	}
	m.check(t, z)
	full := z.Bytes()
	if per := float64(full) / n; per > 70 {
		t.Errorf("%.1f bytes an element", per)
	}
	left := n
	for i := range n {
		if i%1000 != 0 {
			member := fmt.Sprintf("member:%d", i)
			if !z.Remove([]byte(member)) {
				t.Fatalf("%s is not there", member)
			}
			delete(m, member)
			left--
		}
		if i%10000 == 9999 {
			m.check(t, z)
		}
	}
	if z.Bytes() > full/20 {
		t.Errorf("%d members of %d take %d bytes of %d", left, n, z.Bytes(), full)
	}
	for len(m) > 0 {
		z.RemoveAt(z.Len() - 1)
		delete(m, m.sorted()[len(m)-1].member)
	}
	m.check(t, z)
}

// TestZSetChurn replaces members for long and sees that memory stays bounded.
func TestZSetChurn(t *testing.T) {
	z, m := newTestZSet(t), zmodel{}
	random := rand.New(rand.NewPCG(3, 4))
	most := int64(0)
	for i := range 200000 {
		member := bytes.Repeat([]byte{byte('a' + i%26)}, 5+random.IntN(60))
		member = fmt.Appendf(member, "%d", random.IntN(1<<30))
		z.Set(member, random.Float64())
		m[string(member)], _ = z.Score(member)
		if z.Len() > 3000 {
			at := random.IntN(z.Len())
			z.Ascend(at, 1, func(e Elem, _ float64) bool {
				member := e.Str
				delete(m, string(member))
				return true
			})
			z.RemoveAt(at)
		}
		if i == 20000 {
			most = z.Bytes()
		}
	}
	m.check(t, z)
	if z.Bytes() > most*3/2 {
		t.Errorf("%d bytes after %d before", z.Bytes(), most)
	}
}

// TestZSetScanSeesAll scans while the set grows and shrinks: what is there all
// the time is seen.
func TestZSetScanSeesAll(t *testing.T) {
	for _, grow := range []bool{true, false} {
		z := newTestZSet(t)
		for i := range 1000 {
			z.Set(fmt.Appendf(nil, "stay%d", i), float64(i))
		}
		if !grow {
			for i := range 30000 {
				z.Set(fmt.Appendf(nil, "go%d", i), float64(i))
			}
		}
		seen := map[string]bool{}
		next := 0
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			cursor = z.Scan(cursor, func(member []byte, score float64) {
				if got, _ := z.Score(member); got != score {
					t.Fatalf("scan shows %s with %v, it has %v", member, score, got)
				}
				seen[string(member)] = true
			})
			for range 200 {
				if member := fmt.Appendf(nil, "go%d", next); grow && next < 30000 {
					z.Set(member, 1)
				} else if !grow {
					z.Remove(member)
				}
				next++
			}
		}
		for i := range 1000 {
			if !seen[fmt.Sprintf("stay%d", i)] {
				t.Fatalf("grow=%v: stay%d was never seen", grow, i)
			}
		}
	}
}

func TestZSetClone(t *testing.T) {
	z, m := NewZSet(newTestHeap(t)), zmodel{}
	for i := range 3000 {
		z.Set(fmt.Appendf(nil, "%d", i), float64(i%100))
		m[fmt.Sprint(i)] = float64(i % 100)
	}
	c := z.Clone()
	z.Remove([]byte("7"))
	z.Set([]byte("8"), -1)
	m.check(t, c)
	for !z.Release(1) {
	}
	releaseZSet(t, c)
}

func TestZSetLargeMembers(t *testing.T) {
	z, m := newTestZSet(t), zmodel{}
	for i := range 200 {
		member := bytes.Repeat([]byte{byte(i)}, 1000*(i%90))
		z.Set(member, float64(i))
		m[string(member)] = float64(i)
	}
	m.check(t, z)
	for member := range m {
		if len(m)%2 == 0 || len(member) > 60000 {
			z.Remove([]byte(member))
			delete(m, member)
		}
	}
	m.check(t, z)
}

func BenchmarkZSetSet(b *testing.B) {
	z := newTestZSet(b)
	random := rand.New(rand.NewPCG(5, 6))
	var member [24]byte
	b.ReportAllocs()
	for b.Loop() {
		n := random.IntN(1 << 20)
		z.Set(fmt.Appendf(member[:0], "member:%09d", n), float64(n*31%1000003))
	}
	b.ReportMetric(float64(z.Bytes())/float64(z.Len()), "B/element")
}

func BenchmarkZSetPop(b *testing.B) {
	z := newTestZSet(b)
	var member [24]byte
	n := 0
	for b.Loop() {
		if z.Len() == 0 {
			b.StopTimer()
			for range 100000 {
				z.Set(fmt.Appendf(member[:0], "member:%09d", n), float64(n*31%1000003))
				n++
			}
			b.StartTimer()
		}
		z.RemoveAt(0)
	}
}
