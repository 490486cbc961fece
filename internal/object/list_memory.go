package object

// Counted implements Memory: a node keeps the number of its elements itself.
func (l *List) Counted(_, _ int) {}
