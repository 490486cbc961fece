package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// rangeKind is what the ends of a range are.
type rangeKind uint8

const (
	rangeByRank rangeKind = iota
	rangeByScore
	rangeByLex
)

// zrange is a request of the ZRANGE family: the commands differ in what they say
// by their names.
type zrange struct {
	kind       rangeKind
	kindGiven  bool // by the name of the command
	reverse    bool
	orderGiven bool // likewise
	store      bool
	withScores bool
	offset     int64
	limit      int64 // negative is none

	first, last int64 // ranks
	scores      object.ScoreRange
	lex         object.LexRange
}

func zrangeCommand(c *Client, args [][]byte)      { c.zrange(args, &zrange{}) }
func zrangestoreCommand(c *Client, args [][]byte) { c.zrange(args, &zrange{store: true}) }

func zrevrangeCommand(c *Client, args [][]byte) {
	c.zrange(args, &zrange{kindGiven: true, reverse: true, orderGiven: true})
}

func zrangebyscoreCommand(c *Client, args [][]byte) {
	c.zrange(args, &zrange{kind: rangeByScore, kindGiven: true, orderGiven: true})
}

func zrevrangebyscoreCommand(c *Client, args [][]byte) {
	c.zrange(args, &zrange{kind: rangeByScore, kindGiven: true, reverse: true, orderGiven: true})
}

func zrangebylexCommand(c *Client, args [][]byte) {
	c.zrange(args, &zrange{kind: rangeByLex, kindGiven: true, orderGiven: true})
}

func zrevrangebylexCommand(c *Client, args [][]byte) {
	c.zrange(args, &zrange{kind: rangeByLex, kindGiven: true, reverse: true, orderGiven: true})
}

// zrange replies with a range, or stores it at args[1] if the request says so.
func (c *Client) zrange(args [][]byte, r *zrange) {
	source := 1
	if r.store {
		source = 2
	}
	if problem := r.parse(args[source+1:]); problem != "" {
		c.Error(problem)
		return
	}
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, source), &s)
	if !ok {
		return
	}
	start, n := r.place(&s)
	if r.store {
		c.Reply.Int(int64(c.storeRange(c.Key(args, 1), &s, r, start, n)))
		return
	}
	c.replyRangeLen(n, r.withScores)
	r.walk(&s, start, n, func(member object.Elem, score float64) bool {
		c.replyElement(member, score, r.withScores)
		return true
	})
}

// parse reads the ends and the options; it returns an error reply or "".
func (r *zrange) parse(args [][]byte) string {
	r.limit = -1
	for options := args[2:]; len(options) > 0; options = options[1:] {
		switch word := options[0]; {
		case !r.store && equalName(word, "withscores"):
			r.withScores = true
		case len(options) > 2 && equalName(word, "limit"):
			var ok1, ok2 bool
			r.offset, ok1 = parseInt(options[1])
			r.limit, ok2 = parseInt(options[2])
			if !ok1 || !ok2 {
				return errNotInteger
			}
			options = options[2:]
		case !r.orderGiven && equalName(word, "rev"):
			r.reverse, r.orderGiven = true, true
		case !r.kindGiven && equalName(word, "bylex"):
			r.kind, r.kindGiven = rangeByLex, true
		case !r.kindGiven && equalName(word, "byscore"):
			r.kind, r.kindGiven = rangeByScore, true
		default:
			return errSyntax
		}
	}
	if r.limit != -1 && r.kind == rangeByRank {
		return errRangeLimit
	}
	if r.withScores && r.kind == rangeByLex {
		return errRangeLexScore
	}
	return r.parseEnds(args[0], args[1])
}

func (r *zrange) parseEnds(low, high []byte) string {
	if r.reverse && r.kind != rangeByRank {
		low, high = high, low
	}
	var ok1, ok2 bool
	problem := errNotInteger
	switch r.kind {
	case rangeByScore:
		r.scores.Min, ok1 = parseScoreBound(low)
		r.scores.Max, ok2 = parseScoreBound(high)
		problem = errScoreRange
	case rangeByLex:
		r.lex.Min, ok1 = parseLexBound(low)
		r.lex.Max, ok2 = parseLexBound(high)
		problem = errLexRange
	default:
		r.first, ok1 = parseInt(low)
		r.last, ok2 = parseInt(high)
	}
	if ok1 && ok2 {
		return ""
	}
	return problem
}

