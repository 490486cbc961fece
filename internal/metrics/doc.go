// Package metrics owns what the process counts and how a scrape reads it.
//
// The data path counts with [Counter] and [Gauge]: one word, one writer, no
// lock, no label lookup, no metrics library.
//
// Threads: a counter is written by the loop that owns it and read by anybody.
//
// Memory: counters live inside the structs of their owners; nothing here
// allocates while the server serves.
package metrics
