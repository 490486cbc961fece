// Package command is Redis' command set: the table (data: one Spec a command)
// and the handlers, one file per family.
//
// A Client is the state of one RESP connection; it knows no socket. The session
// room parses requests and calls Client.Execute, which finds the Spec, checks
// arity, authentication and transaction state, makes room in memory, locks the
// shards of the command's keys (found by its key specs), runs the handler and
// unlocks. A handler therefore runs with its keys locked: it reads and writes
// the keyspace through c.W and appends exactly one reply to c.Reply.
//
// Everything about a command that can be derived from its Spec is: COMMAND and
// its subcommands, the ACL categories, locking, the check for out-of-memory.
//
// A Client, its Worker and their handlers run on the thread of one loop. What
// other loops may see of a client (CLIENT LIST, CLIENT KILL) is in the Registry.
package command
