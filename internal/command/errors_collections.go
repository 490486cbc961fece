package command

// The errors of the commands on collections.
const (
	errNotPositive   = "ERR value is out of range, must be positive"
	errIndex         = "ERR index out of range"
	errNumkeys       = "ERR numkeys should be greater than 0"
	errCountPositive = "ERR count should be greater than 0"
	errRankZero      = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
		"or use negative to start from the end of the list"
	errRankRange  = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
	errLposCount  = "ERR COUNT can't be negative"
	errLposMaxlen = "ERR MAXLEN can't be negative"
)
