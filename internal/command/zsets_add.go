package command

import "math"

// zaddOptions are the options of ZADD.
type zaddOptions struct {
	nx, xx, gt, lt, ch, incr bool
}

// parse reads the options from args[2] on and returns where the scores begin.
func (o *zaddOptions) parse(args [][]byte) int {
	for i := 2; i < len(args); i++ {
		switch word := args[i]; {
		case equalName(word, "nx"):
			o.nx = true
		case equalName(word, "xx"):
			o.xx = true
		case equalName(word, "gt"):
			o.gt = true
		case equalName(word, "lt"):
			o.lt = true
		case equalName(word, "ch"):
			o.ch = true
		case equalName(word, "incr"):
			o.incr = true
		default:
			return i
		}
	}
	return len(args)
}

// refuse says what is wrong with the options for that many words of scores and
// members, "" if nothing is.
func (o *zaddOptions) refuse(words int) string {
	switch {
	case words == 0 || words%2 != 0:
		return errSyntax
	case o.nx && o.xx:
		return errZaddNXXX
	case o.gt && o.nx, o.lt && o.nx, o.gt && o.lt:
		return errZaddGTLT
	case o.incr && words > 2:
		return errZaddIncr
	}
	return ""
}

func zaddCommand(c *Client, args [][]byte) {
	var o zaddOptions
	at := o.parse(args)
	if problem := o.refuse(len(args) - at); problem != "" {
		c.Error(problem)
		return
	}
	c.zadd(args, at, &o)
}

func zincrbyCommand(c *Client, args [][]byte) {
	c.zadd(args, 2, &zaddOptions{incr: true})
}

// zadd adds the members behind their scores in args[at:] to the set at args[1].
func (c *Client) zadd(args [][]byte, at int, o *zaddOptions) {
	var last float64
	for i := at; i < len(args); i += 2 {
		var ok bool
		if last, ok = parseScore(args[i]); !ok {
			c.Error(errNotFloat)
			return
		}
	}
	n := (len(args) - at) / 2
	c.zaddAll(args, o, n, func(i int) ([]byte, float64) {
		score := last
		if i < n-1 {
			score, _ = parseScore(args[at+2*i])
		}
		return args[at+2*i+1], score
	})
}

// zaddAll adds n members, which element returns with their scores, to the set at
// args[1].
func (c *Client) zaddAll(args [][]byte, o *zaddOptions, n int, element func(i int) ([]byte, float64)) {
	var z zset
	if !z.open(c, c.Key(args, 1)) {
		return
	}
	if !z.exists && o.xx {
		c.replyZadd(o, zaddOutcome{})
		return
	}
	z.reserve(n, element)
	var added, updated int
	var out zaddOutcome
	for i := range n {
		member, score := element(i)
		if out = z.put(member, score, o); out.problem != "" {
			break
		}
		added += out.added
		updated += out.updated
	}
	if o.incr {
		z.close("zincr")
	} else {
		z.close("zadd")
	}
	out.added, out.updated = added, updated
	c.replyZadd(o, out)
}

// zaddOutcome is what became of a member, or of several.
type zaddOutcome struct {
	added, updated int
	done           bool // no condition was in the way
	score          float64
	problem        string
}

// put gives one member a score, as far as the options allow.
func (z *zset) put(member []byte, score float64, o *zaddOptions) (out zaddOutcome) {
	old, exists := z.score(member)
	if !exists {
		if o.xx {
			return out
		}
		if !z.add(member, score) {
			return zaddOutcome{problem: errOutOfMemory}
		}
		return zaddOutcome{added: 1, done: true, score: score}
	}
	if o.nx {
		return out
	}
	if o.incr {
		if score += old; math.IsNaN(score) {
			return zaddOutcome{problem: errScoreNaN}
		}
	}
	if o.gt && score <= old || o.lt && score >= old {
		return out
	}
	out.done, out.score = true, score
	if score != old {
		z.rescore(member, score)
		out.updated = 1
	}
	return out
}

func (c *Client) replyZadd(o *zaddOptions, out zaddOutcome) {
	switch {
	case out.problem != "":
		c.Error(out.problem)
	case o.incr && out.done:
		c.Reply.Double(out.score)
	case o.incr:
		c.Reply.Null()
	case o.ch:
		c.Reply.Int(int64(out.added + out.updated))
	default:
		c.Reply.Int(int64(out.added))
	}
}
