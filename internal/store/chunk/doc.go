// Package chunk divides segments of the arena into chunks of a few sizes: what
// the slab and the heap backend have in common. A span is a segment that is cut
// into chunks of one class, or a run of segments that a single large item has to
// itself. What is evicted is the backends' business.
//
// # Memory
//
// A span begins with a bitmap that has a bit for each free chunk, and a byte for
// each that counts how often it was handed out; chunks follow. So nothing that
// grows with the number of items is on the Go heap. A span in which no chunk is
// used any more goes back to the arena at once, unless a hand has it open, and so
// is there for every class: no class keeps what it once needed.
//
// # Threads
//
// Each writer has a Hand, which has spans open, one of a class at most, and
// takes chunks from them without a lock; nobody else takes from an open span.
// Chunks are freed from any thread, by setting their bits. The lock of the Set is
// taken when a span is opened or closed, when the first chunk of a full one is
// freed, and when the last one is.
//
// # Looking at items
//
// Whoever looks at an item by its place, without the lock of its shard, must know
// that its chunk is not handed out anew meanwhile. There are two ways: a span
// that is held (Set.Hold) is out of reach of all hands, and a chunk that is pinned
// (Hand.Pin) is passed over by them, as with hazard pointers (Michael, 2004).
package chunk
