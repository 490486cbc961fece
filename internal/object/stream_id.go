package object

import (
	"math"
	"strconv"
)

// StreamID is the name of an entry of a stream, and its place in it: entries
// are in the order of their IDs.
type StreamID struct {
	MS  uint64 // unix milliseconds, or whatever the client chose
	Seq uint64 // tells the entries of one millisecond apart
}

// MaxStreamID is the last ID that there is.
var MaxStreamID = StreamID{math.MaxUint64, math.MaxUint64}

// Less reports whether id comes before other.
func (id StreamID) Less(other StreamID) bool {
	return id.MS < other.MS || id.MS == other.MS && id.Seq < other.Seq
}

// IsZero reports whether id is 0-0, which no entry has.
func (id StreamID) IsZero() bool { return id == StreamID{} }

// Next returns the ID that follows; ok is false if there is none.
func (id StreamID) Next() (next StreamID, ok bool) {
	if id.Seq < math.MaxUint64 {
		return StreamID{id.MS, id.Seq + 1}, true
	}
	return StreamID{id.MS + 1, 0}, id.MS < math.MaxUint64
}

// Prev returns the ID before id; ok is false if there is none.
func (id StreamID) Prev() (prev StreamID, ok bool) {
	if id.Seq > 0 {
		return StreamID{id.MS, id.Seq - 1}, true
	}
	return StreamID{id.MS - 1, math.MaxUint64}, id.MS > 0
}

// StreamIDTextMax is the length of the longest ID in text.
const StreamIDTextMax = 20 + 1 + 20

// Append appends the text of id, as in 1526919030474-55.
func (id StreamID) Append(b []byte) []byte {
	b = strconv.AppendUint(b, id.MS, 10)
	b = append(b, '-')
	return strconv.AppendUint(b, id.Seq, 10)
}
