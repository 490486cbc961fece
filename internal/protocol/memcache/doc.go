// Package memcache is the Memcached wire protocol: a Parser that cuts requests
// out of a byte stream and a Writer that appends replies to a protocol.Output.
// Both are pure: they know no socket, no clock and no storage.
//
// A Parser and a Writer belong to one connection and are used by the thread that
// runs it; nothing here locks and nothing here allocates. Keys and data are
// slices of the caller's buffer. The keys of a retrieval are walked where they
// stand in the line, so that a line of any number of them costs no list.
//
// What is accepted and refused, with which words and how much is skipped
// afterwards, follows memcached 1.6.38: keys up to MaxKey bytes, items up to the
// Parser's MaxItem (a longer value is skipped as it arrives, never buffered), lines
// of up to 2 KiB before their end is seen, retrieval lines of up to the Parser's
// MaxLine.
package memcache
