package command

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// sortOptions are the options of SORT and SORT_RO.
type sortOptions struct {
	descending bool
	alpha      bool
	start      int64
	count      int64 // negative: all
	by         []byte
	unsorted   bool // BY without an asterisk
	get        [][]byte
	store      []byte
}

// sortable is an element with what it is compared by.
type sortable struct {
	text   []byte
	score  float64
	weight []byte // of the key that BY leads to; nil if there is none
}

func sortCommand(c *Client, args [][]byte)   { c.sort(args, true) }
func sortroCommand(c *Client, args [][]byte) { c.sort(args, false) }

func (c *Client) sort(args [][]byte, mayStore bool) {
	o, problem := parseSort(args[2:], mayStore, c.sortLimits(args))
	if problem != "" {
		c.Error(problem)
		return
	}
	k := c.Key(args, 1)
	it, found := c.Get(k)
	var all []sortable
	if found {
		switch it.Type() {
		case keyspace.TypeList, keyspace.TypeSet, keyspace.TypeZSet:
		default:
			c.Error(errWrongType)
			return
		}
		if it.Type() == keyspace.TypeSet && o.unsorted && (o.store != nil || c.scripting()) {
			// The order of a set is an accident that is not to be stored, nor
			// what a script is to depend on.
			o.unsorted, o.alpha, o.by = false, true, nil
		}
		all = c.sortables(k, it, &o)
	}
	if !o.unsorted {
		if !c.weigh(all, &o) {
			c.Error(errSortScore)
			return
		}
		slices.SortStableFunc(all, o.compare)
	}
	all = o.limit(all)
	if o.store == nil {
		c.replySorted(all, &o)
	} else {
		c.storeSorted(all, &o)
	}
}

// sortsByAnyKey reports whether the client's user may read keys that BY and GET
// make of the elements.
func (c *Client) sortsByAnyKey(args [][]byte) bool {
	return c.unchecked.Load() || c.readsEveryKey(c.W.Server.Table.Lookup(args[0]), args)
}

// sortLimits say which keys BY and GET may make of the elements.
type sortLimits struct {
	anyKey  bool // the user may read any
	cluster bool // they have to be of one slot, which is slot
	slot    int
}

func (c *Client) sortLimits(args [][]byte) sortLimits {
	l := sortLimits{anyKey: c.sortsByAnyKey(args)}
	if l.cluster = c.W.Server.cluster != nil; l.cluster {
		l.slot = hashSlot(args[1])
	}
	return l
}

// allows reports whether all keys of a pattern are of the slot: no asterisk may
// decide that. The element itself, as # alone, is no key.
func (l *sortLimits) allows(pattern []byte) bool {
	if !l.cluster || string(pattern) == "#" {
		return true
	}
	open := bytes.IndexByte(pattern, '{')
	if open < 0 {
		return false
	}
	length := bytes.IndexByte(pattern[open+1:], '}')
	tag := pattern[open+1:]
	if length <= 0 || bytes.IndexByte(pattern[:open], '*') >= 0 || bytes.IndexByte(tag[:length], '*') >= 0 {
		return false
	}
	return hashSlot(pattern) == l.slot
}

// sortStore finds where a SORT stores: of several STORE the last counts.
func sortStore(args [][]byte) (first, last int) {
	store := 0
	for i := 2; i < len(args); i++ {
		switch {
		case equalName(args[i], "limit"):
			i += 2
		case equalName(args[i], "get"), equalName(args[i], "by"):
			i++
		case equalName(args[i], "store") && i+1 < len(args):
			store = i + 1
		}
	}
	return store, store
}

// parseSort reads the options, and returns the error there is, "" if there is none.
func parseSort(options [][]byte, mayStore bool, limits sortLimits) (o sortOptions, problem string) {
	o.count = -1
	for i := 0; i < len(options); i++ {
		word, left := options[i], len(options)-i-1
		switch {
		case equalName(word, "asc"):
			o.descending = false
		case equalName(word, "desc"):
			o.descending = true
		case equalName(word, "alpha"):
			o.alpha = true
		case equalName(word, "limit") && left >= 2:
			var ok1, ok2 bool
			o.start, ok1 = parseInt(options[i+1])
			o.count, ok2 = parseInt(options[i+2])
			if !ok1 || !ok2 {
				return o, errNotInteger
			}
			i += 2
		case equalName(word, "store") && left >= 1 && mayStore:
			i++
			o.store = options[i]
		case equalName(word, "by") && left >= 1:
			i++
			o.by = options[i]
			if o.unsorted = bytes.IndexByte(o.by, '*') < 0; !o.unsorted {
				switch {
				case !limits.allows(o.by):
					return o, errClusterSortBy
				case !limits.anyKey:
					return o, errSortBy
				}
			}
		case equalName(word, "get") && left >= 1:
			i++
			switch {
			case !limits.allows(options[i]):
				return o, errClusterSortGet
			case !limits.anyKey:
				return o, errSortGet
			}
			o.get = append(o.get, options[i])
		default:
			return o, errSyntax
		}
	}
	return o, ""
}

