// Package launch starts the servers that are compared: the reference found on this machine, and ours.
//
// Each server is a child process on a free loopback port, ended by its own process id and waited
// for; nothing is ever looked up by name. What a server prints is kept, the last outputBytesMax
// bytes of it, to be shown when it fails to start or dies. A Server may be restarted on the same
// port, by one goroutine at a time.
package launch
