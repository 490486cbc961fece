package command

import (
	"cmp"
	"slices"

	"github.com/crucible-cache/crucible/internal/geohash"
	"github.com/crucible-cache/crucible/internal/object"
)

// geoForm is which of the commands a search was asked for with.
type geoForm uint8

const (
	geoSearch       geoForm = iota // GEOSEARCH
	geoSearchStore                 // GEOSEARCHSTORE
	geoRadius                      // GEORADIUS
	geoRadiusMember                // GEORADIUSBYMEMBER
)

// geoQuery is a search for places.
type geoQuery struct {
	form     geoForm
	readOnly bool // one of the _RO commands: nothing can be stored
	from     bool // the centre was given
	by       bool // the shape was given
	byBox    bool
	fromLoc  bool
	shape    geohash.Shape
	order    geoOrder
	count    int64 // 0 = all
	any      bool  // stop at count, whichever they are

	withDist, withHash, withCoord bool

	storeAt   int // the argument that is the key to store at, 0 if none
	storeDist bool
}

type geoOrder uint8

const (
	unordered geoOrder = iota
	ascending
	descending
)

// geoPlace is a place that was found.
type geoPlace struct {
	member   []byte // memory of the query
	point    geohash.Point
	distance float64 // metres
	score    float64
}

func geosearchCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 1, 2, &geoQuery{form: geoSearch, readOnly: true})
}

func geosearchstoreCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 2, 3, &geoQuery{form: geoSearchStore, storeAt: 1})
}

func georadiusCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 1, 6, &geoQuery{form: geoRadius})
}

func georadiusroCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 1, 6, &geoQuery{form: geoRadius, readOnly: true})
}

func georadiusbymemberCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 1, 5, &geoQuery{form: geoRadiusMember})
}

func georadiusbymemberroCommand(c *Client, args [][]byte) {
	c.geoSearch(args, 1, 5, &geoQuery{form: geoRadiusMember, readOnly: true})
}

// geoSearch searches the set at args[source]; the options begin at args[options].
func (c *Client) geoSearch(args [][]byte, source, options int, q *geoQuery) {
	var s object.Sorted
	found, ok := c.readZSet(c.Key(args, source), &s)
	if !ok || !q.parseStart(c, args, &s, found) || !q.parseOptions(c, args, options, &s, found) ||
		!q.check(c, args) {
		return
	}
	if !found {
		if q.storeAt != 0 {
			c.deleteKey(c.Key(args, q.storeAt))
			c.Reply.Int(0)
		} else {
			c.Reply.ArrayLen(0)
		}
		return
	}
	if q.count != 0 && q.order == unordered && !q.any {
		q.order = ascending
	}
	places := q.search(&s)
	if q.storeAt != 0 {
		c.Reply.Int(int64(c.storePlaces(args, q, places)))
		return
	}
	c.replyPlaces(q, places)
}

// parseStart reads what stands at fixed places in a request of the GEORADIUS
// family.
func (q *geoQuery) parseStart(c *Client, args [][]byte, s *object.Sorted, found bool) (ok bool) {
	switch q.form {
	case geoRadius:
		if q.shape.Center, ok = c.parsePoint(args[2], args[3]); !ok {
			return false
		}
		return q.parseRadius(c, args[4], args[5])
	case geoRadiusMember:
		if !found {
			return true // the options decide about the reply
		}
		return q.parseMember(c, s, args[2]) && q.parseRadius(c, args[3], args[4])
	}
	return true
}

func (q *geoQuery) parseMember(c *Client, s *object.Sorted, member []byte) (ok bool) {
	if q.shape.Center, ok = pointOf(s, member); !ok {
		c.Error(errGeoMember)
	}
	return ok
}

func (q *geoQuery) parseRadius(c *Client, length, unit []byte) (ok bool) {
	if q.shape.Radius, ok = parseScore(length); !ok {
		c.Error(errGeoRadius)
		return false
	}
	if q.shape.Radius < 0 {
		c.Error(errGeoNegative)
		return false
	}
	q.shape.Unit, ok = c.parseUnit(unit)
	return ok
}

func (q *geoQuery) parseBox(c *Client, width, height, unit []byte) (ok bool) {
	if q.shape.Width, ok = parseScore(width); !ok {
		c.Error(errGeoWidth)
		return false
	}
	if q.shape.Height, ok = parseScore(height); !ok {
		c.Error(errGeoHeight)
		return false
	}
	if q.shape.Width < 0 || q.shape.Height < 0 {
		c.Error(errGeoBox)
		return false
	}
	q.shape.Box = true
	q.shape.Unit, ok = c.parseUnit(unit)
	return ok
}

func (q *geoQuery) parseOptions(c *Client, args [][]byte, at int, s *object.Sorted, found bool) bool {
	for at < len(args) {
		used, ok := q.parseFlag(args[at]), true
		if used == 0 {
			used, ok = q.parseOption(c, args, at, s, found)
		}
		if !ok {
			return false
		}
		if used == 0 {
			c.Error(errSyntax)
			return false
		}
		at += used
	}
	return true
}

// parseFlag reads an option that is a single word; it returns 0 if it is none.
func (q *geoQuery) parseFlag(word []byte) int {
	switch {
	case equalName(word, "withdist"):
		q.withDist = true
	case equalName(word, "withhash"):
		q.withHash = true
	case equalName(word, "withcoord"):
		q.withCoord = true
	case equalName(word, "any"):
		q.any = true
	case equalName(word, "asc"):
		q.order = ascending
	case equalName(word, "desc"):
		q.order = descending
	case q.form == geoSearchStore && equalName(word, "storedist"):
		q.storeDist = true
	default:
		return 0
	}
	return 1
}

