// Package compat replays case files on two servers and says where their replies differ.
//
// It owns the replay (replay.go, side.go, connection.go), the judgement of two replies (compare.go,
// match.go), the reports (report.go, junit.go, markdown.go) and the contract: the list of commands
// with our level beside each, checked against what both servers say of themselves (contract.go and
// after it). Reading replies is package resp's, reading case files script's, starting servers
// launch's.
//
// Both servers take each step at the same moment and the next step waits for both, so a case that
// sleeps sleeps once. A Runner belongs to one goroutine. It holds the replies of one step at a time;
// every read and write has a deadline.
package compat
