// Package hyperloglog counts distinct elements approximately, in the bytes that
// Redis keeps: the same value after the same elements, so that one written by
// either server is read by the other.
//
// A value is a header of 16 bytes ("HYLL", the encoding, three spare bytes, and the
// last estimate, little endian, whose top bit says that it is out of date) and 2^14
// registers. Dense, they are 6 bits each, from the lowest bit on, 12,304 bytes in
// all. Sparse, they are runs: zeros of up to 64 or up to 16,384 registers, and up
// to 4 registers of one value up to 32. A register holds the longest run of zeros,
// plus one, that the hashes of its elements ended in.
//
// The estimate is Otmar Ertl's ("New cardinality estimation algorithms for
// HyperLogLog sketches", 2017), whose standard error is 0.81 %.
//
// The package is pure: values are slices of the caller's, which the functions
// change or extend as append does, and any thread may call them on values of its
// own. Values come from clients, so nothing is taken for granted about them: what
// does not add up is ErrCorrupt.
package hyperloglog
