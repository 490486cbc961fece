package command

// The errors of the commands on bits and of HyperLogLog.
const (
	errBitOffset     = "ERR bit offset is not an integer or out of range"
	errBitValue      = "ERR bit is not an integer or out of range"
	errBitArgument   = "ERR The bit argument must be 1 or 0."
	errBitopNot      = "ERR BITOP NOT must be called with a single source key."
	errFieldType     = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
	errFieldOverflow = "ERR Invalid OVERFLOW type specified"
	errFieldReadOnly = "ERR BITFIELD_RO only supports the GET subcommand"
	errNotSketch     = "WRONGTYPE Key is not a valid HyperLogLog string value."
	errCorruptSketch = "INVALIDOBJ Corrupted HLL object detected"
	errNoSketch      = "ERR The specified key does not exist"
	errSketchDense   = "ERR HLL encoding is not sparse"
	errSketchSIMD    = "ERR Argument must be ON or OFF"
)

func errSketchDebug(word []byte) string {
	return "ERR Unknown PFDEBUG subcommand '" + printed(word, len(word)) + "'"
}

func errSketchTest(err error) string { return "ERR TESTFAILED " + err.Error() }
