package memcached

// relativeMax is the largest exptime that counts from now, in seconds: 30 days.
// A larger one is a unix time.
const relativeMax = 60 * 60 * 24 * 30

// expireAt turns a client's exptime into unix milliseconds, 0 being never. gone
// says that the time is over already: the item is stored and at once expired.
func (c *Client) expireAt(exptime int64) (at int64, gone bool) {
	switch {
	case exptime == 0:
		return 0, false
	case exptime < 0:
		return 0, true
	case exptime <= relativeMax:
		return c.W.NowMS + exptime*1000, false
	}
	at = exptime * 1000
	return at, at <= c.W.NowMS
}
