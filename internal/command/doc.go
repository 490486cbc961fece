// Package command is Redis' command set: the table (data: one Spec a command)
// and the handlers, one file per family.
//
// A Client is the state of one RESP connection; it knows no socket. The session
// room parses requests and calls Client.Execute, which finds the Spec, checks
// arity, authentication and transaction state, makes room in memory, locks the
// shards of the command's keys (found by its key specs), runs the handler and
// unlocks. A handler therefore runs with its keys locked: it reads and writes
// the keyspace through c.W and appends exactly one reply to c.Reply. What can't
// name its keys is flagged in its Spec: every shard is locked for it, or, if it
// locks by itself, nothing is, unless it runs in a transaction.
//
// Everything about a command that can be derived from its Spec is: COMMAND and
// its subcommands, HELP, the ACL categories, locking, the check for memory.
//
// # Threads
//
// A Client, its Worker and their handlers run on the thread of one loop. Other
// threads see of a client what the Registry says, and of a worker its counters:
// both are written by their owner with plain stores (package metrics), so that
// the path of a request has no locked instruction but those of its shards.
// Params may be read and set from any thread.
//
// # Memory
//
// Executing a request allocates nothing. A transaction copies what it queues to
// the Go heap, at most as much as client-query-buffer-limit; a client that was
// idle since keeps keptBytes of that. Commands that describe the server or its
// clients build their reply on the heap.
package command
