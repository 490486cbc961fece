// Package node is what a node of a cluster knows of itself: its names, its epochs and its hash slots, and the
// file in which that outlasts a restart, nodes.conf.
//
// The node is alone. There is no cluster bus, and so whatever names another node is refused: a nodes.conf that
// knows one, too. A slot on its way can only be so from this node to itself.
//
// A State is a value that is copied to be changed; one that is published is only read, by any thread. A File is
// for one goroutine at a time. Both are on the Go heap: a State takes some six KiB, a file about as much.
//
// The form of the file is Redis' (8.0): a line for each node, "vars" with epochs in the end. It is locked
// with flock as Redis does, so that neither of the two takes the other's.
package node
