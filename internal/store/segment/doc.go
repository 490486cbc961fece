// Package segment is the log-structured backend: items are laid one after
// another in segments, and a segment is recycled as a whole. It owes its ideas to
// Segcache (Yang et al., NSDI 2021: segments grouped by time to live, expiry and
// merging of whole segments), S3-FIFO (Yang et al., SOSP 2023: a small queue that
// filters what is used once, and ghosts) and log-structured file systems
// (cleaning).
//
// # Where an item goes
//
// Each loop appends through a Writer with open segments of its own, so placing
// an item is a bump of an offset. There is one for each TTL bucket in use (items
// whose times to live are alike lie together, those without one apart), and in
// the policy s3fifo for each layer: new items enter the admission layer, the
// main layer has those that were used there, and those whose ghost was still
// there when they came back. A full segment is sealed and joins the queue of
// its layer and bucket. An item of more than an eighth of a segment has a run of
// segments to itself and takes part in the queues like any other segment.
//
// # How memory comes back
//
// A segment of which the last item goes is free at once. When memory is short,
// Reclaim takes sealed segments out of their queue and goes through their items,
// a bounded number at a time. In order of preference: segments in which every
// time to live is over; segments that hold little that is still live, whose items
// are moved together (cleaning); what the policy chooses. So overwriting and
// deleting never cost what is live. Ahead does such steps after each write while
// memory is getting short, so that no single request has to wait for a whole segment.
//
// What an item's own expiry says is always exact: a segment's is only where to look.
//
// # Threads and locks
//
// Live bytes are counted per segment, atomically, because the keys of one
// segment belong to many shards. Queues and states are guarded by Log.mu, which
// comes after the shards' locks. A segment taken out of its queue belongs to the
// writer that took it. It goes back to the arena when nothing in it is live, and
// else back into its queue.
package segment
