package rdb

import (
	"math"

	"github.com/crucible-cache/crucible/internal/object"
	"github.com/crucible-cache/crucible/internal/object/vector"
	"github.com/crucible-cache/crucible/internal/store"
)

// A vector set is the value of a module, as in the reference server, where it is one
// of the module vectorset, which is built in. Such a value begins with the number of
// its module; before each part stands what it is.

// vectorModule is the name vectorset in six bits a character, and the version of its
// encoding, 0, in the ten bits below.
const vectorModule = 0xbde72da2bb1eb400

// What a part of a module's value is.
const (
	moduleEnd    = 0
	moduleUint   = 2
	moduleString = 5
)

// Bits of the header's flags.
const (
	vectorProjected  = 1 << 0
	vectorAttributed = 1 << 1
)

// linksShift separates the number of links a node may have from the kind of
// quantization.
const linksShift = 8

func (e *Encoder) moduleUint(n uint64) {
	e.Length(moduleUint)
	e.Length(n)
}

func (e *Encoder) moduleString(s []byte) {
	e.Length(moduleString)
	e.String(s)
}

func (e *Encoder) vectorHead(s *vector.Set) {
	shape := s.Shape()
	e.Length(vectorModule)
	e.moduleUint(uint64(shape.Dim))
	e.moduleUint(uint64(s.Len()))
	e.moduleUint(uint64(shape.Links)<<linksShift | uint64(shape.Quant))
	flags := uint64(0)
	if shape.Input > 0 {
		flags |= vectorProjected
	}
	if s.Attributed() > 0 {
		flags |= vectorAttributed
	}
	e.moduleUint(flags)
	if shape.Input > 0 {
		e.moduleUint(uint64(shape.Input))
		e.moduleString(s.AppendMatrix(nil))
	}
}

// vectorNode appends an element: its name, attributes if any element has some, its
// vector, and numbers: how many follow, the ID, the level, of each layer how many
// links there are, how many there may be and which, and two floats in one number.
func (e *Encoder) vectorNode(x vector.Element, attributed bool) {
	raw, length, largest := x.Raw()
	e.moduleString(x.Name())
	if attributed {
		e.moduleString(x.Attributes())
	}
	e.moduleString(raw)
	n := 3
	for layer := range x.Level() + 1 {
		n += 2 + x.Links(layer)
	}
	e.moduleUint(uint64(n))
	e.moduleUint(x.SavedID())
	e.moduleUint(uint64(x.Level()))
	for layer := range x.Level() + 1 {
		e.moduleUint(uint64(x.Links(layer)))
		e.moduleUint(uint64(x.Room(layer)))
		x.EachLinked(layer, func(to vector.Element) { e.moduleUint(to.SavedID()) })
	}
	e.moduleUint(uint64(math.Float32bits(largest))<<32 | uint64(math.Float32bits(length)))
}

func (d *Decoder) part(kind uint64) bool {
	if got := d.length(); d.err == nil && got != kind {
		_ = d.failf("a part of kind %d in the value of a module, not %d", got, kind)
	}
	return d.err == nil
}

func (d *Decoder) moduleUint() uint64 {
	if !d.part(moduleUint) {
		return 0
	}
	return d.length()
}

func (d *Decoder) moduleString() []byte {
	if !d.part(moduleString) {
		return nil
	}
	return d.string()
}

// vectorSet reads the value of a module, which has to be that of vector sets.
func (d *Decoder) vectorSet(heap *object.Heap) (v Value) {
	v = Value{Type: store.TypeVectorSet, Form: Large}
	if id := d.length(); d.err == nil && id != vectorModule {
		_ = d.failf("a value of the module %#x, which is not that of vector sets", id)
	}
	dim, count, kind, flags := d.moduleUint(), d.moduleUint(), d.moduleUint(), d.moduleUint()
	input, matrix := uint64(0), []byte(nil)
	if flags&vectorProjected != 0 {
		input = d.moduleUint()
		matrix = d.moduleString()
	}
	shape, ok := vectorShape(dim, kind, input)
	if d.err == nil && !ok {
		_ = d.failf("a vector set of dimension %d, kind %#x, input %d", dim, kind, input)
	}
	if d.err != nil || !d.afford(int64(len(matrix))) {
		return Value{}
	}
	l, err := vector.NewLoader(heap, shape, matrix)
	if !d.check(err) {
		return Value{}
	}
	v.Object = l.Set()
	for ; count > 0 && d.err == nil; count-- {
		d.vectorNode(l, flags&vectorAttributed != 0)
	}
	if d.part(moduleEnd) {
		d.check(l.Done())
	}
	if d.err == nil && l.Set().Len() == 0 {
		v.Release()
		return Value{Type: store.TypeVectorSet}
	}
	return v
}

func vectorShape(dim, kind, input uint64) (s vector.Shape, ok bool) {
	if dim > vector.DimensionsMax || input > vector.DimensionsMax || kind>>linksShift > vector.LinksMax || kind&(1<<linksShift-1) > uint64(vector.Binary) {
		return s, false
	}
	s = vector.Shape{
		Quant: vector.Quant(kind & (1<<linksShift - 1)), Dim: int(dim),
		Links: int(kind >> linksShift), Input: int(input),
	}
	return s, s.Valid()
}

func (d *Decoder) vectorNode(l *vector.Loader, attributed bool) {
	var node struct{ name, attr []byte }
	node.name = append(node.name, d.moduleString()...)
	if attributed {
		node.attr = append(node.attr, d.moduleString()...)
	}
	raw := d.hold(d.moduleString())
	n, id, level := d.moduleUint(), d.moduleUint(), d.moduleUint()
	if d.err != nil {
		return
	}
	if level > n || n > d.available()/2 {
		_ = d.failf("%d numbers of an element on level %d", n, level)
		return
	}
	if !d.afford(int64(len(node.name)+len(node.attr)) + l.NodeBytes(int(min(level, vector.LevelMax)))) {
		return
	}
	// The links are read before there is a node, whose length comes at the end.
	links := d.vectorLinks(l, int(level), n)
	two := d.moduleUint()
	if d.err != nil {
		return
	}
	largest, length := math.Float32frombits(uint32(two>>32)), math.Float32frombits(uint32(two))
	if !d.check(l.Node(node.name, node.attr, raw, id, int(level), length, largest)) {
		return
	}
	for layer, ids := range links {
		for _, to := range ids {
			if !d.check(l.Link(layer, to)) {
				return
			}
		}
	}
}

// vectorLinks reads the links of a node, layer by layer, of n numbers in all.
func (d *Decoder) vectorLinks(l *vector.Loader, level int, n uint64) (links [][]uint64) {
	if level > vector.LevelMax {
		_ = d.failf("an element on level %d", level)
		return nil
	}
	n -= min(n, 3)
	for layer := range level + 1 {
		count, most := d.moduleUint(), d.moduleUint()
		if d.err == nil && (n < 2+count || count > uint64(l.Room(layer)) || most > uint64(l.Room(layer))) {
			_ = d.failf("%d links of an element, of %d that there may be, on layer %d", count, most, layer)
		}
		if d.err != nil {
			return nil
		}
		n -= 2 + count
		ids := make([]uint64, count)
		for i := range ids {
			ids[i] = d.moduleUint()
		}
		links = append(links, ids)
	}
	if n != 0 {
		_ = d.failf("%d numbers too many of an element", n)
	}
	return links
}
