// Package resp reads Redis replies, RESP2 and RESP3, the way a careful client does.
//
// It exists so that the parity checks depend on nothing of the server they check: the server has a
// parser and a reply writer of its own, and a fault the two shared would be a fault nobody sees. It
// therefore imports nothing of ours. It covers every reply type of both protocol versions, streamed
// strings and aggregates included, and keeps the exact bytes of each value beside its meaning,
// because parity is judged on bytes.
//
// A Reader belongs to one goroutine. Each value owns its memory: one buffer per top-level value,
// shared by the values nested in it. Lengths a peer announces are believed only as far as bytes
// arrive; see the limits in reader.go.
package resp
