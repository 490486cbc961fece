package command

import (
	"math"
	"slices"

	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object"
)

// combineKind is what is made of several sets.
type combineKind uint8

const (
	combineUnion combineKind = iota
	combineInter
	combineDiff
)

// combination is a request of the ZUNION family.
type combination struct {
	kind       combineKind
	store      bool // the result goes to args[1]
	count      bool // only the number of elements is asked for
	withScores bool
	aggregate  func(a, b float64) float64
	limit      int64
	inputs     []zinput
}

// zinput is one of the sets that are combined: a sorted set, or a plain one
// whose members all have the score 1.
type zinput struct {
	weight float64
	n      int
	sorted object.Sorted
	plain  setView // open for a plain set
}

func zunionCommand(c *Client, args [][]byte) {
	c.combine(args, "zunion", &combination{kind: combineUnion})
}

func zunionstoreCommand(c *Client, args [][]byte) {
	c.combine(args, "zunionstore", &combination{kind: combineUnion, store: true})
}

func zinterCommand(c *Client, args [][]byte) {
	c.combine(args, "zinter", &combination{kind: combineInter})
}

func zinterstoreCommand(c *Client, args [][]byte) {
	c.combine(args, "zinterstore", &combination{kind: combineInter, store: true})
}

func zdiffCommand(c *Client, args [][]byte) {
	c.combine(args, "zdiff", &combination{kind: combineDiff})
}

func zdiffstoreCommand(c *Client, args [][]byte) {
	c.combine(args, "zdiffstore", &combination{kind: combineDiff, store: true})
}

func zintercardCommand(c *Client, args [][]byte) {
	c.combine(args, "zintercard", &combination{kind: combineInter, count: true})
}

func (c *Client) combine(args [][]byte, name string, o *combination) {
	at := 1
	if o.store {
		at = 2
	}
	if !o.parse(c, args, at, name) {
		return
	}
	if o.kind != combineDiff {
		slices.SortStableFunc(o.inputs, func(a, b zinput) int { return a.n - b.n })
	}
	if o.count {
		c.Reply.Int(o.countCommon())
		return
	}
	result := object.NewZSet(c.W.Heap())
	longest := o.carryOut(result)
	if o.store {
		c.Reply.Int(int64(c.storeZSet(c.Key(args, 1), result, longest, name)))
		return
	}
	c.replyRangeLen(result.Len(), o.withScores)
	result.Ascend(0, result.Len(), func(member object.Elem, score float64) bool {
		c.replyElement(member, score, o.withScores)
		return true
	})
	freeZSet(result)
}

// parse reads numkeys at args[at], the keys and the options, looks the keys up,
// and replies with an error or returns true.
func (o *combination) parse(c *Client, args [][]byte, at int, name string) bool {
	n, ok := parseInt(args[at])
	switch {
	case !ok:
		c.Error(errNotInteger)
		return false
	case n < 1:
		c.Error(errInputKeys(name))
		return false
	case n > int64(len(args)-at-1):
		c.Error(errSyntax)
		return false
	}
	o.inputs = make([]zinput, n)
	o.aggregate = addScores
	for i := range o.inputs {
		if !o.inputs[i].open(c, args, at+1+i) {
			return false
		}
	}
	return o.parseOptions(c, args[at+1+len(o.inputs):])
}

func (o *combination) parseOptions(c *Client, options [][]byte) bool {
	weighs := o.kind != combineDiff && !o.count
	for len(options) > 0 {
		used := 1
		switch word, left := options[0], len(options); {
		case weighs && left > len(o.inputs) && equalName(word, "weights"):
			used += len(o.inputs)
			for i := range o.inputs {
				var ok bool
				if o.inputs[i].weight, ok = parseScore(options[1+i]); !ok {
					c.Error(errWeight)
					return false
				}
			}
		case weighs && left > 1 && equalName(word, "aggregate"):
			used++
			if o.aggregate = aggregateNamed(options[1]); o.aggregate == nil {
				c.Error(errSyntax)
				return false
			}
		case !o.store && !o.count && equalName(word, "withscores"):
			o.withScores = true
		case o.count && left > 1 && equalName(word, "limit"):
			used++
			var ok bool
			if o.limit, ok = parseInt(options[1]); !ok || o.limit < 0 {
				c.Error(errLimitNegative)
				return false
			}
		default:
			c.Error(errSyntax)
			return false
		}
		options = options[used:]
	}
	return true
}

