package command

import "strings"

// The error replies, byte for byte those of Redis 8.0, without the dash.
const (
	errSyntax         = "ERR syntax error"
	errNotInteger     = "ERR value is not an integer or out of range"
	errNotFloat       = "ERR value is not a valid float"
	errOverflow       = "ERR increment or decrement would overflow"
	errNoKey          = "ERR no such key"
	errWrongType      = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errDBIndex        = "ERR DB index is out of range"
	errNoAuth         = "NOAUTH Authentication required."
	errOutOfMemory    = "OOM command not allowed when used memory > 'maxmemory'."
	errNoMulti        = "ERR Command not allowed inside a transaction"
	errNestedMulti    = "ERR MULTI calls can not be nested"
	errExecNoMulti    = "ERR EXEC without MULTI"
	errDiscardNoMulti = "ERR DISCARD without MULTI"
	errWatchInMulti   = "ERR WATCH inside MULTI is not allowed"
	errExecAbort      = "EXECABORT Transaction discarded because of previous errors."
)

func errArity(fullname string) string {
	return "ERR wrong number of arguments for '" + fullname + "' command"
}

// quotedBytes is how much of a request an error quotes.
const quotedBytes = 128

// errUnknownCommand quotes the name and the beginning of the arguments.
func errUnknownCommand(args [][]byte) string {
	var quoted []byte
	for _, a := range args[1:] {
		if len(quoted) >= quotedBytes {
			break
		}
		quoted = append(quoted, '\'')
		quoted = append(quoted, printed(a, quotedBytes-len(quoted)+1)...)
		quoted = append(quoted, "' "...)
	}
	return oneLine("ERR unknown command '" + printed(args[0], quotedBytes) +
		"', with args beginning with: " + string(quoted))
}

func errUnknownSubcommand(args [][]byte) string {
	return oneLine("ERR unknown subcommand '" + printed(args[1], quotedBytes) +
		"'. Try " + strings.ToUpper(string(args[0])) + " HELP.")
}

// printed is what C's %.*s shows of an argument: at most n bytes, and none from
// the first NUL on.
func printed(arg []byte, n int) string {
	arg = arg[:min(n, len(arg))]
	for i, b := range arg {
		if b == 0 {
			return string(arg[:i])
		}
	}
	return string(arg)
}

// oneLine keeps an error that quotes the request from ending the reply early.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, text)
}

// The errors of the string, key and expiry families.
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
	errIdleTime      = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that " +
		"when switching between policies at runtime LRU and LFU data will take some time to adjust."
)

// errExpireTime names the command in lower case, however it was written.
func errExpireTime(command []byte) string {
	return "ERR invalid expire time in '" + strings.ToLower(string(command)) + "' command"
}

func errUnsupportedOption(word []byte) string {
	return "ERR Unsupported option " + printed(word, len(word))
}
