package command

import (
	"slices"
	"strconv"

	"github.com/crucible-cache/crucible/internal/geohash"
	"github.com/crucible-cache/crucible/internal/object"
)

// Places are members of sorted sets, their scores being their hashes; see
// package geohash.

// parsePoint reads a longitude and a latitude, or replies with an error.
func (c *Client) parsePoint(lon, lat []byte) (p geohash.Point, ok bool) {
	var lonOK, latOK bool
	p.Lon, lonOK = parseScore(lon)
	p.Lat, latOK = parseScore(lat)
	switch {
	case !lonOK || !latOK:
		c.Error(errNotFloat)
	case !p.Valid():
		c.Error(errGeoPoint(p))
	default:
		return p, true
	}
	return p, false
}

// parseUnit returns the metres of a unit of length, or replies with an error.
func (c *Client) parseUnit(word []byte) (metres float64, ok bool) {
	switch {
	case equalName(word, "m"):
		return 1, true
	case equalName(word, "km"):
		return 1000, true
	case equalName(word, "ft"):
		return 0.3048, true
	case equalName(word, "mi"):
		return 1609.34, true
	}
	c.Error(errGeoUnit)
	return 0, false
}

func geoaddCommand(c *Client, args [][]byte) {
	var o zaddOptions
	at := 2
options:
	for ; at < len(args); at++ {
		switch word := args[at]; {
		case equalName(word, "nx"):
			o.nx = true
		case equalName(word, "xx"):
			o.xx = true
		case equalName(word, "ch"):
			o.ch = true
		default:
			break options
		}
	}
	if n := len(args) - at; n == 0 || n%3 != 0 || o.nx && o.xx {
		c.Error(errSyntax)
		return
	}
	for i := at; i < len(args); i += 3 {
		if _, ok := c.parsePoint(args[i], args[i+1]); !ok {
			return
		}
	}
	point := func(i int) ([]byte, geohash.Hash) {
		p, _ := c.parsePoint(args[at+3*i], args[at+3*i+1])
		return args[at+3*i+2], geohash.Encode(p)
	}
	writes, n := c.W.Writes, (len(args)-at)/3
	c.zaddAll(args, &o, n, func(i int) ([]byte, float64) {
		member, score := point(i)
		return member, float64(score)
	})
	if !c.telling() || c.W.Writes == writes {
		return
	}
	told := slices.Clone(args[1:at])
	for i := range n {
		member, score := point(i)
		told = append(told, strconv.AppendUint(nil, uint64(score), 10), member)
	}
	c.effect("zadd", told...)
}

func geoposCommand(c *Client, args [][]byte) {
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(args) - 2)
	for _, member := range args[2:] {
		if p, ok := pointOf(&s, member); ok {
			c.replyPoint(p)
		} else {
			c.Reply.NullArray()
		}
	}
}

// pointOf returns where a member is.
func pointOf(s *object.Sorted, member []byte) (p geohash.Point, ok bool) {
	score, ok := s.Score(member)
	if !ok {
		return p, false
	}
	return geohash.FromScore(score).Decode(), true
}

func (c *Client) replyPoint(p geohash.Point) {
	c.Reply.ArrayLen(2)
	c.Reply.Double(p.Lon)
	c.Reply.Double(p.Lat)
}

func geohashCommand(c *Client, args [][]byte) {
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	c.Reply.ArrayLen(len(args) - 2)
	for _, member := range args[2:] {
		if p, ok := pointOf(&s, member); ok {
			text := geohash.Text(p)
			c.Reply.Bulk(text[:])
		} else {
			c.Reply.Null()
		}
	}
}

func geodistCommand(c *Client, args [][]byte) {
	unit := 1.0
	if len(args) > 5 {
		c.Error(errSyntax)
		return
	}
	if len(args) == 5 {
		var ok bool
		if unit, ok = c.parseUnit(args[4]); !ok {
			return
		}
	}
	var s object.Sorted
	_, ok := c.readZSet(c.Key(args, 1), &s)
	if !ok {
		return
	}
	a, aOK := pointOf(&s, args[2])
	b, bOK := pointOf(&s, args[3])
	if !aOK || !bOK {
		c.Reply.Null()
		return
	}
	c.replyDistance(geohash.Distance(a, b) / unit)
}

// replyDistance replies with a distance to a tenth of a thousandth, which is a
// string in either version of the protocol.
func (c *Client) replyDistance(d float64) {
	var text [32]byte
	c.Reply.Bulk(strconv.AppendFloat(text[:0], d, 'f', 4, 64))
}
