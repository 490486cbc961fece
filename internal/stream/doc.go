// Package stream has the log of writes that replicas of this server follow.
//
// It is one sequence of bytes, requests one after another as they would be sent to a server, the same for all
// replicas. A place in it is an offset: how many bytes came before, since the data set began. What is kept is the
// end, at least the size of the backlog, which somebody who was away for a moment can go on from; and from the place on
// that the slowest reader is at. There is one copy of the bytes, whatever the number of readers.
//
// # Threads
//
// Any thread may use a Log. Who changes keys appends with the locks of these keys held, so that the order in
// the log is the order in which each key was changed. A Reader is used by one thread at a time.
//
// # Memory
//
// Blocks are mapped (offheap.Backlog), up to 64 KiB large. They go when they are older than the backlog and all
// readers have passed them.
//
// # Limits
//
// A Reader that is further behind than its limit, and than the backlog reaches, is given up (Reader.Limit). Without
// limits the log grows for as long as somebody does not read.
package stream