// place returns the rank where a walk through the range begins, and how many
// elements it visits.
func (r *zrange) place(s *object.Sorted) (start, n int) {
	var from, to int
	switch r.kind {
	case rangeByScore:
		from, to = s.RankScores(r.scores)
	case rangeByLex:
		from, to = s.RankMembers(r.lex, r.reverse)
	default:
		from, to = clampRanks(r.first, r.last, s.Len())
		if r.reverse {
			return s.Len() - 1 - from, to - from
		}
		return from, to - from
	}
	n = to - from
	offset := r.offset
	if offset < 0 && !s.Packed() {
		offset += int64(n) // as the reference server has it, of this form only
	}
	if offset < 0 || offset >= int64(n) {
		return 0, 0
	}
	skip := int(offset)
	n -= skip
	if r.limit >= 0 {
		n = int(min(int64(n), r.limit))
	}
	if r.reverse {
		return to - 1 - skip, n
	}
	return from + skip, n
}

// clampRanks makes ranks that count from the end if negative, the last one
// included, a range of ranks in a set of n.
func clampRanks(first, last int64, n int) (from, to int) {
	if first < 0 {
		first = max(first+int64(n), 0)
	}
	if last < 0 {
		last += int64(n)
	}
	last = min(last, int64(n)-1)
	if first > last {
		return 0, 0
	}
	return int(first), int(last) + 1
}

func (r *zrange) walk(s *object.Sorted, start, n int, visit func(object.Elem, float64) bool) {
	if r.reverse {
		s.Descend(start, n, visit)
		return
	}
	s.Ascend(start, n, visit)
}

// replyRangeLen begins a reply of n elements: with scores it has pairs, which
// only RESP3 keeps together.
func (c *Client) replyRangeLen(n int, withScores bool) {
	if withScores && c.Reply.Proto < 3 {
		n *= 2
	}
	c.Reply.ArrayLen(n)
}

func (c *Client) replyElement(member object.Elem, score float64, withScore bool) {
	if !withScore {
		c.replyElem(member)
		return
	}
	if c.Reply.Proto >= 3 {
		c.Reply.ArrayLen(2)
	}
	c.replyElem(member)
	c.Reply.Double(score)
}

// storeRange makes a part of a set the value of a key, which may be the set's
// own, and returns how many elements that are.
func (c *Client) storeRange(k keyspace.Key, s *object.Sorted, r *zrange, start, n int) int {
	result := object.NewZSet(c.W.Heap())
	longest := 0
	var text [intDigitsMax]byte
	r.walk(s, start, n, func(member object.Elem, score float64) bool {
		longest = max(longest, member.Len())
		result.Set(member.Text(text[:]), score)
		return true
	})
	return c.storeZSet(k, result, longest, "zrangestore")
}

func zremCommand(c *Client, args [][]byte) {
	var z zset
	if !z.open(c, c.Key(args, 1)) {
		return
	}
	removed := 0
	for _, member := range args[2:] {
		if z.remove(member) {
			removed++
		}
	}
	z.close("zrem")
	c.Reply.Int(int64(removed))
}

func zremrangebyrankCommand(c *Client, args [][]byte) {
	c.zremrange(args, rangeByRank, "zremrangebyrank")
}

func zremrangebyscoreCommand(c *Client, args [][]byte) {
	c.zremrange(args, rangeByScore, "zremrangebyscore")
}

func zremrangebylexCommand(c *Client, args [][]byte) { c.zremrange(args, rangeByLex, "zremrangebylex") }

// zremrange removes the range args[2] to args[3].
func (c *Client) zremrange(args [][]byte, kind rangeKind, event string) {
	r := zrange{kind: kind, limit: -1}
	if problem := r.parseEnds(args[2], args[3]); problem != "" {
		c.Error(problem)
		return
	}
	var z zset
	if !z.open(c, c.Key(args, 1)) {
		return
	}
	var s object.Sorted
	z.sorted(&s)
	from, n := r.place(&s)
	z.removeRanks(from, from+n)
	z.close(event)
	c.Reply.Int(int64(n))
}
