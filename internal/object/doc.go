// Package object is the shape of collections in memory: pure structures that know
// no key, no command and no lock.
//
// A small collection is packed bytes, in the very formats of the reference
// server: a [Pack] (its listpack: strings and integers one after another, to be
// walked in both directions) or an intset (sorted integers of one width, see
// IntsetAdd). Whoever owns the bytes gives them room through [Memory], so that
// they may lie in an item of the arena as well as in a block of a Heap.
//
// A large collection is an Object: a [List] of packed nodes, a [ZSet], a
// [Stream] or a [Table], the hash table behind sets and hashes. An Object is one small Go struct; its
// elements lie in blocks of a [Heap], which is mapped memory, and refer to each
// other by number. So the garbage collector sees a handful of words whatever
// the collection holds, and what is freed can be used again at once.
//
// # Threads
//
// A Heap may be used from any thread. Everything else belongs to whoever holds
// the lock of the shard in which its key lies.
//
// # Memory
//
// Every byte a Heap hands out is metered (purpose "collections"). An Object
// knows what it holds in O(1) (Bytes) and is given back in slices (Release), so
// that a collection of any size can go without a stall. A Table grows, shrinks
// and compacts a few entries with each write and never as a whole.
//
// # Limits
//
// A Pack holds less than 1 GiB, a Table and a ZSet 16 GiB and 2^32 elements.
package object

// Object is a large collection. Its owner frees it with Release.
type Object interface {
	// Len returns the number of elements.
	Len() int

	// Bytes returns the memory it holds, in O(1).
	Bytes() int64

	// Release gives back about n blocks of its memory and reports whether
	// that was all. Nothing else may be done with it from then on.
	Release(n int) (done bool)
}

// Memory gives room to packed bytes.
type Memory interface {
	// Resize returns the memory with n bytes of room, those that were there in
	// front as far as they go. The old memory is not valid any more.
	Resize(n int) []byte

	// Counted tells that the number of packed elements changed, as far as LenSaid
	// tells it.
	Counted(was, now int)
}

// Uncounted is a part of Memory whose owner has no use for the number of elements.
type Uncounted struct{}

// Counted implements Memory.
func (Uncounted) Counted(_, _ int) {}
