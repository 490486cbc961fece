// Package store holds what every backend shares: the layout of an item in
// memory, the arena of segments that backends carve items from, and the contract
// between a backend and the keyspace. The backends are the sub-packages; which
// one is used decides where an item is placed and what is evicted, never how it
// is laid out or found.
//
// # What a backend does
//
// A backend hands out memory for items (Writer.Alloc), is told when an item
// leaves the index (Backend.Free), and empties memory when there is too little
// (Writer.Reclaim). It knows places, sizes and its own bookkeeping. It does not
// know keys, databases or shards: whether an item is still indexed, how often it
// was used and whether its time is over it learns from the keyspace, by Visit.
//
// A GET never reaches the backend: it goes through the index to the item and
// leaves its mark in the index. A SET that overwrites in place with the same
// size doesn't either; one of another size asks Backend.Resize.
//
// # Threads and locks
//
// A Writer belongs to one loop and is called on its thread only. The methods of
// Backend are called from any thread.
//
//   - Alloc, Free and Resize are called with the shard of the item's key locked,
//     or several shards. They take no shard lock, never call Visit, never evict
//     and never fail: memory that is taken beyond the limit is borrowed, and the
//     keyspace has it paid back by Reclaim. A backend's own locks come after the
//     shards' in the order of locks, and are held for a bounded handful of steps.
//   - Reclaim and Tick are called with no shard locked. They find their victims
//     under the backend's own locks, let go of those, and only then call Visit,
//     which locks one shard at a time.
//   - Reclaim may run on several threads at once. A victim must be taken out of
//     what others can choose before its items are visited.
//
// # Visiting
//
// Visit(loc, decide) locks the shard of the item that lies at loc. If the index
// still leads to loc, and the item's time is not over, decide is called with the
// shard locked and says what becomes of it: Keep, Evict, or Move to memory
// that decide has got from Alloc just before. The keyspace then copies, updates
// the index and calls Free for the old place, all before it unlocks. An item
// whose time is over is removed (and Free called) without asking. So after Visit
// the memory at loc is either still used because decide said so, or was freed.
//
// Between an item's being chosen and its shard being locked it may have been
// deleted, or moved, and its memory may hold another item or filler. So whoever
// walks memory that may be written to needs it to stay parsable: the first word
// of an item and its key do not change while it lies there, the words of the
// header are stored atomically, and a backend whose memory is walked from item
// to item lays a Filler over what no item covers. A backend that walks slots of
// a fixed size lays a Filler over slots that are free. Memory must not be handed
// out again while a walk over it is under way.
//
// # Accounting
//
// Arena.Used counts what was taken from the arena, in whole segments; the keyspace
// compares it with the limit and calls Reclaim until it fits. So Reclaim makes
// progress by giving segments back to the arena, or by making room inside
// segments that the backend holds: a write is let through when Writer.Fits says
// that it needs none, or the arena has room. Usage.LiveBytes is the sum of
// the sizes of indexed items as Item.Size gives them: what Alloc was asked for,
// less what Free and Resize took off. Check compares the bookkeeping with itself
// while nothing else runs; Usage and Check may walk it all.
//
// # Policies
//
// Backend.SetPolicy is called before the first use and at any time later, from any
// thread, with items stored under another policy in place: they stay readable,
// and the policy judges them by what it finds. Every backend knows
// "noeviction", under which Reclaim moves items but evicts none. The names are
// the ones of the profile and of maxmemory-policy. The Policy that is returned
// tells the keyspace what the index has to remember of the use of items. A
// policy with VolatileOnly never evicts an item without a time to live.
package store
