package chunk

import (
	"github.com/crucible-cache/crucible/internal/offheap"
	"github.com/crucible-cache/crucible/internal/store"
)

const (
	// alignment is what chunk sizes are multiples of, bytes.
	alignment = 8

	// runShare is the share of a segment above which an item gets a run of
	// segments of its own: the space lost at a span's end stays below it.
	runShare = 8

	wordBits = 64
)

// class is how the spans of one size of chunk are laid out.
type class struct {
	size   int // of a chunk, bytes
	chunks int // in a span
	first  int // offset of the first, bytes; the bitmap and the counts are before it
}

// Sizes are the classes of chunks.
type Sizes struct {
	classes []class
	of      []uint8 // class by size in units of alignment, rounded up
}

// maxClasses is bounded by the type of a class's number.
const maxClasses = 255

// NewSizes returns classes from smallest bytes on, each about growth times the
// one before it, for spans of segment bytes. Chunks are widened to what their
// number in a span leaves for each.
func NewSizes(smallest int, growth float64, segment int) *Sizes {
	z := &Sizes{}
	largest := segment / runShare
	for size := smallest; ; {
		size = min(size, largest)
		c := layOut(size, segment)
		z.classes = append(z.classes, c)
		if c.size >= largest || len(z.classes) == maxClasses {
			break
		}
		size = max(align(int(float64(size)*growth)), c.size+alignment)
	}
	z.of = make([]uint8, z.Largest()/alignment+1)
	at := 0
	for i := range z.of {
		if i*alignment > z.classes[at].size {
			at++
		}
		z.of[i] = uint8(at)
	}
	return z
}

func align(n int) int { return (n + alignment - 1) &^ (alignment - 1) }

// layOut fits as many chunks of size bytes into a segment as there is room for.
func layOut(size, segment int) class {
	n := segment / size
	for header(n)+n*size > segment {
		n--
	}
	return class{size: (segment - header(n)) / n &^ (alignment - 1), chunks: n, first: header(n)}
}

// header returns how many bytes the bitmap and the counts of n chunks take.
func header(n int) int { return words(n)*wordBits/8 + align(n) }

func words(n int) int { return (n + wordBits - 1) / wordBits }

// Largest returns the size in bytes of the largest chunk. A larger item has a run.
func (z *Sizes) Largest() int { return z.classes[len(z.classes)-1].size }

// takes returns the bytes of the chunk, or run, for an item of size bytes.
func (z *Sizes) takes(size int) int {
	if size > z.Largest() {
		return offheap.RoundPage(size)
	}
	return z.classes[z.classOf(size)].size
}

// Len returns the number of classes.
func (z *Sizes) Len() int { return len(z.classes) }

// classOf returns the number of the class for an item of size bytes, which is at
// most Largest.
func (z *Sizes) classOf(size int) int { return int(z.of[(size+alignment-1)/alignment]) }

// loc returns the place of a chunk of a span of this class.
func (c *class) loc(a *store.Arena, seg uint32, i int) store.Loc {
	return a.Loc(seg, c.first+i*c.size)
}
