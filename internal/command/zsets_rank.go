package command

import "github.com/crucible-cache/crucible/internal/object"

func zcardCommand(c *Client, args [][]byte) {
	var s object.Sorted
	if _, ok := c.readZSet(c.Key(args, 1), &s); ok {
		c.Reply.Int(int64(s.Len()))
	}
}

func zscoreCommand(c *Client, args [][]byte) {
	var s object.Sorted
	if _, ok := c.readZSet(c.Key(args, 1), &s); ok {
		c.replyScore(&s, args[2])
	}
}

func zmscoreCommand(c *Client, args [][]byte) {
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(args) - 2)
	for _, member := range args[2:] {
		c.replyScore(&s, member)
	}
}

func (c *Client) replyScore(s *object.Sorted, member []byte) {
	if score, ok := s.Score(member); ok {
		c.Reply.Double(score)
		return
	}
	c.Reply.Null()
}

func zrankCommand(c *Client, args [][]byte)    { c.zrank(args, "zrank", false) }
func zrevrankCommand(c *Client, args [][]byte) { c.zrank(args, "zrevrank", true) }

// zrank replies with the rank of a member, counted from the end if reverse is
// set, and with its score on request.
func (c *Client) zrank(args [][]byte, name string, reverse bool) {
	withScore := len(args) == 4
	if len(args) > 4 {
		c.Error(errArity(name))
		return
	}
	if withScore && !equalName(args[3], "withscore") {
		c.Error(errSyntax)
		return
	}
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	rank, score, ok := s.Rank(args[2])
	switch {
	case !ok && withScore:
		c.Reply.NullArray()
		return
	case !ok:
		c.Reply.Null()
		return
	}
	if reverse {
		rank = s.Len() - 1 - rank
	}
	if withScore {
		c.Reply.ArrayLen(2)
	}
	c.Reply.Int(int64(rank))
	if withScore {
		c.Reply.Double(score)
	}
}

func zcountCommand(c *Client, args [][]byte) {
	r, ok := c.parseScoreRange(args[2], args[3])
	if !ok {
		return
	}
	var s object.Sorted
	if _, ok := c.readZSet(c.Key(args, 1), &s); ok {
		from, to := s.RankScores(r)
		c.Reply.Int(int64(to - from))
	}
}

func zlexcountCommand(c *Client, args [][]byte) {
	r, ok := c.parseLexRange(args[2], args[3])
	if !ok {
		return
	}
	var s object.Sorted
	if _, ok := c.readZSet(c.Key(args, 1), &s); ok {
		from, to := s.RankMembers(r, false)
		c.Reply.Int(int64(to - from))
	}
}
