package command

// The errors of the commands on streams, byte for byte those of Redis 8.0.
const (
	errStreamID         = "ERR Invalid stream ID specified as stream command argument"
	errStreamIDZero     = "ERR The ID specified in XADD must be greater than 0-0"
	errStreamIDSmall    = "ERR The ID specified in XADD is equal or smaller than the target stream top item"
	errStreamExhausted  = "ERR The stream has exhausted the last possible ID, unable to add more items"
	errStreamEntryLarge = "ERR Elements are too large to be stored"
	errStreamStart      = "ERR invalid start ID for the interval"
	errStreamEnd        = "ERR invalid end ID for the interval"

	errTrimBoth     = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
	errTrimMaxlen   = "ERR The MAXLEN argument must be >= 0."
	errTrimLimit    = "ERR The LIMIT argument must be >= 0."
	errTrimStrategy = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
	errTrimExact    = "ERR syntax error, LIMIT cannot be used without the special ~ option"
	errTrimNone     = "ERR syntax error, XTRIM must be called with a trimming strategy"

	errSetIDAddedSign  = "ERR entries_added must be positive"
	errSetIDMaxDeleted = "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
	errSetIDDeleted    = "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
	errSetIDTop        = "ERR The ID specified in XSETID is smaller than the target stream top item"
	errSetIDAdded      = "ERR The entries_added specified in XSETID is smaller than the target stream length"

	errReadGroupOption = "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead."
	errReadNoAck       = "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."
	errReadGroup       = "ERR Missing GROUP option for XREADGROUP"
	errReadNew         = "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option."
	errReadDollar      = "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set."
	errReadPlus        = "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set."

	errBlockNumber = "ERR timeout is not an integer or out of range"
	errBlockSign   = "ERR timeout is negative"
	errBlockRange  = "ERR timeout is out of range"

	errGroupKey      = "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically."
	errGroupBusy     = "BUSYGROUP Consumer Group name already exists"
	errGroupReadSign = "ERR value for ENTRIESREAD must be positive or -1"

	errClaimCount       = "ERR COUNT must be > 0"
	errClaimMinIdle     = "ERR Invalid min-idle-time argument for XCLAIM"
	errClaimIdle        = "ERR Invalid IDLE option argument for XCLAIM"
	errClaimTime        = "ERR Invalid TIME option argument for XCLAIM"
	errClaimRetry       = "ERR Invalid RETRYCOUNT option argument for XCLAIM"
	errAutoClaimMinIdle = "ERR Invalid min-idle-time argument for XAUTOCLAIM"
)

// quotedC is what C's %s shows of an argument: all of it up to the first NUL.
func quotedC(arg []byte) string { return printed(arg, len(arg)) }

func errUnbalanced(grouped bool) string {
	if grouped {
		return "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
	}
	return "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
}

func errNoGroupRead(key, group []byte) string {
	return "NOGROUP No such key '" + quotedC(key) + "' or consumer group '" + quotedC(group) + "' in XREADGROUP with GROUP option"
}

func errNoKeyOrGroup(key, group []byte) string {
	return "NOGROUP No such key '" + quotedC(key) + "' or consumer group '" + quotedC(group) + "'"
}

func errNoGroup(key, group []byte) string {
	return "NOGROUP No such consumer group '" + quotedC(group) + "' for key name '" + quotedC(key) + "'"
}

func errClaimOption(word []byte) string {
	return "ERR Unrecognized XCLAIM option '" + quotedC(word) + "'"
}

func errSubcommandSyntax(container string, args [][]byte) string {
	return "ERR unknown subcommand or wrong number of arguments for '" + printed(args[1], quotedBytes) +
		"'. Try " + container + " HELP."
}
