// Package heap is the backend that evicts item by item: each item has memory of
// its own, from an allocator of size classes that are close together (package
// chunk), and what is evicted is the item that the policy says, whatever lies
// beside it. Memory that evicted items leave is used again by items of their
// class; when another class needs it, a span with few items is emptied into
// others of its class and goes back to the arena.
//
// # Queues
//
// s3fifo is S3-FIFO (Yang, 2023) over two queues that all writers share: items
// enter the small one, and those that were used since, or come back not long after
// they were evicted, are in the main one, where each use is worth another round.
// A queue holds places, not items, in segments of the arena: 8 bytes an entry. So
// nothing is unlinked when an item goes; an entry whose place has since been
// freed, or given to another item, is stale and passed over. When stale entries
// outnumber the others they are sorted out. A writer hands its new entries over
// by the dozen, so the lock of the queues is seldom taken.
//
// Every item is entered under any policy, so that the policy can be changed.
//
// The other policies compare some items picked at random: lfu and allkeys-lfu by
// how often they were used, allkeys-lru by when; so do the volatile ones,
// among items with a time to live.
package heap
