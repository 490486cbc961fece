package command

import "errors"

const (
	errNoScript       = "NOSCRIPT No matching script. Please use EVAL."
	errKeysTooMany    = "ERR Number of keys can't be greater than number of args"
	errKeysNegative   = "ERR Number of keys can't be negative"
	errScriptFlush    = "ERR SCRIPT FLUSH only support SYNC|ASYNC option"
	errScriptRO       = "ERR Can not execute a script with write flag using *_ro command."
	errScriptUnknown  = "ERR Unknown Redis command called from script"
	errScriptArity    = "ERR Wrong number of args calling Redis command from script"
	errScriptCommand  = "ERR This Redis command is not allowed from script"
	errScriptReadOnly = "ERR Write commands are not allowed from read-only scripts."
	errNoFunction     = "ERR Function not found"
	errFunctionKeys   = "ERR Bad number of keys provided"
	errNoLibrary      = "ERR Library not found"
	errLibraryName    = "ERR library name argument was not given"
	errFunctionFlush  = "ERR FUNCTION FLUSH only supports SYNC|ASYNC option"
	errRestorePolicy  = "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE."
	errDebugFork      = "ERR Fork() failed: can't run EVAL in debugging mode: "

	errScriptCheckCommand = "Invalid command passed to redis.acl_check_cmd()"
	errScriptCheckArity   = "Wrong number of args for redis.acl_check_cmd()"

	errScriptPermission = "ERR ACL failure in script: "

	errPauseMode      = "ERR CLIENT PAUSE mode must be WRITE or ALL"
	errTimeoutInteger = "ERR timeout is not an integer or out of range"

	errBusyScript   = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	errBusyFunction = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	errNotBusy      = "NOTBUSY No scripts in execution right now."
	errUnkillable   = "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command."
)

//nolint:staticcheck,revive // Redis' texts
var (
	errScriptKilled = errors.New("Script killed by user with SCRIPT KILL...") // of functions, too
	errNotFunctions = errors.New("given type is not a function")
)
