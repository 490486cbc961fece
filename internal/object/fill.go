package object

// Fill bounds the packs of a list the way list-max-listpack-size does: a
// positive number counts elements, -1 to -5 stand for 4, 8, 16, 32 and 64 KiB.
type Fill int

// fillSafety bounds a pack in bytes when elements are counted.
const fillSafety = 8 << 10

// limits returns the bounds in bytes and elements; 0 is no bound.
func (f Fill) limits() (size, count int) {
	if f >= 0 {
		return 0, max(int(f), 1)
	}
	return 4 << 10 << (min(int(-f), 5) - 1), 0
}

// Exceeded reports whether a pack of that many bytes and elements is too large
// to be a whole list.
func (f Fill) Exceeded(size, count int) bool {
	bytes, most := f.limits()
	if bytes > 0 {
		return size > bytes
	}
	return size > fillSafety || count > most
}

// Whole reports whether a list that is loaded as one pack of that many bytes and
// elements is a small list. Where elements are counted bytes are not, but for those of an
// element that has a node to itself.
func (f Fill) Whole(size, count int) bool {
	bytes, most := f.limits()
	if bytes > 0 {
		return size <= bytes
	}
	return count <= most && !alone(size, count)
}

// alone reports whether a pack is that of an element which is too large to share a
// node where elements are counted.
func alone(size, count int) bool { return count == 1 && size > fillSafety+aloneOverhead }

// aloneOverhead is what a pack takes beside its only element, if that is about as long as
// fillSafety: its own header and end, the element's head of 5 bytes, and the way back in 2.
const aloneOverhead = emptyPack + 5 + 2

// Small reports whether a list that shrank to one pack of that many bytes and
// elements is a small list again: at half of what would be too large, so that
// it does not change forth and back.
func (f Fill) Small(size, count int) bool {
	bytes, most := f.limits()
	if bytes > 0 {
		return size <= bytes/2
	}
	return count <= most/2 && !alone(size, count)
}

// block returns how large a block to ask for when a pack outgrows one of had
// bytes and needs need: twice as large, but no larger than a pack may get.
func (f Fill) block(need, had int) int {
	return max(need, min(2*had, f.most()))
}

// first returns the room for elements that a node begins with which an element
// of size bytes opens in a list that goes on growing. Elements that are counted
// say nothing about the bytes to come.
func (f Fill) first(size int) int {
	if bytes, _ := f.limits(); bytes > 0 {
		return max(size, bytes/4-emptyPack)
	}
	return size
}

// most is how many bytes a pack may have that is not an element by itself.
func (f Fill) most() int {
	if bytes, _ := f.limits(); bytes > 0 {
		return bytes
	}
	return fillSafety
}
