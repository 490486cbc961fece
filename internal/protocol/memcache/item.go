package memcache

// ItemSize is what the reference server holds against its item size limit, in
// bytes, for an item with a key and a value of the lengths given.
func ItemSize(key, value int, flags uint32) int {
	n := itemOverhead + key + value
	if flags != 0 {
		n += flagsOverhead
	}
	return n
}
