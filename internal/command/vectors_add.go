package command

import (
	"github.com/crucible-cache/crucible/internal/keyspace"
	"github.com/crucible-cache/crucible/internal/object/vector"
)

const (
	// vectorLinks is M of a set that is made without it, vectorEF how many
	// candidates for links VADD looks at, and vectorEFMax the most it may be told.
	vectorLinks = 16
	vectorEF    = 200
	vectorEFMax = 1000000
)

// vaddRequest is what VADD was asked for.
type vaddRequest struct {
	v       []float32
	reduce  int // components to project to, 0 for no projection
	element []byte
	shape   vector.Shape // but for the dimensions
	ef      int
	attr    []byte
	setAttr bool
}

// parseVadd reads a request, or replies with an error.
func (c *Client) parseVadd(args [][]byte) (r vaddRequest, ok bool) {
	r.shape, r.ef = vector.Shape{Quant: vector.Int8, Links: vectorLinks}, vectorEF
	i := 2
	if equalName(args[i], "reduce") {
		n, ok := parseInt(args[i+1])
		if !ok || n <= 0 || n > vector.DimensionsMax {
			c.Error(errVectorSpec)
			return r, false
		}
		r.reduce = int(n)
		i += 2
	}
	if r.v, i, ok = c.parseVector(args, i); !ok || r.reduce*len(r.v) > vector.MatrixMax {
		c.Error(errVectorSpec)
		return r, false
	}
	if i == len(args) {
		c.Error(errArity("VADD"))
		return r, false
	}
	r.element = args[i]
	return r, c.parseVaddOptions(&r, args[i+1:])
}

func (c *Client) parseVaddOptions(r *vaddRequest, args [][]byte) bool {
	for i := 0; i < len(args); i++ {
		word, more := args[i], i+1 < len(args)
		switch {
		case equalName(word, "cas"): // nobody is held up meanwhile who could come between
		case equalName(word, "noquant"):
			r.shape.Quant = vector.Float32
		case equalName(word, "bin"):
			r.shape.Quant = vector.Binary
		case equalName(word, "q8"):
			r.shape.Quant = vector.Int8
		case more && equalName(word, "ef"):
			i++
			n, ok := parseInt(args[i])
			if !ok || n <= 0 || n > vectorEFMax {
				c.Error(errVectorEF)
				return false
			}
			r.ef = int(n)
		case more && equalName(word, "m"):
			i++
			n, ok := parseInt(args[i])
			if !ok || n < vector.LinksMin || n > vector.LinksMax {
				c.Error(errVectorLinks)
				return false
			}
			r.shape.Links = int(n)
		case more && equalName(word, "setattr"):
			i++
			r.attr, r.setAttr = args[i], true
		default:
			c.Error(errVectorOption)
			return false
		}
	}
	return true
}

// fits returns the error reply if a set is not of the shape that was asked for.
func (r *vaddRequest) fits(s *vector.Set) (text string) {
	has, got := s.Shape(), len(r.v)
	switch {
	case has.Quant != r.shape.Quant:
		return errVectorQuant
	case has.Links != r.shape.Links:
		return errVectorOtherM
	case has.Input == 0 && got != has.Dim, has.Input > 0 && r.reduce != has.Dim:
		return errVectorDimension(got, has.Dim)
	case has.Input == 0 && r.reduce > 0:
		return errVectorProjection
	case has.Input > 0 && got != has.Input:
		return errVectorInput(got, has.Input)
	}
	return ""
}

func vaddCommand(c *Client, args [][]byte) {
	if len(args) < 5 {
		c.Error(errArity("VADD"))
		return
	}
	r, ok := c.parseVadd(args)
	if !ok {
		return
	}
	k := c.Key(args, 1)
	s, ok := c.peekVectorSet(k)
	switch {
	case !ok:
		return
	case s == nil:
		s = c.newVectorSet(k, &r)
	default:
		if text := r.fits(s); text != "" {
			c.Error(text)
			return
		}
	}
	v := r.v
	if r.reduce > 0 {
		v = floatRoom(&c.W.vectors.reduced, r.reduce)
		s.Project(v, r.v)
	}
	e, added := s.Add(&c.W.vectors.scratch, r.element, v, r.ef)
	if r.setAttr {
		s.SetAttributes(e, r.attr)
	}
	c.hasEffect(true)
	c.Reply.Bool(added)
}

// newVectorSet makes an empty set of a key that there is not.
func (c *Client) newVectorSet(k keyspace.Key, r *vaddRequest) *vector.Set {
	shape := r.shape
	shape.Dim = len(r.v)
	if r.reduce > 0 {
		shape.Dim, shape.Input = r.reduce, len(r.v)
	}
	s := vector.New(c.W.Heap(), shape)
	c.W.SetObject(c.DB, k, s, keyspace.Options{Type: keyspace.TypeVectorSet})
	return s
}

// vaddGrows counts what a node takes besides its name and attributes: components,
// which may be shorter as text, and links.
func vaddGrows(_ *Client, args [][]byte) int64 {
	links := int64(vectorLinks)
	for i, word := range args[:len(args)-1] {
		if len(word) == 1 && word[0]|0x20 == 'm' {
			if n, ok := parseInt(args[i+1]); ok && n > links && n <= vector.LinksMax {
				links = n
			}
		}
	}
	const numberBytes, floatBytes = 4, 4
	return int64(len(args))*floatBytes + links*numberBytes*4
}

func vremCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VREM", 3, 3) {
		return
	}
	c.changeElement(args, func(k keyspace.Key, s *vector.Set, e vector.Element) {
		s.Remove(&c.W.vectors.scratch, e)
		if s.Len() == 0 {
			c.W.Delete(c.DB, k) // of which the reference server tells nobody
		}
	})
}

func vsetattrCommand(c *Client, args [][]byte) {
	if !c.wants(args, "VSETATTR", 4, 4) {
		return
	}
	c.changeElement(args, func(_ keyspace.Key, s *vector.Set, e vector.Element) { s.SetAttributes(e, args[3]) })
}

// changeElement changes the element args[2] of the set args[1], and replies whether there is one.
func (c *Client) changeElement(args [][]byte, change func(keyspace.Key, *vector.Set, vector.Element)) {
	k := c.Key(args, 1)
	s, ok := c.peekVectorSet(k)
	if !ok {
		return
	}
	var e vector.Element
	found := false
	if s != nil {
		e, found = s.Find(args[2])
	}
	if found {
		change(k, s, e)
	}
	c.hasEffect(found)
	c.Reply.Bool(found)
}