// addScores adds two scores; infinities that cancel out are 0.
func addScores(a, b float64) float64 {
	if sum := a + b; !math.IsNaN(sum) {
		return sum
	}
	return 0
}

// aggregateNamed returns the way of aggregating that a word names, or nil.
func aggregateNamed(word []byte) func(a, b float64) float64 {
	switch {
	case equalName(word, "sum"):
		return addScores
	case equalName(word, "min"):
		return func(a, b float64) float64 {
			if b < a {
				return b
			}
			return a
		}
	case equalName(word, "max"):
		return func(a, b float64) float64 {
			if b > a {
				return b
			}
			return a
		}
	}
	return nil
}

// open looks up an input. An absent key is an empty set; one that holds neither
// kind of set is an error, which is replied.
func (in *zinput) open(c *Client, args [][]byte, i int) bool {
	k := c.Key(args, i)
	in.weight = 1
	it, found := c.Get(k)
	switch {
	case !found:
		return true
	case it.Type() == keyspace.TypeZSet:
		in.sorted = c.sortedOf(k, it)
		in.n = in.sorted.Len()
	case it.Type() == keyspace.TypeSet:
		in.plain = c.openSet(k, it, false)
		in.n = in.plain.len()
	default:
		c.Error(errWrongType)
		return false
	}
	return true
}

// each visits the elements until visit returns false.
func (in *zinput) each(visit func(member []byte, score float64) bool) {
	var text [intDigitsMax]byte
	if !in.plain.open() {
		in.sorted.Ascend(0, in.n, func(e object.Elem, score float64) bool {
			return visit(e.Text(text[:]), score)
		})
		return
	}
	in.plain.each(func(e object.Elem) bool { return visit(e.Text(text[:]), 1) })
}

func (in *zinput) score(member []byte) (float64, bool) {
	if !in.plain.open() {
		return in.sorted.Score(member)
	}
	return 1, in.plain.has(member)
}

// weighed is a score times the weight; infinity times nothing is 0.
func (in *zinput) weighed(score float64) float64 {
	if score *= in.weight; !math.IsNaN(score) {
		return score
	}
	return 0
}

// carryOut puts the result into an empty set, and returns how long its longest
// member is.
func (o *combination) carryOut(result *object.ZSet) (longest int) {
	put := func(member []byte, score float64) {
		longest = max(longest, len(member))
		result.Set(member, score)
	}
	switch o.kind {
	case combineUnion:
		o.union(result, put)
	case combineInter:
		o.inter(put)
	case combineDiff:
		o.diff(put)
	}
	return longest
}

func (o *combination) union(result *object.ZSet, put func([]byte, float64)) {
	for i := range o.inputs {
		in := &o.inputs[i]
		in.each(func(member []byte, score float64) bool {
			score = in.weighed(score)
			if had, ok := result.Score(member); ok {
				score = o.aggregate(had, score)
			}
			put(member, score)
			return true
		})
	}
}

func (o *combination) inter(put func([]byte, float64)) {
	first := &o.inputs[0]
	first.each(func(member []byte, score float64) bool {
		score = first.weighed(score)
		for i := 1; i < len(o.inputs); i++ {
			in := &o.inputs[i]
			other, ok := in.score(member)
			if !ok {
				return true
			}
			score = o.aggregate(score, other*in.weight)
		}
		put(member, score)
		return true
	})
}

func (o *combination) diff(put func([]byte, float64)) {
	o.inputs[0].each(func(member []byte, score float64) bool {
		for i := 1; i < len(o.inputs); i++ {
			if _, ok := o.inputs[i].score(member); ok {
				return true
			}
		}
		put(member, score)
		return true
	})
}

// countCommon returns how many members all inputs have, up to the limit.
func (o *combination) countCommon() (n int64) {
	o.inputs[0].each(func(member []byte, _ float64) bool {
		for i := 1; i < len(o.inputs); i++ {
			if _, ok := o.inputs[i].score(member); !ok {
				return true
			}
		}
		n++
		return n != o.limit
	})
	return n
}
