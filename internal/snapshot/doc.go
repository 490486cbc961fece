// Package snapshot writes all databases to a file in Redis' RDB format, and reads
// them from it at the start.
//
// A snapshot is of one moment (see keyspace.Snapshot) and is written by a
// goroutine of its own while requests go on. It goes to a file beside the one it
// is to replace, which is synced and renamed: a crash leaves the old one whole.
//
// BGREWRITEAOF writes the same as the base of an append-only file, with a manifest, which
// a Redis with appendonly yes loads. There is nothing behind the base, and nobody here reads it.
//
// # Threads
//
// A Saver may be used from any thread. It takes the locks of shards for some tens
// of microseconds at a time.
//
// # Memory
//
// The writer holds about a quarter of a megabyte and the largest value; what
// waits of changed keys is bounded by the keyspace.
//
// # Limits
//
// One snapshot at a time. A file is refused as a whole: what is truncated or
// damaged is named with its offset, and nothing is served.
package snapshot
