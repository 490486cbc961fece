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

// Small reports whether a list that shrank to one pack of that many bytes and
// elements is a small list again: at half of what would be too large, so that
// it does not change forth and back.
func (f Fill) Small(size, count int) bool {
	bytes, most := f.limits()
	return (bytes == 0 || size <= bytes/2) && (most == 0 || count <= most/2)
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