// sortables copies the elements, because what follows may write.
func (c *Client) sortables(k keyspace.Key, it keyspace.Item, o *sortOptions) (all []sortable) {
	add := func(e object.Elem) bool {
		all = append(all, sortable{text: append([]byte{}, e.Text(nil)...)})
		return true
	}
	switch it.Type() {
	case keyspace.TypeList:
		l, first, backwards := c.openList(k, it, false), 0, o.unsorted && o.descending
		if backwards {
			first = -1
		}
		for x := l.seek(first); x.valid(); x.next(backwards) {
			add(x.elem())
		}
	case keyspace.TypeSet:
		s := c.openSet(k, it, false)
		s.each(add)
	default:
		// A sorted set that was sorted is a large one from then on in the reference server, too.
		z := zset{c: c, k: k}
		z.enter(it)
		if z.set == nil {
			z.enlarge()
		}
		var s object.Sorted
		z.sorted(&s)
		visit := func(member object.Elem, _ float64) bool { return add(member) }
		if o.unsorted && o.descending {
			s.Descend(s.Len()-1, s.Len(), visit)
		} else {
			s.Ascend(0, s.Len(), visit)
		}
	}
	return all
}

// weigh finds out what the elements are compared by. It reports false if one of
// them is no number and has to be.
func (c *Client) weigh(all []sortable, o *sortOptions) bool {
	for i := range all {
		s := &all[i]
		s.weight = s.text
		if o.by != nil {
			s.weight, _ = c.follow(o.by, s.text)
		}
		if o.alpha || s.weight == nil {
			continue
		}
		var ok bool
		if s.score, ok = parseWeight(s.weight); !ok {
			return false
		}
	}
	return true
}

// parseWeight reads a number as SORT does: no blanks, no hexadecimal digits, and
// nothing at all is 0, and a zero byte ends it. What is too large is infinite.
func parseWeight(b []byte) (float64, bool) {
	b, _, _ = bytes.Cut(b, []byte{0})
	if len(b) == 0 {
		return 0, true
	}
	if bytes.ContainsAny(b, "_xX") {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return f, (err == nil || errors.Is(err, strconv.ErrRange)) && !math.IsNaN(f)
}

// compare orders elements of the same weight by their text, unless the weights
// are texts of other keys.
func (o *sortOptions) compare(a, b sortable) int {
	var n int
	switch {
	case !o.alpha && a.score != b.score:
		n = 1
		if a.score < b.score {
			n = -1
		}
	case !o.alpha:
		n = bytes.Compare(a.text, b.text)
	case a.weight == nil && b.weight != nil:
		n = -1
	case a.weight != nil && b.weight == nil:
		n = 1
	default:
		n = bytes.Compare(a.weight, b.weight)
	}
	if o.descending {
		return -n
	}
	return n
}

// limit returns the part that LIMIT asks for.
func (o *sortOptions) limit(all []sortable) []sortable {
	n := int64(len(all))
	start := min(max(o.start, 0), n)
	if o.count < 0 || o.count > n-start {
		return all[start:]
	}
	return all[start : start+o.count]
}

// follow returns what a pattern leads to for an element: the element itself
// ("#"), or the string at the key that has the element in place of the asterisk,
// or a field of the hash there ("*->field"). ok is false if there is none.
func (c *Client) follow(pattern, element []byte) (value []byte, ok bool) {
	if string(pattern) == "#" {
		return element, true
	}
	star := bytes.IndexByte(pattern, '*')
	if star < 0 {
		return nil, false
	}
	var field []byte
	if arrow := bytes.Index(pattern[star+1:], []byte("->")); arrow >= 0 {
		if arrow += star + 1; arrow+2 < len(pattern) {
			pattern, field = pattern[:arrow], pattern[arrow+2:]
		}
	}
	name := slices.Concat(pattern[:star], element, pattern[star+1:])
	k := c.W.Worker.Key(name)
	it, found := c.Get(k)
	switch {
	case !found:
	case field == nil && it.Type() == keyspace.TypeString:
		return append([]byte{}, it.Value()...), true
	case field != nil && it.Type() == keyspace.TypeHash:
		h := c.openHash(k, it)
		if v, _, had := h.fetch(field); had {
			return append([]byte{}, v.Text(nil)...), true
		}
		h.finish()
	}
	return nil, false
}

func (c *Client) replySorted(all []sortable, o *sortOptions) {
	if o.get == nil {
		c.Reply.ArrayLen(len(all))
		for _, s := range all {
			c.Reply.Bulk(s.text)
		}
		return
	}
	c.Reply.ArrayLen(len(all) * len(o.get))
	for _, s := range all {
		for _, pattern := range o.get {
			if v, ok := c.follow(pattern, s.text); ok {
				c.Reply.Bulk(v)
			} else {
				c.Reply.Null()
			}
		}
	}
}

// storeSorted makes a list of the outcome. What a pattern does not lead to
// anything for is an empty string there.
func (c *Client) storeSorted(all []sortable, o *sortOptions) {
	k := c.W.Worker.Key(o.store)
	var values [][]byte
	for _, s := range all {
		if o.get == nil {
			values = append(values, s.text)
			continue
		}
		for _, pattern := range o.get {
			v, _ := c.follow(pattern, s.text)
			values = append(values, v)
		}
	}
	if len(values) > 0 {
		c.W.Replace(c.DB, k)
		l := c.newList(k)
		for _, v := range values {
			l.room(v)
			l.push(false, v)
		}
		c.notify(keyspace.ListEvent, "sortstore", k)
	} else {
		c.deleteKey(k)
	}
	c.Reply.Int(int64(len(values)))
}
