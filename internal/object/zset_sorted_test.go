package object

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// zroom is memory for a pack in a test.
type zroom struct {
	Uncounted
	b []byte
}

func (r *zroom) Resize(n int) []byte {
	b := make([]byte, n)
	copy(b, r.b)
	r.b = b
	return b
}

// TestSortedFormsAgree gives the same elements to both forms and to a model, and
// asks all of them the same.
func TestSortedFormsAgree(t *testing.T) {
	heap := newTestHeap(t)
	rapid.Check(t, func(t *rapid.T) {
		m := zmodel{}
		pack, set := NewZPack(&zroom{}, 0), NewZSet(heap)
		defer releaseZSet(t, set)
		one := rapid.Bool().Draw(t, "one score")
		for range rapid.IntRange(0, 150).Draw(t, "writes") {
			member, score := zmember(t, 60), zscore(t)
			if one {
				score = 0
			}
			at, had := pack.Find(member)
			if want, ok := m[string(member)]; ok != (at != 0) || had != want {
				t.Fatalf("Find(%q) is %d %v, want %v %v", member, at, had, ok, want)
			}
			if at != 0 {
				pack.Remove(at, 1)
				set.Remove(member)
				delete(m, string(member))
				if rapid.Bool().Draw(t, "just remove") {
					continue
				}
			}
			pack.Insert(member, score)
			set.Set(member, score)
			m[string(member)] = score
		}
		all := m.sorted()
		for _, s := range []Sorted{{pack: pack}, {set: set}} {
			checkSorted(t, &s, all)
			checkRanges(t, &s, all, one)
		}
	})
}

func checkSorted(t *rapid.T, s *Sorted, all []zelement) {
	if s.Len() != len(all) {
		t.Fatalf("Len is %d, want %d", s.Len(), len(all))
	}
	from := rapid.IntRange(0, len(all)).Draw(t, "from")
	n := rapid.IntRange(0, len(all)+1).Draw(t, "n")
	at := from
	s.Ascend(from, n, func(e Elem, score float64) bool {
		member := e.Text(nil)
		if string(member) != all[at].member || score != all[at].score {
			t.Fatalf("element %d is %q %v, want %v", at, member, score, all[at])
		}
		rank, had, ok := s.Rank(member)
		if rank != at || had != score || !ok {
			t.Fatalf("Rank(%q) is %d %v %v, want %d %v", member, rank, had, ok, at, score)
		}
		at++
		return true
	})
	if want := min(n, len(all)-from); at-from != want {
		t.Fatalf("Ascend(%d, %d) visited %d of %d", from, n, at-from, len(all))
	}
	if from == len(all) {
		return
	}
	at = from
	s.Descend(from, n, func(e Elem, score float64) bool {
		member := e.Text(nil)
		if string(member) != all[at].member || score != all[at].score {
			t.Fatalf("element %d downwards is %q %v, want %v", at, member, score, all[at])
		}
		at--
		return true
	})
	if want := min(n, from+1); from-at != want {
		t.Fatalf("Descend(%d, %d) visited %d", from, n, from-at)
	}
}

func checkRanges(t *rapid.T, s *Sorted, all []zelement, one bool) {
	bound := func() ScoreBound { return ScoreBound{zscore(t), rapid.Bool().Draw(t, "open")} }
	r := ScoreRange{bound(), bound()}
	count := 0
	for _, e := range all {
		if (e.score > r.Min.Score || e.score == r.Min.Score && !r.Min.Open) &&
			(e.score < r.Max.Score || e.score == r.Max.Score && !r.Max.Open) {
			count++
		}
	}
	from, to := s.RankScores(r)
	if to-from != count || from < 0 || to > len(all) {
		t.Fatalf("RankScores(%v) is %d to %d, want %d", r, from, to, count)
	}
	if !one {
		return
	}
	lexBound := func() LexBound {
		switch rapid.IntRange(0, 6).Draw(t, "kind of bound") {
		case 0:
			return LexBound{Below: true}
		case 1:
			return LexBound{Above: true}
		}
		return LexBound{Member: zmember(t, 60), Open: rapid.Bool().Draw(t, "open")}
	}
	lex := LexRange{lexBound(), lexBound()}
	count = 0
	for _, e := range all {
		if lex.reaches([]byte(e.member)) && lex.within([]byte(e.member)) {
			count++
		}
	}
	for _, descending := range []bool{false, true} {
		if from, to := s.RankMembers(lex, descending); to-from != count {
			t.Fatalf("RankMembers(%v) is %d to %d, want %d", lex, from, to, count)
		}
	}
}

func TestScoresSurvivePacking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		score := rapid.OneOf(
			rapid.Float64(),
			rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), 1 << 52, 1<<52 + 1, 1 << 53, -1 << 52, 1 << 63, math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1}),
			rapid.Map(rapid.Int64(), func(n int64) float64 { return float64(n) }),
		).Draw(t, "score")
		pack := NewZPack(&zroom{}, 0)
		pack.Insert([]byte("m"), score)
		if _, got := pack.Find([]byte("m")); got != score {
			t.Fatalf("%v became %v", score, got)
		}
		if want := pack.Size() - emptyPack; InsertedSize([]byte("m"), score) != want {
			t.Fatalf("InsertedSize is not %d", want)
		}
	})
}

func TestPackedScores(t *testing.T) {
	pack := NewZPack(&zroom{}, 0)
	pack.Insert([]byte("b"), 1.5)
	pack.Insert([]byte("a"), 2)
	pack.Insert([]byte("17"), math.Inf(-1))
	want := "\x11\x01\x84-inf\x05\x81b\x02\x831.5\x04\x81a\x02\x02\x01\xff"
	if got := pack.Bytes()[packHeader:]; !bytes.Equal(got, []byte(want)) {
		t.Fatalf("packed as %q, want %q", got, want)
	}
}
