// Package metrics owns what the process counts and how a scrape reads it.
//
// The data path counts with [Counter] and [Gauge]: one word, one writer, no
// lock, no label lookup, no metrics library. A scrape asks every [Source] and
// adds up what the loops report ([Gather]); package admin puts that into
// Prometheus' words and is the only importer of its library.
//
// Threads: a counter is written by the loop that owns it and read by anybody.
//
// Memory: counters live inside the structs of their owners; only a scrape
// allocates, for as long as it lasts.
//
// Limits: labels are few and their values come from the program, never from a
// client, so that the number of series is bounded.
package metrics
