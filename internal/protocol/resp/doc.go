// Package resp is the Redis wire protocol, versions 2 and 3: a Parser that cuts
// requests out of a byte stream and a Writer that appends replies to a
// protocol.Output. Both are pure: they know no socket, no clock and no command.
//
// A Parser and a Writer belong to one connection and are used by the thread that
// runs it; nothing here locks.
//
// Requests are not copied. The arguments are slices of the caller's buffer, so
// the only memory a Parser holds is the list of where they lie: 40 bytes for each
// argument that has arrived, never for one that was merely announced, and given
// back after a request that was unusually long. A Writer holds nothing.
//
// What is accepted and refused, and with which words, follows Redis 8.0: bulks up
// to MaxBulk bytes, up to 2^31-1 arguments (the length of the query buffer is what
// bounds them; that limit is the session's), lines up to 64 KiB, and 10
// arguments of 16 KiB for a client that has yet to authenticate.
package resp
