// Package rdb is the reference server's RDB format in both directions: the
// values of keys, as DUMP and RESTORE exchange them, and the records of a file.
//
// An Encoder appends to memory, and takes a large value in slices; a Decoder
// reads memory or a file. What it makes of a value is small packed bytes or an
// object of package object, of the form that its Limits ask for. The room knows
// no command and no key.
//
// Every value type up to version 12 (Redis 8.0) is read, but for those of
// modules. What is written are the forms that version 10 (Redis 7.0) knows, and
// those of later versions for packed sets of integers and for hashes with fields that
// expire, which have no other.
//
// # Threads
//
// An Encoder or Decoder belongs to one goroutine at a time.
//
// # Memory
//
// A length that the input claims is believed as far as the bytes that are left
// could bear it out: nothing is allocated on the word of the input alone. A
// Decoder keeps its scratch memory from one value to the next.
//
// # Limits
//
// Version, length of a string and memory for what is decoded: see Limits. All
// of the input is looked at: bytes of listpacks, ziplists, intsets and nodes of
// streams are not used before each of their elements was found in order.
//
// Source: the format is described at https://rdb.fnordig.de/file_format.html up
// to version 7; later parts were learned from what the servers write.
package rdb
