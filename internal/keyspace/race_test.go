//go:build race

package keyspace

// raced says that the race detector is on: what has one thread and takes long is
// left out or cut short.
const raced = true
