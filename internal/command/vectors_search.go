package command

import (
	"math"

	"github.com/crucible-cache/crucible/internal/object/vector"
)

const (
	// vsimCount is how many elements VSIM replies with unless it is told, vsimEF how
	// many candidates it keeps, and vsimEffort how many elements a filter is asked
	// about for each of those wanted.
	vsimCount  = 10
	vsimEF     = 100
	vsimEffort = 100
)

// vsimOptions are the options of VSIM.
type vsimOptions struct {
	query      vector.Query
	withScores bool
	epsilon    float64
}

// vsimCommand replies with the elements whose vectors are nearest. All is done where
// the request is, which is what NOTHREAD asks for.
func vsimCommand(c *Client, args [][]byte) {
	if len(args) < 4 {
		c.Error(errArity("VSIM"))
		return
	}
	s, ok := c.vectorSet(c.Key(args, 1))
	switch {
	case !ok:
		return
	case s == nil:
		c.Reply.ArrayLen(0)
		return
	}
	var o vsimOptions
	v, next, ok := c.soughtVector(s, args)
	if !ok || !c.parseVsim(&o, args[next:]) {
		return
	}
	o.query.Vector = v
	var found []vector.Found
	s.Search(&c.W.vectors.scratch, o.query, func(f vector.Found) bool {
		if float64(f.Distance) > o.epsilon {
			return false
		}
		found = append(found, f)
		return true
	})
	if !o.withScores {
		c.Reply.ArrayLen(len(found))
	} else {
		c.Reply.MapLen(len(found))
	}
	for _, f := range found {
		c.Reply.Bulk(f.Name())
		if o.withScores {
			c.Reply.Double(vector.Similarity(f.Distance))
		}
	}
}

// soughtVector reads what is searched for, at args[2], and returns it in the
// dimensions of the set and the position behind it.
func (c *Client) soughtVector(s *vector.Set, args [][]byte) (v []float32, next int, ok bool) {
	shape := s.Shape()
	if equalName(args[2], "ele") {
		e, found := s.Find(args[3])
		if !found {
			c.Error(errVsimElement)
			return nil, 0, false
		}
		v = floatRoom(&c.W.vectors.given, shape.Dim)
		e.Vector(v)
		return v, 4, true
	}
	v, next, ok = c.parseVector(args, 2)
	switch {
	case !ok:
		c.Error(errVectorSpec)
		return nil, 0, false
	case len(v) == shape.Dim: // also of a set that projects to as many components as vectors come with, as in Redis
		return v, next, true
	case shape.Input > 0 && len(v) == shape.Input:
		projected := floatRoom(&c.W.vectors.reduced, shape.Dim)
		s.Project(projected, v)
		return projected, next, true
	case shape.Input > 0:
		c.Error(errVectorInput(len(v), shape.Input))
	default:
		c.Error(errVectorDimension(len(v), shape.Dim))
	}
	return nil, 0, false
}

func (c *Client) parseVsim(o *vsimOptions, args [][]byte) bool {
	o.query.Count, o.query.EF, o.epsilon = vsimCount, vsimEF, math.Inf(1)
	effort := 0
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case equalName(word, "withscores"):
			o.withScores = true
			continue
		case equalName(word, "truth"):
			o.query.Exact = true
			continue
		case equalName(word, "nothread"):
			continue
		}
		i++
		if i == len(args) {
			c.Error(errVsimSyntax)
			return false
		}
		ok := false
		switch {
		case equalName(word, "count"):
			ok = c.parseVsimNumber(&o.query.Count, args[i], errVsimCount)
		case equalName(word, "ef"):
			ok = c.parseVsimNumber(&o.query.EF, args[i], errVectorEF)
		case equalName(word, "filter-ef"):
			ok = c.parseVsimNumber(&effort, args[i], errVsimEffort)
		case equalName(word, "epsilon"):
			if o.epsilon, ok = parseScore(args[i]); !ok || o.epsilon <= 0 {
				ok = false
				c.Error(errVsimEpsilon)
			}
		case equalName(word, "filter"):
			var near []byte
			if o.query.Filter, near = vector.CompileFilter(args[i]); o.query.Filter == nil {
				c.Error(errVsimFilter(near))
			}
			ok = o.query.Filter != nil
		default:
			c.Error(errVsimSyntax)
		}
		if !ok {
			return false
		}
	}
	if o.query.Effort = effort; effort == 0 {
		o.query.Effort = o.query.Count * vsimEffort
	}
	return true
}

// parseVsimNumber reads a number of at least 1. One that is larger than any set can
// be counts as such.
func (c *Client) parseVsimNumber(to *int, b []byte, text string) bool {
	n, ok := parseInt(b)
	if !ok || n <= 0 {
		c.Error(text)
		return false
	}
	*to = int(min(n, math.MaxInt32))
	return true
}
