package store

// Class is what a backend that divides memory by the size of items holds of one
// size, for reports.
type Class struct {
	Number    int   // from 1 on, by size
	ChunkSize int   // bytes
	Chunks    int   // in a span
	Spans     int   // segments
	Used      int   // chunks that have an item
	LiveBytes int64 // of those items
}

// Classified is a Backend that has size classes.
type Classified interface {
	// Classes reports on those that have memory. Any thread may call it.
	Classes() []Class
}
