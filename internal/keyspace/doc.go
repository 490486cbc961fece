// Package keyspace is the only door to storage: databases of keys, cut into
// shards, each shard a lock, an index per database and the watchers of its keys.
//
// # Threads and locks
//
// Any loop may run any command. A loop acts through a Worker of its own, which
// holds its clock, its counters and the segment it writes to. Before a command
// touches keys, the worker locks their shards (LockKey, LockKeys, LockAll), in
// ascending order, all at once and never one more while it holds some; Unlock
// lets them all go. What a method needs held is said at the method. The locks
// spin; whoever holds one does no I/O and never sleeps.
//
// # Memory
//
// Keys and values lie in segments of an offheap arena. An Item is a view of one
// of them: it is valid while its shard stays locked and until the key is next
// written. Nothing is evicted under a shard lock: Prepare makes room before the
// locks are taken, and what a command writes beyond that (a transaction cannot
// know its size) is borrowed from the arena's headroom and paid back by the
// next Prepare.
package keyspace
