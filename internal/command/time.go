package command

func timeCommand(c *Client, _ [][]byte) {
	c.Reply.ArrayLen(2)
	var digits intText
	c.Reply.Bulk(digits.format(c.W.NowUS / 1e6))
	c.Reply.Bulk(digits.format(c.W.NowUS % 1e6))
}
