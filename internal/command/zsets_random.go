package command

import (
	"math"
	"math/rand/v2"

	"github.com/crucible-cache/crucible/internal/object"
)

func zrandmemberCommand(c *Client, args [][]byte) {
	if len(args) > 2 {
		c.zrandmembers(args)
		return
	}
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	switch {
	case !ok:
	case s.Len() == 0:
		c.Reply.Null()
	default:
		c.replyRandom(&s, false)
	}
}

// zrandmembers is ZRANDMEMBER with a count: of different members, or, if it is
// negative, of members that may come again.
func (c *Client) zrandmembers(args [][]byte) {
	count, ok := c.parseSignedCount(args[2])
	switch {
	case !ok:
		return
	case len(args) > 4 || len(args) == 4 && !equalName(args[3], "withscores"):
		c.Error(errSyntax)
		return
	case len(args) == 4 && (count < -math.MaxInt/2 || count > math.MaxInt/2):
		c.Error(errOutOfRange)
		return
	}
	var s object.Sorted
	_, ok = c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	withScores := len(args) == 4
	switch {
	case s.Len() == 0 || count == 0:
		c.Reply.ArrayLen(0)
	case count > 0:
		c.replySample(&s, min(count, s.Len()), withScores)
	default:
		c.replyRangeLen(-count, withScores)
		for ; count < 0 && !c.Reply.Out.Overflowed(); count++ {
			c.replyRandom(&s, withScores)
		}
	}
}

// replyRandom replies with some element.
func (c *Client) replyRandom(s *object.Sorted, withScore bool) {
	s.Ascend(rand.IntN(s.Len()), 1, func(member object.Elem, score float64) bool {
		c.replyElement(member, score, withScore)
		return true
	})
}

// replySample replies with k different elements. Where few of many are asked for
// their ranks are drawn; else all are passed by and each is taken with the
// chance that leaves it to the others to make up k (Knuth's algorithm S).
func (c *Client) replySample(s *object.Sorted, k int, withScores bool) {
	c.replyRangeLen(k, withScores)
	n := s.Len()
	if k <= n/sampleByRank {
		drawn := make(map[int]struct{}, k)
		for len(drawn) < k {
			rank := rand.IntN(n)
			if _, again := drawn[rank]; again {
				continue
			}
			drawn[rank] = struct{}{}
			s.Ascend(rank, 1, func(member object.Elem, score float64) bool {
				c.replyElement(member, score, withScores)
				return true
			})
		}
		return
	}
	s.Ascend(0, n, func(member object.Elem, score float64) bool {
		if rand.IntN(n) < k {
			c.replyElement(member, score, withScores)
			k--
		}
		n--
		return k > 0
	})
}

// sampleByRank is how many times more elements than are asked for make it
// cheaper to find each by its rank.
const sampleByRank = 8
