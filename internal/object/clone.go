package object

// Clone returns a copy of a collection with blocks of its own.
func Clone(o Object) Object {
	switch o := o.(type) {
	case *List:
		return o.Clone()
	case *Table:
		return o.Clone()
	case *ZSet:
		return o.Clone()
	case *Stream:
		return o.Clone()
	}
	panic("object: a collection that can't be cloned")
}
