package object

import "bytes"

// Sorted is a sorted set of either form, to be read. The zero value is empty.
//
// Ranks count from 0. Members that a visitor is given are valid during the
// visit only.
type Sorted struct {
	pack ZPack
	set  *ZSet
}

// OpenSet has s, which is empty, read a large set. It is opened where it lies: to
// return one would copy it in pairs of words that were just written one by one.
func (s *Sorted) OpenSet(z *ZSet) { s.set = z }

// OpenPack has s, which is empty, read the bytes of a packed set.
func (s *Sorted) OpenPack(b []byte) { s.pack.b = b }

// Len returns the number of members.
func (s *Sorted) Len() int {
	switch {
	case s.set != nil:
		return s.set.Len()
	case s.pack.b != nil:
		return s.pack.Len()
	}
	return 0
}

// Packed reports whether the set is a packed one.
func (s *Sorted) Packed() bool { return s.set == nil }

// Score returns the score of a member.
func (s *Sorted) Score(member []byte) (score float64, ok bool) {
	switch {
	case s.set != nil:
		return s.set.Score(member)
	case s.pack.b != nil:
		at, score := s.pack.Find(member)
		return score, at != 0
	}
	return 0, false
}

// Rank returns how many elements come before a member, and its score.
func (s *Sorted) Rank(member []byte) (rank int, score float64, ok bool) {
	switch {
	case s.set != nil:
		return s.set.Rank(member)
	case s.pack.b == nil:
		return 0, 0, false
	}
	at, rank, score := s.pack.Rank(member)
	return rank, score, at != 0
}

// Ascend visits n elements from a rank on, or as many as there are, until visit
// returns false.
func (s *Sorted) Ascend(rank, n int, visit func(member Elem, score float64) bool) {
	if s.set != nil {
		s.set.Ascend(rank, n, visit)
		return
	}
	if n = min(n, s.Len()-rank); n <= 0 {
		return
	}
	for at := s.pack.Seek(rank); n > 0; n-- {
		e, behind := s.pack.pass(at)
		score, next := s.pack.scoreAt(behind)
		if !visit(e, score) {
			return
		}
		at = next
	}
}

// Descend visits n elements from a rank downwards, or as many as there are,
// until visit returns false.
func (s *Sorted) Descend(rank, n int, visit func(member Elem, score float64) bool) {
	if s.set != nil {
		s.set.Descend(rank, n, visit)
		return
	}
	if n = min(n, rank+1); n <= 0 {
		return
	}
	for at := s.pack.Seek(rank); n > 0; n-- {
		if !visit(s.pack.At(at), s.pack.score(at)) {
			return
		}
		at = s.pack.before(at)
	}
}

// Scan visits elements as ZSet.Scan does; a packed set is visited as a whole.
func (s *Sorted) Scan(cursor uint64, visit func(member Elem, score float64)) uint64 {
	if s.set != nil {
		return s.set.Scan(cursor, func(member []byte, score float64) { visit(Elem{Str: member}, score) })
	}
	s.Ascend(0, s.Len(), func(member Elem, score float64) bool {
		visit(member, score)
		return true
	})
	return 0
}

// ScoreBound is one end of a range of scores.
type ScoreBound struct {
	Score float64
	Open  bool // the score itself is outside
}

// ScoreRange is a range of scores.
type ScoreRange struct{ Min, Max ScoreBound }

// RankScores returns the ranks of the elements in a range, from first to
// behind last. They are equal if there are none.
func (s *Sorted) RankScores(r ScoreRange) (from, to int) {
	if s.set != nil {
		from = s.set.RankOfScore(r.Min.Score, r.Min.Open)
		to = s.set.RankOfScore(r.Max.Score, !r.Max.Open)
		return from, max(from, to)
	}
	if s.pack.b == nil {
		return 0, 0
	}
	s.pack.Each(func(_ Elem, score float64) bool {
		if score > r.Max.Score || r.Max.Open && score == r.Max.Score {
			return false
		}
		if score < r.Min.Score || r.Min.Open && score == r.Min.Score {
			from++
		}
		to++
		return true
	})
	return from, max(from, to)
}

