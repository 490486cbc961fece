package command

import (
	"strings"
)

// The error replies, byte for byte those of Redis 8.0, without the dash.
const (
	errSyntax            = "ERR syntax error"
	errNotInteger        = "ERR value is not an integer or out of range"
	errNotFloat          = "ERR value is not a valid float"
	errOverflow          = "ERR increment or decrement would overflow"
	errNoKey             = "ERR no such key"
	errWrongType         = "WRONGTYPE Operation against a key holding the wrong kind of value"
	errDBIndex           = "ERR DB index is out of range"
	errNoAuth            = "NOAUTH Authentication required."
	errOutOfMemory       = "OOM command not allowed when used memory > 'maxmemory'."
	errNoMulti           = "ERR Command not allowed inside a transaction"
	errNestedMulti       = "ERR MULTI calls can not be nested"
	errExecNoMulti       = "ERR EXEC without MULTI"
	errDiscardNoMulti    = "ERR DISCARD without MULTI"
	errWatchInMulti      = "ERR WATCH inside MULTI is not allowed"
	errNoLongerPermitted = "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: "
	errExecAbort         = "EXECABORT Transaction discarded because of previous errors."

	errHelloNoAuth    = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
	errProtoNotInt    = "ERR Protocol version is not an integer or out of range"
	errNoProto        = "NOPROTO unsupported protocol version"
	errAuthNoPassword = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
	errUsername       = "ERR Usernames can't contain spaces or null characters"
	errPasswordBits   = "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"
	errLackReplicas   = "NOREPLICAS Not enough good replicas to write."
	errNoConfigFile   = "ERR The server is running without a config file"
	errNoACLFile      = "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration."
	errModuleLoad     = "ERR Error loading the extension. Please check the server logs."
	errModuleUnload   = "ERR Error unloading module: no such module with that name"
	errModuleStays    = "ERR Error unloading module: the module can't be unloaded"
	errACLSave        = "ERR There was an error trying to save the ACLs. Please check the server logs for more information"
	errWrongPass      = "WRONGPASS invalid username-password pair or user is disabled."
	errFirstDB        = "ERR invalid first DB index"
	errSecondDB       = "ERR invalid second DB index"
	errNoShutdown     = "ERR No shutdown in progress."
	errShutdown       = "ERR Errors trying to SHUTDOWN. Check logs."

	errClientID       = "ERR Invalid client ID"
	errClientIDRange  = "ERR client-id should be greater than 0"
	errMaxage         = "ERR maxage is not an integer or out of range"
	errMaxageRange    = "ERR maxage should be greater than 0"
	errNoClient       = "ERR No such client"
	errNoCommand      = "ERR Invalid command specified"
	errCommandArity   = "ERR Invalid number of arguments specified for command"
	errNoKeyArguments = "ERR The command has no key arguments"
	errKeyArguments   = "ERR Invalid arguments specified for command"
)

// errProtected is about a command that has a parameter of its own to allow it.
func errProtected(s *Spec) string {
	name := s.top().Name
	return "ERR " + strings.ToUpper(name) + " command not allowed. If the enable-" + name + "-command option is set to \"local\", " +
		"you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."
}

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
	return "ERR unknown command '" + printed(args[0], quotedBytes) +
		"', with args beginning with: " + string(quoted)
}

func errUnknownSubcommand(args [][]byte) string {
	return "ERR unknown subcommand '" + printed(args[1], quotedBytes) +
		"'. Try " + strings.ToUpper(string(args[0])) + " HELP."
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

// What a monitor may not do, and where nobody becomes one.
const (
	errMonitorKeys  = "ERR Replica can't interact with the keyspace"
	errMonitorMulti = "ERR MONITOR isn't allowed for DENY BLOCKING client"
)

// errListening refuses a command to a subscriber in RESP2.
func errListening(name string) string {
	return "ERR Can't execute '" + name + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
}
