// Package segment is the log-structured backend: items are laid one after
// another in segments, and a segment is recycled as a whole.
//
// Each loop writes through a Writer with an open segment of its own, so
// placing an item is a bump of an offset. A full segment is sealed and joins
// one FIFO queue. When memory is short, Reclaim takes a sealed segment out of
// the queue: if it holds little that is still live, its live items are moved to
// the writer's segment (log cleaning, as in a log-structured file system); else
// the oldest segment is evicted with all it holds. A segment of which the last
// item goes is free at once. An item of more than an eighth of a segment has a
// run of segments to itself and takes part in the queue like any other.
//
// Live bytes are counted per segment, atomically, because the keys of one
// segment belong to many shards. Locks are taken in the order shard, queue.
package segment