// parseOption reads an option with arguments and returns how many words it has,
// 0 if it is none. ok is false if an error was replied.
func (q *geoQuery) parseOption(c *Client, args [][]byte, at int, s *object.Sorted, found bool) (used int, ok bool) {
	word, rest := args[at], args[at+1:]
	searches := q.form <= geoSearchStore
	switch {
	case len(rest) > 0 && equalName(word, "count"):
		if q.count, ok = parseInt(rest[0]); !ok {
			c.Error(errNotInteger)
		} else if ok = q.count > 0; !ok {
			c.Error(errGeoCount)
		}
		return 2, ok
	case !searches && !q.readOnly && len(rest) > 0 && (equalName(word, "store") || equalName(word, "storedist")):
		q.storeAt, q.storeDist = at+1, len(word) > len("store")
		return 2, true
	case searches && len(rest) > 0 && !q.fromLoc && equalName(word, "frommember"):
		q.from = true
		return 2, !found || q.parseMember(c, s, rest[0])
	case searches && len(rest) > 1 && (!q.from || q.fromLoc) && equalName(word, "fromlonlat"):
		q.shape.Center, ok = c.parsePoint(rest[0], rest[1])
		q.from, q.fromLoc = true, true
		return 3, ok
	case searches && len(rest) > 1 && !q.byBox && equalName(word, "byradius"):
		q.by = true
		return 3, q.parseRadius(c, rest[0], rest[1])
	case searches && len(rest) > 2 && (!q.by || q.byBox) && equalName(word, "bybox"):
		q.by, q.byBox = true, true
		return 4, q.parseBox(c, rest[0], rest[1], rest[2])
	}
	return 0, true
}

// check replies with an error if options don't go together.
func (q *geoQuery) check(c *Client, args [][]byte) bool {
	searches := q.form <= geoSearchStore
	switch {
	case q.storeAt != 0 && (q.withDist || q.withHash || q.withCoord):
		if searches {
			c.Error(errGeoSearchTo)
		} else {
			c.Error(errGeoRadiusTo)
		}
	case searches && !q.from:
		c.Error(errGeoFromStart + printed(args[0], len(args[0])))
	case searches && !q.by:
		c.Error(errGeoByStart + printed(args[0], len(args[0])))
	case q.any && q.count == 0:
		c.Error(errGeoAny)
	default:
		return true
	}
	return false
}

// search returns the places in the shape, in order and as many as were asked for.
func (q *geoQuery) search(s *object.Sorted) (places []geoPlace) {
	var room [geohash.CellsMax]geohash.Scores
	var members []byte
	var text [intDigitsMax]byte
	for _, r := range q.shape.Cells(room[:0]) {
		if q.enough(len(places)) {
			break
		}
		from, to := s.RankScores(object.ScoreRange{
			Min: object.ScoreBound{Score: r.Min},
			Max: object.ScoreBound{Score: r.Max, Open: true},
		})
		s.Ascend(from, to-from, func(e object.Elem, score float64) bool {
			p := geohash.FromScore(score).Decode()
			if d, ok := q.shape.Contains(p); ok {
				at := len(members)
				members = append(members, e.Text(text[:])...)
				places = append(places, geoPlace{members[at:len(members):len(members)], p, d, score})
			}
			return !q.enough(len(places))
		})
	}
	switch q.order {
	case ascending:
		slices.SortStableFunc(places, func(a, b geoPlace) int { return cmp.Compare(a.distance, b.distance) })
	case descending:
		slices.SortStableFunc(places, func(a, b geoPlace) int { return cmp.Compare(b.distance, a.distance) })
	}
	if q.count != 0 && int64(len(places)) > q.count {
		places = places[:q.count]
	}
	return places
}

// enough reports whether the search may end with n places found.
func (q *geoQuery) enough(n int) bool { return q.any && int64(n) >= q.count }

func (c *Client) replyPlaces(q *geoQuery, places []geoPlace) {
	fields := 1
	for _, with := range []bool{q.withDist, q.withHash, q.withCoord} {
		if with {
			fields++
		}
	}
	c.Reply.ArrayLen(len(places))
	for i := range places {
		p := &places[i]
		if fields > 1 {
			c.Reply.ArrayLen(fields)
		}
		c.Reply.Bulk(p.member)
		if q.withDist {
			c.replyDistance(p.distance / q.shape.Unit)
		}
		if q.withHash {
			c.Reply.Int(int64(p.score))
		}
		if q.withCoord {
			c.replyPoint(p.point)
		}
	}
}

// storePlaces makes the places a sorted set, by their hashes or distances, and
// returns how many there are.
func (c *Client) storePlaces(args [][]byte, q *geoQuery, places []geoPlace) int {
	result := object.NewZSet(c.W.Heap())
	longest := 0
	for i := range places {
		p := &places[i]
		score := p.score
		if q.storeDist {
			score = p.distance / q.shape.Unit
		}
		longest = max(longest, len(p.member))
		result.Set(p.member, score)
	}
	event := "georadiusstore"
	if q.form == geoSearchStore {
		event = "geosearchstore"
	}
	return c.storeZSet(c.Key(args, q.storeAt), result, longest, event)
}

// lastStore finds the key that a GEORADIUS or GEORADIUSBYMEMBER, whose options
// begin at argument from, stores in: of several STORE and STOREDIST the last counts.
// It finds what it is to find if that is a STOREDIST, or a STORE.
func lastStore(from int, dist bool) func(args [][]byte) (first, last int) {
	return func(args [][]byte) (first, last int) {
		for i := from; i < len(args)-1; i++ {
			switch isDist := equalName(args[i], "storedist"); {
			case isDist == dist && (isDist || equalName(args[i], "store")):
				i++
				first = i
			case isDist || equalName(args[i], "store"):
				i++
				first = 0
			}
		}
		return first, first
	}
}