// LexBound is one end of a range of members: a member, or below or above all.
type LexBound struct {
	Member []byte
	Open   bool // the member itself is outside
	Below  bool // "-"
	Above  bool // "+"
}

// LexRange is a range of members.
type LexRange struct{ Min, Max LexBound }

// reaches reports whether a member is not below the range.
func (r *LexRange) reaches(member []byte) bool {
	switch b := &r.Min; {
	case b.Below:
		return true
	case b.Above:
		return false
	default:
		order := bytes.Compare(member, b.Member)
		return order > 0 || order == 0 && !b.Open
	}
}

// within reports whether a member is not above the range.
func (r *LexRange) within(member []byte) bool {
	switch b := &r.Max; {
	case b.Below:
		return false
	case b.Above:
		return true
	default:
		order := bytes.Compare(member, b.Member)
		return order < 0 || order == 0 && !b.Open
	}
}

// empty reports whether the ends are the wrong way round.
func (r *LexRange) empty() bool {
	a, b := &r.Min, &r.Max
	if a.Below || a.Above || b.Below || b.Above {
		return false
	}
	order := bytes.Compare(a.Member, b.Member)
	return order > 0 || order == 0 && (a.Open || b.Open)
}

// RankMembers returns the ranks of the elements in a range of members, from
// first to behind last, for a walk in either direction. They are equal if there
// are none. All scores should be the same; if they are not, a packed set answers
// like the reference server's, whose result depends on the direction, and a large
// one has none if its first or its last element says so.
func (s *Sorted) RankMembers(r LexRange, descending bool) (from, to int) {
	switch {
	case s.Len() == 0 || r.empty():
		return 0, 0
	case s.set != nil && !s.set.meets(&r):
		return 0, 0
	case s.set != nil:
		from, to = s.rankMember(&r.Min, r.Min.Open), s.rankMember(&r.Max, !r.Max.Open)
	default:
		from, to = s.pack.rankMembers(&r, descending)
	}
	return from, max(from, to)
}

// meets reports whether the first element is not above a range and the last not
// below it.
func (z *ZSet) meets(r *LexRange) (ok bool) {
	z.Ascend(0, 1, func(member Elem, _ float64) bool {
		ok = r.within(member.Str)
		return false
	})
	if !ok {
		return false
	}
	z.Ascend(z.Len()-1, 1, func(member Elem, _ float64) bool {
		ok = r.reaches(member.Str)
		return false
	})
	return ok
}

func (s *Sorted) rankMember(b *LexBound, after bool) int {
	switch {
	case b.Below:
		return 0
	case b.Above:
		return s.set.Len()
	}
	return s.set.RankOfMember(b.Member, after)
}

func (z *ZPack) rankMembers(r *LexRange, descending bool) (from, to int) {
	var digits [IntDigitsMax]byte
	first := z.At(z.First()).Text(digits[:])
	if !r.within(first) {
		return 0, 0
	}
	last := z.Prev(z.Last())
	if !r.reaches(z.At(last).Text(digits[:])) {
		return 0, 0
	}
	if descending {
		to = z.Len()
		at := last
		for ; !r.within(z.At(at).Text(digits[:])); to-- {
			at = z.before(at)
		}
		for from = to; at != 0 && r.reaches(z.At(at).Text(digits[:])); from-- {
			at = z.before(at)
		}
		return from, to
	}
	at := z.First()
	for ; !r.reaches(z.At(at).Text(digits[:])); from++ {
		at = z.behind(at)
	}
	for to = from; at != 0 && r.within(z.At(at).Text(digits[:])); to++ {
		at = z.behind(at)
	}
	return from, to
}

// behind and before return the position of the next member on either side.
func (z *ZPack) behind(at int) int { return z.Next(z.Next(at)) }

func (z *ZPack) before(at int) int {
	if at = z.Prev(at); at != 0 {
		at = z.Prev(at)
	}
	return at
}
