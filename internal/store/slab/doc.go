// Package slab is the backend that works Memcached's way: memory is cut into
// slabs of one size, a slab into chunks of one class, and an item lies in the
// smallest chunk that holds it. Chunks and slabs are those of package chunk,
// which says what lies where and which threads take from it.
//
// What is evicted is a slab, with all items in it, chosen among those of all
// classes and given back to the arena for whichever class is short. So memory
// follows a workload whose sizes shift: it does not stay with the class that
// asked first. Before anything is evicted, a slab is emptied whose few items find
// room in others of its class. An item that is larger than an eighth of a slab is
// a slab of its own.
//
// The policies:
//
//   - lra: the slab whose items were, on average, last read or written longest
//     ago; judged by some items of some slabs, for a read leaves its mark in the
//     index only
//   - lrc: the slab that was created first
//   - random: any slab
//   - none: no slab; a write for which there is no memory is refused
//
// and those of maxmemory-policy, of which the LFU ones go by average frequency and
// volatile-ttl by the average time that is left. The volatile ones evict from a
// slab only what has a time to live.
package slab
