package command

import "strings"

// The errors of the commands on keys and their values.
const (
	errDecrOverflow  = "ERR decrement would overflow"
	errIncrNaN       = "ERR increment would produce NaN or Infinity"
	errStringTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	errOffset        = "ERR offset is out of range"
	errInt32Range    = "ERR value is out of range, value must between -2147483648 and 2147483647"
	errSameObject    = "ERR source and destination objects are the same"
	errCursor        = "ERR invalid cursor"
	errNoValues      = "ERR NOVALUES option can only be used in HSCAN"
	errExpireNX      = "ERR NX and XX, GT or LT options at the same time are not compatible"
	errExpireGTLT    = "ERR GT and LT options at the same time are not compatible"
	errLCSType       = "ERR The specified keys must contain string values"
	errLCSOptions    = "ERR If you want both the length and indexes, please just use IDX."
	errLCSLength     = "ERR String too long for LCS"
	errLCSMemory     = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"
	errIdleTime      = "ERR An LFU maxmemory policy is selected, idle time not tracked. " + errSwitching
	errFrequency     = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. " + errSwitching
	errSwitching     = "Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
)

// errExpireTime names the command in lower case, however it was written.
func errExpireTime(command []byte) string {
	return "ERR invalid expire time in '" + strings.ToLower(string(command)) + "' command"
}

func errUnsupportedOption(word []byte) string {
	return "ERR Unsupported option " + printed(word, len(word))
}
