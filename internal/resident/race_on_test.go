//go:build race

package resident

// raced says that the race detector is on, which keeps memory of its own for
// what the program uses.
const raced = true
