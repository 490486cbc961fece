package command

// The errors of the commands on collections.
const (
	errNotPositive   = "ERR value is out of range, must be positive"
	errIndex         = "ERR index out of range"
	errNumkeys       = "ERR numkeys should be greater than 0"
	errCountPositive = "ERR count should be greater than 0"
	errNumkeysMany   = "ERR Number of keys can't be greater than number of args"
	errLimitNegative = "ERR LIMIT can't be negative"
	errRankZero      = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... " +
		"or use negative to start from the end of the list"
	errRankRange  = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
	errLposCount  = "ERR COUNT can't be negative"
	errLposMaxlen = "ERR MAXLEN can't be negative"
)

// The errors of the commands on hashes.
const (
	errHashInteger    = "ERR hash value is not an integer"
	errHashFloat      = "ERR hash value is not a float"
	errFloatInfinite  = "ERR value is NaN or Infinity"
	errFieldsMissing  = "ERR Mandatory argument FIELDS is missing or not at the right position"
	errFieldsCount    = "ERR The `numfields` parameter must match the number of arguments"
	errFieldsPositive = "ERR Number of fields must be a positive integer"
	errNumFields      = "ERR Parameter `numFields` should be greater than 0"
	errFieldsInvalid  = "ERR invalid number of fields"
	errFieldExpire    = "ERR invalid expire time, must be >= 0"
	errOneCondition   = "ERR Only one of FXX or FNX arguments can be specified"
	errOneExpiry      = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
	errCountRange     = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
	errOutOfRange     = "ERR value is out of range"
)

func errUnknownArgument(word []byte) string {
	return "ERR unknown argument: " + printed(word, len(word))
}

// The errors of blocking commands.
const (
	errTimeout         = "ERR timeout is not a float or out of range"
	errTimeoutRange    = "ERR timeout is out of range"
	errTimeoutNegative = "ERR timeout is negative"
	errLocalRange      = "ERR value is out of range, value must between 0 and 1"
	errWaitLocal       = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."
	errUnblocked       = "UNBLOCKED client unblocked via CLIENT UNBLOCK"
	errUnblockReason   = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"
)

const (
	errSortBy  = "ERR BY option of SORT denied due to insufficient ACL permissions."
	errSortGet = "ERR GET option of SORT denied due to insufficient ACL permissions."
)

const errSortScore = "ERR One or more scores can't be converted into double"
